"""What the cases saw of every rule: whether it was true, what its clauses were, and which of them decided.

A clause is decisive in a case when it alone settles the list that it stands in: every other part of an `all` is true,
or every other part of an `any` or `none` is false. Clauses that are never unknown are not asked to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from boosterwatch.engine.author.mutate.conditions import span_of, words
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.author.rehearse.chained import Test, test_of
from boosterwatch.engine.author.rehearse.rehearsal import Scene
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.model import Truth
from boosterwatch.engine.pack import ir

TRUTHS: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}


@dataclass(slots=True)
class ClauseSeen:
    """One clause or branch of a rule: what it was in how many cases, and in how many it was decisive.

    `asked` are the truths that it can have; `branch` says whether it is a part among others.
    """

    text: str
    span: Span
    asked: tuple[str, ...]
    branch: bool
    leaf: bool
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TRUTHS.values(), 0))
    decisive: int = 0

    @property
    def holes(self) -> tuple[str, ...]:
        """What was never seen."""
        unseen = [truth for truth in self.asked if self.leaf and not self.seen[truth]]
        return (*unseen, *(("decisive",) if self.branch and not self.decisive else ()))


@dataclass(slots=True)
class RuleSeen:
    """One rule: the cases in which it was true, those in which it won its table, and its clauses."""

    rule: ir.Rule
    true: list[str] = field(default_factory=list)
    won: list[str] = field(default_factory=list)
    clauses: list[ClauseSeen] = field(default_factory=list)


@dataclass(slots=True)
class _Node:
    """A part of a condition with its test and its place among others: `needs` is what they must be for it to decide."""

    seen: ClauseSeen
    test: Test
    fellows: Sequence[Test]
    needs: bool


def find_seen(rehearsal: Rehearsal) -> list[RuleSeen]:
    """Return what the cases saw of every rule, in the pack's order. Looks at earlier dates count for clauses."""
    found = [RuleSeen(rule) for rule in rehearsal.pack.rules]
    nodes = [list(_nodes(rule.when, rule.span)) for rule in rehearsal.pack.rules]
    for one, of_rule in zip(found, nodes, strict=True):
        one.clauses = [node.seen for node in of_rule]
    for kept in rehearsal.kept:
        winners = {table: rehearsal.chained.winner(table, kept.run.outcome) for table in rehearsal.chained.rows}
        for at, (one, of_rule) in enumerate(zip(found, nodes, strict=True)):
            if kept.run.outcome.truths[at]:
                one.true.append(kept.case.id)
                if one.rule.table is None or winners[one.rule.table] == at:
                    one.won.append(kept.case.id)
            _look(of_rule, kept.run.final, kept.parameters)
    return found


def _look(nodes: Sequence[_Node], scene: Scene, parameters: Mapping[str, float]) -> None:
    for node in nodes:
        truth = node.test(scene.values, parameters, scene.drawn)
        node.seen.seen[TRUTHS[truth]] += 1
        if node.fellows and all(test(scene.values, parameters, scene.drawn) is node.needs for test in node.fellows):
            node.seen.decisive += 1


def _nodes(condition: ir.Condition, span: Span) -> Iterator[_Node]:
    if isinstance(condition, ir.Leaf | ir.AtLeast):
        yield _node(condition, span, (), needs=True)
    yield from _parts(condition, span)


def _parts(condition: ir.Condition, span: Span) -> Iterator[_Node]:
    match condition:
        case ir.Not(part=part):
            yield from _parts(part, span)
        case ir.All(parts=parts) | ir.Any(parts=parts):
            tests = [test_of(part) for part in parts]
            for at, part in enumerate(parts):
                fellows = (*tests[:at], *tests[at + 1 :])
                yield _node(part, span, fellows, needs=isinstance(condition, ir.All))
                yield from _parts(part, span)


def _node(part: ir.Condition, span: Span, fellows: Sequence[Test], *, needs: bool) -> _Node:
    leaf = isinstance(part, ir.Leaf | ir.AtLeast)
    seen = ClauseSeen(words(part), span_of(part) or span, _asked(part), bool(fellows), leaf)
    return _Node(seen, test_of(part), fellows, needs)


def _asked(part: ir.Condition) -> tuple[str, ...]:
    match part:
        case ir.Leaf(test=ir.Compare()) | ir.Leaf(test=ir.Equals(recorded=False)):
            return ("true", "false", "unknown")
    return ("true", "false")
