"""Which rules a question is about: a rule by its id, or every rule of a sign, a scale, a notice or a recommendation."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.explain.chain import Chain
from boosterwatch.engine.explain.page import Block, Page, Text
from boosterwatch.engine.explain.why import chain_page, why_not_page, why_page
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

EXPLAIN_CODES: dict[str, str] = {"BW405": "no rule of this name"}


def explain_page(decision: Decision, pack: ir.Pack, *, why: str | None, why_not: str | None) -> Page:
    """Return the answer to a question about a decision; without one, the chain of the recommendation."""
    if why is None and why_not is None:
        return chain_page(decision, pack)
    blocks: list[Block] = []
    if why is not None:
        blocks += _answers(decision, pack, why, wanted=True)
    if why_not is not None:
        blocks += [Text("")] if blocks else []
        blocks += _answers(decision, pack, why_not, wanted=False)
    return tuple(blocks)


def rules_of(decision: Decision, pack: ir.Pack, name: str, *, fired: bool) -> list[str]:
    """Return the ids of the rules that a name is about: the rule of this id, else the rules of this subject.

    Of a subject only the rules that fired, or did not, are meant, unless there are none. Raises PackError (BW405)
    when there is neither a rule nor a subject of this name.
    """
    if any(rule.id == name for rule in pack.rules):
        return [name]
    about = [rule.id for rule in pack.rules if name in _subjects(rule)]
    if not about:
        choices = {rule.id for rule in pack.rules}.union(*map(_subjects, pack.rules))
        message = f"pack `{pack.id}` has no rule `{name}`"
        hint = suggest(name, choices) or "`explain` without a rule lists those that fired"
        raise PackError((Diagnostic("BW405", message, None, hint),))
    chain = Chain(decision, pack)
    found = [id for id in about if (id in chain.fired) is fired]
    return found or about


def _subjects(rule: ir.Rule) -> set[str]:
    """Return what a rule is about; a row of the recommendations is about what it recommends."""
    return {rule.state} if rule.kind == "recommendation" else {rule.subject}


def _answers(decision: Decision, pack: ir.Pack, name: str, *, wanted: bool) -> Iterator[Block]:
    """Yield the answer for each rule; one that did the opposite of what was asked is told as it is."""
    chain = Chain(decision, pack)
    for at, rule in enumerate(rules_of(decision, pack, name, fired=wanted)):
        if at:
            yield Text("")
        if rule in chain.fired:
            yield from why_page(decision, pack, rule)
        elif rule in chain.unfired:
            yield from why_not_page(decision, pack, rule)
        else:
            yield Text(f"The decision says nothing about {rule}.")
