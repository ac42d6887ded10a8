"""A page as Markdown: for a repository, a wiki or a review.

Flow: prose, diff... -> page -> **markdown**. Text of a pack never becomes markup: what would mean something is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim

_SPECIAL = re.compile(r"[\\`*\[\]<>|~]|(?<!\w)_|_(?!\w)|&(?=[#\w])")  # `_` inside a word is only a letter
_OPENING = re.compile(r"^(?=[#+-]|=)|^(\d+)(?=[.)])")  # what makes a line a heading, a list or a rule


def to_markdown(page: Page, title: str) -> str:
    """Return the page as CommonMark with tables, under this title; ends with a line break.

    >>> print(to_markdown((Heading("Signs"), Items(("one * two",))), "Policy"), end="")
    # Policy
    <BLANKLINE>
    ## Signs
    <BLANKLINE>
    - one \\* two
    """
    blocks = [f"# {_escaped(title)}", *(text for text in map(_block, page) if text)]
    return "\n\n".join(blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * min(level, 6)} {_escaped(text)}"
        case Text(text, tone, _):
            return _marked(text, "**" if tone in ("strong", "alert") else "")
        case Items(lines, indent):
            return "\n".join(f"{'  ' * indent}- {_line(line)}" for line in lines)
        case Pairs(rows):
            return "\n".join(f"- {_line(label)}: {_escaped(value)}" for label, value in rows)
        case Verbatim(text):
            return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
        case Table(heads, rows, right):
            return "\n".join(_table(heads, rows, right))


def _marked(text: str, mark: str) -> str:
    return f"{mark}{_line(text)}{mark}" if text.strip() else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a table; Markdown knows none without heads, so they may be empty."""
    if not rows:
        return
    width = len(rows[0])
    yield _row(heads or [""] * width)
    yield _row(["---:" if column in right else "---" for column in range(width)], escape=False)
    yield from map(_row, rows)


def _row(cells: Sequence[str], escape: bool = True) -> str:
    return f"| {' | '.join(_escaped(cell) if escape else cell for cell in cells)} |"


def _line(text: str) -> str:
    return _OPENING.sub(lambda match: f"{match.group(1) or ''}\\", _escaped(text))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match.group()}", " ".join(text.split()))
