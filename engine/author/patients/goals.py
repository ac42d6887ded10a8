"""Scenes in which a rule is true: its condition taken back to measures, one choice at each `any`.

A first guess only: what a scene asks may contradict itself, or an earlier row of a table may win. Whoever uses one
builds the patient and evaluates it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from boosterwatch.engine.author.patients.course import Parameters
from boosterwatch.engine.author.patients.days import AS_OF
from boosterwatch.engine.author.patients.wants import Loose, Scene
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import whole

_MOST_STEPS = 5000
_USUAL_AGE = 7  # days since a date that may be any
_WORDS = "one of "
_FINE = ("fraction", "times", "1", "points a week")
_TURNED: Mapping[ir.Op, ir.Op] = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of one measure: limits, a value, values it must not have, or that it is undefined."""

    low: float | None = None
    high: float | None = None
    value: Scalar | None = None
    never: tuple[Scalar, ...] = ()
    undefined: bool = False


Asks = Mapping[str, Ask]


class Goals:
    """Takes rules of one pack back to scenes.

    `unasked` are the atoms drawn for a patient about whom nothing is known: denying them takes something. `drawn` grows
    with the atoms of patients that went wrong; what is in neither counts as not drawn by itself.
    """

    def __init__(self, pack: ir.Pack, parameters: Parameters, unasked: frozenset[str] = frozenset()) -> None:
        self.pack, self.parameters = pack, parameters
        self.unasked, self.drawn = unasked, set(unasked)
        self.measures = {measure.name: measure for measure in pack.measures}
        self.rules = {rule.id: rule for rule in pack.rules}
        self.tables = {table.id: table for table in pack.tables}
        self.drawing: dict[str, list[ir.Rule]] = {}
        for rule in pack.rules:
            for atom in dict.fromkeys((rule.atom, f"{rule.table}={rule.state}")):
                self.drawing.setdefault(atom, []).append(rule)
        self.steps = 0

    def of_rule(self, rule_id: str) -> Iterator[tuple[Scene, Loose]]:
        """Yield scenes in which the rule should be true and, in a table, the first that is."""
        self.steps = 0
        rule = self.rules[rule_id]
        seen: set[str] = set()
        for asks in self._all([(rule.when, True), *self._earlier(rule)], {}):
            scene = {name: pick(ask, self.measures[name]) for name, ask in asks.items()}
            if repr(scene) not in seen:
                seen.add(repr(scene))
                yield scene, {name: _looseness(ask) for name, ask in asks.items()}

    def _earlier(self, rule: ir.Rule) -> list[tuple[ir.Condition, bool]]:
        """Return the earlier rows of a rule's table that would be true unless something is asked."""
        if rule.table is None:
            return []
        table = self.tables[rule.table]
        rows = table.rows[: table.rows.index(rule.id)]
        every = table.kind == "class"
        return [(self.rules[row].when, False) for row in rows if every or self._is_drawn(row)]

    def _is_drawn(self, rule_id: str) -> bool:
        return self.rules[rule_id].atom in self.drawn

    # ------------------------------------------------------------ conditions

    def _all(self, conditions: Sequence[tuple[ir.Condition, bool]], asks: Asks) -> Iterator[Asks]:
        """Yield the asks under which every condition has its truth."""
        if not conditions:
            yield asks
            return
        (condition, truth), *others = conditions
        for more in self._one(condition, truth, asks):
            yield from self._all(others, more)

    def _one(self, condition: ir.Condition, truth: bool, asks: Asks) -> Iterator[Asks]:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return
        match condition:
            case ir.Leaf(test=test):
                yield from self._leaf(test, truth, asks)
            case ir.Not(part=part):
                yield from self._one(part, not truth, asks)
            case ir.AtLeast():
                yield from self._count(condition, truth, asks)
            case ir.All(parts=parts) if truth:
                yield from self._all([(part, True) for part in parts], asks)
            case ir.Any(parts=parts) if not truth:
                yield from self._all([(part, False) for part in parts], asks)
            case ir.All(parts=parts) | ir.Any(parts=parts):
                for part in parts if truth else sorted(parts, key=self._hard_to_deny):
                    yield from self._one(part, truth, asks)

    def _hard_to_deny(self, condition: ir.Condition) -> bool:
        """Return False for a conclusion that is drawn by itself: denying it is what an exception is about."""
        test = condition.test if isinstance(condition, ir.Leaf) else None
        return not (isinstance(test, ir.Drawn) and test.atom in self.unasked)

    def _leaf(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, truth: bool, asks: Asks) -> Iterator[Asks]:
        match test:
            case ir.Drawn(atom=atom):
                yield from self._drawn(atom, truth, asks)
            case ir.Compare():
                yield from self._limit(test, truth, asks)
            case ir.Known(left=left, known=known):
                yield from _merged(asks, left, Ask(undefined=known is not truth))
            case ir.Equals(left=left, value=value, negated=negated, recorded=recorded):
                if negated is truth:
                    if recorded:  # nothing need be recorded
                        yield asks
                    yield from _merged(asks, left, Ask(never=(value,)))
                else:
                    yield from _merged(asks, left, Ask(value=value))

    def _limit(self, test: ir.Compare, truth: bool, asks: Asks) -> Iterator[Asks]:
        op = test.op if truth else _TURNED[test.op]
        limit = self._right(test.right, asks)
        step = 0.01 if self.measures[test.left].dimension in _FINE else 1
        whole = limit if step != 1 else float(-(-limit // 1) if op in (">=", "<") else limit // 1)
        match op:
            case ">=":
                ask = Ask(low=whole)
            case ">":
                ask = Ask(low=whole + step)
            case "<=":
                ask = Ask(high=whole)
            case _:
                ask = Ask(high=whole - step)
        yield from _merged(asks, test.left, ask)

    def _right(self, right: ir.Right, asks: Asks) -> float:
        if right.kind == "product":
            return self.parameters[right.names[0]] * self.parameters[right.names[1]]
        if right.kind == "parameter":
            return self.parameters[right.names[0]]
        wanted = asks.get(right.names[0])
        if wanted is not None:
            value = pick(wanted, self.measures[right.names[0]])
            if isinstance(value, int | float):
                return value
        return self._usual(self.measures[right.names[0]])

    def _usual(self, measure: ir.Measure) -> float:
        """Return what a measure usually is, for one that is a parameter in disguise."""
        args = dict(measure.args)
        if measure.kind == "individual_interval":
            return self.parameters[args["fallback"]]
        if measure.kind == "role_parameter":
            role = next(role for role in self.pack.roles if role.id == args["role"])
            group = next(scale.group for scale in self.pack.scales if scale.id == role.scales[0])
            return self.parameters[f"{group}.{args['parameter']}"]
        return AS_OF - _USUAL_AGE if measure.dimension == "date" else 0

    # ------------------------------------------------------------ conclusions

    def _drawn(self, atom: str, truth: bool, asks: Asks) -> Iterator[Asks]:
        rules = self.drawing.get(atom, [])
        if not truth:
            yield from self._all([(rule.when, False) for rule in rules if self._is_drawn(rule.id)], asks)
            return
        for rule in rules:
            yield from self._all([(rule.when, True), *self._earlier(rule)], asks)
        for table in self.pack.tables:
            if atom == f"{table.id}={table.otherwise}":
                yield from self._all([(self.rules[row].when, False) for row in table.rows], asks)

    def _count(self, condition: ir.AtLeast, truth: bool, asks: Asks) -> Iterator[Asks]:
        if not truth:
            yield asks
            return
        number = int(self.parameters[condition.count])
        atoms = condition.atoms
        for start in range(max(len(atoms) - number + 1, 0)):
            drawn: list[ir.Condition] = [
                ir.Leaf(ir.Drawn(atom), atom, condition.span) for atom in atoms[start : start + number]
            ]
            yield from self._all([(leaf, True) for leaf in drawn], asks)


def _merged(asks: Asks, name: str, ask: Ask) -> Iterator[Asks]:
    """Yield the asks with one more; nothing when they contradict each other."""
    known = asks.get(name)
    if known is None:
        yield {**asks, name: ask}
        return
    if known.undefined is not ask.undefined:
        return
    values = [value for value in (known.value, ask.value) if value is not None]
    if len(set(map(repr, values))) > 1 or any(value in (*known.never, *ask.never) for value in values):
        return
    low, high = _tightest(max, known.low, ask.low), _tightest(min, known.high, ask.high)
    if low is not None and high is not None and low > high:
        return
    value = values[0] if values else None
    yield {**asks, name: replace(known, low=low, high=high, value=value, never=(*known.never, *ask.never))}


def _tightest(choose: type | object, *limits: float | None) -> float | None:
    told = [limit for limit in limits if limit is not None]
    return choose(told) if told else None  # type: ignore[operator]


def _looseness(ask: Ask) -> str:
    """Return on which side of the picked value others are as good."""
    if ask.value is not None or ask.undefined or (ask.low is not None and ask.high is not None):
        return "exact"
    if ask.low is None and ask.high is None:
        return "any"
    return "most" if ask.low is None else "least"


def pick(ask: Ask, measure: ir.Measure) -> Scalar | None:
    """Return a value that is as asked, at the limit where there is one; None for undefined."""
    if ask.undefined:
        return None
    if ask.value is not None:
        return ask.value
    limit = ask.low if ask.low is not None else ask.high
    if limit is not None:
        return whole(limit)
    if measure.dimension == "truth":
        return True not in ask.never
    if measure.dimension.startswith(_WORDS):
        words = measure.dimension.removeprefix(_WORDS).split(", ")
        return next((word for word in words if word not in ask.never), None)
    return AS_OF - _USUAL_AGE if measure.dimension == "date" else 0
