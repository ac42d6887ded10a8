"""Whether a changed rule or table concludes the same as before for every patient: then no case could ever notice it.

A search over the values that the measures could have, as far as the rules tell them apart: unknown, each threshold,
and between thresholds. Conclusions of earlier rules are left open at first, then worked out from their own conditions;
those of tables are worked out always. Measures vary freely, so "the same" is proved (at the parameter values given) and
"not the same" is only not proved. A search that grows beyond its limit is given up as not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from boosterwatch.engine.author.rehearse.chained import Test, test_of
from boosterwatch.engine.author.rehearse.change import Change
from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

MOST_STEPS = 12000
TRUE, FALSE, UNKNOWN = 1, 2, 4  # what a condition can still become, added up
ANY = TRUE | FALSE | UNKNOWN
_BIT = {True: TRUE, False: FALSE, None: UNKNOWN}
_MARK = "\0drawn "  # before a conclusion that is left open
_OTHER = "\0other"  # a word that no rule names

Conclusion = tuple[object, ...]
Conclude = Callable[[], set[Conclusion]]


class Sameness:
    """One pack at one set of parameter values, ready to be asked about changes of its rules and tables."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, float]) -> None:
        self._pack = pack
        self._parameters = parameters
        self._domains = _domains(pack, parameters)
        self._position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self._tables = {table.id: table for table in pack.tables}
        self._drawers: dict[str, list[int]] = {}
        self._atom_of: dict[str, tuple[str, str]] = {}
        for at, rule in enumerate(pack.rules):
            if rule.table is None:
                self._drawers.setdefault(rule.atom, []).append(at)
        for table in pack.tables:
            for state in (*table.states, table.otherwise, *(pack.rules[self._position[r]].state for r in table.rows)):
                self._atom_of[table_atom(table.id, state)] = (table.id, state)
        self._answers = _answers(pack)
        self._tests: dict[int, Test] = {}
        self._kept: list[ir.Leaf] = []  # so that the identities by which tests are kept stay theirs
        self._values: dict[str, Scalar | None] = {}
        self._known: dict[str, Scalar] = {}
        self._memo: dict[object, object] = {}
        self._open: str | None = None
        self._opaque = True

    def same(self, change: Change) -> bool:
        """Return whether the changed rules or tables are proved to conclude the same for every patient."""
        if change.parameters or change.replans:
            return False
        for self._opaque in (True, False):
            if change.rules and self._alike(self._truths(Change(), change), self._truths(change, change)):
                return True  # each rule by itself, before the rules and rows around it are looked at
            if self._alike(self._conclusions(Change(), change), self._conclusions(change, change)):
                return True
        return False

    def _alike(self, before: Sequence[Conclude], after: Sequence[Conclude]) -> bool:
        for one, other in zip(before, after, strict=True):
            self._values, self._known = {}, {}
            if not self._same(one, other, [MOST_STEPS]):
                return False
        return True

    def _truths(self, made: Change, change: Change) -> list[Conclude]:
        """Return what works out the changed rules themselves: true, or not."""
        return [self._of_rule(made.rules.get(at, self._pack.rules[at]).when) for at in change.rules]

    def _of_rule(self, when: ir.Condition) -> Conclude:
        return lambda: {(bit,) for bit in (TRUE, FALSE) if self._any_true((when,)) & bit}

    def _conclusions(self, made: Change, change: Change) -> list[Conclude]:
        """Return what works out the possible conclusions of everything that a change concerns."""
        found: list[Conclude] = []
        for at in change.rules:
            rule = self._pack.rules[at]
            if rule.table is None:
                found.append(self._of_atom(rule.atom, made))
            else:
                found.append(self._of_table(self._tables[rule.table], made))
        return found + [self._of_table(made.tables.get(id, self._tables[id]), made) for id in change.tables]

    def _of_atom(self, atom: str, made: Change) -> Conclude:
        whens = [made.rules.get(at, self._pack.rules[at]).when for at in self._drawers[atom]]
        return lambda: {(bit,) for bit in (TRUE, FALSE) if self._any_true(whens) & bit}

    def _of_table(self, table: ir.Table, made: Change) -> Conclude:
        rows = [made.rules.get(self._position[row], self._pack.rules[self._position[row]]) for row in table.rows]
        return lambda: self._states(rows, (table.otherwise,))

    # ------------------------------------------------------------ the search

    def _same(self, before: Conclude, after: Conclude, steps: list[int]) -> bool:
        steps[0] -= 1
        if steps[0] < 0:
            return False
        self._memo, self._open = {}, None
        one, other = before(), after()
        if len(one) == 1 and one == other:
            return True
        name = self._open
        if name is None or one.isdisjoint(other):
            return False
        for value in self._domains.get(name, (True, False)):
            self._assign(name, value)
            if not self._same(before, after, steps):
                return False
            del self._values[name]
            self._known.pop(name, None)
        return True

    def _assign(self, name: str, value: Scalar | None) -> None:
        self._values[name] = value
        self._known.pop(name, None)
        if value is not None:
            self._known[name] = value

    # ------------------------------------------------------------ what can still become of it

    def _states(self, rows: Sequence[ir.Rule], otherwise: Conclusion) -> set[Conclusion]:
        found: set[Conclusion] = set()
        for row in rows:
            can = self._can(row.when)
            if can & TRUE:
                found.add(self._answers.get(row.id, (row.state,)))
            if can == TRUE:
                return found
        return found | {otherwise}

    def _any_true(self, whens: Iterable[ir.Condition]) -> int:
        found = FALSE
        for when in whens:
            can = self._can(when)
            if can == TRUE:
                return TRUE
            if can & TRUE:
                found |= TRUE
        return found

    def _can(self, condition: ir.Condition) -> int:
        match condition:
            case ir.Leaf(test=ir.Drawn(atom=atom)):
                return self._drawn(atom)
            case ir.Leaf():
                return self._leaf(condition)
            case ir.AtLeast(count=count, atoms=atoms):
                return self._count(self._parameters[count], atoms)
            case ir.Not(part=part):
                can = self._can(part)
                return can & UNKNOWN | (can & TRUE and FALSE) | (can & FALSE and TRUE)
            case ir.All(parts=parts):
                return self._fold(parts, stop=FALSE, start=TRUE)
            case ir.Any(parts=parts):
                return self._fold(parts, stop=TRUE, start=FALSE)

    def _fold(self, parts: Iterable[ir.Condition], *, stop: int, start: int) -> int:
        """Return what `all` (stopped by a false part) or `any` (stopped by a true one) can still become."""
        found = start
        for part in parts:
            can = self._can(part)
            if can == stop:
                return stop
            both = (found | can) & stop  # one part may stop it
            if found & start and can & start:
                both |= start
            if (found & UNKNOWN and can & (UNKNOWN | start)) or (can & UNKNOWN and found & start):
                both |= UNKNOWN
            found = both
        return found

    def _drawn(self, atom: str) -> int:
        known = self._memo.get(atom)
        if isinstance(known, int):
            return known
        if self._opaque and atom not in self._atom_of:
            return self._free(_MARK + atom)
        if atom in self._atom_of:
            id, state = self._atom_of[atom]
            states = self._table_states(id)
            can = (TRUE if state in states else 0) | (FALSE if states - {state} else 0)
        else:
            can = self._any_true(self._pack.rules[at].when for at in self._drawers.get(atom, ()))
        self._memo[atom] = can
        return can

    def _free(self, name: str) -> int:
        """Return what a conclusion can be that is left open, as if nothing were known of how it is drawn."""
        if name in self._values:
            return TRUE if self._values[name] else FALSE
        self._open = self._open or name
        return TRUE | FALSE

    def _table_states(self, id: str) -> set[str]:
        known = self._memo.get((id,))
        if isinstance(known, set):
            return known
        found: set[str] = set()
        table = self._tables[id]
        for row in table.rows:
            rule = self._pack.rules[self._position[row]]
            can = self._can(rule.when)
            if can & TRUE:
                found.add(rule.state)
            if can == TRUE:
                break
        else:
            found.add(table.otherwise)
        self._memo[(id,)] = found
        return found

    def _count(self, least: float, atoms: Sequence[str]) -> int:
        cans = [self._drawn(atom) for atom in atoms]
        surely, possibly = sum(can == TRUE for can in cans), sum(bool(can & TRUE) for can in cans)
        return (TRUE if possibly >= least else 0) | (FALSE if surely < least else 0)

    def _leaf(self, leaf: ir.Leaf) -> int:
        for name in _reads(leaf):
            if name not in self._values:
                self._open = self._open or name
                return TRUE | FALSE if isinstance(leaf.test, ir.Known) else ANY
        test = self._tests.get(id(leaf))
        if test is None:
            self._kept.append(leaf)
            test = self._tests[id(leaf)] = test_of(leaf)
        return _BIT[test(self._known, self._parameters, ())]


def _reads(leaf: ir.Leaf) -> list[str]:
    match leaf.test:
        case ir.Compare(left=left, right=right):
            return [left, *right.names] if right.kind == "measure" else [left]
        case ir.Equals(left=left) | ir.Known(left=left):
            return [left]
    return []


def _answers(pack: ir.Pack) -> dict[str, Conclusion]:
    """Return, by rule, what a row of a table answers with besides its state."""
    found: dict[str, Conclusion] = {}
    states = {rule.id: rule.state for rule in pack.rules}
    for one in pack.recommendations:
        found[one.rule] = (states[one.rule], one.urgency, one.flags, one.checklist)
    for sign in pack.signs:
        for rule, reason in sign.reasons:
            found[rule] = (states[rule], reason)
    return found


# ---------------------------------------------------------------- the values that rules tell apart


def _domains(pack: ir.Pack, parameters: Mapping[str, float]) -> dict[str, list[Scalar | None]]:
    """Return the values of every measure that matter, unknown among them."""
    bounds: dict[str, set[float]] = {}
    words: dict[str, set[Scalar]] = {}
    pairs: list[tuple[str, str]] = []
    for rule in pack.rules:
        for leaf in leaves(rule.when):
            match leaf:
                case ir.Leaf(test=ir.Compare(left=left, right=right)):
                    if right.kind == "measure":
                        pairs.append((left, right.names[0]))
                        bounds.setdefault(left, set())
                        bounds.setdefault(right.names[0], set())
                    else:
                        bounds.setdefault(left, set()).add(_product(parameters, right.names))
                case ir.Leaf(test=ir.Equals(left=left, value=value)):
                    words.setdefault(left, set()).add(value)
                case ir.Leaf(test=ir.Known(left=left)):
                    words.setdefault(left, set())
    for one, other in pairs:  # two measures compared: enough values to be below, at and above each other
        bounds[one] |= bounds[other] or {0.0}
        bounds[other] |= bounds[one]
    found: dict[str, list[Scalar | None]] = {name: [None, *_around(numbers)] for name, numbers in bounds.items()}
    for name, named in words.items():
        if name not in found:
            truths = not named or any(isinstance(word, bool) for word in named)
            found[name] = [None, *((True, False) if truths else (*sorted(map(str, named)), _OTHER))]
    return found


def _product(parameters: Mapping[str, float], names: Iterable[str]) -> float:
    product = 1.0
    for name in names:
        product *= parameters[name]
    return product


def _around(numbers: Iterable[float]) -> list[float]:
    """Return the numbers, one value between each two, and one beyond each end."""
    ordered = sorted(numbers) or [0.0]
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    return sorted({ordered[0] - 1, *ordered, *between, ordered[-1] + 1})
