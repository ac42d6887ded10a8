"""The steps from the forms of a cohort to those that are scored: their keys, the two ways of reading, the faults."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

from boosterwatch.engine.cohort.columns.forms_answers import (
    any_of,
    given_parts,
    has_bad_extra,
    has_extra,
    parts_of,
    read_items,
    usable_parts,
    with_counts,
)
from boosterwatch.engine.cohort.columns.forms_instruments import COLUMNS
from boosterwatch.engine.cohort.columns.forms_names import given_column, part_column
from boosterwatch.engine.cohort.columns.forms_totals import (
    Meant,
    meant_stated,
    meant_unstated,
    meant_with_items,
    read_totals,
)
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import INVALID_SCORE

_PLACE = ("pid", "row", "number", "instrument", "key", "day")
SCORED = (*_PLACE, "total", "failed", "answered")
CHECKED = (*SCORED, "invalid", "unclear")
_MOST_PLACES = 1 << 20  # forms of one patient and instrument at one time: the places below fit beneath a day
_NONE = ibis.null("float64")
_FALSE = ibis.literal(False)


def with_keys(forms: Table, infusions: Table, instruments: Table) -> Table:
    """Return the forms with the number of their instrument, and their key: after an infusion is its day only."""
    after = forms.filter(forms.after)
    hits = after.semi_join(infusions, ["pid", "day"]).select(hit="row")
    about = instruments.select("number", of="instrument")
    joined = forms.join(about, forms.instrument == about.of)
    joined = joined.left_join(hits, joined.row == hits.hit)
    key = 2 * joined.day + joined.hit.notnull().cast("int64")
    return joined.select(*forms.columns, "number", key=key)


def with_reading(keyed: Table, instruments: Table) -> Table:
    """Return forms with how those of their instrument are read (`forms_instruments.COLUMNS`)."""
    about = instruments.drop("instrument").rename(of="number")
    joined = keyed.join(about, keyed.number == about.of)
    return joined.select(*keyed.columns, *(name for name in COLUMNS if name not in ("instrument", "number")))


def comparable(keyed: Table) -> Table:
    """Return the forms that are not of another version."""
    return keyed.filter(keyed.version.isnull() | (keyed.version == keyed.instrument))


def is_bare(pack: ir.Pack, forms: Table) -> BooleanValue:
    """Return whether a form has no more than a total."""
    return forms.items.isnull() & ~has_extra(pack, forms)


def read_bare(pack: ir.Pack, forms: Table, stage: Stage) -> Table:
    """Return forms without items and extra answers, in the columns of `CHECKED`.

    The few that state a method are read apart: to ask each form for its method would cost more than all the rest.
    """
    silent, said = forms.filter(forms.method.isnull()), forms.filter(forms.method.notnull())
    read = _read_totals_alone(silent, meant_unstated(silent), stage)
    return read.union(_read_totals_alone(said, meant_stated(pack, said), stage))


def _read_totals_alone(forms: Table, meant: Meant, stage: Stage) -> Table:
    total = read_totals(forms, meant)
    read = stage.name(forms.select(*_PLACE, stated=total.value, bad=total.bad_total, vague=total.unclear_total), "bare")
    return read.select(
        *_PLACE, total="stated", failed=read.bad | read.vague, answered=_FALSE, invalid="bad", unclear="vague"
    )


def read_rich(pack: ir.Pack, forms: Table, stage: Stage) -> Table:
    """Return forms with all that they had, in the columns of `CHECKED` and of the parts.

    Each step is named: folded into one selection the query would be a hundred times as long.
    """
    counted = stage.name(with_counts(forms), "counted")
    summed = stage.name(counted.mutate(**read_items(pack, counted)._asdict()), "summed")
    meant = meant_with_items(pack, summed, summed.items_sum)
    meaning = stage.name(
        summed.mutate(**{"meant_" + name: column for name, column in meant._asdict().items()}), "meant"
    )
    meant = Meant(*(meaning["meant_" + name] for name in Meant._fields))
    total = read_totals(meaning, meant, meaning.items_sum)
    judged = stage.name(
        meaning.mutate(stated=total.value, bad_total=total.bad_total, unclear_total=total.unclear_total), "judged"
    )
    spoilt = judged.items_spoil | judged.bad_total
    failed = judged.items_fault | judged.bad_total | judged.unclear_total
    return judged.mutate(
        total=ibis.ifelse(failed, _NONE, ibis.coalesce(judged.stated, judged.items_sum)),
        failed=failed,
        answered=~spoilt & (judged.items_usable > 0),
        invalid=judged.items_fault | judged.bad_total | has_bad_extra(pack, judged),
        unclear=judged.unclear_total & ~judged.items_fault,
        **{part_column(id): answer for id, answer in usable_parts(pack, judged, spoilt).items()},
        **{given_column(id): answer for id, answer in given_parts(pack, judged).items()},
    )


def rich_columns(pack: ir.Pack) -> list[str]:
    """Return the columns of `read_rich` that later steps read."""
    parts = parts_of(pack)
    return [*CHECKED, *map(part_column, parts), *map(given_column, parts)]


# ---------------------------------------------------------------- after settling


def settled(read: Table, verdicts: Table) -> Table:
    """Return the forms without those dropped; what a conflict spoils is gone, and says so in `conflict`."""
    judged = read.left_join(verdicts, "row")
    conflict = judged.conflict.fill_null(False)
    kept = judged.filter(~judged.dropped.fill_null(False))
    return kept.select(
        *_PLACE,
        total=ibis.ifelse(conflict, _NONE, kept.total),
        failed=kept.failed | conflict,
        answered=kept.answered & ~conflict,
        invalid="invalid",
        unclear="unclear",
        conflict=conflict,
    )


def parts_table(pack: ir.Pack, rich: Table, verdicts: Table) -> Table:
    """Return the forms that answers can be read from, as `Forms.parts` describes them."""
    parts = parts_of(pack)
    judged = rich.left_join(verdicts, "row")
    conflict = judged.conflict.fill_null(False)
    columns = {
        "total": ibis.ifelse(conflict, _NONE, judged.total),
        "failed": judged.failed | conflict,
        "answered": judged.answered & ~conflict,
        **{part_column(id): ibis.ifelse(conflict, _NONE, judged[part_column(id)]) for id in parts},
    }
    kept = judged.filter(~judged.dropped.fill_null(False))
    kept = kept.select(
        *_PLACE, **columns, place=kept.place.fill_null(0), **{n: kept[n] for n in map(given_column, parts)}
    )
    kept = kept.filter(any_of([kept.answered, *(kept[given_column(id)].notnull() for id in parts)]))
    order = 2 * (2 * kept.day + kept.total.notnull().cast("int64")) + kept.key % 2
    reading = ibis.ifelse(kept.answered, order * _MOST_PLACES + kept.place, ibis.null("int64"))
    return kept.select(*SCORED, *map(part_column, parts), *map(given_column, parts), reading=reading)


def faults_of(keyed: Table, scored: Table, crowd: Table) -> Table:
    """Return pid, code and the earliest key of each. `crowd` has the forms that were dropped among others."""
    other = keyed.filter(keyed.version != keyed.instrument)
    found = [
        _coded(other, "version_mismatch"),
        _coded(scored.filter(scored.invalid), INVALID_SCORE),
        _coded(crowd.filter(crowd.invalid), INVALID_SCORE),
        _coded(scored.filter(scored.unclear), "unit_ambiguous"),
        _coded(scored.filter(scored.conflict), "duplicate_conflict"),
    ]
    faults = ibis.union(*found)
    return faults.group_by("pid", "code").aggregate(key=faults.key.min())


def _coded(forms: Table, code: str) -> Table:
    return forms.select("pid", "key", code=ibis.literal(code))
