"""From drawn values to the tables of a cohort: Arrow tables in the layout that `tables/layout.py` works out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from boosterwatch.engine.cohort.synth.course import Infusions, Recorded
from boosterwatch.engine.cohort.synth.draw import Truths, Wholes
from boosterwatch.engine.cohort.synth.happenings import Facts
from boosterwatch.engine.cohort.synth.people import Crowd
from boosterwatch.engine.cohort.synth.recipe import Recipe
from boosterwatch.engine.cohort.synth.sheets import Paper, Sheets
from boosterwatch.engine.cohort.tables.layout import ARROW, GROUP, MARKED

EPOCH = 719163  # the proleptic ordinal of 1970-01-01, from which Arrow counts
PREFIX, DIGITS = "synthetic-", 7


def joined(parts: Iterable[Mapping[str, pa.Array]], schema: pa.Schema, ids: pa.Array) -> pa.Table:
    """Return a table of these parts, sorted by patient and day; a column that a part does not have is null.

    `patient` holds places in `ids`; rows of patients beyond those are left out.
    """
    places = schema.set(0, pa.field("patient", pa.int64()))
    whole = pa.concat_tables([places.empty_table(), *(_filled(part, places) for part in parts if part)])
    keys = [(name, "ascending") for name in ("patient", "date") if name in schema.names]
    kept = whole.filter(pc.less(whole["patient"], len(ids))).sort_by(keys)  # stable, so the recipe's order stays
    return kept.set_column(0, schema.field(0), ids.take(kept["patient"]))


def _filled(columns: Mapping[str, pa.Array], schema: pa.Schema) -> pa.Table:
    rows, unknown = len(columns["patient"]), columns.keys() - set(schema.names)
    assert not unknown, f"the layout has no column {sorted(unknown)}"
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)).cast(field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def patient_ids(first: int, size: int) -> pa.Array:
    """Return the ids of patients, counted from `first`.

    >>> patient_ids(1, 2).to_pylist()
    ['synthetic-0000001', 'synthetic-0000002']
    """
    numbers = pc.utf8_lpad(pa.array(np.arange(first, first + size)).cast(pa.string()), DIGITS, "0")
    return pc.binary_join_element_wise(PREFIX, numbers, "")


def dates(days: Wholes, missing: Truths | None = None) -> pa.Array:
    """Return ordinals as dates."""
    return pa.array((days - EPOCH).astype(np.int32), mask=missing).cast(pa.date32())


def words(places: Wholes, known: Iterable[str]) -> pa.Array:
    """Return words by their places; null for -1."""
    return pa.array(list(known), pa.string()).take(pa.array(places, mask=places < 0))


def flags(true: Truths) -> pa.Array:
    """Return true where it is, and null elsewhere, as a record says nothing of what is in order."""
    return pa.array(true, mask=~true)


# ---------------------------------------------------------------- table by table


def patients(recipe: Recipe, crowd: Crowd, infusions: Infusions) -> dict[str, pa.Array]:
    """Return the columns of the patients."""
    people, marked = recipe["people"], infusions.marked & (infusions.first > 0)
    names = list(people["indications"])
    pid, which = np.nonzero(crowd.indications)
    offsets = np.searchsorted(pid, np.arange(crowd.size + 1))
    columns = {
        "patient": pa.array(np.arange(crowd.size)),
        "birth_date": dates(crowd.birth_day, ~crowd.age_stated),
        "sex": words(crowd.sex, people["sex"]),
        "indications": pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), words(which, names)),
        f"{MARKED}_first": dates(infusions.first, ~marked),
        f"{MARKED}_last": dates(infusions.last, ~marked),
    }
    groups = people.get("groups") or {}
    return columns | {GROUP + name: words(crowd.groups[name], odds) for name, odds in groups.items()}


def cycles(recorded: Recorded) -> dict[str, pa.Array]:
    """Return the columns of the recorded outcomes of cycles."""
    lost = recorded.loss > 0
    return {
        "patient": pa.array(recorded.pid),
        "infusion": dates(recorded.infusion),
        "loss_of_benefit": dates(recorded.loss, ~lost),
        "censored": flags(~lost),
    }


def forms(paper: Paper, sheets: Sheets, times: Iterable[str], version: str) -> dict[str, pa.Array]:
    """Return the columns of one instrument's forms."""
    size = sheets.pid.size
    columns = {
        "patient": pa.array(sheets.pid),
        "instrument": pa.array([paper.instrument.id], pa.string()).take(pa.array(np.zeros(size, dtype=np.int64))),
        "date": dates(sheets.day),
        "total": pa.array(sheets.total, from_pandas=True),
        "items": _lists(sheets),
        "scale": words(sheets.method, (method.name for method in paper.methods)),
        "version": words(sheets.version, (version,)),
        "time": words(sheets.time, times),
        "entered_in_error": flags(sheets.error),
    }
    extra = {name: pa.array(sheets.extra[:, at], from_pandas=True) for at, name in enumerate(paper.extra)}
    return columns | extra


def _lists(sheets: Sheets) -> pa.Array:
    """Return the items of each form as a list; null for forms without."""
    size, count = sheets.items.shape
    if not count or not sheets.listed.any():
        return pa.nulls(size, ARROW["numbers"])
    kept: NDArray[np.bool_] = np.repeat(sheets.listed[:, None], count, axis=1)
    kept[:, -1] &= ~sheets.short
    offsets = np.concatenate(([0], np.cumsum(kept.sum(axis=1)))).astype(np.int32)
    values = pa.array(sheets.items[kept].astype(np.float64), mask=sheets.blank[kept])
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(~sheets.listed))


def safety(facts: Facts) -> dict[str, pa.Array]:
    """Return the columns of one kind of fact."""
    type = pa.array([facts.type], pa.string()).take(pa.array(np.zeros(facts.pid.size, dtype=np.int64)))
    first = {"patient": pa.array(facts.pid), "type": type, "date": dates(facts.day)}
    return {**first, **facts.fields, "entered_in_error": flags(facts.error)}


def days(pid: Wholes, day: Wholes) -> dict[str, pa.Array]:
    """Return the columns of a table that is a patient and a day."""
    return {"patient": pa.array(pid), "date": dates(day)}
