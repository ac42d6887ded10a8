"""What is to be worked out of which scale: the measures asked for, and what has to be gathered for them.

Every series of values has a code: that of an instrument's totals is the instrument's place in the pack, the others
come after these. A code and a patient's spell (see `scores_series.py`) make one number, which rows are grouped by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
from ibis.expr.types import NumericValue, Table

from boosterwatch.engine.cohort.names import parameter_column
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.measures.plan import SCALE_KINDS
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.pack import ir

BASELINE = frozenset({"baseline", "gain", "fraction_lost", "response_fraction"})
SINCE = frozenset({"best_since_induction", "gain", "response_fraction"})
PREVIOUS = frozenset({"previous", "previous_change", "previous_interpretable"})
SLOPE = frozenset({"slope"})
WORST = frozenset({"latest_within"})
GAP = ("from", "to")
LINE = ("settle", "points", "span")


@dataclass(frozen=True)
class Track:
    """A scale and the measures asked of it. `number` is its instrument's place; `sign` turns high into worse."""

    scale: ir.Scale
    code: int
    number: int
    sign: int
    measures: tuple[ir.Measure, ...]

    def asks(self, kinds: Collection[str]) -> bool:
        """Return whether a measure of one of the kinds is asked for."""
        return any(measure.kind in kinds for measure in self.measures)


Settings = Mapping[int, tuple[str, ...]]  # the parameters of a kind, by code


@dataclass(frozen=True)
class Work:
    """The tracks asked for; `newest` are the scales whose newest day is asked for besides.

    `codes` is how many codes there are: what a moment or spell is multiplied by to number its series.
    """

    pack: ir.Pack
    tracks: tuple[Track, ...]
    codes: int
    newest: frozenset[str]

    def asks(self, kinds: Collection[str]) -> bool:
        """Return whether some scale is asked for a measure of one of the kinds."""
        return any(track.asks(kinds) for track in self.tracks)

    @property
    def totals(self) -> Work:
        """Return the work on totals."""
        return replace(self, tracks=tuple(track for track in self.tracks if track.scale.part is None))

    @property
    def parts(self) -> Work:
        """Return the work on answers, which are read from one form."""
        return replace(self, tracks=tuple(track for track in self.tracks if track.scale.part is not None))

    @property
    def baseline(self) -> bool:
        """Return whether a baseline is needed."""
        changes = [one for track in self.tracks for one in track.measures if one.kind == "change"]
        return self.asks(BASELINE) or any(since(one) == "baseline" for one in changes)

    @property
    def gathers(self) -> bool:
        """Return whether values other than the newest have to be read."""
        return bool(self.parts.tracks) or self.baseline or self.asks(SINCE | PREVIOUS | SLOPE | WORST)

    @property
    def gaps(self) -> tuple[Settings, ...]:
        """Return how far back the preceding visit is: a mapping for each setting that one scale has, mostly one."""
        return self._settings(PREVIOUS, GAP)

    @property
    def lines(self) -> tuple[Settings, ...]:
        """Return what a slope is made of."""
        return self._settings(SLOPE, LINE)

    def numbers(self) -> list[int]:
        """Return the instruments that are read."""
        return sorted({track.number for track in self.tracks})

    def parameters(self) -> frozenset[str]:
        """Return the parameters that are read where values are gathered."""
        settings = [names for setting in (*self.gaps, *self.lines) for names in setting.values()]
        return frozenset(name for names in settings for name in names) | {self.pack.course.baseline_days}

    def _settings(self, kinds: Collection[str], args: Sequence[str]) -> tuple[Settings, ...]:
        ways = {track.code: settings_of(track, kinds, args) for track in self.tracks}
        most = max(map(len, ways.values()), default=0)
        return tuple({code: own[n] for code, own in ways.items() if n < len(own)} for n in range(most))


def since(measure: ir.Measure) -> str | None:
    """Return what a change is measured from; None for other kinds."""
    return dict(measure.args)["since"] if measure.kind == "change" else None


def settings_of(track: Track, kinds: Collection[str], args: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the different parameters that a track's measures of these kinds have, in their order."""
    taken = [measure for measure in track.measures if measure.kind in kinds]
    return list(dict.fromkeys(tuple(dict(measure.args)[arg] for arg in args) for measure in taken))


def setting_of(track: Track, measure: ir.Measure, kinds: Collection[str], args: Sequence[str]) -> int:
    """Return which of the track's settings the measure has."""
    return settings_of(track, kinds, args).index(tuple(dict(measure.args)[arg] for arg in args))


# ---------------------------------------------------------------- making it


def plan_scores(pack: ir.Pack, names: Collection[str] | None) -> Work:
    """Return the work for these measures, all of them for None; names of other measures are passed over."""
    asked = [one for one in pack.measures if names is None or one.name in names]
    newest = _newest(pack, asked)
    by_scale: dict[str, list[ir.Measure]] = {id: [] for id in newest}
    for measure in asked:
        if measure.kind in SCALE_KINDS and measure.scale is not None:
            by_scale.setdefault(measure.scale, []).append(measure)
    codes = codes_of(pack)
    numbers = {instrument.id: number for number, instrument in enumerate(pack.instruments)}
    tracks = tuple(
        Track(scale, codes[scale.id], numbers[scale.instrument], sign_of(scale.worse), tuple(by_scale[scale.id]))
        for scale in pack.scales
        if scale.id in by_scale
    )
    return Work(pack, tracks, len(pack.instruments) + len(pack.scales), newest)


def codes_of(pack: ir.Pack) -> dict[str, int]:
    """Return the code of each scale: its instrument's for the first scale of totals, one of its own for the others."""
    numbers = {instrument.id: number for number, instrument in enumerate(pack.instruments)}
    codes: dict[str, int] = {}
    taken: set[str] = set()
    for place, scale in enumerate(pack.scales):
        if scale.part is None and scale.instrument not in taken:
            taken.add(scale.instrument)
            codes[scale.id] = numbers[scale.instrument]
        else:
            codes[scale.id] = len(pack.instruments) + place
    return codes


def _newest(pack: ir.Pack, asked: Sequence[ir.Measure]) -> frozenset[str]:
    roles = {role.id: role.scales for role in pack.roles}
    due = [dict(measure.args)["role"] for measure in asked if measure.kind == "due_date"]
    return frozenset(scale for role in due for scale in roles[role])


# ---------------------------------------------------------------- the parameters of rows


def by_code(table: Table, parameters: Parameters, setting: Settings, place: int) -> NumericValue:
    """Return each row's parameter by its `code`; in a row of a code without the setting it means nothing."""
    groups: dict[str | float, list[int]] = {}
    names = {code: named[place] for code, named in setting.items()}
    for code, name in names.items():
        groups.setdefault(name if name in parameters.own else parameters.numbers[name], []).append(code)
    first, *others = sorted(groups.values(), key=len, reverse=True)
    usual = parameters.of(table, names[first[0]])
    if not others:
        return usual
    branches = [(table.code.isin(codes), parameters.of(table, names[codes[0]])) for codes in others]
    return ibis.cases(*branches, else_=usual)


def own_columns(parameters: Parameters, names: Collection[str]) -> list[str]:
    """Return the columns that hold patients' own values of some of these parameters."""
    return [parameter_column(name) for name in sorted(parameters.own & set(names))]
