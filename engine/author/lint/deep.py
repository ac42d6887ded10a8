"""Lints that need a proof over all patients: what no combination of facts can make true, or make win.

They take seconds, so `check` runs them only with `--deep`, and z3 is imported only then. What the model of a pack
allows is more than any record can show: what it says can never be is never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint

if TYPE_CHECKING:
    import z3

    from boosterwatch.engine.author.symbolic import Symbolic


PATIENCE = 5000  # milliseconds; what is not proved by then is not reported


class _Model:
    """A pack at today's values over every patient, and what can be."""

    def __init__(self, context: Context) -> None:
        import z3

        from boosterwatch.engine.author.symbolic import Symbolic

        self.symbolic: Symbolic = Symbolic(context.pack, context.values, at=context.today.toordinal())
        self._solver: z3.Solver = z3.Solver()
        self._solver.set("timeout", PATIENCE)
        self._solver.add(*self.symbolic.relations)
        self._never: Callable[[object], bool] = lambda goal: self._solver.check(goal) == z3.unsat

    def dead(self, rule: str) -> bool:
        """Return whether no patient makes the rule true."""
        return self._never(self.symbolic.rule(rule))

    def beaten(self, row: str) -> bool:
        """Return whether no patient has this row as the first true one of its table."""
        return self._never(self.symbolic.wins(row))


@lru_cache(maxsize=1)  # the two lints of one run ask about one pack
def _model(context: Context) -> _Model:
    return _Model(context)


@lint(
    "BW642",
    "error",
    why="Together with the other rules of the pack the clauses exclude each other, so no patient makes the rule true. "
    "Found by proof: `boosterwatch check --deep`.",
    bad="when: {all: [glow_is_low, glow is absent]}",
    good="when: {all: [glow_is_low, reported is yes]}",
)
def dead_rule(context: Context) -> Iterator[Finding]:
    """Yield every rule that is true of no patient."""
    model = _model(context)
    for rule in context.pack.rules:
        if model.dead(rule.id):
            message = f"`{rule.id}` can never be true, whatever the other rules find"
            yield Finding(rule.id, message, rule.span, "mend its condition, or remove the rule")


@lint(
    "BW646",
    "error",
    why="Whenever the row is true, one or another row before it is true as well and wins. Found by proof: "
    "`boosterwatch check --deep`.",
    bad='  - {id: soon, recommend: look, when: waited < late_days, summary: "Look soon: {signs}."}\n'
    '  - {id: lately, recommend: look_later, when: waited is known, summary: "Look later: {signs}."}',
    good='  - {id: soon, recommend: look, when: waited >= early_days, summary: "Look soon: {signs}."}\n'
    '  - {id: lately, recommend: look_later, when: waited is known, summary: "Look later: {signs}."}',
)
def always_beaten(context: Context) -> Iterator[Finding]:
    """Yield every row of a table that is true of some patients and wins for none."""
    model = _model(context)
    for table in context.pack.tables:
        for row in table.rows:
            if model.beaten(row) and not model.dead(row):
                message = f"`{row}` is always beaten by a row of `{table.id}` before it"
                yield Finding(row, message, context.rules[row].span, "change their order, or a condition")


DEEP = (dead_rule, always_beaten)
