"""Selections of dated happenings as sentences: what is looked for, in which window, and what closes it."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.prose.amounts import quoted
from boosterwatch.engine.author.prose.conditions import Conditions, sentence
from boosterwatch.engine.author.prose.phrases import Phrases
from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Heading, Text
from boosterwatch.engine.pack import ir

_SINCE = {
    "course": "when it is dated on or after the first infusion of the induction",
    "last_infusion": "when it is dated after the last infusion",
}
_NAMED = {"infusions": "every infusion", "booked": "every booked infusion"}


def events(phrases: Phrases) -> Iterator[Block]:
    """Yield every event that rules and measures name; those of triggers are told with their trigger."""
    own = {rule.subject for rule in phrases.pack.rules if rule.kind == "trigger"}
    for event in phrases.pack.events:
        if event.id in own:
            continue
        text, lists = event_sentence(f"The event {quoted(words(event.id))} is", event, phrases)
        yield Text(text)
        yield from lists


def event_sentence(head: str, event: ir.EventSet, phrases: Phrases) -> tuple[str, tuple[Block, ...]]:
    """Return the sentence that says which happenings are meant, and what follows it: lists, and when they count."""
    start = f"{head} {_what(event, phrases)}"
    limits = joined(list(_limits(event, phrases)))
    counts = f"It counts only {limits}." if limits else ""
    if event.where is None:
        return f"{start}. {counts}".strip(), ()
    text, lists = sentence(start, Conditions(phrases).tell(event.where), joint="for which")
    if not lists:
        return f"{text} {counts}".strip(), ()
    return text, (*lists, Text(counts)) if counts else lists


def _what(event: ir.EventSet, phrases: Phrases) -> str:
    if event.source == "answers":
        return f"every answer to {phrases.scale(event.scale or '')}"
    return _NAMED.get(event.source) or f"every {quoted(words(event.source))} fact"


def _limits(event: ir.EventSet, phrases: Phrases) -> Iterator[str]:
    amounts = phrases.amounts
    if event.within is not None:
        yield f"while it is at most {amounts.value(event.within)} old"
    if event.since is not None:
        yield _SINCE[event.since]
    if event.followed_by is not None:
        yield f"when {_an(event.followed_by)} is dated on or after it"
    if event.not_followed_by is not None:
        yield f"while no {_named(event.not_followed_by)} is dated on or after it"
    if event.not_preceded_by is not None:
        other, days = event.not_preceded_by
        yield f"when no {_named(other)} is dated in the {amounts.value(days)} before it"
    if event.silenced_by is not None:
        yield f"while no {_named(event.silenced_by)} is dated on or after the first of them"
    if event.closed_by:
        closing = " or ".join(f"{_an(id)} dated {words(when)} it" for id, when in event.closed_by)
        yield f"until {closing} closes it"


def _named(id: str) -> str:
    return quoted(words(id))


def _an(id: str) -> str:
    return f"{'an' if id[0] in 'aeiou' else 'a'} {_named(id)}"


def fact_checks(phrases: Phrases) -> Iterator[Block]:
    """Yield which facts are used, and the code of those that are not."""
    for check in phrases.pack.fact_checks:
        yield Heading(f"Facts of the kind {quoted(words(check.fact))}", 3)
        head = "A fact of this kind is used only"
        text, lists = sentence(head, Conditions(phrases).tell(check.keep))
        yield Text(text)
        yield from lists
        yield Text(f"Any other is rejected as {quoted(words(check.code))}: {check.says}.", indent=1)
