"""Rows as nobody should write them: values at and beyond every edge, rows twice, rows of nobody known.

Some are refused and some only look as if; every engine has to take the same ones for the same.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from boosterwatch.engine.cohort.tables.layout import PATIENTS, Kind, layouts
from boosterwatch.engine.cohort.tables.split import Row, Rows
from boosterwatch.tests.cohort.campaign.plan import MOVED_TO

ONE_DAY = timedelta(1)
ODD: Mapping[Kind, Sequence[Any]] = {
    "text": (
        None,
        "",
        " ",
        "nosuch",
        "PHQ-9",
        "phq9 ",
        "x" * 65,
        "y" * 201,
        "\u00e9\u0301",
        "a\u202eb",
        "a\tb",
        "other",
    ),
    "number": (None, -1.0, -0.0, 0.0, 0.5, 3.0, 99.0, 1e18, 2.0**53 + 2, 1e-300, math.nan, math.inf, -math.inf),
    "truth": (None, True, False),
    "date": (
        None,
        date(1, 1, 1),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(2199, 12, 31),
        date(2200, 1, 1),
        MOVED_TO - ONE_DAY,
        MOVED_TO,
        MOVED_TO + ONE_DAY,
    ),
    "texts": (None, [], ["depression", "depression"], ["flu"], [None], [""]),
    "numbers": (None, [], [None], [1.0] * 9, [1.0] * 10, [1.0, None, 2.0], [math.nan], [0.5] * 9, [99.0] * 9),
}
TEXTS = (
    "twelve",
    "9.0",
    "1e3",
    " 9",
    "09",
    "",
    "null",
    "true",
    "yes",
    "TRUE",
    "[1, 2]",
    "[1,",
    '["depression"]',
    "NaN",
)
TEXT_DAYS = ("2026-02-30", "2026-13-01", "2026-03-14T10:00", "14.03.2026", "2026-3-1", "1899-12-31", "2200-01-01", "")


def break_rows(rows: Rows, rng: random.Random, text: bool) -> None:
    """Do one thing to the rows of one patient that makes them odd or wrong."""
    rng.choice((_value, _value, _value, _value, _withdrawn, _twice, _twice_otherwise, _stranger, _renamed))(rows, rng)
    if text and rng.random() < 0.5:
        _odd_text(rows, rng)


def _any_row(rows: Rows, rng: random.Random) -> tuple[str, Row]:
    there = [name for name, entries in rows.items() if entries]
    name = rng.choice(there)
    return name, rng.choice(rows[name])


def _value(rows: Rows, rng: random.Random) -> None:
    name, row = _any_row(rows, rng)
    columns = [column for column in layouts()[name].columns if column.name != "patient"]
    stated = [column for column in columns if column.name in row] or columns
    column = rng.choice(stated if rng.random() < 0.8 else columns)
    row[column.name] = rng.choice(ODD[column.kind])


def _withdrawn(rows: Rows, rng: random.Random) -> None:
    name, row = _any_row(rows, rng)
    names = [column.name for column in layouts()[name].columns if column.name.endswith("entered_in_error")]
    for error in names:
        row[error] = True


def _twice(rows: Rows, rng: random.Random) -> None:
    name, row = _any_row(rows, rng)
    rows[name].append(dict(row))


def _twice_otherwise(rows: Rows, rng: random.Random) -> None:
    """Say a thing twice, the second time with one value changed."""
    name, row = _any_row(rows, rng)
    if name == PATIENTS:
        return
    other = dict(row)
    rows[name].append(other)
    columns = [column for column in layouts()[name].columns if column.name in row and column.name != "patient"]
    column = rng.choice(columns)
    other[column.name] = rng.choice(ODD[column.kind])


def _stranger(rows: Rows, rng: random.Random) -> None:
    """Leave a patient out of the table of patients."""
    rows[PATIENTS] = []


def _renamed(rows: Rows, rng: random.Random) -> None:
    """Give a patient an id that sorts otherwise in other languages."""
    mark = rng.choice(("\u00c9", "e\u0301", "\U0001f600", "\uff21", "z", "A", " ", "%", "'", "\u00df"))
    for entries in rows.values():
        for row in entries:
            row["patient"] = f"{mark}-{row['patient']}"


def _odd_text(rows: Rows, rng: random.Random) -> None:
    name, row = _any_row(rows, rng)
    column = rng.choice([column for column in layouts()[name].columns if column.name != "patient"])
    row[column.name] = Written(rng.choice(TEXT_DAYS if column.kind == "date" else TEXTS))


class Written(str):
    """A text that stands in a file of texts as it is, whatever its column should hold."""


def as_text(value: Any) -> str | None:
    """Return a value as a file of texts has it.

    >>> as_text(True), as_text([1.0, None]), as_text(12.0), as_text(date(2026, 5, 1))
    ('true', '[1, null]', '12', '2026-05-01')
    """
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
