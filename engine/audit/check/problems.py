"""What is wrong with a log, in the order in which it was found: place and column, never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from boosterwatch.engine.diagnostics import Diagnostic

LIMIT = 50


class Problems:
    """Keeps the first problems and counts all of them, so that a log of ruins fits in memory and on a page."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.found: list[Diagnostic] = []
        self.counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Return how many there are, shown or not."""
        return self.counts.total()

    @property
    def full(self) -> bool:
        """Return whether no more are kept: what is costly to find out need not be looked for any longer."""
        return self.total >= self.limit

    def add(self, code: str, message: str) -> None:
        """Count a problem, and keep it while there is room."""
        self.counts[code] += 1
        if len(self.found) < self.limit:
            self.found.append(Diagnostic(code, message))

    def join(self, found: Iterable[Diagnostic], counts: Counter[str]) -> None:
        """Take over what was found elsewhere."""
        self.counts += counts
        self.found += list(found)[: max(0, self.limit - len(self.found))]


def seqs(first: int, last: int) -> str:
    """Return the name of one entry or of a row of them.

    >>> seqs(3, 3), seqs(3, 5)
    ('entry 3', 'entries 3 to 5')
    """
    return f"entry {first}" if first == last else f"entries {first} to {last}"


def many(count: int, one: str, more: str | None = None) -> str:
    """Return a number with its noun.

    >>> many(1, "entry", "entries"), many(2000, "entry", "entries"), many(0, "head")
    ('1 entry', '2,000 entries', '0 heads')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"
