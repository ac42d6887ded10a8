"""The settings of a measure that are plain words: each must mean something to the record, or to the pack."""

from __future__ import annotations

from collections.abc import Collection

from boosterwatch.engine.diagnostics import suggest
from boosterwatch.engine.pack.compile.advice import one_among
from boosterwatch.engine.pack.compile.dimensions import words_of
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tree import Node, listed

REJECTIONS = ("future_dated", "invalid_score", "unit_ambiguous", "duplicate_conflict", "version_mismatch")
SIZES = ("highest", "lowest")


def check_settings(names: Names, node: Node) -> None:
    """Report every word of a declared measure that means nothing."""
    match node.text("kind"):
        case "attribute":
            told = [key for key, kind in names.facts["patient"].items() if words_of(kind)]
            _known(names, node, "of", "attribute", told)
        case "includes":
            lists = {key: words for key, kind in names.facts["patient"].items() if (words := _members(kind))}
            _known(names, node, "list", "list", lists)
            _word(names, node["value"], node.text("list"), lists.get(node.text("list"), ()))
        case "any_rejected":
            _known(names, node, "code", "rejection", REJECTIONS)
        case "stands":
            _known(names, node, "hold", "hold", [id for kind, id in names.notices if kind == "hold"])
        case "role_parameter" if node.text("role") in names.roles:
            check_role_parameter(names, node.text("role"), node["parameter"])
        case "latest_fact" | "latest_fact_meets" | "fact_date":
            _check_fact(names, node)


def check_role_parameter(names: Names, role: str, parameter: Node) -> None:
    """Report a parameter that some scale of a role does not have: any of them may be the patient's."""
    for scale in names.roles[role].scales:
        name = f"{names.scales[scale].group}.{parameter.value}"
        if name not in names.parameters:
            names.unknown("parameter", name, names.parameters, parameter.span)


def _check_fact(names: Names, node: Node) -> None:
    fact = node.text("fact")
    fields = names.facts.get(fact)
    if fields is None:
        names.unknown("fact", fact, names.facts, node["fact"].span)
        return
    for key in ("field", "key", "per", "stating"):
        part = node.get(key)
        if part is not None and part.value not in fields:
            names.no_field(str(part.value), fact, fields, part.span)
    value = node.get("value")
    if value is not None and node.text("key") in fields:
        _word(names, value, node.text("key"), words_of(fields[node.text("key")]))
    _check_order(names, node, fields.get(node.text("field")))


def _check_order(names: Names, node: Node, kind: str | None) -> None:
    """Report a word by which the values of a field are not ordered."""
    if kind is None:
        return
    words = ("true", "false") if kind == "truth" else words_of(kind) or SIZES
    for part in listed(node.get("order")):
        word = str(part.value).lower()
        if word not in words:
            hint = suggest(word, words) or f"it is ordered by {', '.join(words)}"
            names.report("BW207", f"`{node.text('field')}` is never `{word}`", part.span, hint)


def _known(names: Names, node: Node, key: str, what: str, known: Collection[str]) -> None:
    """Report the word under `key` unless it is known; an absent key is fine here."""
    part = node.get(key)
    if part is not None and str(part.value) not in known:
        names.unknown(what, str(part.value), known, part.span)


def _word(names: Names, part: Node, owner: str, words: Collection[str]) -> None:
    """Report a word that its owner never holds; an owner without words was reported."""
    word = str(part.value)
    if words and word not in words:
        names.report("BW207", f"`{owner}` is never `{word}`", part.span, suggest(word, words) or one_among(words))


def _members(dimension: str) -> tuple[str, ...]:
    return tuple(dimension.removeprefix("list of ").split(", ")) if dimension.startswith("list of ") else ()
