"""The settings of a measure that are plain words: each must mean something to the record, or to the pack."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from boosterwatch.engine.diagnostics import suggest
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tree import Node, listed

REJECTIONS = ("future_dated", "invalid_score", "unit_ambiguous", "duplicate_conflict", "version_mismatch")
SIZES = ("highest", "lowest")


def check_settings(names: Names, node: Node) -> None:
    """Report every word of a declared measure that means nothing."""
    match node.text("kind"):
        case "attribute":
            _known(names, node, "of", [key for key, kind in names.facts["patient"].items() if _words(kind)])
        case "includes":
            lists = {key: words for key, kind in names.facts["patient"].items() if (words := _members(kind))}
            _known(names, node, "list", lists)
            _known(names, node, "value", lists.get(node.text("list"), ()))
        case "any_rejected":
            _known(names, node, "code", REJECTIONS)
        case "stands":
            _known(names, node, "hold", [id for kind, id in names.notices if kind == "hold"])
        case "role_parameter" if node.text("role") in names.roles:
            check_role_parameter(names, node.text("role"), node["parameter"])
        case "latest_fact":
            _check_fact(names, node, names.facts.get(node.text("fact"), {}))
        case "latest_fact_meets":
            _known(names, node, "stating", names.facts.get(node.text("fact"), {}))


def check_role_parameter(names: Names, role: str, parameter: Node) -> None:
    """Report a parameter that some scale of a role does not have: any of them may be the patient's."""
    for scale in names.roles[role].scales:
        name = f"{names.scales[scale].group}.{parameter.value}"
        if name not in names.parameters:
            names.unknown("parameter", name, names.parameters, parameter.span)


def _check_fact(names: Names, node: Node, fields: Mapping[str, str]) -> None:
    for key in ("key", "per"):
        _known(names, node, key, fields)
    _known(names, node, "value", _words(fields.get(node.text("key"), "")))
    kind = fields.get(node.text("field"), "")
    words = ("true", "false") if kind == "truth" else _words(kind) or SIZES
    for part in listed(node.get("order")):
        word = str(part.value).lower()
        if word not in words:
            hint = suggest(word, words) or f"it is ordered by {', '.join(words)}"
            names.report("BW207", f"`{node.text('field')}` is never `{word}`", part.span, hint)


def _known(names: Names, node: Node, key: str, known: Collection[str]) -> None:
    """Report the word under `key` unless it is known; an absent key is fine here."""
    part = node.get(key)
    if part is not None and str(part.value) not in known:
        names.unknown(key, str(part.value), known, part.span)


def _words(dimension: str) -> tuple[str, ...]:
    return tuple(dimension.removeprefix("one of ").split(", ")) if dimension.startswith("one of ") else ()


def _members(dimension: str) -> tuple[str, ...]:
    return tuple(dimension.removeprefix("list of ").split(", ")) if dimension.startswith("list of ") else ()
