"""Our own words for what a schema refuses.

The compiled validator says where a document departs from its schema. What to say about it is decided here,
from the schema's own titles, descriptions and `errorMessage`s, which editors show too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.pack.schema_store import schema, validator
from boosterwatch.engine.pack.schema_trail import Trail, find_trail
from boosterwatch.engine.pack.schema_values import faulty_value
from boosterwatch.engine.pack.schema_words import listed, lower, quotable, subject

_OF_KEYS = (
    Kind.AdditionalProperties,
    Kind.Required,
    Kind.PropertyNames,
    Kind.OneOfNotValid,
    Kind.OneOfMultipleValid,
    Kind.Not,
    Kind.FalseSchema,
)
_MOST_LISTED = 20
_MOST_KEYS = 3  # named in one message
_ELSEWHERE = {"part": ("pack", "it belongs in `pack.yaml`"), "pack": ("part", "it belongs in another file of the pack")}


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error with its way through the data and the schema."""

    error: ValidationError
    trail: Trail

    @property
    def path(self) -> Path:
        return self.trail.last.path


def explain_faults(document: Document, name: str) -> list[Diagnostic]:
    """Return everything in which the document departs from the schema `name`."""
    errors = validator(name).iter_errors(document.data)
    faults = [_Fault(error, find_trail(name, document.data, error)) for error in errors]
    misspelt = _misspelt(faults)
    problems: list[Diagnostic] = []
    values: dict[Path, list[_Fault]] = {}
    for fault in faults:
        if isinstance(fault.error.kind, _OF_KEYS):
            problems += _faulty_keys(document, name, fault, misspelt)
        else:
            values.setdefault(fault.path, []).append(fault)
    problems += _misplaced_keys(document, faults, misspelt)
    problems += _faulty_values(document, values)
    return list(dict.fromkeys(problems))


def _faulty_keys(document: Document, name: str, fault: _Fault, misspelt: dict[Path, list[str]]) -> Iterator[Diagnostic]:
    """Yield the problems of a mapping's keys: one unknown, missing, or badly named."""
    match fault.error.kind:
        case Kind.AdditionalProperties(unexpected=keys):
            yield from (_unknown_key(document, name, fault, key) for key in keys)
        case Kind.Required(property=key):
            if not any(suggest(word, [key]) for word in misspelt.get(fault.path, ())):
                yield _missing_key(document, fault, key)
        case Kind.PropertyNames(error=inner):
            yield _bad_name(document, fault, inner)
        case Kind.OneOfNotValid() | Kind.OneOfMultipleValid():
            yield _one_of(document, fault)


def _faulty_values(document: Document, values: dict[Path, list[_Fault]]) -> Iterator[Diagnostic]:
    """Yield one problem for each value, however many keywords it breaks; its type comes first."""
    for faults in values.values():
        first = min(faults, key=lambda fault: not isinstance(fault.error.kind, Kind.Type))
        yield faulty_value(document, first.trail, first.error.kind)


def _misspelt(faults: Iterable[_Fault]) -> dict[Path, list[str]]:
    """Return by mapping the unknown keys that look like a known one: what seems missing is there."""
    close: dict[Path, list[str]] = {}
    for fault in faults:
        if isinstance(fault.error.kind, Kind.AdditionalProperties):
            known = fault.trail.node.get("properties", {})
            keys = [key for key in fault.error.kind.unexpected if suggest(key, known)]
            if keys:
                close[fault.path] = keys
    return close


def _unknown_key(document: Document, name: str, fault: _Fault, key: str) -> Diagnostic:
    known: list[str] = list(fault.trail.node.get("properties", {}))
    message = f"unknown key `{quotable(key)}` in {subject(fault.trail.steps)}"
    hint = suggest(key, known) or _elsewhere(name, fault, key) or fault.trail.node.get("errorMessage")
    return Diagnostic("BW103", message, document.key_span((*fault.path, key)), hint or _which(known))


def _which(known: list[str]) -> str:
    """Return which keys there are; of the many sections of a file, where they are explained."""
    if len(known) > _MOST_LISTED:
        return "no section is called so: `docs/language.md` lists the sections"
    return f"the keys are {listed(known)}"


def _elsewhere(name: str, fault: _Fault, key: str) -> str | None:
    """Return where a key of a whole file belongs, when it belongs into another file."""
    other, hint = _ELSEWHERE.get(name, ("", ""))
    return hint if other and not fault.path and key in schema(other)["properties"] else None


def _missing_key(document: Document, fault: _Fault, key: str) -> Diagnostic:
    message = f"{subject(fault.trail.steps)} lacks `{key}`"
    said = fault.trail.node.get("errorMessage") or _about(fault.trail, key)
    return Diagnostic("BW150", message, document.span(fault.path), said)


def _about(trail: Trail, key: str) -> str | None:
    """Return what the schema says about a key of the mapping at fault."""
    for node in reversed(trail.last.nodes):
        own = node.get("properties", {}).get(key)
        if isinstance(own, dict) and "description" in own:
            return f"add `{key}` ({lower(own['description'])})"
    return f"add `{key}`"


def _misplaced_keys(
    document: Document, faults: Iterable[_Fault], misspelt: dict[Path, list[str]]
) -> Iterator[Diagnostic]:
    """Yield the keys that do not belong in their mapping, those of one reason together."""
    groups: dict[tuple[Path, str | None], list[_Fault]] = {}
    for fault in faults:
        owner = fault.path[:-1]
        if isinstance(fault.error.kind, Kind.Not | Kind.FalseSchema) and not misspelt.get(owner):
            groups.setdefault((owner, fault.trail.node.get("errorMessage")), []).append(fault)
    for (_, said), same in groups.items():
        yield _misplaced(document, {fault.path: fault for fault in same}, said)


def _misplaced(document: Document, faults: dict[Path, _Fault], said: str | None) -> Diagnostic:
    order = sorted(faults, key=lambda path: (document.key_span(path).line, document.key_span(path).column))
    keys = [f"`{quotable(str(path[-1]))}`" for path in order]
    *owner, _ = faults[order[0]].trail.steps
    *early, last = keys if len(keys) <= _MOST_KEYS else [*keys[:_MOST_KEYS], f"{len(keys) - _MOST_KEYS} more"]
    message = f"{', '.join(early)} and {last} do not belong" if early else f"{last} does not belong"
    return Diagnostic("BW151", f"{message} in {subject(owner)}", document.key_span(order[0]), said)


def _bad_name(document: Document, fault: _Fault, inner: Any) -> Diagnostic:
    """Return the problem of a key that the author chose."""
    key = str(inner.instance)
    message = f"`{quotable(key)}` cannot be a key of {subject(fault.trail.steps)}"
    return Diagnostic(
        "BW152", message, document.key_span((*fault.path, key)), fault.trail.node.get("patternErrorMessage")
    )


def _one_of(document: Document, fault: _Fault) -> Diagnostic:
    """Return the problem of a mapping that needs exactly one of several keys."""
    keys = [key for branch in fault.trail.node["oneOf"] for key in branch.get("required", ())]
    missing = isinstance(fault.error.kind, Kind.OneOfNotValid)
    message = (
        f"{subject(fault.trail.steps)} {'lacks' if missing else 'has both'} {' or '.join(f'`{key}`' for key in keys)}"
    )
    return Diagnostic("BW150" if missing else "BW151", message, document.span(fault.path), "write exactly one of them")
