"""How often each answer came: counted in each chunk, added up over a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from boosterwatch.engine.cohort.names import SIGN
from boosterwatch.engine.cohort.results import LISTS

COUNTED = ("status", "recommendation", "urgency", "response")
Tally = Mapping[str, Mapping[str, int]]


def tally(results: pa.Table) -> dict[str, dict[str, int]]:
    """Return how many patients have each value of the columns that are words or lists of words."""
    words = [name for name in results.column_names if name in COUNTED or name.startswith(SIGN)]
    counts = {name: _counts(results[name]) for name in words}
    return counts | {name: _counts(pc.list_flatten(results[name])) for name in LISTS}


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    found = pc.value_counts(values).to_pylist()
    return {one["values"]: one["counts"] for one in found if one["values"] is not None}


def add(tallies: Iterable[Tally]) -> dict[str, dict[str, int]]:
    """Return the sum of tallies, the most frequent value of each column first."""
    sums: dict[str, Counter[str]] = {}
    for one in tallies:
        for column, counts in one.items():
            sums.setdefault(column, Counter()).update(counts)
    return {
        column: dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) for column, counts in sums.items()
    }
