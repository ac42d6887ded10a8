"""Whole valid packs and patients, invented: by a seeded generator for long runs, by hypothesis for short ones.

The numbers are chosen so that ties are common: a value is often exactly a threshold.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from boosterwatch.engine.chain.conditions import measures_read, parameters_read
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs

NUMBERS = tuple(f"phq{n}.latest" for n in range(8))
CATEGORIES = {"sex": ("female", "male"), "setting": ("home", "ward", 'a "quoted" \\ ünit')}
TRUTHS = ("responder", "flagged")
PARAMETERS = tuple(f"threshold.{n}" for n in range(6))
COUNTS = ("count.one", "count.two")
OPERATORS: tuple[ir.Op, ...] = (">=", "<=", ">", "<")
TIES = (0, 1, 2, 3, -1, 0.5, 1.0, 2.5, -0.0, 0.1 + 0.2, 0.3, 1e-7, -1e-300, 10**9, 123456.789)


@dataclass(frozen=True)
class Case:
    """A pack, a patient and the parameters in force."""

    pack: ir.Pack
    values: Mapping[str, Scalar]
    parameters: Mapping[str, int | float]


def cases() -> st.SearchStrategy[Case]:
    """Return small packs with one patient each, which shrink to something readable."""
    return st.randoms(use_true_random=False).map(lambda rng: invent_case(rng, layers=3, width=4))


def invent_case(rng: random.Random, *, layers: int, width: int) -> Case:
    """Return a pack of up to `layers * width` rules and tables, with a patient."""
    pack = invent_pack(rng, layers=layers, width=width)
    return Case(pack, invent_values(rng, pack), invent_parameters(rng, pack))


def invent_values(rng: random.Random, pack: ir.Pack) -> dict[str, Scalar]:
    """Return a value for most of the measures that a pack reads, in a random order."""
    names = sorted({name for rule in pack.rules for name in measures_read(rule.when)})
    rng.shuffle(names)
    known = rng.choice((0.0, 0.6, 0.9, 1.0))
    return {name: _value(rng, name) for name in names if rng.random() < known}


def invent_parameters(rng: random.Random, pack: ir.Pack) -> dict[str, int | float]:
    """Return a value for every parameter that a pack reads."""
    names = sorted({name for rule in pack.rules for name in parameters_read(rule.when)})
    return {name: rng.randint(0, 4) if name in COUNTS else rng.choice(TIES) for name in names}


def _value(rng: random.Random, name: str) -> Scalar:
    if name in TRUTHS:
        return rng.random() < 0.5
    if name in CATEGORIES:
        return rng.choice((*CATEGORIES[name], "unheard of"))
    return rng.choice(TIES)


# ---------------------------------------------------------------- packs


def invent_pack(rng: random.Random, *, layers: int, width: int) -> ir.Pack:
    """Return a pack in which every rule reads only what earlier layers draw."""
    rules: list[ir.Rule] = []
    tables: list[ir.Table] = []
    atoms: list[str] = []
    for layer in range(rng.randint(1, layers)):
        drawn: list[str] = []
        for number in range(rng.randint(1, width)):
            id_ = f"l{layer}_{number}"
            if rng.random() < 0.3:
                table, rows = _table(rng, id_, atoms)
                tables.append(table)
                rules.extend(rows)
                drawn.extend(table_atom(id_, state) for state in table.states)
            else:
                atom = f"l{layer}.{rng.randint(0, width // 2)}"
                rules.append(packs.rule(id_, _condition(rng, atoms, 3), atom))
                drawn.append(atom)
        atoms.extend(dict.fromkeys(drawn))
    rng.shuffle(rules)
    lookback = rng.sample(atoms, min(len(atoms), rng.randint(1, 2)))
    return packs.pack(rules, tables, lookback)


def _table(rng: random.Random, id_: str, atoms: list[str]) -> tuple[ir.Table, list[ir.Rule]]:
    states = ("absent", "possible", "probable")
    rows = [
        packs.rule(
            f"{id_}_row{number}",
            _condition(rng, atoms, 2),
            table=id_,
            state=rng.choice(states),
        )
        for number in range(rng.randint(1, 3))
    ]
    return packs.table(id_, rows, rng.choice(states)), rows


def _condition(rng: random.Random, atoms: list[str], depth: int) -> ir.Condition:
    kind = rng.random()
    if depth == 0 or kind < 0.35:
        return _leaf(rng, atoms)
    if kind < 0.45:
        return ir.Not(_condition(rng, atoms, depth - 1))
    parts = tuple(_condition(rng, atoms, depth - 1) for _ in range(rng.choice((0, 1, 2, 2, 3, 4))))
    return ir.All(parts) if kind < 0.75 else ir.Any(parts)


def _leaf(rng: random.Random, atoms: list[str]) -> ir.Condition:
    kind = rng.random()
    if atoms and kind < 0.3:
        return packs.drawn(rng.choice(atoms))
    if atoms and kind < 0.4:
        chosen = rng.sample(atoms, rng.randint(1, min(4, len(atoms))))
        return packs.at_least(rng.choice(COUNTS), *chosen)
    if kind < 0.55:
        return _category(rng)
    if kind < 0.65:
        names = (*NUMBERS, *CATEGORIES, *TRUTHS)
        return packs.leaf(ir.Known(rng.choice(names), known=rng.random() < 0.5))
    return _comparison(rng)


def _category(rng: random.Random) -> ir.Leaf:
    negated, recorded = rng.random() < 0.4, rng.random() < 0.2
    if rng.random() < 0.5:
        return packs.equals(rng.choice(TRUTHS), rng.random() < 0.5, negated, recorded)
    name = rng.choice(tuple(CATEGORIES))
    return packs.equals(name, rng.choice(CATEGORIES[name]), negated, recorded)


def _comparison(rng: random.Random) -> ir.Leaf:
    left, op = rng.choice(NUMBERS), rng.choice(OPERATORS)
    kind = rng.random()
    if kind < 0.25:
        return packs.compare_measures(left, op, rng.choice(NUMBERS))
    if kind < 0.4:
        return packs.compare(left, op, rng.choice(PARAMETERS), rng.choice(PARAMETERS))
    return packs.compare(left, op, rng.choice(PARAMETERS))
