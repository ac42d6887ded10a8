"""A record as read -> the rows of a cohort's tables, and the columns that these tables have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.tables.layout import ARROW, fact_fields
from boosterwatch.engine.model import Fact, Record
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force

EXTRA = "extra__"
_DAY, _TEXT, _NUMBER, _TRUTH = pa.int64(), pa.string(), pa.float64(), pa.bool_()
Rows = dict[str, list[dict[str, Any]]]


def extra_names(pack: ir.Pack) -> tuple[str, ...]:
    """Return the extra answers that some scale of the pack reads, in alphabetical order."""
    parts = {scale.part for scale in pack.scales}
    return tuple(sorted({str(part[1]) for part in parts if part is not None and part[0] == "field"}))


def fact_schemas(pack: ir.Pack) -> dict[str, pa.Schema]:
    """Return the columns of each table of a cohort (`facts.Cohort`), by the table's name."""
    form = {"instrument": _TEXT, "day": _DAY, "total": _NUMBER, "items": pa.list_(_NUMBER), "method": _TEXT}
    extra = {EXTRA + name: _NUMBER for name in extra_names(pack)}
    columns: dict[str, dict[str, pa.DataType]] = {
        "patients": {
            "patient": _TEXT,
            "birth_date": pa.date32(),
            "sex": _TEXT,
            "indications": pa.list_(_TEXT),
            "marked_first": _DAY,
            "marked_last": _DAY,
        },
        "infusions": {"day": _DAY},
        "bookings": {"day": _DAY},
        "cycles": {"infusion": _DAY, "loss": _DAY},
        "forms": {"row": _DAY, **form, "version": _TEXT, "after": _TRUTH, **extra},
        "facts": {"row": _DAY, "type": _TEXT, "day": _DAY}
        | {name: ARROW[field.kind] for name, field in fact_fields().items()},
        "overrides": {"parameter": _TEXT, "value": _NUMBER},
        "noted": {"code": _TEXT},
    }
    return {name: pa.schema({"pid": _DAY, **fields}) for name, fields in columns.items()}


def rows_of(pack: ir.Pack, records: Iterable[tuple[str, Record]]) -> Rows:
    """Return the rows of every table; patients are counted in the order given."""
    extra = extra_names(pack)
    rows: Rows = {name: [] for name in fact_schemas(pack)}
    for pid, (patient, record) in enumerate(records):
        _person(rows, pid, patient, record)
        _forms(rows, pid, record, extra)
        for fact in record.facts:
            rows["facts"].append(
                {"pid": pid, "row": len(rows["facts"]), "type": fact.type, "day": fact.day, **_fields(fact)}
            )
        for name, choice in values_in_force(pack, record.as_of, record.overrides).items():
            if choice.layer == "patient":
                rows["overrides"].append({"pid": pid, "parameter": name, "value": float(choice.value)})
        rows["noted"] += [{"pid": pid, "code": code} for code in sorted({one.code for one in record.rejected})]
    return rows


def _person(rows: Rows, pid: int, patient: str, record: Record) -> None:
    first, last = record.induction or (None, None)
    rows["patients"].append(
        {
            "pid": pid,
            "patient": patient,
            "birth_date": record.birth_date,
            "sex": record.sex,
            "indications": list(record.indications),
            "marked_first": first,
            "marked_last": last,
        }
    )
    given = {*record.infusions, *(record.induction or ())}
    rows["infusions"] += [{"pid": pid, "day": day} for day in sorted(given) if day <= record.as_of]
    rows["bookings"] += [{"pid": pid, "day": day} for day in record.booked]
    rows["cycles"] += [{"pid": pid, "infusion": one.infusion, "loss": one.loss} for one in record.prior_cycles]


def _forms(rows: Rows, pid: int, record: Record, extra: tuple[str, ...]) -> None:
    for form in record.assessments:
        rows["forms"].append(
            {
                "pid": pid,
                "row": len(rows["forms"]),
                "instrument": form.instrument,
                "day": form.day,
                "total": _number(form.total),
                "items": None if form.items is None else [_number(item) for item in form.items],
                "method": form.method,
                "version": form.version,
                "after": form.after_infusion,
                **{EXTRA + name: _number(form.extra.get(name)) for name in extra},
            }
        )


def _fields(fact: Fact) -> dict[str, Any]:
    numbers = {name for name, field in fact_fields().items() if field.kind == "number"}
    return {name: float(value) if name in numbers else value for name, value in fact.fields.items()}


def _number(value: float | None) -> float | None:
    """Return a number as a float; Arrow refuses a whole number that no float holds."""
    return None if value is None else float(value)
