"""A decision as a clinician reads it in a minute: the sentence first, then what it rests on, then what would change it.

Everything shown was decided before; here it is only put in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from boosterwatch.engine.decide.values import spoken
from boosterwatch.engine.explain.chain import is_beaten, share
from boosterwatch.engine.explain.names import NOTICE_KINDS, Names, state_in_words, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Tone
from boosterwatch.engine.model import Decision, NotFired
from boosterwatch.engine.pack import ir

Detail = Literal["answer", "trace", "full"]
DIGEST_SHOWN = 12
NEAR = 0.5  # a near miss lacks at most half of its threshold
MOST_NEAR = 5
_NEAR_KINDS = ("reading", "sign", "finding", *NOTICE_KINDS)


def decision_page(decision: Decision, pack: ir.Pack, *, detail: Detail = "answer") -> Page:
    """Return the decision for reading; `trace` adds the rules that decided it, `full` every rule that was true."""
    names = Names(pack)
    blocks: list[Block] = [*_answer(decision), *differences(decision), *_crisis(decision), *_signs(decision, names)]
    blocks += [*_notices(decision, names), *_scores(decision, names), *_missing(decision, names)]
    blocks += [*_next(decision), *_near(decision, names), *_checklist(decision)]
    blocks += [*_rejected(decision)]
    if detail != "answer":
        blocks += [*_tasks(decision), *_trace(decision, everything=detail == "full")]
    return (*blocks, *_imprint(decision))


def _answer(decision: Decision) -> Iterator[Block]:
    tone: Tone = "alert" if decision.notices["crisis"] or decision.error is not None else "strong"
    yield Text(decision.summary, tone)
    urgency = "" if decision.urgency is None else f", {words(decision.urgency)}"
    rows = [("Recommendation", f"{words(decision.recommendation)}{urgency}")]
    rows += [("Patient", decision.patient)] if decision.patient else []
    rows += [("As of", decision.as_of.isoformat()), ("Response", words(decision.response))]
    yield Text("")
    yield Pairs(tuple(rows))


def differences(decision: Decision) -> Iterator[Block]:
    """Yield where the evaluators differ, when they do."""
    if decision.error is not None:
        yield Heading("Where the evaluators differ")
        yield Text(str(decision.error.get("message", "")), "plain", 1)
        yield Items(tuple(_difference(row) for key in ("rules", "tables") for row in _rows(decision.error.get(key))))


def _rows(found: object) -> list[Mapping[str, object]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _difference(row: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in row.items())


def _crisis(decision: Decision) -> Iterator[Block]:
    if decision.notices["crisis"]:
        yield Heading("Text for the patient")
        yield from (Text(text, "alert", 1) for text in decision.notices["crisis"])


def _signs(decision: Decision, names: Names) -> Iterator[Block]:
    if not decision.signs:
        return
    yield Heading("Signs")
    yield Table(
        ("sign", "state", "because"),
        tuple(
            (names.title("sign", id), state_in_words(sign.state), sign.because) for id, sign in decision.signs.items()
        ),
    )


def _notices(decision: Decision, names: Names) -> Iterator[Block]:
    """Yield the triggers, holds, cautions and flags, each with the sentence of the rule that raised it."""
    rows: list[tuple[str, str, str]] = []
    raised = {"hold": decision.holds, "caution": decision.cautions, "flag": decision.flags}
    for kind in NOTICE_KINDS:
        told = _told(decision, names, kind)
        for id in raised.get(kind, tuple(told)):
            rows.append((kind, names.title(kind, id), " ".join(told.get(id, ()))))
    if rows:
        yield Heading("Safety and record")
        yield Table(("kind", "what", "because"), tuple(rows))


def _told(decision: Decision, names: Names, kind: str) -> dict[str, list[str]]:
    """Return the sentences of the notices of a kind, by id."""
    told: dict[str, list[str]] = {}
    for row in decision.trace:
        rule = names.rules.get(row.rule)
        if rule is not None and rule.kind == kind:
            told.setdefault(rule.subject, []).append(row.because)
    return told


# ---------------------------------------------------------------- scores


def _scores(decision: Decision, names: Names) -> Iterator[Block]:
    """Yield the reported measures of the questionnaires that have any, a column for each kind of measure."""
    totals = _totals(names.pack)
    columns = _columns(decision, names, totals)
    rows = []
    for scale in totals:
        cells = [_cell(decision, names, scale, column) for column in columns]
        if any(cells):
            rows.append((scale.short, *(cell or "-" for cell in cells)))
    if rows:
        yield Heading("Scores")
        heads = ("", *(words(column) for column in columns))
        yield Table(heads, tuple(rows), tuple(range(1, len(heads))))


def _totals(pack: ir.Pack) -> list[ir.Scale]:
    """Return the scales of whole questionnaires: those of the signs in their order, then the others."""
    scales = {scale.id: scale for scale in pack.scales if scale.part is None}
    read = [id for sign in pack.signs for id in (*sign.core, *sign.supporting) if id in scales]
    return [scales[id] for id in dict.fromkeys((*read, *scales))]


def _columns(decision: Decision, names: Names, totals: list[ir.Scale]) -> list[str]:
    """Return the last names of the reported measures of a scale that have a value for some scale."""
    ids = {scale.id for scale in totals}
    found = {
        measure.name.removeprefix(f"{measure.scale}."): None
        for measure in names.pack.measures
        if measure.scale in ids and decision.measures.get(measure.name) is not None
    }
    return list(found)


def _cell(decision: Decision, names: Names, scale: ir.Scale, column: str) -> str:
    name = f"{scale.id}.{column}"
    value = decision.measures.get(name)
    return "" if value is None else spoken(value, _plain_dimension(names, name))


def _plain_dimension(names: Names, name: str) -> str:
    """Return the dimension that words go by; reported dates are text already."""
    dimension = names.measures[name].dimension
    return "text" if dimension == "date" else dimension


# ---------------------------------------------------------------- what would change it


def _missing(decision: Decision, names: Names) -> Iterator[Block]:
    if decision.missing:
        yield Heading("What is missing")
        yield Items(
            tuple(
                f"{one.need} (would settle: {', '.join(dict.fromkeys(map(names.anything, one.settles)))})"
                for one in decision.missing
            )
        )


def _next(decision: Decision) -> Iterator[Block]:
    rows = tuple((words(key), day) for key, day in decision.next.items() if day is not None)
    if rows:
        yield Heading("Next")
        yield Pairs(rows)


def _near(decision: Decision, names: Names) -> Iterator[Block]:
    rows = nearest(decision, names)
    if rows:
        yield Heading("Near misses")
        yield Items(tuple(f"{names.rule(row.rule)}: {names.miss(row)}" for row in rows))


def nearest(decision: Decision, names: Names) -> list[NotFired]:
    """Return the rules that came nearest to firing, the nearest first; one for each clause that stopped them."""
    ranked: dict[str, tuple[float, NotFired]] = {}
    for row in decision.not_fired:
        short, rule = share(row), names.rules.get(row.rule)
        if short <= NEAR and row.truth is not None and rule is not None and rule.kind in _NEAR_KINDS:
            found = ranked.get(row.clause)
            if found is None or short <= found[0]:
                ranked[row.clause] = (short, row)
    rows = sorted(ranked.values(), key=lambda one: one[0])
    return [row for _, row in rows[:MOST_NEAR]]


# ---------------------------------------------------------------- beside the answer


def _checklist(decision: Decision) -> Iterator[Block]:
    if decision.notices["checklist"]:
        yield Heading("Before an infusion")
        yield Items(decision.notices["checklist"])


def _tasks(decision: Decision) -> Iterator[Block]:
    if decision.notices["tasks"]:
        yield Heading("Suggested safety follow-up")
        yield Items(decision.notices["tasks"])


def _rejected(decision: Decision) -> Iterator[Block]:
    if decision.rejected:
        yield Heading("Facts not used")
        yield Table((), tuple((one.part, words(one.code), one.reason) for one in decision.rejected))


def _trace(decision: Decision, *, everything: bool) -> Iterator[Block]:
    rows = [row for row in decision.trace if everything or not is_beaten(row)]
    if rows:
        yield Heading("Trace")
    for row in rows:
        beaten = ", true but beaten by a row above it" if is_beaten(row) else ""
        yield Text(f"{row.rule}  ({row.source}){beaten}", "plain", 1)
        yield Text(row.because, "quiet", 2)


def _imprint(decision: Decision) -> Iterator[Block]:
    pack, engine = decision.pack, decision.engine
    yield Text("")
    digest = pack["digest"][:DIGEST_SHOWN]
    yield Text(f"{pack['id']}@{pack['version']}, digest {digest}{overlay(decision)}; {agreement(engine)}", "quiet")
    yield from review(decision)


def overlay(decision: Decision) -> str:
    """Return the site's overlay as it follows the name of the pack; empty without one."""
    site = decision.pack.get("overlay")
    return "" if site is None else f", overlay {site}"


def review(decision: Decision) -> Iterator[Block]:
    """Yield why the pack decided although its review was overdue, when it did."""
    if decision.review is not None:
        due, reason, by = (decision.review[key] for key in ("due", "overdue_reason", "by"))
        yield Text(f"The review of this policy was due on {due}. Used all the same: {reason} ({by}).")


def agreement(engine: object) -> str:
    """Return in words whether the evaluators agreed."""
    named = engine if isinstance(engine, dict) else {}
    evaluators = " and ".join(map(str, named.get("evaluators", ())))
    agreed = named.get("agreement")
    if agreed is None:
        return f"decided by {evaluators} alone: {named.get('note', 'no second evaluator')}"
    return f"{evaluators} {'agree' if agreed else 'DIFFER'}"
