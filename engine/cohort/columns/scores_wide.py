"""The moments with what was gathered of each scale beside them, and the measures made of it: one join per scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import StringValue, Table

from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.forms_names import given_column
from boosterwatch.engine.cohort.columns.joins import attach
from boosterwatch.engine.cohort.columns.roles import newest_day_column
from boosterwatch.engine.cohort.columns.scores_answers import spoilt_column
from boosterwatch.engine.cohort.columns.scores_kinds import Sight, measure_of, newest_day
from boosterwatch.engine.cohort.columns.scores_looks import begun_column
from boosterwatch.engine.cohort.columns.scores_plan import Track, Work
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.values import Parameters

_LONG = frozenset({"mid", "code"})


@dataclass(frozen=True)
class Gathered:
    """What was gathered: the long tables of totals and of parts, the forms chosen, and the cycles searched for."""

    totals: Table
    parts: Table | None
    chosen: Table | None
    begun: Table | None


def measure_columns(work: Work, moments: Table, gathered: Gathered, forms: Forms, parameters: Parameters) -> Table:
    """Return mid and the measures asked for, one row per moment."""
    table = _beside(work, moments, gathered, forms)
    columns: dict[str, ibis.Value] = {}
    for track in work.tracks:
        long = gathered.totals if track.scale.part is None else gathered.parts
        sight = _sight(work, track, table, long, parameters)
        columns |= {measure_column(one.name): measure_of(sight, one) for one in track.measures}
        if track.scale.id in work.newest:
            columns[newest_day_column(track.scale.id)] = newest_day(sight)
    return table.select("mid", **columns)


# ---------------------------------------------------------------- beside the moments


def _beside(work: Work, moments: Table, gathered: Gathered, forms: Forms) -> Table:
    """Return the moments with every table joined; the columns of a code end in it."""
    read = {track.number for track in work.tracks if track.asks({"newest_invalid"})}
    totals = sorted(read | {track.code for track in work.totals.tracks})
    tables = [_failed(work, forms, moments), *(_of_code(gathered.totals, code) for code in totals)]
    if gathered.begun is not None:
        tables.append(gathered.begun)
    if gathered.parts is not None and gathered.chosen is not None:
        tables += [_of_code(gathered.parts, track.code) for track in work.parts.tracks]
        tables += [_of_form(work.parts, gathered.chosen, number) for number in work.parts.numbers()]
    return attach(moments, tables)


def _of_code(long: Table, code: int) -> Table:
    own = long.filter(long.code == code)
    return own.select("mid", **{f"{name}__{code}": name for name in long.columns if name not in _LONG})


def _of_form(work: Work, chosen: Table, number: int) -> Table:
    """Return what the form chosen of an instrument says about answers that are not there."""
    tracks = [track for track in work.tracks if track.number == number]
    mine = chosen.filter(chosen.number == number)
    own = {f"answered__{number}": "answered", f"row__{number}": "row"}
    return mine.select(
        "mid",
        *(given_column(track.scale.id) for track in tracks),
        *(spoilt_column(track.code) for track in tracks),
        **own,
    )


def _failed(work: Work, forms: Forms, moments: Table) -> Table:
    """Return for each instrument that is read the newest key of a form whose total was rejected."""
    failed = forms.scored.filter(forms.scored.failed).select("pid", "key", "number")
    asking = moments.select("mid", asking="pid", until="key")
    seen = failed.inner_join(asking, [failed.pid == asking.asking, failed.key <= asking.until])
    newest = {f"failed__{number}": seen.key.max(where=seen.number == number) for number in work.numbers()}
    return seen.group_by("mid").aggregate(**newest)


# ---------------------------------------------------------------- one scale


def _sight(work: Work, track: Track, table: Table, long: Table | None, parameters: Parameters) -> Sight:
    columns: Mapping[str, ibis.Value] = {
        name: table[f"{name}__{track.code}"] for name in (long.columns if long is not None else ()) if name not in _LONG
    }
    newest = f"key__{track.number}"
    begun = begun_column(track.code)
    return Sight(
        track,
        table,
        parameters,
        columns,
        failed=table[f"failed__{track.number}"],
        newest=table[newest] if newest in table.columns else ibis.null("int64"),
        begun=table[begun] if begun in table.columns else ibis.null("int64"),
        absent=_absent(track, table),
    )


def _absent(track: Track, table: Table) -> StringValue:
    """Return why the scale has no latest value."""
    if track.scale.part is None:
        invalid = table[f"failed__{track.number}"].notnull()
        return ibis.ifelse(invalid, "invalid", "missing")
    unusable = table[given_column(track.scale.id)].notnull()
    never = table[f"end_key__{track.code}"].isnull() & ~table[f"answered__{track.number}"]
    spoilt = (table[spoilt_column(track.code)] & never).fill_null(False)
    read = table[f"row__{track.number}"].notnull()
    return ibis.ifelse(ibis.ifelse(read, unusable, spoilt), "invalid", "missing")
