"""One record opened for deriving (`History`), and one date of it (`Moment`).

A history is opened once and looked at on many dates. What a look needs is made when first asked for and kept, so
looks at earlier dates cost a few binary searches. Nothing here depends on the order of the facts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from boosterwatch.engine.measures.course import Course, Inductions, course_at
from boosterwatch.engine.measures.series import Series
from boosterwatch.engine.measures.source import Part, Source, part_series, sign_of, total_series
from boosterwatch.engine.measures.undefined import Number, Parameters
from boosterwatch.engine.measures.where import Fields
from boosterwatch.engine.model import Assessment, Fact, Record, Rejection, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import Scored, form_key

if TYPE_CHECKING:
    from boosterwatch.engine.measures.look import Look


class Cycle(NamedTuple):
    """From one infusion to the next: the day of the loss of benefit, or None.

    It is `censored` when the next infusion came first, and `recorded` when the record's own entry decided.
    """

    infusion: int
    loss: int | None
    censored: bool
    recorded: bool


Cycles = tuple[Cycle, ...]


class Base(NamedTuple):
    """The days of an event set before its windows, oldest first, and their keys (see `Scored.key`)."""

    days: Sequence[int]
    keys: Sequence[int]


class Track(NamedTuple):
    """A scale of this record that has forms. `rejected` holds the keys of a part's answers given and rejected."""

    part: Part | None
    sign: int
    source: Source
    series: Series
    rejected: Sequence[int]
    baseline_days: Number


class History:
    """One record with its checks done, and the parameters in force. The second group of fields keeps results."""

    __slots__ = (
        "answers",
        "bases",
        "facts",
        "inductions",
        "infusion_days",
        "infusions",
        "kept",
        "parameters",
        "picks",
        "present",
        "record",
        "rejected",
        "rejected_since",
        "scored",
        "sources",
        "tracks",
    )

    def __init__(
        self,
        record: Record,
        parameters: Parameters,
        infusions: Sequence[int],
        inductions: Inductions,
        scored: Mapping[str, list[Scored]],
        facts: Mapping[str, list[Fact]],
    ) -> None:
        self.record = record
        self.parameters = parameters
        self.infusions = infusions
        self.infusion_days = frozenset(infusions)
        self.inductions = inductions
        self.scored = scored
        self.facts = facts
        self.present = (frozenset(scored), frozenset(facts))  # the instruments and the types of facts there are
        self.rejected: tuple[Rejection, ...] = ()
        self.rejected_since: Mapping[str, int] = {}

        self.sources: dict[str, Source] = {}
        self.tracks: dict[str, Track] = {}
        self.kept: dict[tuple[frozenset[str] | None, str], tuple[Look, dict[str, Scalar], dict[str, str]]] = {}
        self.bases: dict[tuple[str, int | None], Base] = {}
        self.picks: dict[str, tuple[list[int], list[Scalar]]] = {}
        self.answers: dict[tuple[str, int | None], list[tuple[int, Fields]]] = {}

    def key_of(self, form: Assessment) -> int:
        """Return the form's place in time; before or after is read on infusion days only."""
        return form_key(form, self.infusion_days)

    def track(self, scale: ir.Scale, baseline_days: str) -> Track | None:
        """Return the scale's values in this record; None without a comparable form of its instrument."""
        known = self.tracks.get(scale.id)
        if known is None and scale.instrument in self.scored:
            known = self.tracks[scale.id] = self._make_track(scale, self.parameters[baseline_days])
        return known

    def _make_track(self, scale: ir.Scale, baseline_days: Number) -> Track:
        id, sign = scale.instrument, sign_of(scale.worse)
        source = self.sources.get(id)
        if source is None:
            source = self.sources[id] = Source(id, self.scored[id])
        if scale.part is None:
            return Track(None, sign, source, total_series(source, sign), (), baseline_days)
        series, rejected = part_series(source, scale.part, sign)
        return Track(scale.part, sign, source, series, rejected, baseline_days)


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

    def __init__(self, history: History, parameters: Parameters, at: int, *, before_infusion: bool) -> None:
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
