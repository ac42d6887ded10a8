"""The moments with what was gathered of each scale beside them, and the measures made of it: one join per scale."""

from __future__ import annotations

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
from boosterwatch.engine.cohort.columns.scores_series import NO_BEST
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


def measure_columns(work: Work, moments: Table, found: Gathered | Table, forms: Forms, parameters: Parameters) -> Table:
    """Return mid and the measures asked for, one row per moment.

    `found` is what was gathered; the values of totals themselves (`states_of`) where only the newest are asked.
    """
    moments = attach(moments, [_failed(work, forms, moments)])
    if isinstance(found, Gathered):
        table = attach(moments, _gathered_tables(work, found))
    else:
        table = _beside_newest(work, moments, found)
    columns: dict[str, ibis.Value] = {}
    for track in work.tracks:
        sight = _sight(track, table, parameters)
        columns |= {measure_column(one.name): measure_of(sight, one) for one in track.measures}
        if track.scale.id in work.newest:
            columns[newest_day_column(track.scale.id)] = newest_day(sight)
    return table.select("mid", **columns)


# ---------------------------------------------------------------- beside the moments


def _codes(work: Work) -> list[int]:
    """Return the codes of totals that are read."""
    judged = {track.number for track in work.tracks if track.asks({"newest_invalid"})}
    return sorted(judged | {track.code for track in work.totals.tracks})


def _beside_newest(work: Work, moments: Table, values: Table) -> Table:
    """Return the moments with the newest value of each code; the columns of a code end in it."""
    joined = moments
    for code in _codes(work):
        own = values.filter(values.gid - values.sid * work.codes == code)
        columns = {
            "key": own.key,
            "latest": own.value,
            "best": own.best.nullif(NO_BEST),
            "sid": own.sid,
            "next": own.next,
        }
        mine = own.select(**{f"{name}__{code}": column for name, column in columns.items()})
        key, after, sid = (mine[f"{name}__{code}"] for name in ("key", "next", "sid"))
        joined = joined.left_join(mine, [moments.sid == sid, key <= moments.key, after > moments.key])
    return joined


def _gathered_tables(work: Work, gathered: Gathered) -> list[Table]:
    """Return the tables by `mid` of what was gathered; the columns of a code end in it."""
    tables = [_of_code(gathered.totals, code) for code in _codes(work)]
    if gathered.begun is not None:
        tables.append(gathered.begun)
    if gathered.parts is not None and gathered.chosen is not None:
        tables += [_of_code(gathered.parts, track.code) for track in work.parts.tracks]
        tables += [_of_form(work.parts, gathered.chosen, number) for number in work.parts.numbers()]
    return tables


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


def _sight(track: Track, table: Table, parameters: Parameters) -> Sight:
    end = f"__{track.code}"
    columns = {name.removesuffix(end): table[name] for name in table.columns if name.endswith(end)}
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
