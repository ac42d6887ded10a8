"""What the tables of a cohort look like: worked out from the record's schema, so a column is stated once, there.

A record's lists become tables in long format, one row for each entry, with the patient in front. What holds for a key
of the record holds for the column of that name: its words, its range, whether it may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyarrow as pa

from boosterwatch.engine.record import shape

Kind = Literal["text", "number", "truth", "date", "texts", "numbers"]

PATIENTS, ASSESSMENTS, SAFETY = "patients", "assessments", "safety"
INFUSIONS, BOOKED = "infusions", "booked"
CYCLES, OVERRIDES = "prior_cycles", "overrides"
MARKED = "induction"
GROUP = "group_"
_SCALARS: Mapping[str, Kind] = {"string": "text", "number": "number", "boolean": "truth"}
ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "number": pa.float64(),
    "truth": pa.bool_(),
    "date": pa.date32(),
    "texts": pa.list_(pa.string()),
    "numbers": pa.list_(pa.float64()),
}
_LISTS: Mapping[Kind, Kind] = {"text": "texts", "number": "numbers"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, the schema's node that states it, and whether every row must have it."""

    name: str
    kind: Kind
    node: shape.Node
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One table: the key of the record whose entries are its rows, and its columns, that of the patient first."""

    name: str
    says: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]

    def schema(self, groups: Iterable[str] = ()) -> pa.Schema:
        """Return the columns as files have them, with those that only group patients."""
        types = {column.name: ARROW[column.kind] for column in self.columns}
        return pa.schema(types | dict.fromkeys(groups, pa.string()))


@cache
def layouts() -> Mapping[str, Layout]:
    """Return the tables by name, that of the patients first."""
    made = [_patients(), *(_entries(name) for name in (INFUSIONS, BOOKED, CYCLES, ASSESSMENTS)), _safety()]
    return {layout.name: layout for layout in (*made, _entries(OVERRIDES))}


@cache
def answer_columns() -> tuple[str, ...]:
    """Return the columns of forms that hold an extra answer."""
    return shape.answers()


@cache
def fact_fields() -> Mapping[str, Column]:
    """Return the fields of the safety facts by name, whichever types have them."""
    found: dict[str, Column] = {}
    for type in fact_types():
        for name, node in fact_node(type)["properties"].items():
            if name not in ("type", "date", "entered_in_error"):
                found.setdefault(name, _column(name, node))
    return found


@cache
def fact_types() -> tuple[str, ...]:
    """Return the types of safety facts."""
    return tuple(shape.schema()["definitions"]["safety_fact"]["properties"]["type"]["enum"])


def fact_node(type: str) -> shape.Node:
    """Return what the schema says of facts of a type."""
    return shape.resolve(shape.schema()["properties"][SAFETY]["items"], {"type": type})


# ---------------------------------------------------------------- made of the schema


def _patients() -> Layout:
    properties = shape.schema()["properties"]
    patient = Column("patient", "text", properties["patient"], True)
    plain = [_column(name, properties[name]) for name in ("birth_date", "sex", "indications")]
    marked = shape.resolve(properties[MARKED], None)["properties"]
    parts = [Column(f"{MARKED}_{name}", *_kind(node)) for name, node in marked.items()]
    as_of = Column("as_of", *_kind(properties["as_of"]))
    return Layout(PATIENTS, "One row for each patient.", (patient, *plain, *parts, as_of))


def _entries(name: str) -> Layout:
    node = shape.schema()["properties"][name]
    entry = shape.resolve(node["items"], None)
    if shape.is_date(entry):
        columns = [Column("date", "date", entry, True)]
    else:
        needed = entry["required"]
        columns = [_column(key, child, key in needed) for key, child in entry["properties"].items()]
    return Layout(name, node["description"], (_owner(), *columns))


def _safety() -> Layout:
    node = shape.schema()["properties"][SAFETY]
    entry = fact_node(fact_types()[0])["properties"]
    first = Column("type", "text", shape.resolve(node["items"], None)["properties"]["type"], True)
    day, error = _column("date", entry["date"], True), _column("entered_in_error", entry["entered_in_error"])
    return Layout(SAFETY, node["description"], (_owner(), first, day, *fact_fields().values(), error))


def _owner() -> Column:
    return Column("patient", "text", shape.schema()["properties"]["patient"], True)


def _column(name: str, node: shape.Node, needed: bool = False) -> Column:
    return Column(name, *_kind(node), needed)


def _kind(node: shape.Node) -> tuple[Kind, shape.Node]:
    """Return what a column of this node holds, and the node resolved."""
    found = shape.resolve(node, None)
    if shape.is_date(found):
        return "date", found
    if found["type"] == "array":
        inner = found["items"]["type"]
        return _LISTS[_SCALARS[inner if isinstance(inner, str) else inner[0]]], found
    return _SCALARS[found["type"]], found
