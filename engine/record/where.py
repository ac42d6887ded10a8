"""How a message names a place in a record, and where that place is in the text.

A record that came as text has lines, so a message says `total`; one that came as a dict has none, so it
says `assessments[3].total`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from boosterwatch.engine.diagnostics import Diagnostic, Span
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.record.shape import Node

MOST_SHOWN = 40
MOST_PROBLEMS = 100
_MEND = "mend these first, then read again"


@dataclass(frozen=True, slots=True)
class Where:
    """Names and places of one record; without a document there are no spans."""

    document: Document | None = None

    def name(self, path: Path) -> str:
        """Return what to call the value at `path`, in backticks."""
        if not path:
            return "the record"
        return f"`{dotted(_short(path) if self.document else path)}`"

    def inside(self, path: Path, node: Node) -> str:
        """Return what to call the mapping at `path`, of this node."""
        if not path:
            return "the record"
        if self.document is None or not isinstance(path[-1], int):
            return self.name(path)
        noun: str = node["title"]
        return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"

    def problem(self, code: str, message: str, path: Path, hint: str | None = None) -> Diagnostic:
        """Return a problem of the value at `path`."""
        return Diagnostic(code, message, self._span(path), hint)

    def key_problem(self, code: str, message: str, path: Path, hint: str | None = None) -> Diagnostic:
        """Return a problem of the key that ends `path`."""
        span = self.document.key_span(path) if self.document else None
        return Diagnostic(code, message, span, hint)

    def _span(self, path: Path) -> Span | None:
        return self.document.span(path) if self.document else None


def dotted(path: Path) -> str:
    """Return the path as text.

    >>> dotted(("assessments", 3, "items", 0))
    'assessments[3].items[0]'
    """
    steps = (f"[{step}]" if isinstance(step, int) else f".{quotable(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def undotted(part: str) -> Path:
    """Return the path that `dotted` made this text of.

    >>> undotted("assessments[3].total")
    ('assessments', 3, 'total')
    """
    steps = part.replace("[", ".[").split(".")
    return tuple(int(step[1:-1]) if step.startswith("[") else step for step in steps)


def quotable(text: str) -> str:
    r"""Return text fit to stand between backticks: short, on one line, without backticks of its own.

    >>> print(quotable("a\nb`c"))
    a\u000ab'c
    """
    short = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
    return "".join(map(_visible, short)).replace("`", "'")


def _visible(character: str) -> str:
    return character if character.isprintable() else f"\\u{ord(character):04x}"


def listed(words: Iterable[str]) -> str:
    """Return the words in backticks, with commas."""
    return ", ".join(f"`{word}`" for word in words)


def shorten(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the problems, or the first hundred and a note when nobody would read them all."""
    first = list(islice(problems, MOST_PROBLEMS + 1))
    if len(first) <= MOST_PROBLEMS:
        return first
    message = f"the first {MOST_PROBLEMS} problems are shown, there are more"
    return [*first[:-1], replace(first[-1], code="BW131", message=message, hint=_MEND)]


def _short(path: Path) -> Path:
    """Return the last key of the path and what follows it."""
    keys = [place for place, step in enumerate(path) if isinstance(step, str)]
    return path[keys[-1] :]
