"""A page as plain text: the same on every machine, ready for a file, a pipe or a screen reader."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim

WIDTH = 100
_STEP = "  "
_GAP = "  "
_GLUE = "\x00"  # no text of a pack or a record has one
_LEAST = 24  # the last column of a table is never squeezed below this


def to_text(page: Page, width: int = WIDTH) -> str:
    """Return the page as text that ends with a line break; blocks are parted by their headings.

    >>> print(to_text((Heading("Signs"), Pairs((("One", "absent"),)))), end="")
    Signs
      One  absent
    """
    lines: list[str] = []
    for block in page:
        if isinstance(block, Heading) and lines:
            lines.append("")
        lines.extend(line.rstrip() for line in _lines(block, width))
    return "".join(f"{line}\n" for line in lines)


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading(text, _):
            yield text
        case Text(text, _, indent):
            yield from _wrap(text, width, _STEP * indent, _STEP * indent)
        case Items(items, indent):
            pad = _STEP * (indent + 1)
            for item in items:
                yield from _wrap(item, width, f"{pad}- ", f"{pad}  ")
        case Pairs(rows):
            yield from _table(rows, (), width)
        case Verbatim(text):
            yield from ("", *text.splitlines(), "")
        case Table(heads, rows, right):
            yield from _table((heads, *rows) if heads else rows, right, width)


def _wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return the text in lines; a number is never parted from its percent sign."""
    glued = text.replace(" %", f"{_GLUE}%")
    lines = textwrap.wrap(
        glued, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_GLUE, " ") for line in lines] or [first]


def _table(rows: Sequence[Sequence[str]], right: Sequence[int], width: int) -> Iterator[str]:
    """Yield the rows; every column is as wide as its widest cell, the last one is wrapped."""
    if not rows:
        return
    last = len(rows[0]) - 1
    widths = [max(len(row[column]) for row in rows) for column in range(last)]
    used = len(_STEP) + sum(widths) + len(_GAP) * last
    room, end = max(_LEAST, width - used), max(len(row[last]) for row in rows)
    for row in rows:
        cells = [_cell(row[column], widths[column], column in right) for column in range(last)]
        head = _STEP + "".join(f"{cell}{_GAP}" for cell in cells)
        tail = [row[last].rjust(end)] if last in right else _wrap(row[last], room)
        yield head + tail[0]
        yield from (" " * len(head) + piece for piece in tail[1:])


def _cell(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
