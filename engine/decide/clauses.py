"""Conditions placed for explanation: each clause with its words, its place, its unit and what it reads.

Worked out once per pack. Negation is brought down to the clauses (`none: x` holds when x does not), which changes no
truth, so what is left of a condition is `Every` and `Some`. Nothing here looks at a patient; `readings` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from boosterwatch.engine.decide.inputs import atom_key, table_key
from boosterwatch.engine.decide.values import unit_of
from boosterwatch.engine.pack import ir

CONTINUOUS = ("fraction", "times", "points a week")


Conclusion = tuple[str, str | bool]  # an input, and what it is when the conclusion was drawn


@dataclass(frozen=True, slots=True)
class Level:
    """What a clause about a table asks for: the state, among the states in the table's order."""

    table: str
    state: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """One clause in its place: `at` is its position in the rule, `step` the least difference of two values (0: none).

    With `negated` it stands under a `none`, and is told as what must not hold. `keys` are the inputs it reads, `atoms`
    those of them that are conclusions. `why` names the measure that says why the table of `level` was not assessed.
    """

    at: int
    node: ir.Leaf | ir.AtLeast
    negated: bool
    text: str
    line: str
    dimension: str
    unit: str | None
    step: int
    keys: tuple[str, ...]
    parameters: tuple[str, ...]
    atoms: tuple[Conclusion, ...]
    level: Level | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts must hold."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts must hold."""

    parts: tuple[Tree, ...]


Tree = Placed | Every | Some


class Vocabulary:
    """What the names in a pack's clauses mean."""

    def __init__(self, pack: ir.Pack) -> None:
        self.measures = {measure.name: measure for measure in pack.measures}
        self.parameters = {parameter.name: parameter for parameter in pack.parameters}
        self._plain = {rule.atom for rule in pack.rules if rule.table is None}
        self.levels = {
            f"{table.id}={state}": Level(table.id, state, table.states)
            for table in pack.tables
            for state in dict.fromkeys((*table.states, table.otherwise))
        }
        self.reasons = {table.id: table.reason for table in pack.tables}
        self._fractional = _fractional(pack)

    def conclusion(self, atom: str) -> Conclusion | None:
        """Return where it stands whether a conclusion was drawn; None when nothing can draw it."""
        level = self.levels.get(atom)
        if level is not None:
            return table_key(level.table), level.state
        return (atom_key(atom), True) if atom in self._plain else None

    def step(self, dimension: str) -> int:
        """Return the least difference of two values: 1 where values are whole numbers or days."""
        if dimension in CONTINUOUS or dimension in self._fractional:
            return 0
        return 0 if unit_of(dimension) is None else 1


def _fractional(pack: ir.Pack) -> set[str]:
    """Return the dimensions of points that need not be whole."""
    whole = {instrument.id: instrument.whole for instrument in pack.instruments}
    groups = {scale.id: scale.group for scale in pack.scales}
    found = {scale.group for scale in pack.scales if not whole[scale.instrument]}
    roles = {role.id for role in pack.roles if any(groups[scale] in found for scale in role.scales)}
    return {f"points of {name}" for name in found | roles}


def place(condition: ir.Condition, words: Vocabulary) -> Tree:
    """Return the condition with its clauses numbered in reading order and negation brought down to them."""
    return _place(condition, words, count(), negated=False)


def clauses_of(tree: Tree) -> Iterator[Placed]:
    """Yield the clauses in reading order."""
    if isinstance(tree, Placed):
        yield tree
    else:
        for part in tree.parts:
            yield from clauses_of(part)


def _place(node: ir.Condition, words: Vocabulary, numbers: Iterator[int], *, negated: bool) -> Tree:
    match node:
        case ir.Leaf() | ir.AtLeast():
            return _test(node, words, next(numbers), negated=negated)
        case ir.Not(part):
            return _place(part, words, numbers, negated=not negated)
        case ir.All(parts) | ir.Any(parts):
            placed = tuple(_place(part, words, numbers, negated=negated) for part in parts)
            every = isinstance(node, ir.All) is not negated
            return Every(placed) if every else Some(placed)


def _test(node: ir.Leaf | ir.AtLeast, words: Vocabulary, at: int, *, negated: bool) -> Placed:
    atoms = tuple(found for atom in _atoms(node) if (found := words.conclusion(atom)) is not None)
    level = words.levels.get(_atoms(node)[0]) if _is_drawn(node) else None
    why = words.reasons.get(level.table) if level is not None else None
    dimension = _dimension(node, words)
    return Placed(
        at=at,
        node=node,
        negated=negated,
        text=f"none: {node.text}" if negated else node.text,
        line=f"{node.span.file}:{node.span.line}",
        dimension=dimension,
        unit=unit_of(dimension),
        step=words.step(dimension),
        keys=(*_measures(node), *(key for key, _ in atoms), *([why] if why is not None else [])),
        parameters=_parameters(node),
        atoms=atoms,
        level=level,
        why=why,
    )


def _is_drawn(node: ir.Leaf | ir.AtLeast) -> bool:
    return isinstance(node, ir.Leaf) and isinstance(node.test, ir.Drawn)


def _dimension(node: ir.Leaf | ir.AtLeast, words: Vocabulary) -> str:
    match node:
        case ir.AtLeast(counted):
            return words.parameters[counted].dimension
        case ir.Leaf(ir.Compare(left=left) | ir.Equals(left=left) | ir.Known(left=left)):
            return words.measures[left].dimension
        case _:
            return "truth"


def _atoms(node: ir.Leaf | ir.AtLeast) -> tuple[str, ...]:
    match node:
        case ir.AtLeast(_, atoms):
            return atoms
        case ir.Leaf(ir.Drawn(atom)):
            return (atom,)
        case _:
            return ()


def _measures(node: ir.Leaf | ir.AtLeast) -> tuple[str, ...]:
    match node:
        case ir.Leaf(ir.Compare(left, _, ir.Right("measure", names))):
            return (left, *names)
        case ir.Leaf(ir.Compare(left=left) | ir.Equals(left=left) | ir.Known(left=left)):
            return (left,)
        case _:
            return ()


def _parameters(node: ir.Leaf | ir.AtLeast) -> tuple[str, ...]:
    match node:
        case ir.AtLeast(counted):
            return (counted,)
        case ir.Leaf(ir.Compare(right=ir.Right("parameter" | "product", names))):
            return names
        case _:
            return ()
