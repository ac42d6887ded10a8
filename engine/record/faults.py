"""Our own words for what the schema refuses.

The validator says where the data departs from the schema; what to say about it is decided here, from the
schema and the value at that place. Private values are never repeated.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from jsonschema_rs import ValidationErrorKind as Kind

from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.pack.document import Path
from boosterwatch.engine.record import shape
from boosterwatch.engine.record.values import faulty_value
from boosterwatch.engine.record.where import MOST_PROBLEMS, Where, listed, quotable


def shape_faults(data: Any, where: Where, known: Iterable[Path] = ()) -> Iterator[Diagnostic]:
    """Yield everything in which `data` departs from the schema, and every impossible date.

    Values at `known` paths have their problem already.
    """
    yield from _schema_faults(data, where, set(known))
    yield from _calendar_faults(data, where)


def _schema_faults(data: Any, where: Where, seen: set[Path]) -> Iterator[Diagnostic]:
    for error in shape.errors(data):
        path: Path = tuple(error.instance_path)
        match error.kind:
            case Kind.AdditionalProperties(unexpected=keys):
                yield from (_unknown_key(key, path, data, where) for key in keys)
            case Kind.Required(property=key) if _is_misspelt(key, path, data):
                continue  # said as an unknown key
            case Kind.Required(property=key):
                yield _missing_key(key, path, data, where)
            case Kind.OneOfNotValid():
                yield _needs_one(path, data, where)
            case Kind.OneOfMultipleValid():
                yield _excludes(path, data, where)
            case Kind.FalseSchema():
                yield _misplaced(path, data, where)
            case _ if path not in seen:  # a value may break several keywords: one problem
                seen.add(path)
                yield faulty_value(path, data, where)


def _is_misspelt(key: str, path: Path, data: Any) -> bool:
    """Say whether a missing key is there, but not quite."""
    node, entry = shape.node_at(path, data), shape.value_at(path, data)
    if node.get("additionalProperties") is not False:
        return False
    unknown = [word for word in entry if word not in node["properties"]]
    return any(suggest(word, [key]) for word in unknown[:MOST_PROBLEMS])


def _unknown_key(key: str, path: Path, data: Any, where: Where) -> Diagnostic:
    node = shape.node_at(path, data)
    known: list[str] = list(node["properties"])
    message = f"unknown key `{quotable(key)}` in {where.inside(path, node)}"
    hint = suggest(key, known) or f"the keys are {listed(known)}"
    return where.key_problem("BW302", message, (*path, key), hint)


def _missing_key(key: str, path: Path, data: Any, where: Where) -> Diagnostic:
    node = shape.node_at(path, data)
    message = f"`{key}` is missing in {where.inside(path, node)}"
    about = shape.resolve(shape.child(node, key), None).get("description", "")
    own = shape.child(node, key).get("description", about)
    return where.problem("BW303", message, path, _first_sentence(own))


def _needs_one(path: Path, data: Any, where: Where) -> Diagnostic:
    node = shape.node_at(path, data)
    choices = " or ".join(f"`{key}`" for key in _alternatives(node))
    message = f"{choices} is missing in {where.inside(path, node)}"
    return where.problem("BW303", message, path, "write one of them")


def _excludes(path: Path, data: Any, where: Where) -> Diagnostic:
    node = shape.node_at(path, data)
    keys = _alternatives(node)
    both = " and ".join(f"`{key}`" for key in keys)
    message = f"{both} exclude each other in {where.inside(path, node)}"
    return where.key_problem("BW311", message, (*path, keys[-1]), "keep one of them")


def _alternatives(node: shape.Node) -> list[str]:
    return [key for branch in node["oneOf"] for key in branch["required"]]


def _misplaced(path: Path, data: Any, where: Where) -> Diagnostic:
    """Return the problem of a key that another key's value forbids."""
    holder, key = path[:-1], path[-1]
    node, entry = shape.node_at(holder, data), shape.value_at(holder, data)
    conditions = (branch["if"]["properties"] for branch in node["allOf"] if _forbids(branch, key))
    reasons = (f"`{name}` is `{entry[name]}`" for properties in conditions for name in properties)
    message = f"{where.name(path)} does not belong here, because {next(reasons)}"
    return where.key_problem("BW311", message, path, "delete it, or correct the other key")


def _forbids(branch: shape.Node, key: str | int) -> bool:
    return branch["then"].get("properties", {}).get(key) is False


def _calendar_faults(data: Any, where: Where) -> Iterator[Diagnostic]:
    for path, text in shape.dates_in(data):
        try:
            date.fromisoformat(text)
        except ValueError:
            message = f"{where.name(path)} is not a calendar date: `{text}`"
            yield where.problem("BW307", message, path, _nearest_days(text))


def _nearest_days(text: str) -> str:
    year, month, _ = (int(part) for part in text.split("-"))
    if not 1 <= month <= 12:
        return "months run from 01 to 12; the order is year, month, day"
    following = date(year + month // 12, month % 12 + 1, 1)
    last = (following - date.resolution).isoformat()
    return f"the last day of that month is {last}"


def _first_sentence(text: str) -> str:
    sentence = text.split(". ")[0].rstrip(".")
    return sentence[:1].lower() + sentence[1:]
