"""A recipe held against the pack and the record's schema: what it names must be there, and shares must add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import fsum
from typing import Any

from boosterwatch.engine.cohort.synth.recipe import Field, Form, Recipe
from boosterwatch.engine.cohort.tables.layout import Column, fact_fields, fact_node, fact_types
from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.record import shape

ROUNDING = 1e-6  # shares are written in decimals
KINDS = {"truth": "true_for", "text": "odds", "number": "mean"}  # what a field of a kind is drawn by


def check_recipe(recipe: Recipe, document: Document, pack: ir.Pack) -> None:
    """Refuse a recipe that does not fit the pack or the record. Raises PackError BW771, BW772."""
    found = [*_people(recipe, document), *_forms(recipe, document, pack), *_facts(recipe, document)]
    found += [*_versions(recipe, document, pack), *_sums(recipe, document)]
    if found:
        raise PackError(found)


def _unknown(document: Document, path: Path, what: str, known: Iterable[str]) -> Diagnostic:
    name = str(path[-1])
    return Diagnostic("BW771", f"there is no {what} `{name}`", document.key_span(path), suggest(name, known))


def _words(key: str) -> list[str]:
    node = shape.resolve(shape.schema()["properties"][key], None)
    return list(node.get("enum") or node["items"]["enum"])


def _people(recipe: Recipe, document: Document) -> Iterator[Diagnostic]:
    for key in ("sex", "indications"):
        known = _words(key)
        given: dict[str, float] = recipe["people"][key]
        for word in given.keys() - set(known):
            yield _unknown(document, ("people", key, word), f"value of `{key}`", known)
    known = list(shape.schema()["definitions"]["assessment"]["properties"]["time"]["enum"])
    for word in recipe["visits"]["time_stated"].keys() - set(known):
        yield _unknown(document, ("visits", "time_stated", word), "time of a form", known)


# ---------------------------------------------------------------- forms


def _forms(recipe: Recipe, document: Document, pack: ir.Pack) -> Iterator[Diagnostic]:
    instruments = {one.id: one for one in pack.instruments}
    for id, form in recipe["forms"].items():
        if id not in instruments:
            yield _unknown(document, ("forms", id), f"instrument in {pack.id} {pack.version} called", instruments)
            continue
        yield from _form(form, instruments[id], recipe, document, pack)


def _form(
    form: Form, instrument: ir.Instrument, recipe: Recipe, document: Document, pack: ir.Pack
) -> Iterator[Diagnostic]:
    at: Path = ("forms", instrument.id)
    methods = [method.name for method in instrument.methods if method.usable]
    if (method := form.get("method")) is not None and method not in methods:
        yield _named(document, (*at, "method"), f"usable method of `{instrument.id}`", method, methods)
    for extra in (form.get("extra") or {}).keys() - extra_answers(pack, instrument.id).keys():
        known = extra_answers(pack, instrument.id)
        yield _unknown(document, (*at, "extra", extra), f"extra answer of `{instrument.id}`", known)
    if (for_ := form.get("for")) is not None and for_ not in recipe["people"]["indications"]:
        yield _named(document, (*at, "for"), "indication in the recipe called", for_, recipe["people"]["indications"])
    if instrument.items is None and (form["with_items"] or form.get("milder")):
        message = f"the pack knows no items of `{instrument.id}`"
        yield Diagnostic("BW771", message, document.span((*at, "with_items")), "write `with_items: 0`")
    elif instrument.items is not None:
        for place, milder in enumerate(form.get("milder") or ()):
            if milder["item"] > instrument.items.count:
                message = f"`{instrument.id}` has no item {milder['item']}"
                yield Diagnostic("BW771", message, document.span((*at, "milder", place, "item")))


def _named(document: Document, path: Path, what: str, name: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic("BW771", f"there is no {what} `{name}`", document.span(path), suggest(name, known))


def extra_answers(pack: ir.Pack, instrument: str) -> dict[str, ir.Scale]:
    """Return the extra answers of an instrument's form that the pack has a scale for, by name."""
    scales = (one for one in pack.scales if one.instrument == instrument and one.part is not None)
    return {str(one.part[1]): one for one in scales if one.part is not None and one.part[0] == "field"}


def _versions(recipe: Recipe, document: Document, pack: ir.Pack) -> Iterator[Diagnostic]:
    known = [one.id for one in pack.instruments]
    other = recipe["mistakes"].get("other_version")
    for id in (other["versions"] if other is not None else {}).keys() - set(known):
        yield _unknown(document, ("mistakes", "other_version", "versions", id), "instrument", known)


# ---------------------------------------------------------------- facts


def _facts(recipe: Recipe, document: Document) -> Iterator[Diagnostic]:
    for place, kind in enumerate(recipe["facts"]):
        at: Path = ("facts", place)
        if kind["type"] not in fact_types():
            yield _named(document, (*at, "type"), "type of fact", kind["type"], fact_types())
            continue
        own = fact_node(kind["type"])["properties"].keys() - {"type", "date", "entered_in_error"}
        for name, field in kind["fields"].items():
            path = (*at, "fields", name)
            if name not in own:
                yield _unknown(document, path, f"field of `{kind['type']}`", own)
            else:
                yield from _field(kind["type"], field, fact_fields()[name], document, path)
            other = field["follows"]["field"] if "follows" in field else name
            if other not in _numbers_before(kind["fields"], name):
                message = f"`{name}` follows `{other}`, which is no number that stands before it"
                yield Diagnostic("BW772", message, document.span((*path, "follows", "field")))
        needed = set(fact_node(kind["type"])["required"]) - {"type", "date"}
        for name in sorted(needed - kind["fields"].keys()):
            message = f"a fact of type `{kind['type']}` needs `{name}`"
            yield Diagnostic("BW772", message, document.span(at), f"add `{name}` to its fields")
        sex = kind.get("for", {}).get("sex")
        if sex is not None and sex not in recipe["people"]["sex"]:
            yield _named(document, (*at, "for", "sex"), "sex in the recipe called", sex, recipe["people"]["sex"])


def _numbers_before(fields: dict[str, Field], name: str) -> list[str]:
    """Return the numbers up to a field, itself included."""
    names = list(fields)
    return [one for one in names[: names.index(name) + 1] if "mean" in fields[one] or one == name]


def _field(type: str, field: Field, column: Column, document: Document, path: Path) -> Iterator[Diagnostic]:
    wanted = KINDS[column.kind]
    if wanted not in field:
        message = f"`{column.name}` holds a {column.kind}, so it is drawn by `{wanted}`"
        yield Diagnostic("BW772", message, document.span(path))
        return
    known: list[str] | None = fact_node(type)["properties"][column.name].get("enum")
    for word in sorted(field.get("odds", {}).keys() - set(known or field.get("odds", {}))):
        yield _unknown(document, (*path, "odds", word), f"value of `{column.name}`", known or ())


# ---------------------------------------------------------------- shares


def _sums(recipe: Recipe, document: Document) -> Iterator[Diagnostic]:
    people, course = recipe["people"], recipe["course"]
    parts = course["induction"]
    if len(parts["infusions"]) != len(parts["shares"]):
        message = "`infusions` and `shares` differ in length"
        yield Diagnostic("BW772", message, document.span(("course", "induction")), "give one share for each number")
    whole: list[tuple[Path, Any]] = [
        (("relapse",), [one["share"] for one in recipe["relapse"].values()]),
        (("course", "induction", "shares"), parts["shares"]),
        *((("people", "groups", name), odds.values()) for name, odds in (people.get("groups") or {}).items()),
    ]
    for at, kind in enumerate(recipe["facts"]):
        fields = kind["fields"].items()
        whole += [
            (("facts", at, "fields", name, "odds"), one["odds"].values()) for name, one in fields if "odds" in one
        ]
    for path, shares in whole:
        if abs(fsum(shares) - 1) > ROUNDING:
            yield Diagnostic("BW772", f"the shares add up to {fsum(shares):g}, not to 1", document.span(path))
    for path, shares in (
        (("people", "sex"), people["sex"]),
        (("visits", "time_stated"), recipe["visits"]["time_stated"]),
    ):
        if fsum(shares.values()) > 1 + ROUNDING:
            message = f"the shares add up to {fsum(shares.values()):g}, more than 1"
            yield Diagnostic("BW772", message, document.span(path))
