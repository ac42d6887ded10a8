"""The columns that a table says it has, against those that it may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from boosterwatch.engine.cohort.tables.errors import TablesError
from boosterwatch.engine.cohort.tables.layout import GROUP, PATIENTS, Column, Layout
from boosterwatch.engine.cohort.tables.source import listed
from boosterwatch.engine.cohort.tables.typed import fits
from boosterwatch.engine.diagnostics import Diagnostic, suggest


def check_names(layout: Layout, names: Sequence[str], shown: str) -> None:
    """Raise TablesError when a table has columns that are unknown or there twice, or lacks one that every row needs."""
    problems = [*_unknown(layout, names, shown), *_missing(layout, names, shown)]
    problems += [
        Diagnostic("BW702", f"`{shown}` has the column `{name}` twice", None, "keep one")
        for name in sorted({name for name in names if list(names).count(name) > 1})
    ]
    if problems:
        raise TablesError(problems)


def _unknown(layout: Layout, names: Iterable[str], shown: str) -> list[Diagnostic]:
    known = [column.name for column in layout.columns]
    unknown = [name for name in names if name not in known and not is_group(layout, name)]
    more = f"; a column that only groups patients begins with `{GROUP}`" if layout.name == PATIENTS else ""
    return [
        Diagnostic(
            "BW702",
            f"`{shown}` has a column `{name}`, which `{layout.name}` does not know",
            None,
            (suggest(name, known) or f"the columns are {listed(known)}") + more,
        )
        for name in names
        if name in unknown
    ]


def _missing(layout: Layout, names: Iterable[str], shown: str) -> list[Diagnostic]:
    there = set(names)
    return [
        Diagnostic("BW703", f"`{shown}` has no column `{column.name}`", None, "every row needs it")
        for column in layout.columns
        if column.needed and column.name not in there
    ]


def is_group(layout: Layout, name: str) -> bool:
    """Return whether a column only groups patients: no rule reads it, reports may."""
    return layout.name == PATIENTS and name.startswith(GROUP) and len(name) > len(GROUP)


def as_they_are(layout: Layout, schema: pa.Schema) -> bool:
    """Return whether a file's columns can be read in place: every value has a counterpart in the table's type."""
    return all(fits_column(layout, field.name, field.type) for field in schema)


def fits_column(layout: Layout, name: str, type: pa.DataType) -> bool:
    """Return whether a column of this Arrow type can be read in place; one of nulls only is as good as none."""
    if pa.types.is_null(type):
        return True
    if is_group(layout, name):
        return fits("text", type)
    return fits(layout.column(name).kind, type, is_patient=name == "patient")


def kind_error(column: Column, type: pa.DataType, shown: str) -> TablesError:
    """Return the problem of a column whose type has nothing to do with what it should hold, to be raised."""
    wanted = {"text": "text", "number": "numbers", "truth": "truth values", "date": "dates"}.get(column.kind, "lists")
    message = f"the column `{column.name}` of `{shown}` holds `{type}`, not {wanted}"
    return TablesError([Diagnostic("BW704", message, None, "see docs/cohort-tables.md for what each column holds")])
