"""The answers that a decision holds, and those that a pack can give: what a clinician sees change.

A recommendation is told apart by its urgency; a flag counts whether a rule draws it or a recommendation raises it.
"""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.diff.model import Answer
from boosterwatch.engine.explain.names import Names, state_in_words, words
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

RECOMMENDATION = "recommendation"
REPORTED = "report.response"
CLASS = "class"


def answers_given(decision: Decision, pack: ir.Pack) -> frozenset[Answer]:
    """Return every answer of a decision."""
    atoms = {rule.id: rule.atom for rule in pack.rules if rule.kind == "trigger"}
    found = {Answer("sign", id, sign.state) for id, sign in decision.signs.items()}
    found |= {Answer("hold", id) for id in decision.holds}
    found |= {Answer("caution", id) for id in decision.cautions}
    found |= {Answer("flag", id) for id in decision.flags}
    found |= {Answer("trigger", atoms[one.rule].partition(":")[2]) for one in decision.trace if one.rule in atoms}
    found.add(recommended(decision.recommendation, decision.urgency))
    reported = dict(pack.words).get(REPORTED)
    return frozenset(found if reported is None else found | {Answer(CLASS, reported, decision.response)})


def recommended(recommendation: str, urgency: str | None) -> Answer:
    """Return the answer that a recommendation is."""
    return Answer(RECOMMENDATION, recommendation, urgency or "")


def answers_possible(pack: ir.Pack) -> Iterator[Answer]:
    """Yield every answer that a pack can give, in the order that people read them."""
    tables = {table.id: table for table in pack.tables}
    for one in pack.recommendations:
        yield recommended(one.recommendation, one.urgency)
    for sign in pack.signs:
        for state in tables[sign.id].states:
            yield Answer("sign", sign.id, state)
    reported = dict(pack.words).get(REPORTED)
    if reported in tables:
        yield from (Answer(CLASS, reported, state) for state in tables[reported].states)
    for notice in pack.notices:
        yield Answer(notice.kind, notice.id)


def in_words(answer: Answer, names: Names) -> str:
    """Return an answer as people say it."""
    match answer.kind:
        case "sign":
            return f"{names.title('sign', answer.id)}: {state_in_words(answer.state)}"
        case "recommendation":
            urgency = f", {words(answer.state)}" if answer.state else ""
            return f"Recommendation: {words(answer.id)}{urgency}"
        case "class":
            return f"{words(answer.id).capitalize()}: {state_in_words(answer.state)}"
        case _:
            return f"{answer.kind.capitalize()}: {names.title(answer.kind, answer.id)}"
