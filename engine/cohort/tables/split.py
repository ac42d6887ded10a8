"""A record -> the rows that it makes in the tables, and such rows -> the record. Nothing is judged, nothing is lost.

What a table does not keep apart: a list without entries and no list at all, `12` and `12.0`, the order of keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from boosterwatch.engine.cohort.tables.layout import BOOKED, INFUSIONS, MARKED, PATIENTS, layouts

Row = dict[str, Any]
Rows = dict[str, list[Row]]
MOST_WHOLE = 2**53  # beyond it, floats skip whole numbers
_DATES = (INFUSIONS, BOOKED)  # lists of plain dates
_OF_PERSON = ("birth_date", "sex", "indications", "as_of")


def rows_of_record(record: Mapping[str, Any]) -> Rows:
    """Return the rows of each table that a record makes; the record says whose they are.

    >>> rows_of_record({"as_of": "2026-11-24", "patient": "p-0001", "infusions": ["2026-10-01"]})["infusions"]
    [{'patient': 'p-0001', 'date': '2026-10-01'}]
    """
    patient = record["patient"]
    person: Row = {"patient": patient}
    person |= {name: record[name] for name in _OF_PERSON if name in record}
    person |= {f"{MARKED}_{part}": value for part, value in record.get(MARKED, {}).items()}
    rows: Rows = {PATIENTS: [person]}
    for name in layouts():
        if name in _DATES:
            rows[name] = [{"patient": patient, "date": day} for day in record.get(name, ())]
        elif name != PATIENTS:
            rows[name] = [{"patient": patient, **entry} for entry in record.get(name, ())]
    return rows


def record_of_rows(rows: Mapping[str, Iterable[Row]], as_of: str | None = None) -> dict[str, Any]:
    """Return the record that one patient's rows make, at `as_of` or else the date that the rows state."""
    person = next(iter(rows[PATIENTS]))
    stated = {name: plain(value) for name, value in person.items() if value is not None}
    record: dict[str, Any] = {"as_of": as_of or stated.get("as_of"), "patient": stated["patient"]}
    record |= {name: stated[name] for name in _OF_PERSON[:-1] if name in stated}
    marked = {part: stated[f"{MARKED}_{part}"] for part in _marking() if f"{MARKED}_{part}" in stated}
    if marked:
        record[MARKED] = marked
    for name in layouts():
        if name != PATIENTS:
            entries = [_entry(name, row) for row in rows.get(name, ())]
            record |= {name: entries} if entries else {}
    return {name: value for name, value in record.items() if value is not None}


def _marking() -> list[str]:
    prefix = f"{MARKED}_"
    names = [column.name for column in layouts()[PATIENTS].columns]
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def _entry(name: str, row: Row) -> Any:
    if name in _DATES:
        return plain(row["date"])
    return {key: plain(value) for key, value in row.items() if key != "patient" and value is not None}


def plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as text, 12 for 12.0.

    >>> plain(date(2026, 11, 24)), plain(12.0), plain([1.5, None, 2.0])
    ('2026-11-24', 12, [1.5, None, 2])
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) <= MOST_WHOLE:
        return int(value)
    return [plain(one) for one in value] if isinstance(value, list) else value
