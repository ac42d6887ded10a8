"""Subgroups: the gains and losses of a comparison for each value of a column of the patients.

The columns come as one table in long format, `groups`: patient, column, value. A patient with several values of a
column (a list) counts under each; one without a value counts under `NONE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from boosterwatch.engine.cohort.impact.compare import MOVED, rank
from boosterwatch.engine.cohort.impact.model import Answer, Effect, Group
from boosterwatch.engine.cohort.impact.results import ImpactError, Results, answers, ask, quoted, text
from boosterwatch.engine.diagnostics import Diagnostic, suggest

NONE = "(none)"
BIRTH, BAND = "birth_date", "age_band"
PREFIX = "group_"
_DECADE = 10
_GROUPS = "groups"
MOST = 24


def prepare_groups(
    con: duckdb.DuckDBPyConnection,
    people: pa.Table,
    wanted: Sequence[str] | None,
    as_of: int,
    *,
    also: str | None = None,
) -> tuple[str, ...]:
    """Return the columns that patients are grouped by, and make the table `groups` of them on the connection.

    `people` has a row for each patient: the column `patient`, and others of any kind. With a `birth_date` there is an
    age band of ten years, too. A column `group_x` is asked for as `x`. `wanted` None takes every column that has at
    most `MOST` values. `also` is kept in the table whatever it holds. Raises ImpactError (BW653) for a column that is
    not there.
    """
    con.register("people", people)
    columns = _columns(con)
    asked = tuple(dict.fromkeys(wanted)) if wanted is not None else tuple(columns)
    also_asked = () if also is None else (also,)
    every = tuple(dict.fromkeys((*asked, *also_asked)))
    for name in every:
        if name not in columns:
            message = f"the patients have no column `{name}`"
            known = ", ".join(columns) or "none"
            raise ImpactError([Diagnostic("BW653", message, None, suggest(name, columns) or f"there are: {known}")])
    parts = [_values(name, columns[name], as_of) for name in every]
    empty = "SELECT ''::VARCHAR AS patient, ''::VARCHAR AS \"column\", ''::VARCHAR AS value WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_GROUPS} AS {' UNION ALL '.join((empty, *parts))}")
    return asked if wanted is not None else _few(con, asked, also_asked)


def _few(con: duckdb.DuckDBPyConnection, asked: tuple[str, ...], also: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that make groups worth reading, more than one and not very many; the others are dropped."""
    counts = dict(ask(con, f'SELECT "column", count(DISTINCT value) FROM {_GROUPS} GROUP BY ALL'))
    kept = tuple(name for name in asked if 1 < counts.get(name, 0) <= MOST)
    listed = ", ".join(map(text, (*kept, *also))) or "''"
    con.execute(f'DELETE FROM {_GROUPS} WHERE "column" NOT IN ({listed})')
    return kept


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, bool]]:
    """Return what can be grouped by: the name asked for, its column, and whether that holds lists."""
    found: dict[str, tuple[str, bool]] = {}
    for name, type, *_ in ask(con, "DESCRIBE people"):
        if name == BIRTH:
            found[BAND] = (name, False)
        elif name != "patient" and not type.startswith(("DATE", "TIMESTAMP", "STRUCT", "MAP")):
            found[name.removeprefix(PREFIX)] = (name, type.endswith("[]"))
    return found


def _values(name: str, column: tuple[str, bool], as_of: int) -> str:
    source, many = column
    value = quoted(source)
    if name == BAND:
        value = _band(value, date.fromordinal(as_of))
    elif many:
        value = f"unnest(CASE WHEN len({value}) > 0 THEN {value} ELSE [NULL] END)"
    inner = f"SELECT patient, {value} AS v FROM people"
    return f"SELECT DISTINCT patient, {text(name)}, coalesce(CAST(v AS VARCHAR), '{NONE}') FROM ({inner})"


def _band(birth: str, day: date) -> str:
    """Return the expression of the ten years of age that a birth date falls into on a day."""
    later = f"CAST(strftime({birth}, '%m%d') > '{day:%m%d}' AS INTEGER)"  # the birthday of this year is still to come
    age = f"(date_diff('year', {birth}, DATE '{day}') - {later})"
    start = f"({age} // {_DECADE} * {_DECADE})"
    return f"CAST({start} AS VARCHAR) || '-' || CAST({start} + {_DECADE - 1} AS VARCHAR)"


def group_effects(con: duckdb.DuckDBPyConnection, old: Results, new: Results, signs: tuple[str, ...]) -> list[Group]:
    """Return the gains and losses of every group, by column and value; rules are left out. `compare` ran before."""
    joined = f'SELECT g."column" AS c, g.value AS v, a.* FROM {{}} a JOIN {_GROUPS} g USING (patient)'
    counts: dict[tuple[str, str], dict[Answer, list[int]]] = {}
    for place, side in enumerate((old, new)):
        source = f"(SELECT * FROM ({answers(side, side.view, rules=False)}))"
        query = f"SELECT c, v, what, id, state, count(*) FROM ({joined.format(source)}) GROUP BY ALL"
        for column, value, what, id, state, many in ask(con, query):
            of = counts.setdefault((column, value), {})
            of.setdefault(Answer(what, id, state), [0, 0, 0, 0])[place] = many
    moved = f"(SELECT * FROM {MOVED} WHERE what <> 'rule')"
    query = f"SELECT c, v, what, id, state, side, count(*) FROM ({joined.format(moved)}) GROUP BY ALL"
    for column, value, what, id, state, which, many in ask(con, query):
        counts[column, value][Answer(what, id, state)][2 if which == "gained" else 3] = many
    sizes = ask(
        con,
        f'SELECT "column", value, count(*), count(m.patient) FROM {_GROUPS} g '
        f"LEFT JOIN (SELECT DISTINCT patient FROM {moved}) m USING (patient) "
        f"SEMI JOIN {quoted(old.view)} o ON o.patient = g.patient "
        'GROUP BY ALL ORDER BY "column", value',
    )
    return [
        Group(column, value, many, differing, _ordered(counts.get((column, value), {}), signs))
        for column, value, many, differing in sizes
    ]


def _ordered(counts: dict[Answer, list[int]], signs: tuple[str, ...]) -> tuple[Effect, ...]:
    return tuple(Effect(one, *counts[one]) for one in sorted(counts, key=lambda one: rank(one, signs)))
