"""Patients of every kind, and both answers about them: by columns and by the row engine."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
from ibis.backends import BaseBackend

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.cohort.columns.evaluate import evaluate_columns
from boosterwatch.engine.cohort.facts import cohort_of_records, parameters_in_force
from boosterwatch.engine.cohort.results import DECIDED, result_schema
from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.run.duck import DuckStage, arrow_of
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.oracle.patients import random_record

Plain = Mapping[str, Any]
Row = dict[str, Any]
VERSIONS = ("ketamine-maintenance@1.0.0", "ketamine-maintenance@1.1.0", "quick-screen@1.0.0")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@cache
def ready(reference: str) -> LoadedPack:
    """Return a version of a pack, whatever its status allows."""
    pack = open_pack(reference).pack
    assert pack is not None
    return LoadedPack(pack)


def cases_of(reference: str, as_of: date) -> list[Plain]:
    """Return the records of all cases beside a version, each moved in time to be evaluated on one date."""
    cases = find_cases(open_pack(reference))
    return [moved(one.record, as_of) | {"patient": f"{number:05d} {one.id}"} for number, one in enumerate(cases)]


def moved(plain: Plain, as_of: date) -> Row:
    """Return a plain record with all its dates moved by the same days, so that it states `as_of`."""
    stated = plain["as_of"] if isinstance(plain["as_of"], date) else date.fromisoformat(plain["as_of"])
    found: Row = _moved(plain, as_of - stated)
    return found


def _moved(data: Any, by: timedelta) -> Any:
    match data:
        case Mapping():
            return {key: _moved(value, by) for key, value in data.items()}
        case list() | tuple():
            return [_moved(value, by) for value in data]
        case date():
            return (data + by).isoformat()
        case str() if _DATE.fullmatch(data):
            return (date.fromisoformat(data) + by).isoformat()
    return data


def made_up(count: int, seed: int, as_of: date | None = None) -> list[Row]:
    """Return made-up records, each with a name of its own; moved to one date when it is given."""
    rng = random.Random(seed)
    drawn = ({**random_record(rng), "patient": f"p-{number:06d}"} for number in range(count))
    return [one if as_of is None else moved(one, as_of) for one in drawn]


# ---------------------------------------------------------------- both answers


def by_columns(
    con: BaseBackend, pack: LoadedPack, records: Iterable[Plain], as_of: date, stage: Stage | None = None
) -> pa.Table:
    """Return the results of records by columns, in the order of the patients; those refused are left out."""
    day = as_of.toordinal()
    cohort = cohort_of_records(con, pack, records, day)
    parameters = parameters_in_force(pack, cohort, day)
    found = evaluate_columns(pack, cohort, day, parameters, stage or DuckStage(con))
    return arrow_of(found, result_schema(pack.ir)).sort_by("patient")


def differences(con: BaseBackend, pack: LoadedPack, records: Sequence[Plain], as_of: date) -> list[str]:
    """Return what columns and rows say differently, a line for each patient and column."""
    rows = [row for row in by_rows(pack, records, as_of.toordinal()).to_pylist() if row["status"] == DECIDED]
    columns = by_columns(con, pack, records, as_of).to_pylist()
    if [row["patient"] for row in rows] != [row["patient"] for row in columns]:
        return [f"{len(rows)} patients by rows, {len(columns)} by columns"]
    return [
        f"{want['patient']}: {name} is {want[name]!r} by rows, {found[name]!r} by columns"
        for want, found in zip(rows, columns, strict=True)
        for name in want
        if want[name] != found[name]
    ]
