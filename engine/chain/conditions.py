"""What a condition reads: the one walk over conditions that strata and both evaluators share.

It knows nothing about truth; that is `truth`, `source` and `clauses`.
"""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.pack import ir

OPPOSITE: dict[ir.Op, ir.Op] = {">=": "<", "<": ">=", "<=": ">", ">": "<="}


def leaves(condition: ir.Condition) -> Iterator[ir.Leaf | ir.AtLeast]:
    """Yield the tests and counts of a condition, in the order written."""
    match condition:
        case ir.Leaf() | ir.AtLeast():
            yield condition
        case ir.Not(part):
            yield from leaves(part)
        case ir.All(parts) | ir.Any(parts):
            for part in parts:
                yield from leaves(part)


def atoms_read(condition: ir.Condition) -> Iterator[str]:
    """Yield the conclusions of earlier strata that a condition reads."""
    for leaf in leaves(condition):
        match leaf:
            case ir.AtLeast(atoms=atoms):
                yield from atoms
            case ir.Leaf(test=ir.Drawn(atom)):
                yield atom


def measures_read(condition: ir.Condition) -> Iterator[str]:
    """Yield the names of the measures that a condition reads."""
    for leaf in leaves(condition):
        match leaf:
            case ir.Leaf(test=ir.Compare(left, _, right)):
                yield left
                if right.kind == "measure":
                    yield right.names[0]
            case ir.Leaf(test=ir.Equals(left=left) | ir.Known(left=left)):
                yield left


def parameters_read(condition: ir.Condition) -> Iterator[str]:
    """Yield the names of the parameters that a condition reads."""
    for leaf in leaves(condition):
        match leaf:
            case ir.AtLeast(count=count):
                yield count
            case ir.Leaf(test=ir.Compare(right=right)) if right.kind in ("parameter", "product"):
                yield from right.names
