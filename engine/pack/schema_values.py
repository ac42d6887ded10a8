"""What is wrong with one value that a schema refuses: its type, the word chosen, its form, its size."""

from __future__ import annotations

import re
from typing import Any

from jsonschema_rs import ValidationErrorKind as Kind

from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.schema_trail import Trail
from boosterwatch.engine.pack.schema_words import (
    called,
    found,
    listed,
    lower,
    quotable,
    subject,
    wanted,
    with_article,
    written,
)

_MOST_KEYS = 12  # a longer list helps nobody
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_TRUTHS = {"yes": "true", "no": "false", "true": "true", "false": "false"}
_Saying = tuple[str, str, str | None]  # code, message, hint


def faulty_value(document: Document, trail: Trail, kind: Any) -> Diagnostic:
    """Return the problem of the value at the end of the trail."""
    if isinstance(kind, Kind.UniqueItems):
        return _doubled(document, trail)
    code, message, hint = _say(document, trail, kind)
    return Diagnostic(code, message, document.span(trail.last.path), hint)


def _say(document: Document, trail: Trail, kind: Any) -> _Saying:
    value, name = trail.last.value, called(trail.steps, trail.last.title)
    match kind:
        case Kind.Type(types=types):
            return _wrong_type(document, trail, types)
        case Kind.Enum(options=options):
            hint = suggest(str(value), map(str, options)) or f"it is one of {listed(options)}"
            return "BW156", f"{name} cannot be `{quotable(_shown(value))}`", hint
        case Kind.Pattern():
            return _wrong_form(trail, name)
        case Kind.Format():
            return "BW158", f"{name} is not a day of the calendar: `{value}`", "check the month and the day"
        case Kind.MinItems() | Kind.MinProperties():
            return _too_few(trail, name)
        case Kind.MaxLength(limit=limit):
            return "BW162", f"{name} has more than {limit} characters", "shorten it"
        case _:
            return *_wrong_size(name, value, kind), _about(trail)


def _wrong_type(document: Document, trail: Trail, types: list[str]) -> _Saying:
    message = (
        f"{called(trail.steps, trail.last.title)} must be {wanted(trail.last, types)}, not {found(trail.last.value)}"
    )
    return "BW155", message, trail.last.said("errorMessage") or _type_hint(document, trail, types)


def _type_hint(document: Document, trail: Trail, types: list[str]) -> str | None:
    value, options = trail.last.value, trail.last.said("enum")
    match value:
        case None:
            return "write a value, or delete the key"
        case str() if "boolean" in types and value.lower() in _TRUTHS:
            return f"write `{_TRUTHS[value.lower()]}` without quotes"
        case str() if {"number", "integer"} & set(types) and _NUMBER.fullmatch(value.strip()):
            return f"write it without quotes: `{value.strip()}`"
        case _ if options:
            return f"it is one of {listed(options)}"
        case _ if types == ["array"]:
            return _list_hint(document, trail)
        case _ if types == ["object"]:
            keys = trail.last.said("properties") or ()
            return f"its keys are {listed(keys)}" if 0 < len(keys) <= _MOST_KEYS else "write keys, without dashes"
        case bool() | int() | float() if "string" in types:
            return f'quote it: `"{written(document, trail.last.path)}"`'
        case dict() if "string" in types:
            return "quote the text: a colon and a space make a mapping of it"
    return None


def _list_hint(document: Document, trail: Trail) -> str:
    if isinstance(trail.last.value, dict):
        return "write a list, with a dash before each item"
    return f"write a list: `[{quotable(written(document, trail.last.path))}]`"


def _wrong_form(trail: Trail, name: str) -> _Saying:
    value, hint = trail.last.value, trail.node.get("patternErrorMessage")
    if not value.strip():
        return "BW160", f"{name} is blank", hint
    title = trail.node.get("title") or trail.last.title
    what = f"must be {with_article(title)}, not" if title else "cannot be"
    return "BW157", f"{name} {what} `{quotable(value)}`", hint


def _too_few(trail: Trail, name: str) -> _Saying:
    hint = trail.node.get("errorMessage")
    if trail.last.value:
        return "BW163", f"{subject(trail.steps)} is not complete", hint
    return "BW160", f"{name} is empty", hint or "write at least one, or delete the key"


def _wrong_size(name: str, value: Any, kind: Any) -> tuple[str, str]:
    match kind:
        case Kind.Minimum(limit=limit):
            bound = f"at least {limit}"
        case Kind.Maximum(limit=limit):
            bound = f"at most {limit}"
        case Kind.ExclusiveMinimum(limit=limit):
            bound = f"above {limit}"
        case _:  # a keyword that no schema of ours uses yet
            return "BW159", f"{name} does not fit the schema"
    return "BW159", f"{name} must be {bound}, not {value}"


def _about(trail: Trail) -> str | None:
    said = trail.last.said("description")
    return lower(said) if said else None


def _doubled(document: Document, trail: Trail) -> Diagnostic:
    values, path = trail.last.value, trail.last.path
    second = next(index for index, value in enumerate(values) if value in values[:index])
    message = f"`{quotable(_shown(values[second]))}` stands twice in {called(trail.steps)}"
    return Diagnostic("BW161", message, document.span((*path, second)), "delete one of the two")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
