"""Verdicts by proof: who gains and who loses a conclusion, over every patient that the model allows.

What the solver excludes is proved. A patient that it allows is one of the model: whether a record can show it is for
an example to say. Where the two versions work a measure out differently and the model cannot say how the two values
go together, nothing is concluded from such a patient (`perhaps`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from boosterwatch.engine.author.diff.answers import RECOMMENDATION, recommended
from boosterwatch.engine.author.diff.effects import NEVER, Verdicts
from boosterwatch.engine.author.diff.model import Answer, Verdict
from boosterwatch.engine.author.diff.touched import Reach, atom_of
from boosterwatch.engine.author.diff.unlike import Values
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack import ir

if TYPE_CHECKING:
    import z3

    from boosterwatch.engine.author.symbolic import Scene, Symbolic

WORK = 100_000_000  # steps that z3 may take for one question: the same on every machine
_SMALL_SECONDS = 1.0


class Prover:
    """Two versions over the same patient, and what can be proved about them. Imports z3 when made."""

    def __init__(self, reach: Reach, before: Values, after: Values) -> None:
        import z3

        from boosterwatch.engine.author.symbolic import share

        self._z3, self._reach = z3, reach
        self.problems: tuple[Diagnostic, ...] = ()
        self._sides = _model(reach.old, before), _model(reach.new, after)
        self._alike = [*share(*self._sides), *self._equal_measures()]
        self._solver = z3.Solver()
        self._solver.set("rlimit", WORK)
        self._solver.add(*self._sides[0].relations, *self._sides[1].relations, *self._alike)
        self._apart = self._unknowns_apart()
        self._blind = self._unknowns_blind()

    def _equal_measures(self) -> list[z3.BoolRef]:
        """Return that a measure which both versions work out alike has one value, however the models name it."""
        old, new = self._sides
        found: list[z3.BoolRef] = []
        for name in sorted(old.measures.made.keys() & new.measures.made.keys() - self._reach.unlike):
            known, value = old.known(name), old.value(name)
            if not known.eq(new.known(name)):
                found.append(known == new.known(name))
            if not value.eq(new.value(name)):
                found.append(value == new.value(name))
        return found

    def _unknowns_apart(self) -> frozenset[str]:
        """Return the unknowns that one version has and the other has not."""
        names = [{str(one) for one in side.unknowns.values()} for side in self._sides]
        return frozenset((names[0] ^ names[1]) - _unknowns_in(self._alike))

    def _unknowns_blind(self) -> frozenset[str]:
        """Return the unknowns of measures worked out differently of which the model knows no more than their name."""
        names = {name for side in self._sides for name in (*side.unmodelled, *side.free)} & self._reach.unlike
        made = [(side, name) for side in self._sides for name in names if name in side.measures.made]
        return frozenset(_unknowns_in(part for side, name in made for part in (side.known(name), side.value(name))))

    def apart(self, measures: Iterable[str]) -> tuple[str, ...]:
        """Return those of the measures whose two values the model cannot compare."""
        return tuple(name for name in measures if any(self._is_apart(side, name) for side in self._sides))

    def _is_apart(self, side: Symbolic, name: str) -> bool:
        if name not in side.measures.made:
            return False
        return not (self._apart | self._blind).isdisjoint(_unknowns_in([side.known(name), side.value(name)]))

    # ------------------------------------------------------------ verdicts

    def rule(self, id: str) -> Verdicts:
        """Return who gains and who loses that a rule is true; one that a version does not have is never true there."""
        if not self._reach.reaches_rule(id):
            return NEVER
        old, new = self._sides
        return self._pair(self._rule(old, id), self._rule(new, id))

    def answer(self, answer: Answer) -> Verdicts:
        """Return who gains and who loses an answer."""
        if not self._reach.reaches(answer):
            return NEVER
        return self._pair(*(self._given(side, answer) for side in self._sides))

    def scene(self, answer: Answer, *, gained: bool) -> Scene | None:
        """Return a scene of a patient who gains, or loses, the answer; None when there is none or z3 cannot tell."""
        from boosterwatch.engine.author.symbolic import find_scene

        old, new = (self._given(side, answer) for side in self._sides)
        goal = self._z3.And(*self._alike, *((new, self._z3.Not(old)) if gained else (old, self._z3.Not(new))))
        try:
            return find_scene(list(self._sides), goal, seconds=_SMALL_SECONDS)
        except TimeoutError:
            return None

    def _pair(self, old: z3.BoolRef, new: z3.BoolRef) -> Verdicts:
        return self._verdict(new, old), self._verdict(old, new)

    def _verdict(self, this: z3.BoolRef, other: z3.BoolRef) -> Verdict:
        """Return whether a patient of the model can have one and not the other."""
        if self._blind and self._blind & _unknowns_in([this, other]):
            return "perhaps"  # one name stands for two things
        if this.eq(other):
            return "never"
        self._solver.push()
        self._solver.add(this, self._z3.Not(other))
        found = self._solver.check()
        self._solver.pop()
        if found == self._z3.unsat:
            return "never"
        if found == self._z3.unknown:
            message = "the solver gave no answer within its limit of work"
            self.problems = (Diagnostic("BW442", message, None, "what hangs on it is not proved", "warning"),)
            return "perhaps"
        return "perhaps" if self._apart and self._apart & _unknowns_in([this, other]) else "some"

    # ------------------------------------------------------------ terms

    def _rule(self, side: Symbolic, id: str) -> z3.BoolRef:
        return side.rule(id) if any(rule.id == id for rule in side.pack.rules) else self._z3.BoolVal(False)

    def _given(self, side: Symbolic, answer: Answer) -> z3.BoolRef:
        """Return that a version gives an answer."""
        if answer.kind == RECOMMENDATION:
            rows = [one for one in side.pack.recommendations if recommended(one.recommendation, one.urgency) == answer]
            return self._any(side, rows)
        drawn = side.drawn(atom_of(answer))
        raised = [one for one in side.pack.recommendations if answer.kind == "flag" and answer.id in one.flags]
        found: z3.BoolRef = self._z3.Or(drawn, self._any(side, raised)) if raised else drawn
        return found

    def _any(self, side: Symbolic, rows: list[ir.Recommendation]) -> z3.BoolRef:
        found: z3.BoolRef = self._z3.Or(*(side.wins(one.rule) for one in rows))
        return found


_kept: list[tuple[ir.Pack, dict[str, float], Symbolic]] = []  # the last two models; one side is often compared again


def _model(pack: ir.Pack, values: Values) -> Symbolic:
    """Return the model of a pack at these values."""
    from boosterwatch.engine.author.symbolic import Symbolic

    for at, (kept, of, model) in enumerate(_kept):
        if kept is pack and of == values:
            _kept.append(_kept.pop(at))
            return model
    made = Symbolic(pack, values)
    _kept[:] = [*_kept[-1:], (pack, dict(values), made)]
    return made


def _unknowns_in(terms: Iterable[z3.ExprRef]) -> set[str]:
    """Return the names of the unknowns in terms; each shared part is looked at once."""
    names: set[str] = set()
    seen: set[int] = set()
    left = list(terms)
    while left:
        term = left.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        parts = term.children()
        if parts:
            left.extend(parts)
        else:
            names.add(str(term))
    return names


def open_prover(reach: Reach, before: Values, after: Values) -> tuple[Prover | None, tuple[Diagnostic, ...]]:
    """Return the prover; None, with a note of the extra to install, where z3 is not there."""
    try:
        return Prover(reach, before, after), ()
    except ModuleNotFoundError as missing:
        if missing.name != "z3":
            raise
    message = "z3 is not installed, so what follows from the changes is not proved"
    return None, (Diagnostic("BW440", message, None, "pip install 'boosterwatch[prove]'", "warning"),)
