"""What is to be worked out of which scale: the measures asked for, and what has to be gathered for them.

Every series of values has a code: that of an instrument's totals is the instrument's place in the pack, the others
come after these. A code and a patient's spell (see `scores_series.py`) make one number, which rows are grouped by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
    """The tracks asked for, and what their measures need beyond the latest value and the best before it.

    `gaps` (from, to) and `settles` hold a mapping for each setting of its kind that one scale has; most have one.
    `codes` is how many codes there are, `newest` the scales whose newest day is asked for besides.
    """

    pack: ir.Pack
    tracks: tuple[Track, ...]
    codes: int
    gaps: tuple[Settings, ...]
    settles: tuple[Settings, ...]
    newest: frozenset[str]

    def asks(self, kinds: Collection[str]) -> bool:
        """Return whether some scale is asked for a measure of one of the kinds."""
        return any(track.asks(kinds) for track in self.tracks)

    @property
    def parts(self) -> tuple[Track, ...]:
        """Return the tracks whose answers are read from one form."""
        return tuple(track for track in self.tracks if track.scale.part is not None)

    @property
    def baseline(self) -> bool:
        """Return whether a baseline is needed."""
        return self.asks(BASELINE) or any(since(measure) == "baseline" for measure in self._measures())

    @property
    def gathers(self) -> bool:
        """Return whether rows before the latest one have to be read."""
        kinds = BASELINE | SINCE | PREVIOUS | {"slope", "latest_within"}
        return bool(self.parts) or self.baseline or self.asks(kinds)

    def read_codes(self) -> frozenset[int]:
        """Return the codes that are read: those of the tracks, and the totals of their instruments."""
        return frozenset(code for track in self.tracks for code in (track.code, track.number))

    def _measures(self) -> list[ir.Measure]:
        return [measure for track in self.tracks for measure in track.measures]


def since(measure: ir.Measure) -> str | None:
    """Return what a change is measured from; None for other kinds."""
    return dict(measure.args)["since"] if measure.kind == "change" else None


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
    return Work(
        pack,
        tracks,
        len(pack.instruments) + len(pack.scales),
        gaps=_settings(tracks, PREVIOUS, ("from", "to")),
        settles=_settings(tracks, {"slope"}, ("settle",)),
        newest=newest,
    )


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


def _settings(tracks: Sequence[Track], kinds: Collection[str], args: Sequence[str]) -> tuple[Settings, ...]:
    ways = {track.code: setting_of(track, kinds, args) for track in tracks}
    most = max(map(len, ways.values()), default=0)
    return tuple({code: own[n] for code, own in ways.items() if n < len(own)} for n in range(most))


def setting_of(track: Track, kinds: Collection[str], args: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the different parameters that a track's measures of these kinds have, in their order."""
    taken = [measure for measure in track.measures if measure.kind in kinds]
    return list(dict.fromkeys(tuple(dict(measure.args)[arg] for arg in args) for measure in taken))


def by_code(table: Table, parameters: Parameters, names: Mapping[int, str]) -> NumericValue:
    """Return each row's parameter by its `code`; a row of another code has any one, or none."""
    groups: dict[str | float, list[int]] = {}
    for code, name in names.items():
        groups.setdefault(name if name in parameters.own else parameters.numbers[name], []).append(code)
    first, *others = groups.values()
    usual = parameters.of(table, names[first[0]])
    if not others:
        return usual
    branches = [(table.code.isin(codes), parameters.of(table, names[codes[0]])) for codes in others]
    return ibis.cases(*branches, else_=usual)


def own_columns(parameters: Parameters, names: Collection[str]) -> list[str]:
    """Return the columns that hold patients' own values of some of these parameters."""
    return [parameter_column(name) for name in sorted(parameters.own & set(names))]
