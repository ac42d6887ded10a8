"""The same patient again, but for some unknowns: every term of a model with these renamed.

What does not hang on them is the very same term, so z3 has to think only about the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar, cast

import z3

from boosterwatch.engine.author.symbolic.measures import MeasureModel
from boosterwatch.engine.author.symbolic.model import Symbolic
from boosterwatch.engine.pack import ir

T = TypeVar("T", bound=z3.ExprRef)


class Twin:
    """A second patient of a model who owns some of its unknowns; read like a `Symbolic`."""

    def __init__(self, of: Symbolic, own: Iterable[z3.ExprRef], prefix: str = "second ") -> None:
        self._of = of
        names = sorted(of.names_of(own))
        self._renamed = [(of.unknowns[name], z3.Const(prefix + name, of.unknowns[name].sort())) for name in names]
        self._known: dict[int, tuple[z3.ExprRef, z3.ExprRef]] = {}  # by the id of a term, which lives as long as it
        for one, other in [*((one, one) for one in of.unknowns.values()), *self._renamed]:
            self._known[one.get_id()] = one, other
        self._learn([*of.conclusions, *of.relations])

    def _learn(self, terms: Sequence[z3.BoolRef]) -> None:
        """Rename in many terms at once: they share most of what they are made of."""
        renamed = z3.substitute(z3.And(*terms), *self._renamed).children()
        self._known |= {term.get_id(): (term, other) for term, other in zip(terms, renamed, strict=True)}

    @property
    def pack(self) -> ir.Pack:
        """The pack, the same as of the first patient."""
        return self._of.pack

    @property
    def measures(self) -> MeasureModel:
        """The measures of the first patient; `again` turns their terms into those of the second."""
        return self._of.measures

    @cached_property
    def relations(self) -> list[z3.BoolRef]:
        """What holds between the measures of the second patient."""
        return [self.again(one) for one in self._of.relations]

    @cached_property
    def unknowns(self) -> dict[str, z3.ExprRef]:
        """What the model does not know of the second patient, by the same names."""
        return {name: self.again(one) for name, one in self._of.unknowns.items()}

    def again(self, term: T) -> T:
        """Return a term of the first patient as it is of the second."""
        found = self._known.get(term.get_id())
        if found is None:
            found = self._known[term.get_id()] = term, z3.substitute(term, *self._renamed)
        return cast(T, found[1])

    def true(self, condition: ir.Condition) -> z3.BoolRef:
        """Return that a condition is true."""
        return self.again(self._of.true(condition))

    def wins(self, rule_id: str) -> z3.BoolRef:
        """Return that the row is the first true one of its table."""
        return self.again(self._of.wins(rule_id))

    def drawn(self, atom: str) -> z3.BoolRef:
        """Return that the conclusion is drawn."""
        return self.again(self._of.drawn(atom))

    def known(self, measure: str) -> z3.BoolRef:
        """Return that the measure has a value."""
        return self.again(self._of.known(measure))

    def value(self, measure: str) -> z3.ExprRef:
        """Return the value, meaningful when it is known."""
        return self.again(self._of.value(measure))
