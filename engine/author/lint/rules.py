"""Lints of rules against rules: what can never be true, comes too late, is said twice, or is said against another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from boosterwatch.engine.author.lint.branches import Branch, branches, clash, implies, same
from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.author.lint.sources import rests_on
from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.tables import RECOMMENDATION

LEVELS = ("latest", "latest_within", "best", "baseline", "best_since_induction", "previous")


def _ranges(context: Context) -> Mapping[str, tuple[float, float]]:
    """Return the range of every measure that is a score of its scale."""
    scored = (
        (one.name, context.scales[one.scale]) for one in context.pack.measures if one.kind in LEVELS and one.scale
    )
    return {name: (scale.low, scale.high) for name, scale in scored}


@lint(
    "BW640",
    "warning",
    why="Two answers of one form are one source: a patient's bad hour moves both. Counting them as two makes one piece "
    "of evidence look like agreement.",
    bad="when: {at_least: {n: two, of: [glow_is_low, glow_first_is_low]}}",
    good="when: {at_least: {n: two, of: [glow_is_low, ember_is_low]}}",
)
def one_source_counted_twice(context: Context) -> Iterator[Finding]:
    """Yield every count in which two conclusions rest on one and the same instrument alone."""
    shorts = {one.id: one.short for one in context.pack.instruments}
    for rule in context.pack.rules:
        for leaf in leaves(rule.when):
            if not isinstance(leaf, ir.AtLeast):
                continue
            for first, second in combinations(leaf.atoms, 2):
                one, other = rests_on(context, first), rests_on(context, second)
                if len(one) == 1 and one == other:
                    names = " and ".join(f"`{atom.partition(':')[2] or atom}`" for atom in (first, second))
                    message = f"`{rule.id}` counts {names} as two, and both rest on {shorts[next(iter(one))]} alone"
                    yield Finding(rule.id, message, leaf.span, "count `sources`, or take one of them out")


@lint(
    "BW641",
    "error",
    why="No patient makes such a condition true, so the rule is dead, whatever it was meant to catch.",
    bad="    when: {all: [waited >= late_days, waited < early_days]}  # late_days: 60, early_days: 30",
    good="    when: {all: [waited >= early_days, waited < late_days]}  # early_days: 30, late_days: 60",
)
def clauses_exclude_each_other(context: Context) -> Iterator[Finding]:
    """Yield every rule each branch of which holds clauses that cannot be true together."""
    ranges = _ranges(context)
    for rule in context.pack.rules:
        found = branches(rule.when)
        clashes = [clash(branch, context.values, ranges) for branch in found or ()]
        if clashes and all(clashes):
            message = f"`{rule.id}` can never be true: {_clash_in_words([leaf.text for leaf in clashes[0]])}"
            yield Finding(rule.id, message, clashes[0][-1].span, "mend one of the clauses, or remove the rule")


def _clash_in_words(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return f"`{texts[0]}` is beyond the scale"
    first, second = texts
    if first == second:
        return f"`{first}` must hold, and must not hold"
    return f"`{first}` and `{second}` exclude each other"


def _rows(context: Context) -> Iterator[tuple[ir.Table, list[tuple[ir.Rule, list[Branch]]]]]:
    """Yield every table with those of its rows that have few enough branches to reason about."""
    for table in context.pack.tables:
        rows = [(context.rules[id], branches(context.rules[id].when)) for id in table.rows]
        yield table, [(rule, found) for rule, found in rows if found is not None]


def behind_another(context: Context) -> Iterator[tuple[ir.Table, ir.Rule, ir.Rule]]:
    """Yield (table, row, earlier row) where the earlier row is true whenever the row is, and says something else."""
    for table, rows in _rows(context):
        for at, (rule, found) in enumerate(rows):
            for earlier, others in rows[:at]:
                if implies(found, others, context.values) and not same(found, others):
                    yield table, rule, earlier
                    break


@lint(
    "BW643",
    "error",
    why="The first row that is true wins. A row behind one that is true whenever it is never decides anything.",
    bad='      - {state: early, when: waited >= early_days, because: "It was {waited} days ago."}\n'
    '      - {state: late, when: waited >= late_days, because: "It was {waited} days ago."}',
    good='      - {state: late, when: waited >= late_days, because: "It was {waited} days ago."}\n'
    '      - {state: early, when: waited >= early_days, because: "It was {waited} days ago."}',
)
def row_behind_another(context: Context) -> Iterator[Finding]:
    """Yield every row of a reading, sign or class that an earlier row leaves nothing."""
    for table, rule, earlier in behind_another(context):
        if table.kind != RECOMMENDATION:
            message = f"`{rule.id}` never decides: `{earlier.id}` is true first whenever it is"
            yield Finding(rule.id, message, rule.span, "change their order, or a condition")


def _twins(context: Context) -> Iterator[tuple[ir.Rule, ir.Rule]]:
    """Yield two rules of one conclusion or table that have the same condition, the later one first."""
    groups: dict[str, list[tuple[ir.Rule, list[Branch]]]] = {}
    for rule in context.pack.rules:
        found = branches(rule.when)
        if found is not None:
            groups.setdefault(rule.table or rule.atom, []).append((rule, found))
    for group in groups.values():
        for (first, ours), (second, theirs) in combinations(group, 2):
            if same(ours, theirs):
                yield second, first


@lint(
    "BW644",
    "warning",
    why="Two rules with one condition and one conclusion are one rule. Whoever changes one will forget the other.",
    bad='  - {id: again, when: waited >= late_days, because: "It was {waited} days ago."}\n'
    '  - {id: once_more, when: waited >= late_days, because: "It was {waited} days ago."}',
    good='  - {id: again, when: waited >= late_days, because: "It was {waited} days ago."}',
)
def rule_said_twice(context: Context) -> Iterator[Finding]:
    """Yield every rule that has the condition and the conclusion of an earlier one."""
    for rule, earlier in _twins(context):
        if rule.state == earlier.state:
            message = f"`{rule.id}` says what `{earlier.id}` says"
            yield Finding(rule.id, message, rule.span, f"remove one; the other is at line {earlier.span.line}")


@lint(
    "BW645",
    "error",
    why="One patient cannot be both. Only the order of the rows decides, and that is not what either of them says.",
    bad='      - {state: late, when: waited >= late_days, because: "It was {waited} days ago."}\n'
    '      - {state: early, when: waited >= late_days, because: "It was {waited} days ago."}',
    good='      - {state: late, when: waited >= late_days, because: "It was {waited} days ago."}\n'
    '      - {state: early, when: waited >= early_days, because: "It was {waited} days ago."}',
)
def rules_contradict(context: Context) -> Iterator[Finding]:
    """Yield every row that has the condition of an earlier row and another state."""
    for rule, earlier in _twins(context):
        if rule.state != earlier.state:
            message = (
                f"`{rule.id}` and `{earlier.id}` are true of the same patients: {rule.state} against {earlier.state}"
            )
            yield Finding(rule.id, message, rule.span, f"mend one; the other is at line {earlier.span.line}")


RULES = (one_source_counted_twice, clauses_exclude_each_other, row_behind_another, rule_said_twice, rules_contradict)
