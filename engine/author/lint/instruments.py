"""Lints of instruments: a question about self-harm is read by safety, and codes are what they say they are."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.known_codes import is_sound, kind_of, kinds
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.pack.compile.tree import Node, listed


@lint(
    "BW630",
    "error",
    why="An answer about self-harm hides in a good total. Follow the item as a part of its own, and let a trigger read "
    "it; or waive this with the reason why it is not read.",
    bad="    self_harm: [2]  # only item 1 is followed, and read by a trigger",
    good="    self_harm: [1]  # item 1 is followed, and read by a trigger",
)
def self_harm_without_safety(context: Context) -> Iterator[Finding]:
    """Yield every item about self-harm that no trigger reads."""
    read = frozenset(_scales_of_triggers(context))
    for id, root in context.forms.items():
        items = root["total"].get("items")
        for item in listed(items.get("self_harm") if items is not None else None):
            scale = next(
                (one.id for one in context.pack.scales if one.part == ("item", item.value) and one.instrument == id),
                None,
            )
            if scale not in read:
                message = f"item {item.value} of `{id}` asks about self-harm, and no trigger reads it"
                hint = "add a trigger on its answers" if scale else "follow it under `parts`, and add a trigger on it"
                yield Finding(id, message, item.span, hint)


def _scales_of_triggers(context: Context) -> Iterator[str]:
    """Yield every scale of which a trigger reads answers or scores."""
    events = {event.id: event for event in context.pack.events}
    for rule in context.pack.rules:
        for name in measures_read(rule.when) if rule.kind == "trigger" else ():
            for measure in context.behind(name):
                event = events.get(dict(measure.args).get("of", ""))
                yield measure.scale or (event.scale if event is not None else None) or ""


def _codes(context: Context) -> Iterator[tuple[str, str, Node]]:
    """Yield (instrument, place, code) of every code of the pack."""
    for id, root in context.forms.items():
        codes = root.get("codes")
        for place, node in codes.items() if codes is not None else ():
            yield id, place, node


@lint(
    "BW631",
    "error",
    why="The last digit of a LOINC code is worked out from the others. A wrong one means that the code was mistyped or "
    "made up, and another system will not find it.",
    bad="  total: LOINC 1234-5",
    good="  total: LOINC 1234-4",
)
def wrong_check_digit(context: Context) -> Iterator[Finding]:
    """Yield every code that is not one of its system."""
    for id, place, node in _codes(context):
        if not is_sound(str(node.value)):
            message = f"the code `{node.value}` of `{id}`, {place}, fails its check digit"
            yield Finding(id, message, node.span, "look the code up; do not mend the digit")


@lint(
    "BW632",
    "error",
    why="A panel code stands for the form, not for its score; an answer's code as the total makes a total of a 3. "
    "The codes whose kind is known are in `rules/codes.yaml`.",
    bad="  panel: LOINC 70272-0  # the code of a total",
    good="  panel: LOINC 69724-3",
)
def code_of_something_else(context: Context) -> Iterator[Finding]:
    """Yield every code that is known to be of another kind than its place says."""
    for id, place, node in _codes(context):
        kind = kinds().get(str(node.value))
        if kind is not None and kind != kind_of(place):
            message = f"the code `{node.value}` of `{id}`, {place}, is that of {_article(kind)}"
            yield Finding(id, message, node.span, "look the code up")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


@lint(
    "BW633",
    "error",
    why="One code for two things makes one of them the other as soon as data come in or go out by code.",
    bad="  total: local ember-total/1\n  extra: local ember-total/1",
    good="  total: local ember-total/1\n  extra: local ember-extra/1",
)
def code_used_twice(context: Context) -> Iterator[Finding]:
    """Yield every code that stands for something else already."""
    seen: dict[str, str] = {}
    for id, place, node in _codes(context):
        code = str(node.value)
        if code in seen:
            message = f"the code `{code}` of `{id}`, {place}, is already that of {seen[code]}"
            yield Finding(id, message, node.span, "look both codes up")
        seen.setdefault(code, f"`{id}`, {place}")


INSTRUMENTS = (self_harm_without_safety, wrong_check_digit, code_of_something_else, code_used_twice)
