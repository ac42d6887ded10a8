"""One record opened for deriving (`History`), and one date of it (`Moment`).

A history is opened once and looked at on many dates. What a look needs is made when first asked for and kept, so
looks at earlier dates cost a few binary searches. Nothing here depends on the order of the facts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.measures.course import Course, Inductions, course_at
from boosterwatch.engine.measures.series import Series
from boosterwatch.engine.measures.source import Source
from boosterwatch.engine.measures.undefined import Parameters
from boosterwatch.engine.model import Fact, Record, Rejection, Scalar
from boosterwatch.engine.record.scoring import Scored


class Cycle(NamedTuple):
    """From one infusion to the next: the day of the loss of benefit, or None; `censored` when the next infusion came first.

    `recorded` says that the record's own entry decided.
    """

    infusion: int
    loss: int | None
    censored: bool
    recorded: bool


Cycles = tuple[Cycle, ...]


class History:
    """One record with its checks done. The fields in the second group are kept results."""

    __slots__ = (
        "answers",
        "bases",
        "blanks",
        "facts",
        "inductions",
        "infusions",
        "picks",
        "record",
        "rejected",
        "rejected_since",
        "scored",
        "series",
        "sources",
    )

    def __init__(
        self,
        record: Record,
        infusions: Sequence[int],
        inductions: Inductions,
        scored: Mapping[str, list[Scored]],
        facts: Mapping[str, list[Fact]],
    ) -> None:
        self.record = record
        self.infusions = infusions
        self.inductions = inductions
        self.scored = scored
        self.facts = facts
        self.rejected: tuple[Rejection, ...] = ()
        self.rejected_since: Mapping[str, int] = {}

        self.sources: dict[str, Source] = {}
        self.series: dict[str, tuple[Series, Sequence[int]]] = {}
        self.bases: dict[object, tuple[Sequence[int], Sequence[int]]] = {}
        self.picks: dict[str, tuple[list[int], list[Scalar]]] = {}
        self.answers: dict[str, list[tuple[int, int | float]]] = {}
        self.blanks: dict[object, tuple[dict[str, Scalar], dict[str, str]]] = {}


class Moment:
    """One date of a history. `key` ends what is there: forms with a greater key are not (see `Scored.key`).

    With `before_infusion` the infusions of that day are not yet given, nor the forms after them.
    """

    __slots__ = (
        "at",
        "chosen",
        "course",
        "cycles",
        "history",
        "key",
        "last_infusion",
        "newest",
        "parameters",
        "reasons",
        "selected",
        "values",
    )

    def __init__(
        self, history: History, parameters: Parameters, at: int, *, before_infusion: bool
    ) -> None:
        known = at - 1 if before_infusion else at
        given = bisect_right(history.infusions, known)
        self.history = history
        self.parameters = parameters
        self.at = at
        self.key = 2 * at if before_infusion else 2 * at + 1
        self.last_infusion = history.infusions[given - 1] if given else None
        self.course: Course | None = course_at(history.inductions, known)
        self.cycles: Cycles | None = None
        self.values: dict[str, Scalar] = {}
        self.reasons: dict[str, str] = {}
        self.newest: dict[str, Scored | None] = {}
        self.selected: dict[str, Sequence[int]] = {}
        self.chosen: dict[str, str] = {}
