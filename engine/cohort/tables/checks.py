"""What makes the row engine refuse a record, as columns over the tables: for each row the first thing wrong with it.

The schema of the record says what a value may be; the pack says what it knows. Both are read here, not repeated. A
check is a code, the column it is about, and where it is so; a null in a check never refuses anybody.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import ibis
from ibis.expr.types import Table

from boosterwatch.engine.cohort.tables.layout import (
    MARKED,
    PATIENTS,
    SAFETY,
    Column,
    fact_fields,
    fact_node,
    fact_types,
    layouts,
)
from boosterwatch.engine.record import shape

Truth = Any  # a column of truth values; Ibis does not type what its operators give
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)  # what the pattern of a date allows
WITHDRAWN = "entered_in_error"
MISSING, UNKNOWN, WRONG_TYPE, WORD, DAY = "BW303", "BW302", "BW304", "BW305", "BW306"
NUMBER, TEXT, EXCLUDED = "BW308", "BW310", "BW311"
EARLY_END, UNBORN, EARLY_LOSS = "BW320", "BW321", "BW322"


class Check(NamedTuple):
    """Where `bad` is true, `column` has what `code` says."""

    code: str
    column: str
    bad: Truth


def first_of(checks: Iterable[Check]) -> Any:
    """Return for each row the code and the column of the first check that it fails, as one text, or null."""
    return ibis.cases(*((one.bad, f"{one.code} {one.column}") for one in checks), else_=ibis.null().cast("string"))


def shape_checks(name: str, table: Table, as_of: date, known: Iterable[str] = ()) -> list[Check]:
    """Return what the schema and the calendar refuse in the rows of a table; `known` are the ids of instruments."""
    checks = [check for column in layouts()[name].columns for check in _column_checks(name, column, table)]
    checks = [_unless_known(check, table, known) for check in checks]
    match name:
        case "patients":
            checks += _marking(table, as_of)
        case "prior_cycles":
            checks += _outcomes(table)
        case "safety":
            checks += _facts(table)
    return checks


def withdrawn(table: Table) -> Truth:
    """Return where a row was entered in error."""
    return table[WITHDRAWN].fill_null(False)


# ---------------------------------------------------------------- one column


def _unless_known(check: Check, table: Table, known: Iterable[str]) -> Check:
    """Return a check of an instrument's id as one that looks at unknown ids only: a pattern costs more than a list."""
    if check.column != "instrument" or check.code != TEXT or not known:
        return check
    return check._replace(bad=table.instrument.notin(sorted(known)) & check.bad)


def _column_checks(name: str, column: Column, table: Table) -> Iterator[Check]:
    values = table[column.name]
    if column.needed:
        yield Check(MISSING, column.name, values.isnull())
    if name == SAFETY and column.name in fact_fields():
        return  # what a field may hold hangs on the type of the fact
    if name != PATIENTS and column.name == "patient":
        return  # an id that is none is not in the table of patients either, or refused there
    for code, bad in _value_checks(column, column.node, values):
        yield Check(code, column.name, bad)


def _value_checks(column: Column, node: shape.Node, values: Any) -> Iterator[tuple[str, Truth]]:
    match column.kind:
        case "text":
            yield from _text(node, values)
        case "number":
            yield NUMBER, is_no_number(values)
            yield from ((NUMBER, bad) for bad in _limits(node, values))
        case "truth" if "enum" in node:
            yield WORD, values.notin(node["enum"])
        case "date":
            yield DAY, (values < ibis.literal(FIRST)) | (values > ibis.literal(LAST))
        case "texts":
            yield WRONG_TYPE, _any(values, lambda word: word.isnull())
            yield WORD, _any(values, lambda word: word.notin(node["items"]["enum"]))
        case "numbers":
            yield NUMBER, _any(values, is_no_number)


def is_no_number(value: Any) -> Truth:
    """Return whether a float is endless or none. Spark, when asked so by Ibis, takes nothing for endless."""
    return value.isnan() | (value.abs() > sys.float_info.max)


def _text(node: shape.Node, values: Any) -> Iterator[tuple[str, Truth]]:
    if "enum" in node:
        yield WORD, values.notin(node["enum"])
        return
    if "pattern" in node:
        yield TEXT, ~values.re_search(portable(node["pattern"]))
    if "maxLength" in node:
        yield TEXT, values.length() > node["maxLength"]
    if node.get("minLength"):
        yield TEXT, values.length() < node["minLength"]


def portable(pattern: str) -> str:
    r"""Return a pattern of the schema as both RE2 and Java read it, its end being the end of the text.

    >>> portable("^[a-z\\u0000]*$")
    '\\A[a-z\\x{0000}]*\\z'
    """
    import re

    inner = re.sub(r"\\u([0-9a-fA-F]{4})", r"\\x{\1}", pattern)
    return r"\A" + inner.removeprefix("^").removesuffix("$") + r"\z"


def _limits(node: shape.Node, values: Any) -> Iterator[Truth]:
    if "minimum" in node:
        yield values < node["minimum"]
    if "exclusiveMinimum" in node:
        yield values <= node["exclusiveMinimum"]
    if "maximum" in node:
        yield values > node["maximum"]
    if "exclusiveMaximum" in node:
        yield values >= node["exclusiveMaximum"]


def _any(values: Any, test: Any) -> Truth:
    return values.filter(test).length() > 0


# ---------------------------------------------------------------- columns that belong together


def _marking(table: Table, as_of: date) -> Iterator[Check]:
    """Yield what is wrong with a birth and with a marked course: both its dates belong to it, in order."""
    yield Check(UNBORN, "birth_date", table.birth_date > ibis.literal(as_of))
    first, last, error = (table[f"{MARKED}_{part}"] for part in ("first", "last", WITHDRAWN))
    there = first.notnull() | last.notnull() | error.notnull()
    yield Check(MISSING, f"{MARKED}_first", there & first.isnull())
    yield Check(MISSING, f"{MARKED}_last", there & last.isnull())
    yield Check(EARLY_END, f"{MARKED}_last", (last < first) & ~error.fill_null(False))


def _outcomes(table: Table) -> Iterator[Check]:
    """Yield what is wrong with one outcome of a cycle; two of them are for `pair_checks`."""
    lost, censored = table.loss_of_benefit, table.censored
    yield Check(MISSING, "loss_of_benefit", lost.isnull() & censored.isnull())
    yield Check(EXCLUDED, "censored", lost.notnull() & censored.notnull())
    yield Check(EARLY_LOSS, "loss_of_benefit", (lost < table.infusion) & ~withdrawn(table))


def _facts(table: Table) -> Iterator[Check]:
    nodes = {type: fact_node(type) for type in fact_types()}
    for name, column in fact_fields().items():
        values = table[name]
        having = [type for type, node in nodes.items() if name in node["properties"]]
        needing = [type for type in having if name in nodes[type]["required"]]
        yield Check(UNKNOWN, name, values.notnull() & table.type.notin(having))
        if needing:
            yield Check(MISSING, name, values.isnull() & table.type.isin(needing))
        for node, types in _alike(name, having, nodes):
            for code, bad in _value_checks(column, node, values):
                yield Check(code, name, bad & table.type.isin(types))
    for type, node in nodes.items():
        for branch in node.get("allOf", ()):
            yield from _branch(table, type, branch)


def _alike(name: str, types: Iterable[str], nodes: Mapping[str, shape.Node]) -> list[tuple[shape.Node, list[str]]]:
    """Return what the schema says of a field, with the types of which it says the same."""
    found: list[tuple[shape.Node, list[str]]] = []
    for type in types:
        node = {**shape.resolve(nodes[type]["properties"][name], None), "description": None}
        for known, alike in found:
            if known == node:
                alike.append(type)
                break
        else:
            found.append((node, [type]))
    return found


def _branch(table: Table, type: str, branch: shape.Node) -> Iterator[Check]:
    """Yield what one field's value demands of the others."""
    applies = table.type == type
    for name, node in branch["if"]["properties"].items():
        applies = applies & (table[name] == node["const"])
    for name in branch["then"].get("required", ()):
        yield Check(MISSING, name, applies & table[name].isnull())
    for name, node in branch["then"].get("properties", {}).items():
        if node is False:
            yield Check(EXCLUDED, name, applies & table[name].notnull())


def any_of(conditions: Iterable[Truth]) -> Truth:
    """Return where one of the conditions is true."""
    return reduce(or_, conditions, ibis.literal(False))
