"""Lints of the recommendation: every row can win, and none that suggests a booster wins over safety.

A row that suggests a booster is one with `checklist: true`: what goes with it must be done before treatment.
"""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.author.lint.rules import behind_another
from boosterwatch.engine.model import Truth
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.tables import RECOMMENDATION

AT_ONCE = "now"


@lint(
    "BW650",
    "error",
    why="The first row that is true wins. A recommendation behind a row that is true whenever it is, is never given.",
    bad='  - {id: soon, recommend: look, when: waited >= early_days, summary: "Look soon: {signs}."}\n'
    '  - {id: today, recommend: look_today, when: waited >= late_days, summary: "Look today: {signs}."}',
    good='  - {id: today, recommend: look_today, when: waited >= late_days, summary: "Look today: {signs}."}\n'
    '  - {id: soon, recommend: look, when: waited >= early_days, summary: "Look soon: {signs}."}',
)
def never_reached(context: Context) -> Iterator[Finding]:
    """Yield every recommendation that an earlier row always beats."""
    for table, rule, earlier in behind_another(context):
        if table.kind == RECOMMENDATION:
            message = f"`{rule.id}` is never reached: `{earlier.id}` is true first whenever it is"
            yield Finding(rule.id, message, rule.span, "change their order, or a condition")


def _given(condition: ir.Condition, drawn: str) -> Truth:
    """Return the truth of a condition when all that is known is that one conclusion was drawn."""
    match condition:
        case ir.Leaf(ir.Drawn(atom)):
            return True if atom == drawn else None
        case ir.Not(part):
            truth = _given(part, drawn)
            return None if truth is None else not truth
        case ir.All(parts):
            truths = [_given(part, drawn) for part in parts]
            return False if False in truths else None if None in truths else True
        case ir.Any(parts):
            truths = [_given(part, drawn) for part in parts]
            return True if True in truths else None if None in truths else False
    return None


def _unstopped(context: Context, notices: list[ir.Notice]) -> Iterator[tuple[ir.Rule, list[ir.Notice]]]:
    """Yield every row that suggests a booster, with the notices that neither it nor a row before it looks at."""
    boosters = {one.rule for one in context.pack.recommendations if one.checklist}
    rows = [context.rules[one.rule] for one in context.pack.recommendations]
    for at, row in enumerate(rows):
        before = [rule for rule in rows[:at] if rule.id not in boosters]
        open_ones = [notice for notice in notices if row.id in boosters and not _stopped(row, before, notice)]
        if open_ones:
            yield row, open_ones


def _stopped(row: ir.Rule, before: list[ir.Rule], notice: ir.Notice) -> bool:
    drawn = f"{notice.kind}:{notice.id}"
    return _given(row.when, drawn) is False or any(_given(rule.when, drawn) is True for rule in before)


def _while(row: ir.Rule, notices: list[ir.Notice]) -> str:
    first, more = notices[0], len(notices) - 1
    others = "" if not more else " or another" if more == 1 else f" or one of {more} others"
    return f"`{row.id}` can be given while the {first.kind} `{first.id}`{others} is "


@lint(
    "BW651",
    "error",
    why="A hold stops a recommendation. Either a row before it catches every hold, or the row itself asks for none.",
    bad='  - {id: held, recommend: look, when: any hold due within_7_days, summary: "On hold for {holds}."}',
    good='  - {id: held, recommend: look, when: any hold, summary: "On hold for {holds}."}',
)
def during_a_hold(context: Context) -> Iterator[Finding]:
    """Yield every row that suggests a booster and is not stopped by some hold."""
    holds = [one for one in context.pack.notices if one.kind == "hold"]
    for row, open_ones in _unstopped(context, holds):
        hint = "put a row with `any hold` before it, or add `none: [any hold]`"
        yield Finding(row.id, f"{_while(row, open_ones)}active", row.span, hint)


@lint(
    "BW652",
    "error",
    why="What a clinician must look at now comes before any suggestion of treatment.",
    bad='  - {id: first, recommend: look_now, urgency: now, when: waited is unknown, summary: "Now: {triggers}."}',
    good='  - {id: first, recommend: look_now, urgency: now, when: any trigger due now, summary: "Now: {triggers}."}',
)
def during_a_trigger_due_now(context: Context) -> Iterator[Finding]:
    """Yield every row that suggests a booster and is not stopped by some trigger due now."""
    pressing = [one for one in context.pack.notices if one.kind == "trigger" and one.urgency == AT_ONCE]
    for row, open_ones in _unstopped(context, pressing):
        hint = "put a row with `any trigger due now` before it"
        yield Finding(row.id, f"{_while(row, open_ones)}due now", row.span, hint)


RECOMMENDATIONS = (never_reached, during_a_hold, during_a_trigger_due_now)
