"""The last stage: every column of every patient, each engine against the reference evaluator."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.results import REFUSED, result_schema
from boosterwatch.tests.cohort.campaign.plan import REFERENCE, ROW_ENGINES, Cohort, Plan
from boosterwatch.tests.cohort.campaign.rows import CODES, EVALUATOR, NO_RECORD
from boosterwatch.tests.cohort.people import ready

NAMED, EACH = 20, 2  # differences that are told, in all and of one patient


@dataclass
class Compared:
    """One engine on one date: `first` names the first differences as patient, column, reference and engine."""

    cohort: str
    date: str
    engine: str
    patients: int = 0
    refused: int = 0
    differing: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    first: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    fault: str | None = None

    @property
    def agrees(self) -> bool:
        """Return whether there is an answer about everybody and it is the same."""
        return not self.differing and self.fault is None and self.patients > 0


def compare(plan: Plan, cohort: Cohort, day: date, engine: str) -> Compared:
    """Return in what an engine differs from the reference evaluator."""
    found = Compared(cohort.name, day.isoformat(), engine)
    try:
        wanted, given = said_by(plan, cohort, day, REFERENCE), said_by(plan, cohort, day, engine)
    except (OSError, pa.ArrowInvalid) as error:
        found.fault = f"no answers: {type(error).__name__}"
        return found
    found.patients, found.refused = wanted.num_rows, _count(pc.equal(wanted["status"], REFUSED))
    differ(found, wanted, given)
    if engine not in ROW_ENGINES:
        _reasons(found, codes_by_rows(plan, cohort, day), codes_by_columns(plan.columns(cohort, day, engine)))
    return found


def said_by(plan: Plan, cohort: Cohort, day: date, engine: str) -> pa.Table:
    """Return the answers of an engine in the order of the patients. Raises OSError when there are none."""
    names = result_schema(ready(cohort.reference).ir).names
    if engine not in ROW_ENGINES:
        return pq.read_table(plan.columns(cohort, day, engine)).select(names).sort_by("patient")
    rows = _rows(plan, cohort, day)
    return rows.filter(pc.equal(rows[EVALUATOR], engine)).select(names).sort_by("patient")


def _rows(plan: Plan, cohort: Cohort, day: date) -> pa.Table:
    files = sorted(plan.rows(cohort, day).glob("[0-9]*.parquet"))
    if len(files) != len(cohort.blocks()):
        raise OSError(f"{len(files)} of {len(cohort.blocks())} blocks")
    return pa.concat_tables([pq.read_table(file) for file in files])


# ---------------------------------------------------------------- answers


def differ(found: Compared, wanted: pa.Table, given: pa.Table) -> None:
    """Note every patient and column in which two tables of answers differ."""
    one_sided = set(wanted["patient"].to_pylist()) ^ set(given["patient"].to_pylist())
    if one_sided or wanted.num_rows != given.num_rows:
        known = set(wanted["patient"].to_pylist())
        for patient in sorted(one_sided)[:NAMED]:
            found.first.append((patient, "patient", patient in known, patient not in known))
        found.fault = f"{wanted.num_rows} patients by rows, {given.num_rows} by {found.engine}"
        found.differing = max(len(one_sided), 1)
        wanted, given = (_only(table, one_sided) for table in (wanted, given))
        if wanted.num_rows != given.num_rows:
            return
    differing: set[int] = set()
    named: Counter[int] = Counter()
    for name in wanted.column_names:
        places = differing_places(wanted[name], given[name])
        if places:
            found.columns[name] = len(places)
            differing.update(places)
            for place in places:
                if len(found.first) == NAMED or named[place] == EACH:
                    continue
                named[place] += 1
                values = (wanted[name][place].as_py(), given[name][place].as_py())
                found.first.append((wanted["patient"][place].as_py(), name, *values))
    found.differing += len(differing)


def _only(table: pa.Table, without: Iterable[str]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table["patient"], pa.array(sorted(without), pa.string()))))


def differing_places(wanted: pa.ChunkedArray, given: pa.ChunkedArray) -> list[int]:
    """Return the rows in which two columns differ; one value and none are different, and NaN is like nothing."""
    one, other = wanted.combine_chunks(), given.combine_chunks()
    if one.equals(other):
        return []
    if pa.types.is_list(one.type):
        pairs = enumerate(zip(one.to_pylist(), other.to_pylist(), strict=True))
        return [place for place, (first, second) in pairs if first != second]
    both_null = pc.and_(one.is_null(), other.is_null())
    same = pc.or_(pc.fill_null(pc.equal(one, other), False), both_null)
    places: list[int] = pc.indices_nonzero(pc.invert(same)).to_pylist()
    return places


def _count(truths: pa.ChunkedArray) -> int:
    found: int = pc.sum(pc.fill_null(truths, False)).as_py() or 0
    return found


# ---------------------------------------------------------------- why somebody is refused


def codes_by_rows(plan: Plan, cohort: Cohort, day: date) -> dict[str, set[str]]:
    """Return the codes of everybody whom the row engine refuses."""
    rows = _rows(plan, cohort, day)
    kept = rows.filter(pc.and_(pc.equal(rows[EVALUATOR], REFERENCE), pc.equal(rows["status"], REFUSED)))
    return {row["patient"]: set(row[CODES]) for row in kept.select(["patient", CODES]).to_pylist()}


def codes_by_columns(out: Path) -> dict[str, set[str]]:
    """Return the codes that a run told of everybody whom it refused."""
    found: dict[str, set[str]] = {}
    for line in out.with_name(f"{out.name}.refused.ndjson").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["patient"], set()).add(row["code"])
    return found


def _same(told: set[str]) -> set[str]:
    """Return what else the row engine calls it: to it, an infusion without a date is a list with a null."""
    return {"BW304"} if "BW303" in told else set()


def _reasons(found: Compared, wanted: Mapping[str, set[str]], given: Mapping[str, set[str]]) -> None:
    """Note who is refused for no reason of the row engine's, which does not look further than the first kind of fault."""
    for patient in sorted(wanted.keys() | given.keys()):
        known, told = wanted.get(patient, set()), given.get(patient, set())
        if not told or not (known & told or known & _same(told) or NO_RECORD in known):
            found.columns["codes"] = found.columns.get("codes", 0) + 1
            found.differing += 1
            if len(found.first) < NAMED:
                found.first.append((patient, "codes", sorted(known), sorted(told)))


# ---------------------------------------------------------------- what was exercised


def exercised(plan: Plan, cohort: Cohort) -> tuple[dict[str, Counter[str]], list[str]]:
    """Return how often everything that a pack can say was said, on all dates, and by name what never was."""
    pack = ready(cohort.reference).ir
    counts: dict[str, Counter[str]] = {}
    for day in plan.dates:
        for name, column in _told(said_by(plan, cohort, day, REFERENCE)):
            counts.setdefault(name, Counter()).update(column)
    possible = dict(_possible(pack))
    never = [
        f"{name}: {word}" for name, words in possible.items() for word in words if not counts.get(name, Counter())[word]
    ]
    return counts, never


def _told(said: pa.Table) -> Iterable[tuple[str, Counter[str]]]:
    for column in said.schema:
        values = said[column.name]
        if pa.types.is_list(column.type):
            yield column.name, _counted(pc.list_flatten(values))
        elif pa.types.is_string(column.type) and column.name != "patient":
            yield column.name, _counted(values)
        elif column.name not in ("patient", "as_of"):
            yield "measures", Counter({column.name: len(values) - values.null_count})


def _counted(values: pa.ChunkedArray) -> Counter[str]:
    found = values.drop_null().value_counts()
    return Counter({one["values"]: one["counts"] for one in found.to_pylist()})


def _possible(pack: Any) -> Iterable[tuple[str, Sequence[str]]]:
    """Give every word that a column of the results can have."""
    tables = {table.id: table for table in pack.tables}
    yield "recommendation", list(dict.fromkeys(one.recommendation for one in pack.recommendations))
    response = tables.get(dict(pack.words).get("report.response", "response"))
    if response is not None:
        yield "response", list(dict.fromkeys([*response.states, response.otherwise]))
    for sign in pack.signs:
        yield f"sign_{sign.id}", list(dict.fromkeys([*tables[sign.id].states, tables[sign.id].otherwise]))
    for kind in ("hold", "caution", "flag"):
        yield f"{kind}s", [one.id for one in pack.notices if one.kind == kind]
    yield "fired", [rule.id for rule in pack.rules]
    yield "measures", [field.name for field in result_schema(pack) if _is_measure(field)]


def _is_measure(field: pa.Field) -> bool:
    text = pa.types.is_string(field.type) or pa.types.is_list(field.type)
    return not text and field.name != "as_of"
