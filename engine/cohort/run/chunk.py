"""A chunk: the patients whose ids lie in a range, so that chunks in order are patients in order, on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Chunk:
    """Chunk `number` of `count`, counted from 0: patients from `low` on up to `high`. None: no end on that side."""

    number: int
    count: int
    low: str | None = None
    high: str | None = None


def chunks_of(cuts: Sequence[str]) -> list[Chunk]:
    """Return the chunks between these ids, with which those after the first begin.

    >>> [(one.number, one.low, one.high) for one in chunks_of(["k", "t"])]
    [(0, None, 'k'), (1, 'k', 't'), (2, 't', None)]
    """
    ends = zip([None, *cuts], [*cuts, None], strict=True)
    return [Chunk(number, len(cuts) + 1, low, high) for number, (low, high) in enumerate(ends)]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The results of a chunk, one row for each patient in the order of their ids, and the rows that were refused."""

    results: pa.Table
    refused: Sequence[Mapping[str, Any]] = ()


class Worker(Protocol):
    """Evaluates the chunks of one run; each engine has its own."""

    def cuts(self, size: int) -> Sequence[str]:
        """Return the ids with which the chunks after the first begin, in order, with about so many patients in each."""

    def evaluate(self, chunk: Chunk) -> Evaluated:
        """Return the results of a chunk. The same chunk gives the same rows."""
