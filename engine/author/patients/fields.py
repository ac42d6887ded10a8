"""Fields of a fact that meet conditions: tried from few fields to many, with the values where a condition turns.

What a field can hold is read from the record's own schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise, product

from boosterwatch.engine.author.facts_words import fact_types
from boosterwatch.engine.author.patients.course import Parameters
from boosterwatch.engine.author.patients.days import AS_OF, iso
from boosterwatch.engine.measures.where import Test, compile_where
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.schema_store import schema, validator

Fields = dict[str, Scalar]
_MOST_TRIES = 4000
_NOT_FIELDS = ("type", "date")


def meet(
    conditions: Sequence[ir.Condition],
    domains: Mapping[str, Sequence[Scalar | None]],
    parameters: Parameters,
) -> Iterator[Fields]:
    """Yield fields for which every condition is true, those with fewer fields first; None stands for absent."""
    tests = [compile_where(condition) for condition in conditions]
    names = list(domains)
    tries = islice(product(*domains.values()), _MOST_TRIES)
    combinations = [dict(zip(names, values, strict=True)) for values in tries]
    combinations.sort(key=lambda one: sum(value is not None for value in one.values()))
    for one in combinations:
        fields = {name: value for name, value in one.items() if value is not None}
        if all(_is_met(test, fields, parameters) for test in tests):
            yield fields


def _is_met(test: Test, fields: Fields, parameters: Parameters) -> bool:
    return test(fields, parameters) is True


def fact_fields(
    type: str,
    fixed: Mapping[str, Scalar],
    conditions: Sequence[ir.Condition],
    parameters: Parameters,
    names: Sequence[str] = (),
) -> Fields | None:
    """Return the fields of a fact of this type that holds `fixed` and meets the conditions; None when none does.

    `names` are what a field for a free name may hold.
    """
    shape = fact_types().get(type)
    if shape is None or not set(fixed) <= set(shape):
        return None
    spoken = {name for condition in conditions for name in named(condition)}
    required = [name for name in schema("record")["definitions"][f"fact_{type}"]["required"] if name not in _NOT_FIELDS]
    domains: dict[str, Sequence[Scalar | None]] = {name: [value] for name, value in fixed.items()}
    for name, node in shape.items():
        free = "enum" not in node and "type" not in node
        if name not in domains and (free or name in spoken or name in required):
            values = list(names) if free else domain_of(name, node, conditions, parameters)
            domains[name] = values if name in required else [None, *values]
    for found in meet(conditions, domains, parameters):
        if _is_shaped(type, found):
            return {name: found[name] for name in shape if name in found}
    return None


def _is_shaped(type: str, fields: Fields) -> bool:
    """Return whether a record may hold the fact."""
    today = iso(AS_OF)
    return validator("record").is_valid({"as_of": today, "safety": [{"type": type, "date": today, **fields}]})


def domain_of(
    name: str, node: Mapping[str, object], conditions: Iterable[ir.Condition], parameters: Parameters
) -> list[Scalar]:
    """Return values worth trying for a field: its words, yes and no, or the numbers where a condition turns."""
    words = node.get("enum")
    if isinstance(words, list):
        asked = [value for condition in conditions for value in _asked(condition, name) if value in words]
        return [*dict.fromkeys([*asked, *words])]
    if node.get("type") == "boolean":
        return [False, True]
    return [*dict.fromkeys(turning_points(conditions, parameters))]


def turning_points(conditions: Iterable[ir.Condition], parameters: Parameters) -> list[Scalar]:
    """Return the numbers at, beside and between the parameters that conditions compare with."""
    limits = sorted({limit for condition in conditions for limit in _limits(condition, parameters)})
    middle = [round((low + high) / 2) for low, high in pairwise(limits)]
    return [*middle, *limits, *(limit + 1 for limit in limits), *(limit - 1 for limit in limits)] or [1]


# ---------------------------------------------------------------- what a condition says


def leaves(condition: ir.Condition) -> Iterator[ir.Leaf]:
    """Yield the clauses of a condition."""
    match condition:
        case ir.Leaf():
            yield condition
        case ir.All(parts=parts) | ir.Any(parts=parts):
            for part in parts:
                yield from leaves(part)
        case ir.Not(part=part):
            yield from leaves(part)


def named(condition: ir.Condition) -> Iterator[str]:
    """Yield the fields that a condition on a fact reads."""
    for leaf in leaves(condition):
        if not isinstance(leaf.test, ir.Drawn):
            yield leaf.test.left
        if isinstance(leaf.test, ir.Compare) and leaf.test.right.kind == "field":
            yield leaf.test.right.names[0]


def _asked(condition: ir.Condition, name: str) -> Iterator[Scalar]:
    for leaf in leaves(condition):
        if isinstance(leaf.test, ir.Equals) and leaf.test.left == name and not leaf.test.negated:
            yield leaf.test.value


def _limits(condition: ir.Condition, parameters: Parameters) -> Iterator[float]:
    for leaf in leaves(condition):
        if isinstance(leaf.test, ir.Compare):
            right = leaf.test.right
            if right.kind == "parameter":
                yield parameters[right.names[0]]
            elif right.kind == "product":
                yield parameters[right.names[0]] * parameters[right.names[1]]
