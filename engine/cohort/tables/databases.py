"""Tables in a database -> Parquet files, in batches: a DuckDB file, or any database that SQLAlchemy reaches.

The tables have the names and columns of docs/cohort-tables.md; views do as well, so a clinic can shape its own. They
are only read. Rows are numbered as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from boosterwatch.engine.cohort.tables.columns import check_names, is_group
from boosterwatch.engine.cohort.tables.errors import Fault, TablesError, problem
from boosterwatch.engine.cohort.tables.given import DATABASE_TYPES, column_of_values
from boosterwatch.engine.cohort.tables.land import Batch, land
from boosterwatch.engine.cohort.tables.layout import PATIENTS, Layout, layouts
from boosterwatch.engine.cohort.tables.opened import Part, Tables
from boosterwatch.engine.cohort.tables.typed import Typed
from boosterwatch.engine.diagnostics import Diagnostic

AT_ONCE = 50_000  # rows
CANNOT = "BW715"


def open_duckdb(path: Path, work: Path) -> Tables:
    """Return the tables of a DuckDB file, rewritten below `work`. Raises TablesError."""
    try:
        con = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise _cannot(path.name, error) from None
    try:
        there = {name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        read = {name: _duckdb_table(con, name) for name in layouts() if name in there}
        return _landed(str(path), read, work)
    except duckdb.Error as error:
        raise _cannot(path.name, error) from None
    finally:
        con.close()


def _duckdb_table(con: duckdb.DuckDBPyConnection, name: str) -> tuple[Sequence[str], Iterable[Batch]]:
    names = [row[0] for row in con.execute(f'DESCRIBE "{name}"').fetchall()]

    def batches() -> Iterator[Batch]:
        for batch in con.sql(f'SELECT * FROM "{name}"').to_arrow_reader(AT_ONCE):
            yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)

    return names, batches()


def open_database(url: str, work: Path) -> Tables:
    """Return the tables of a database at an address, rewritten below `work`. Raises TablesError BW715 and others."""
    try:
        import sqlalchemy as sa
    except ImportError:
        hint = "pip install 'boosterwatch[audit]'"
        raise problem(CANNOT, "databases need sqlalchemy, not installed here", hint) from None
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise _cannot("the database", error) from None
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=AT_ONCE) as con:
            inspector = sa.inspect(con)
            there = {*inspector.get_table_names(), *inspector.get_view_names()}
            read = {name: _table(con, inspector, name) for name in layouts() if name in there}
            return _landed(engine.url.render_as_string(hide_password=True), read, work)
    except sa.exc.SQLAlchemyError as error:
        raise _cannot("the database", error) from None
    finally:
        engine.dispose()


def _table(con: Any, inspector: Any, name: str) -> tuple[Sequence[str], Iterable[Batch]]:
    import sqlalchemy as sa

    names = [column["name"] for column in inspector.get_columns(name)]
    layout = layouts()[name]

    def batches() -> Iterator[Batch]:
        query: Any = sa.select(*(sa.column(column) for column in names)).select_from(sa.table(name))
        for rows in con.execute(query).partitions(AT_ONCE):
            columns = zip(*rows, strict=True)
            yield Batch(
                {key: _typed(layout, key, column) for key, column in zip(names, columns, strict=True)}, len(rows)
            )

    return names, batches()


def _typed(layout: Layout, name: str, values: Sequence[Any]) -> Typed:
    kind = "text" if is_group(layout, name) else layout.column(name).kind
    if name == "patient":
        values = [str(value) if type(value) is int else value for value in values]
    return column_of_values(kind, values, DATABASE_TYPES)


def _landed(shown: str, read: dict[str, tuple[Sequence[str], Iterable[Batch]]], work: Path) -> Tables:
    if PATIENTS not in read:
        raise problem("BW700", f"there is no table `{PATIENTS}` in `{shown}`", "its rows are the patients")
    _check(read)
    work.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Part] = {}
    faults: list[Fault] = []
    for name, (names, batches) in read.items():
        layout, out = layouts()[name], work / f"{name}.parquet"
        groups = [column for column in names if is_group(layout, column)]
        faults += land(layout, name, groups, batches, out)
        parts[name] = Part((out,), (name,), tuple(layout.schema(groups).names), ((),))
    return Tables(shown, parts, tuple(faults))


def _check(read: dict[str, tuple[Sequence[str], Iterable[Batch]]]) -> None:
    problems: list[Diagnostic] = []
    for name, (names, _) in read.items():
        try:
            check_names(layouts()[name], names, name)
        except TablesError as error:
            problems += error.diagnostics
    if problems:
        raise TablesError(problems)


def _cannot(what: str, error: Exception) -> TablesError:
    """Return the problem of a database, without its address, which may hold a password."""
    text = " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__
    return problem(CANNOT, f"`{what}` cannot be read: {text[:200]}")
