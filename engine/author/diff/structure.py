"""What two packs differ in, part by part and id by id: which words, which meaning. No solver is needed.

Whom a change of meaning affects is not known here: its effect is `unproved` until the proof has had its say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.diff.contract import contract_of, removed_contract
from boosterwatch.engine.author.diff.meaning import meaning, meaning_by_field, wording_by_field
from boosterwatch.engine.author.diff.model import Change, Field, How
from boosterwatch.engine.author.diff.shown import condition_lines, shown_pair, value_in_unit
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.budget import BUDGET

Part = tuple[str, Callable[[ir.Pack], Mapping[str, Any]]]


def _by(name: str, collection: str) -> Callable[[ir.Pack], Mapping[str, Any]]:
    return lambda pack: {getattr(one, name): one for one in getattr(pack, collection)}


PARTS: tuple[Part, ...] = (
    ("parameter", _by("name", "parameters")),
    ("instrument", _by("id", "instruments")),
    ("scale", _by("id", "scales")),
    ("role", _by("id", "roles")),
    ("fact check", lambda pack: {f"{one.fact} {one.code}": one for one in pack.fact_checks}),
    ("event", _by("id", "events")),
    ("measure", _by("name", "measures")),
    ("rule", _by("id", "rules")),
    ("table", _by("id", "tables")),
    ("sign", _by("id", "signs")),
    ("notice", lambda pack: {f"{one.kind}:{one.id}": one for one in pack.notices}),
    ("recommendation", _by("rule", "recommendations")),
    ("citation", _by("id", "citations")),
    ("course", lambda pack: {"course": pack.course}),
    ("schedule", lambda pack: {"schedule": pack.schedule}),
    ("lookback", lambda pack: {} if pack.lookback is None else {"lookback": pack.lookback}),
)
_FACE = ("id", "title", "status", "effective", "checklist", "tasks")


def changes(old: ir.Pack, new: ir.Pack) -> Iterator[Change]:
    """Yield what differs, by part and in the order of the new pack; what was removed comes after what is there."""
    for part, read in PARTS:
        before, after = read(old), read(new)
        for id, one in after.items():
            other = before.get(id)
            if other is None and not _follows(one):
                yield _one_sided(part, id, "added", None, one)
            elif other is not None and other != one:
                yield from _changed(part, id, other, one)
        for id, one in before.items():
            if id not in after and not _follows(one):
                yield _one_sided(part, id, "removed", one, None)
    yield from _budget(old, new)
    yield from _face(old, new)
    yield from _own_words(old, new)


def _follows(one: Any) -> bool:
    """Return whether something comes and goes with the rules that read it, and nobody else sees it."""
    return isinstance(one, ir.Measure) and not one.reported


def _changed(part: str, id: str, old: Any, new: Any) -> Iterator[Change]:
    if part == "table":
        pairs = _table_fields(old, new)
    else:
        pairs = _fields(meaning_by_field(old), meaning_by_field(new), old, new)
    spans = getattr(old, "span", None), getattr(new, "span", None)
    if pairs:
        contract = contract_of(old, new)
        effect: Any = "contract" if contract else "equal" if part == "citation" else "unproved"
        yield Change(part, id, "changed", effect, tuple(pairs), *spans, contract)
    told = {field.name for field in pairs}  # the words of a clause that means something else are told with it
    words = _fields(wording_by_field(old), wording_by_field(new), old, new)
    own = [field for field in words if field.old != field.new and field.name not in told]
    if own:
        yield Change(part, id, "wording", "wording", tuple(own), *spans)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], old: Any, new: Any) -> list[Field]:
    found = []
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            numbers = isinstance(old, ir.Parameter) and isinstance(new, ir.Parameter) and name == "values"
            pair = in_force_pair(old, new) if numbers else None
            found.append(Field(name, *(pair or shown_pair(_said(before, name, old), _said(after, name, new)))))
    return found


def in_force_pair(old: ir.Parameter, new: ir.Parameter) -> tuple[str, str] | None:
    """Return the numbers in force on each day from which they differ; None when they never do."""
    days = sorted({dated.start for one in (old, new) for dated in one.values})
    pairs = [(_in_force(old, day), _in_force(new, day)) for day in days]
    differ = dict.fromkeys(pair for pair in pairs if pair[0].split(" from ")[0] != pair[1].split(" from ")[0])
    return ("\n".join(one for one, _ in differ), "\n".join(one for _, one in differ)) if differ else None


def _in_force(one: ir.Parameter, day: str) -> str:
    begun = [text for text, dated in zip(_dated(one), one.values, strict=True) if dated.start <= day]
    return begun[-1] if begun else "no value yet"


def _said(values: Mapping[str, Any], name: str, owner: Any) -> Any:
    """Return what a field is shown as: the words inside it for a wording, the field itself otherwise."""
    value = values.get(name)
    whole = getattr(owner, name, None)
    if value != meaning(whole):
        return value
    return _dated(owner) if isinstance(owner, ir.Parameter) and name == "values" else whole


def _dated(one: ir.Parameter) -> tuple[str, ...]:
    return tuple(f"{value_in_unit(dated.value, one.unit)} from {dated.start}" for dated in one.values)


def _table_fields(old: ir.Table, new: ir.Table) -> list[Field]:
    """Return what differs in a table beyond its rows coming and going, which are changes of rules."""
    found = [
        Field(name, *shown_pair(getattr(old, name), getattr(new, name)))
        for name in ("kind", "otherwise", "reason")
        if getattr(old, name) != getattr(new, name)
    ]
    before = tuple(row for row in old.rows if row in new.rows)
    after = tuple(row for row in new.rows if row in old.rows)
    if before != after:
        found.append(Field("order", *shown_pair(before, after)))
    return found


def _one_sided(part: str, id: str, how: How, old: Any, new: Any) -> Change:
    text = shown_one(old if new is None else new)
    fields = (Field(part, text, ""),) if new is None else (Field(part, "", text),)
    spans = getattr(old, "span", None), getattr(new, "span", None)
    contract = removed_contract(part, old) if how == "removed" else None
    harmless = part == "citation"
    effect: Any = "contract" if contract else "wording" if harmless else "unproved"
    return Change(part, id, how, effect, fields, *spans, contract)


def shown_one(value: Any) -> str:
    """Return something that only one side has, in words."""
    match value:
        case ir.Rule(when=when):
            return "\n".join(condition_lines(when))
        case ir.Table(rows=rows):
            return "\n".join(rows)
        case ir.Parameter():
            return "\n".join(_dated(value))
        case ir.Citation(text=text) | ir.Sign(title=text) | ir.Notice(title=text) | ir.Recommendation(summary=text):
            return str(text)
        case ir.Instrument(name=text):
            return str(text)
        case _:
            return str(getattr(value, "says", ""))


def _budget(old: ir.Pack, new: ir.Pack) -> Iterator[Change]:
    """Yield the change of the budget: a number that somebody chose, not a word, though no rule reads it."""
    before, after = (dict(side.about).get(BUDGET, "") for side in (old, new))
    if before != after:
        how: How = "changed" if before and after else "added" if after else "removed"
        yield Change("budget", BUDGET, how, "equal", (Field("value", before, after),), noted="no rule reads it")


def _face(old: ir.Pack, new: ir.Pack) -> Iterator[Change]:
    before, after = ({name: getattr(side, name) for name in _FACE} | dict(side.about) for side in (old, new))
    found = [field for field in _fields(before, after, None, None) if field.name != BUDGET]
    if found:
        yield Change("pack", new.id, "wording", "wording", tuple(found))


def _own_words(old: ir.Pack, new: ir.Pack) -> Iterator[Change]:
    """Yield the changes of the pack's own words; a name that a decision reports is an answer, not a word."""
    before, after = dict(old.words), dict(new.words)
    for key in dict.fromkeys((*after, *before)):
        if before.get(key) == after.get(key):
            continue
        field = Field(key, before.get(key, ""), after.get(key, ""))
        if key.startswith("reason."):
            yield Change("word", key, "wording", "wording", (field,))
        else:
            lost = f"the decision no longer reports `{key}`" if key not in after else None
            effect: Any = "contract" if lost else "unproved"
            how: How = "changed" if key in before and key in after else "removed" if lost else "added"
            yield Change("report", key, how, effect, (field,), contract=lost)
