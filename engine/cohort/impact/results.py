"""Results tables as views of one DuckDB connection: wherever they come from, and checked to be what they should be.

A source is a file of Parquet, a folder of such files, or an Arrow table. Nothing is copied: files are read as far as a
question needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import duckdb
import pyarrow as pa

from boosterwatch.engine.cohort.names import REASON, SIGN
from boosterwatch.engine.cohort.results import DECIDED, LISTS, REFUSED
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError
from boosterwatch.engine.loaded import LoadedPack

Source: TypeAlias = "Path | pa.Table"
ONE = ("status", "recommendation", "urgency", "response")
KINDS = {"holds": "hold", "cautions": "caution", "flags": "flag", "fired": "rule"}


class ImpactError(DiagnosticError):
    """What was asked cannot be answered from these tables."""


class Evaluate(Protocol):
    """Evaluates the whole cohort under a pack on a day (ordinal): the results, one row for each patient."""

    def __call__(self, pack: LoadedPack, as_of: int, name: str) -> Source:
        """Return where the results are; earlier results of the same name are not read again."""


@dataclass(frozen=True, slots=True)
class Results:
    """A view of results; `signs` in the order of its columns."""

    view: str
    signs: tuple[str, ...]


def open_results(con: duckdb.DuckDBPyConnection, source: Source, view: str) -> Results:
    """Return results as a view of this name. Raises ImpactError (BW648) when the table lacks what results have."""
    if isinstance(source, Path):
        files = str(source / "*.parquet") if source.is_dir() else str(source)
        con.read_parquet(files).create_view(view, replace=True)
    else:
        con.register(view, source)
    columns = [row[0] for row in ask(con, f"DESCRIBE {quoted(view)}")]
    lacking = [name for name in ("patient", *ONE, *LISTS) if name not in columns]
    if lacking:
        message = f"the table has no column `{lacking[0]}`, so it holds no results"
        raise ImpactError([Diagnostic("BW648", message, None, "give a table that `cohort evaluate` wrote")])
    return Results(view, signs_in(columns))


def ask(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Return every row of a query: a connection does nothing else while rows are left to fetch."""
    return con.execute(query, list(values)).fetchall()


def number(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> int:
    """Return the one number that a query asks for."""
    return int(ask(con, query, values)[0][0])


def signs_in(columns: list[str]) -> tuple[str, ...]:
    """Return the signs that results have a state of.

    >>> signs_in(["patient", "sign_mood", "reason_mood"])
    ('mood',)
    """
    found = [name.removeprefix(SIGN) for name in columns if name.startswith(SIGN)]
    return tuple(name for name in found if f"{REASON}{name}" in columns)


def quoted(name: str) -> str:
    """Return a name as SQL writes it.

    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return text as SQL writes it.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def answers(results: Results, view: str, *, rules: bool = True) -> str:
    """Return the query of every answer of the patients of a view of these results: patient, what, id, state.

    A recommendation's state is its urgency, empty without hurry; of what is drawn or not, only what is drawn is there.
    The fired rules are by far the most, and may be left out.
    """
    source = quoted(view)
    one = f"SELECT patient, '{{}}' AS what, {{}} AS id, {{}} AS state FROM {source} WHERE status = '{DECIDED}'"
    parts = [
        f"SELECT patient, '{REFUSED}' AS what, '' AS id, '' AS state FROM {source} WHERE status = '{REFUSED}'",
        one.format("recommendation", "recommendation", "coalesce(urgency, '')"),
        one.format("response", "response", "''"),
        *(one.format("sign", text(sign), quoted(SIGN + sign)) for sign in results.signs),
        *(one.format(kind, f"unnest({column})", "''") for column, kind in KINDS.items() if rules or kind != "rule"),
    ]
    return " UNION ALL ".join(parts)
