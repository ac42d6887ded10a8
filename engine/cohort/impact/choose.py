"""Which patients to show: few who show every kind of gain and loss, the same ones whenever the same question is asked.

Patients who gain and lose exactly the same answers are alike, and one stands for all of them: the one whose id comes
first. Those are taken in turn that show most of what is not shown yet, then those of most patients, then more of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

import duckdb

from boosterwatch.engine.cohort.impact.compare import MOVED
from boosterwatch.engine.cohort.impact.model import Answer, Side
from boosterwatch.engine.cohort.impact.results import ask

Kind = tuple[Side, Answer]


class Alike(NamedTuple):
    """Patients who change in the same way: what they gain and lose, how many they are, one of them, and who is next."""

    kinds: frozenset[Kind]
    many: int
    patient: str
    others: tuple[str, ...] = ()


def alike(con: duckdb.DuckDBPyConnection, most: int) -> list[Alike]:
    """Return the ways in which patients change, by the table that `compare` left; rules are no part of it.

    Of each way at most so many patients are named, in the order of their ids.
    """
    rows = ask(
        con,
        f"SELECT kinds, count(*), min(patient, {max(most, 1)}) FROM ("
        "SELECT patient, list_sort(list([side, what, id, state])) AS kinds "
        f"FROM {MOVED} WHERE what <> 'rule' GROUP BY patient) GROUP BY kinds",
    )
    return [
        Alike(frozenset((side, Answer(what, id, state)) for side, what, id, state in kinds), many, first, tuple(others))
        for kinds, many, (first, *others) in rows
    ]


def choose(ways: Sequence[Alike], most: int) -> tuple[tuple[Alike, ...], frozenset[Kind]]:
    """Return at most so many, in the order taken, and the kinds of change that none of them shows."""
    left = sorted(ways, key=lambda one: one.patient)
    open: set[Kind] = set().union(*(one.kinds for one in left)) if left else set()
    taken: list[Alike] = []
    while left and len(taken) < most and open:
        best = max(left, key=lambda one: (len(one.kinds & open), one.many))  # of equals the first, so the first id
        open -= best.kinds
        left.remove(best)
        taken.append(best)
    every = (*taken, *sorted(left, key=lambda one: -one.many))
    return (*every, *_more(every))[:most], frozenset(open)


def _more(ways: Sequence[Alike]) -> Iterator[Alike]:
    """Yield more patients: the second of each way, those of most patients first, then the third, and so on."""
    by_number = sorted(ways, key=lambda one: -one.many)
    for row in zip_longest(*(one.others for one in by_number)):
        for way, patient in zip(by_number, row, strict=True):
            if patient is not None:
                yield way._replace(patient=patient)
