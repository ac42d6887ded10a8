"""What is wrong with one value that the schema refuses: its type, its form, its size, the word chosen."""

import re
from typing import Any

from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.pack.document import Path
from boosterwatch.engine.record import shape
from boosterwatch.engine.record.where import Where, listed, quotable

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_NOUNS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_LIMITS = {
    "minimum": "{} or more",
    "exclusiveMinimum": "above {}",
    "maximum": "{} or less",
    "exclusiveMaximum": "below {}",
}
_DATE_ORDER = "the order is year, month, day: YYYY-MM-DD"
_LEAVE_OUT = "leave it out when there is no value"
_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")


def faulty_value(path: Path, data: Any, where: Where) -> Diagnostic:
    """Return the problem of the value at `path`, which the schema refuses."""
    node, value = shape.node_at(path, data), shape.value_at(path, data)
    if not has_type(node, value):
        return _wrong_type(path, node, data, where)
    if "enum" in node:
        return _wrong_word(path, node, value, where)
    if shape.is_date(node):
        return _wrong_date(path, value, where)
    if value == "":
        message = f"{where.name(path)} must not be empty"
        return where.problem("BW310", message, path, _absence_hint(path, data))
    if isinstance(value, str):
        return _wrong_text(path, node, value, where)
    return _wrong_number(path, node, value, where)


def has_type(node: shape.Node, value: Any) -> bool:
    """Say whether the value has a type that the node allows; a truth value is no number."""
    if isinstance(value, bool):
        return "boolean" in _types(node)
    return any(isinstance(value, _TYPES[name]) for name in _types(node))


def expected(node: shape.Node) -> str:
    """Return what the node wants, as words."""
    if shape.is_date(node):
        return "a date such as `2026-03-14`"
    return " or ".join(_NOUNS[name] for name in _types(node))


def _types(node: shape.Node) -> list[str]:
    stated: str | list[str] = node["type"]
    return [stated] if isinstance(stated, str) else stated


def said(value: Any, *, private: bool) -> str:
    """Return the value as words; of a private one only its kind."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the truth value `{str(value).lower()}`"
        case int() | float():
            return "a number" if private else f"the number `{value}`"
        case str():
            return "text" if private else f'the text `"{quotable(value)}"`'
        case list():
            return "a list"
        case _:
            return "a mapping"


def _wrong_type(path: Path, node: shape.Node, data: Any, where: Where) -> Diagnostic:
    value = shape.value_at(path, data)
    what = said(value, private=bool(node.get("private")))
    message = f"{where.name(path)} must be {expected(node)}, not {what}"
    code = "BW301" if not path else "BW304"
    hint = _absence_hint(path, data) if value is None else _type_hint(node, value)
    return where.problem(code, message, path, hint)


def _absence_hint(path: Path, data: Any) -> str:
    needed = shape.node_at(path[:-1], data).get("required", ())
    return "it cannot be left out" if not path or path[-1] in needed else _LEAVE_OUT


def _type_hint(node: shape.Node, value: Any) -> str | None:
    if "enum" in node:
        return _choices_hint(node)
    if shape.is_date(node):
        return _DATE_ORDER
    if "number" in _types(node) and isinstance(value, str) and _is_number(value):
        return f"write it without quotes: `{value.strip()}`"
    if _types(node) == ["string"] and isinstance(value, int | float):
        return "write it in quotes"
    if _types(node) == ["array"]:
        return "write a list, with brackets or a dash before each item"
    return None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*-?[0-9]{1,15}(\.[0-9]{1,15})?\s*", text) is not None


def _wrong_word(path: Path, node: shape.Node, value: Any, where: Where) -> Diagnostic:
    word = str(value).lower() if isinstance(value, bool) else quotable(value)
    hint = suggest(word.lower(), _choices(node)) or _choices_hint(node)
    return where.problem("BW305", f"{where.name(path)} cannot be `{word}`", path, hint)


def _choices(node: shape.Node) -> list[str]:
    return [str(choice).lower() for choice in node["enum"]]


def _choices_hint(node: shape.Node) -> str:
    choices = _choices(node)
    return f"write {'one of ' if len(choices) > 1 else ''}{listed(choices)}"


def _wrong_date(path: Path, value: str, where: Where) -> Diagnostic:
    shown = quotable(value)
    if _DATE_AND_TIME.match(value):
        message = f"{where.name(path)} must be a date without a time of day, not `{shown}`"
        return where.problem("BW306", message, path, f"write the calendar date: `{value[:10]}`")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        message = f"{where.name(path)} must be between the years 1900 and 2199, not `{shown}`"
        return where.problem("BW306", message, path)
    message = f"{where.name(path)} must be a date such as `2026-03-14`, not `{shown}`"
    return where.problem("BW306", message, path, _DATE_ORDER)


def _wrong_text(path: Path, node: shape.Node, value: str, where: Where) -> Diagnostic:
    name, most = where.name(path), node.get("maxLength", len(value))
    if node.get("title") == "id" and len(value) <= most:
        message = f"{name} must be an id, not `{quotable(value)}`"
        hint = "an id has lower-case letters, digits and `_`, and begins with a letter"
        return where.problem("BW310", message, path, hint)
    if len(value) > most:
        message = f"{name} has {len(value)} characters, more than {most}"
        return where.problem("BW310", message, path, "shorten it")
    return where.problem("BW310", f"{name} contains a control character", path, "delete it")


def _wrong_number(path: Path, node: shape.Node, value: float, where: Where) -> Diagnostic:
    limits = [words.format(node[key]) for key, words in _LIMITS.items() if key in node]
    message = f"{where.name(path)} must be {' and '.join(limits)}, not `{value}`"
    return where.problem("BW308", message, path)
