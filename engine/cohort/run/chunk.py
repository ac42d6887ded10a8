"""A chunk: the patients whose ids lie in a range, so that chunks in order are patients in order, on every engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
from ibis.expr.types import BooleanValue, StringColumn


@dataclass(frozen=True, slots=True)
class Chunk:
    """The patients from `low` on up to, and without, `high`. None: no end on that side."""

    number: int
    low: str | None = None
    high: str | None = None

    def holds(self, patient: StringColumn) -> BooleanValue | None:
        """Return whether a row belongs to the chunk; None: all do. A row of nobody belongs to the first one."""
        below = None if self.high is None else patient < self.high
        if self.low is None:
            return None if below is None else below | patient.isnull()
        above = patient >= self.low
        return above if below is None else above & below


def chunks_between(cuts: Sequence[str]) -> Iterator[Chunk]:
    """Give the chunks that begin at these patients, the first of whom begins nothing: before them stands nobody.

    >>> [(one.low, one.high) for one in chunks_between(["a", "k", "t"])]
    [(None, 'k'), ('k', 't'), ('t', None)]
    >>> [(one.low, one.high) for one in chunks_between([])]
    [(None, None)]
    """
    inner = list(cuts[1:])
    for number, (low, high) in enumerate(zip([None, *inner], [*inner, None], strict=True)):
        yield Chunk(number, low, high)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The results of a chunk, one row for each patient in the order of their ids, and the rows that were refused."""

    results: pa.Table
    refused: Sequence[Mapping[str, Any]] = ()


class Worker(Protocol):
    """Evaluates the chunks of one run; each engine has its own."""

    def cuts(self, size: int) -> list[str]:
        """Return the first patient of each chunk of so many patients, in order."""

    def evaluate(self, chunk: Chunk) -> Evaluated:
        """Return the results of a chunk. The same chunk gives the same rows."""
