"""One pack at one set of parameter values, as z3 terms: `engine/chain/truth.py` for every patient at once.

Within a rule conditions are Kleene pairs; between strata a conclusion is drawn or not. The measures are terms over the
unknowns of one patient (`measures.py`), and `relations` says what holds between these for every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property

import z3

from boosterwatch.engine.author.symbolic.measures import MeasureModel, Unmodelled
from boosterwatch.engine.author.symbolic.terms import (
    FALSE,
    TRUE,
    Kleene,
    Number,
    Term,
    at_least,
    both,
    compare,
    constant,
    either,
    equals,
    exact,
    negate,
)
from boosterwatch.engine.author.symbolic.variables import Unknowns
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.pack import ir

SOME_DAY = date(2026, 6, 1).toordinal()  # the model speaks of differences of days, so any day will do


class Symbolic:
    """A pack over one patient. `prefix` names the patient: two models with one prefix speak of the same patient.

    `parameters` gives every parameter its number, or a z3 variable to sweep over. `unmodelled` names the measures of a
    kind that the model does not know: they may show anything, which allows more than any record can show. `free` names
    those of which only the range is known. `left_out` gives conclusions a condition under which they are never drawn.
    """

    def __init__(
        self,
        pack: ir.Pack,
        parameters: Mapping[str, Number],
        *,
        prefix: str = "",
        at: int = SOME_DAY,
        left_out: Mapping[str, z3.BoolRef] | None = None,
    ) -> None:
        self.pack, self.parameters, self.prefix, self.at = pack, parameters, prefix, at
        self._left_out = left_out or {}
        self._unknowns = Unknowns(prefix)
        self.measures = MeasureModel(self._unknowns, pack, parameters, at)
        self.unmodelled: list[str] = []
        self._rules: dict[str, Kleene] = {}
        self._atoms: dict[str, z3.BoolRef] = {}
        self._wins: dict[str, z3.BoolRef] = {}
        self._evaluate()
        for name in self.measures.declared:
            self._term(name)

    # ------------------------------------------------------------ what others ask

    def rule(self, rule_id: str) -> z3.BoolRef:
        """Return that the rule is true. Raises KeyError for no rule."""
        return self._rules[rule_id].true

    def kleene(self, rule_id: str) -> Kleene:
        """Return when the rule is true and when it is false. Raises KeyError for no rule."""
        return self._rules[rule_id]

    def wins(self, rule_id: str) -> z3.BoolRef:
        """Return that the row is the first true one of its table. Raises KeyError for no row."""
        return self._wins[rule_id]

    def drawn(self, atom: str) -> z3.BoolRef:
        """Return that the conclusion is drawn; `<table>=<state>` too. What nothing draws is false."""
        return self._atoms.get(atom, FALSE)

    def known(self, measure: str) -> z3.BoolRef:
        """Return that the measure has a value. Raises KeyError for no measure."""
        return self._term(measure).known

    def value(self, measure: str) -> z3.ExprRef:
        """Return the value: meaningful when it is known. Dates are ordinals, texts `terms.code`."""
        term = self._term(measure)
        value: z3.ExprRef = term.value
        if isinstance(term.per, int) and term.per == 1:
            return value
        return (z3.ToReal(value) if value.is_int() else value) / term.per

    def true(self, condition: ir.Condition) -> z3.BoolRef:
        """Return that a condition is true, over everything that this pack draws."""
        return self._truth(condition).true

    @property
    def relations(self) -> list[z3.BoolRef]:
        """What holds between the measures for every patient."""
        return self.measures.relations

    @property
    def free(self) -> list[str]:
        """The measures of which only the range is known."""
        return self.measures.free

    @property
    def conclusions(self) -> list[z3.BoolRef]:
        """Everything that is drawn, and every row that wins."""
        return [*self._atoms.values(), *self._wins.values()]

    @property
    def loose(self) -> list[z3.ExprRef]:
        """The unknowns that may hang on anything in a record: nothing says how they change when it does."""
        open_names = (*self.free, *self.unmodelled)
        terms = [term for name in open_names for term in (self.known(name), self.value(name))]
        return [*self.measures.from_earlier_dates, *terms]

    @property
    def unknowns(self) -> Mapping[str, z3.ExprRef]:
        """What the model does not know of the patient, by a name without the prefix."""
        return self._unknowns.all

    def names_of(self, terms: Iterable[z3.ExprRef]) -> set[str]:
        """Return the names of those terms that are unknowns."""
        return {name for one in terms if (name := self._names.get(one.get_id())) is not None}

    @cached_property
    def _names(self) -> dict[int, str]:
        return {one.get_id(): name for name, one in self.unknowns.items()}

    # ------------------------------------------------------------ chaining

    def _evaluate(self) -> None:
        pack, tables = self.pack, {table.id: table for table in self.pack.tables}
        for stratum in pack.strata:
            rules = [pack.rules[at] for at in stratum.rules]
            for rule in rules:
                self._rules[rule.id] = self._rule(rule)
            for rule in rules:
                if rule.table is None:
                    self._atoms[rule.atom] = either(self.drawn(rule.atom), self._rules[rule.id].true)
            for id in stratum.tables:
                self._decide(tables[id])

    def _rule(self, rule: ir.Rule) -> Kleene:
        """Return the truth of a rule; one that is left out is false, as `overlay.lay_over` makes it."""
        found, without = self._truth(rule.when), self._left_out.get(rule.atom, FALSE)
        return Kleene(both(negate(without), found.true), either(without, found.false))

    def _decide(self, table: ir.Table) -> None:
        """Draw the state of the first true row, else what the table says otherwise."""
        state_of = {rule.id: rule.state for rule in self.pack.rules if rule.table == table.id}
        states: dict[str, list[z3.BoolRef]] = {state: [] for state in (*table.states, table.otherwise)}
        open_still = TRUE
        for row in table.rows:
            self._wins[row] = both(open_still, self._rules[row].true)
            states.setdefault(state_of[row], []).append(self._wins[row])
            open_still = both(open_still, negate(self._rules[row].true))
        states[table.otherwise].append(open_still)
        for state, ways in states.items():
            self._atoms[table_atom(table.id, state)] = either(*ways)

    def _truth(self, condition: ir.Condition) -> Kleene:
        match condition:
            case ir.Leaf(test):
                return self._test(test)
            case ir.AtLeast(count, atoms):
                enough = at_least(self.parameters[count], [self.drawn(atom) for atom in atoms])
                return Kleene(enough, negate(enough))
            case ir.Not(part):
                inner = self._truth(part)
                return Kleene(inner.false, inner.true)
            case ir.All(parts):
                found = [self._truth(part) for part in parts]
                return Kleene(both(*(one.true for one in found)), either(*(one.false for one in found)))
            case ir.Any(parts):
                found = [self._truth(part) for part in parts]
                return Kleene(either(*(one.true for one in found)), both(*(one.false for one in found)))

    def _test(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> Kleene:
        match test:
            case ir.Drawn(atom):
                return Kleene(self.drawn(atom), negate(self.drawn(atom)))
            case ir.Known(left, known):
                there = self._term(left).known
                return Kleene(there, negate(there)) if known else Kleene(negate(there), there)
            case ir.Equals(left, value, negated, recorded):
                same = equals(self._term(left), value)
                found = Kleene(same.false, same.true) if negated else same
                if not (recorded and negated):
                    return found
                return Kleene(either(negate(self._term(left).known), found.true), found.false)
            case ir.Compare(left, op, right):
                return compare(self._term(left), op, self._right(right))

    def _right(self, right: ir.Right) -> Term:
        match right.kind:
            case "measure":
                return self._term(right.names[0])
            case "product":
                return self._product(*(self.parameters[name] for name in right.names))
        return constant(self.parameters[right.names[0]])

    def _product(self, one: Number, other: Number) -> Term:
        """Return the product as the evaluators have it: rounded once, like any product of two numbers."""
        if isinstance(one, z3.ArithRef) or isinstance(other, z3.ArithRef):
            parts = [part if isinstance(part, z3.ArithRef) else z3.RealVal(exact(part)) for part in (one, other)]
            return Term(TRUE, parts[0] * parts[1])
        return constant(one * other)

    def _term(self, name: str) -> Term:
        try:
            return self.measures.term(name)
        except Unmodelled:
            if name not in self.unmodelled:
                self.unmodelled.append(name)
            free = self.measures.made[name] = self._anything(name)
            return free

    def _anything(self, name: str) -> Term:
        dimension = self.measures.declared[name].dimension
        known = self._unknowns.truth(f"{name} known")
        if dimension == "truth":
            return Term(known, self._unknowns.truth(f"{name} value"))
        texts = dimension == "text" or dimension.startswith("one of")
        return Term(known, self._unknowns.number(f"{name} value", whole=texts))


def share(old: Symbolic, new: Symbolic) -> list[z3.BoolRef]:
    """Return what makes two models speak of the same patient; nothing is needed when their prefix is the same.

    An unknown is the same in both when everything that it is worked out with is the same (see `variables.py`).
    """
    if old.prefix == new.prefix:
        return []
    return [one == new.unknowns[name] for name, one in old.unknowns.items() if name in new.unknowns]
