"""Which patients to show: few who show every kind of gain and loss, the same ones whenever the same question is asked.

Patients who gain and lose exactly the same answers are alike, and one stands for all of them: the one whose id comes
first. Those are taken in turn that show most of what is not shown yet; what is left over shows how most patients move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from boosterwatch.engine.cohort.impact.compare import MOVED
from boosterwatch.engine.cohort.impact.model import Answer, Side
from boosterwatch.engine.cohort.impact.results import ask

Kind = tuple[Side, Answer]


class Alike(NamedTuple):
    """Patients who change in the same way: what they gain and lose, how many they are, and the one shown for them."""

    kinds: frozenset[Kind]
    many: int
    patient: str


def alike(con: duckdb.DuckDBPyConnection) -> list[Alike]:
    """Return the ways in which patients change, by the table that `compare` left; rules are no part of it."""
    rows = ask(
        con,
        "SELECT kinds, count(*), min(patient) FROM ("
        "SELECT patient, list_sort(list([side, what, id, state])) AS kinds "
        f"FROM {MOVED} WHERE what <> 'rule' GROUP BY patient) GROUP BY kinds",
    )
    return [
        Alike(frozenset((side, Answer(what, id, state)) for side, what, id, state in kinds), many, patient)
        for kinds, many, patient in rows
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
    by_number = sorted(left, key=lambda one: -one.many)
    return (*taken, *by_number[: most - len(taken)]), frozenset(open)
