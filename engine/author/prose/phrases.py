"""One clause of a rule in English: a subject and a predicate, with every number at its value.

Flow: ir.Pack -> **phrases** -> sentences -> prose. What a score measure says follows from its kind, which is one of
a closed set; every other measure is told by its own words in the pack. `bound` puts a word in the place of a scale, so
that a rule written over many scales reads the same for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from boosterwatch.engine.author.prose.amounts import Amounts, quoted
from boosterwatch.engine.author.prose.kinds import COMPARED, KNOWN, LEVELS, NEGATED, TRUE
from boosterwatch.engine.author.prose.nouns import noun
from boosterwatch.engine.decide.scene import CANNOT
from boosterwatch.engine.explain.names import state_in_words, words
from boosterwatch.engine.pack import ir

_FLIPPED: dict[ir.Op, ir.Op] = {">=": "<", "<": ">=", "<=": ">", ">": "<="}
_BEFORE = {">=": "on or after", "<=": "on or before", ">": "after", "<": "before"}
_DRAWN = {
    "trigger": ("the trigger", "is open", "is not open"),
    "hold": ("the hold", "stands", "does not stand"),
    "caution": ("the caution", "is shown", "is not shown"),
    "flag": ("the flag", "is raised", "is not raised"),
    "finding": ("the finding", "holds", "does not hold"),
}


class Clause(NamedTuple):
    """A whole sentence in two parts, so that clauses of one subject or one predicate can be told together."""

    subject: str
    predicate: str

    def __str__(self) -> str:
        """Return the clause without capital and full stop."""
        return f"{self.subject} {self.predicate}"


class Phrases:
    """The clauses of one pack in English."""

    def __init__(self, pack: ir.Pack, bound: Mapping[str, str] | None = None) -> None:
        self.pack = pack
        self.bound = bound or {}
        self.scales = {scale.id: scale for scale in pack.scales}
        self.measures = {measure.name: measure for measure in pack.measures}
        self.roles = {role.id: role for role in pack.roles}
        self.amounts = Amounts(pack, self.bound)
        self._titles: dict[tuple[str, str], str] = {(notice.kind, notice.id): notice.title for notice in pack.notices}
        self._signs = {sign.id: sign for sign in pack.signs}
        self._alike = Counter(_identity(measure) for measure in pack.measures)

    def bind(self, bound: Mapping[str, str]) -> Phrases:
        """Return the same phrases with words in the place of some scales."""
        return Phrases(self.pack, bound)

    def scale(self, id: str) -> str:
        """Return what a scale is called here."""
        return self.bound.get(id) or self.scales[id].short

    def clause(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, negated: bool = False) -> Clause:
        """Return the test in English; the opposite of it when negated."""
        match test:
            case ir.Compare(left, op, right):
                return self._compared(left, _FLIPPED[op] if negated else op, right)
            case ir.Equals(left, value, opposite, recorded):
                return self._equal(left, value, negated != opposite, recorded)
            case ir.Known(left, known):
                return self._known(left, known != negated)
            case ir.Drawn(atom):
                return self.drawn(atom, negated)

    def drawn(self, atom: str, negated: bool = False) -> Clause:
        """Return a conclusion in English."""
        kind, _, subject = atom.partition(":")
        if kind in _DRAWN:
            name, holds, fails = _DRAWN[kind]
            titled = self._titles.get((kind, subject)) or words(subject)
            return Clause(f"{name} {quoted(titled)}", fails if negated else holds)
        if kind == "source":
            return Clause(self.instrument(subject), "is not a positive source" if negated else "is a positive source")
        table, _, state = atom.removeprefix("row:").partition("=")
        if table in self._signs:
            return Clause(f"the sign {quoted(self._signs[table].title)}", stated(state, "is", negated))
        if table in self.scales:
            return Clause(self.scale(table), stated(state, "reads as", negated))
        return Clause(f"the {words(table)}", f"is {'not ' if negated else ''}{quoted(words(state))}")

    def instrument(self, id: str) -> str:
        """Return what an instrument is called here."""
        short = next((one.short for one in self.pack.instruments if one.id == id), words(id))
        return self.bound.get(id) or short

    # ------------------------------------------------------------ measures

    def subject(self, name: str) -> tuple[str, str, ir.Measure | None]:
        """Return who a measure is about, the kind that says what of it, and the measure itself (None for a field)."""
        measure = self.measures.get(name)
        if measure is None:
            return f"its {quoted(words(name))}", "field", None
        if measure.scale is not None:
            return self._marked(self.scale(measure.scale), measure), _kind(measure), measure
        args = dict(measure.args)
        if measure.kind == "role":
            role = self.roles[args["role"]]
            inner = next((self.measures.get(f"{scale}.{args['measure']}") for scale in role.scales), None)
            if inner is not None:
                return f"the {role.says}", _kind(inner), inner
        return self._marked(noun(measure), measure), measure.kind, measure

    def _marked(self, subject: str, measure: ir.Measure) -> str:
        """Return the subject, with the measure's own name when another measure would be told in the same words."""
        if self._alike[_identity(measure)] == 1:
            return subject
        own = measure.name.partition(".")[2] if measure.scale in self.bound else measure.name
        return f"{subject.removesuffix(',')} ({own})"

    def noun(self, name: str) -> str:
        """Return a measure as a noun phrase: what stands on the right side of a comparison."""
        subject, kind, measure = self.subject(name)
        if measure is None or measure.scale is None:
            return subject
        owner = "its" if subject in self.bound.values() and len(self.bound) == 1 else f"{subject}'s"
        return f"{owner} {KNOWN.get(kind, words(kind)).removeprefix('known ')}"

    def _compared(self, left: str, op: ir.Op, right: ir.Right) -> Clause:
        subject, kind, measure = self.subject(left)
        apart = measure is not None and measure.kind == "days_apart" and self._apart(measure, op, right)
        if apart:
            return apart
        if measure is not None and measure.dimension == "date":
            verb = "was last scored" if kind == "latest_date" else "is"
            return Clause(subject, f"{verb} {_BEFORE[op]} {self._right(right)}")
        if right.kind == "parameter" and kind in LEVELS and measure is not None:
            level = self.amounts.level(op, right.names[0], measure.scale or "")
        else:
            level = None
        amount = level or self.amounts.compared(op, self._right(right))
        pattern = COMPARED.get(kind, "is {}")
        within = dict(measure.args).get("within") if measure is not None else None
        said = pattern.format(amount)
        return Clause(subject, f"{said} within the last {self.amounts.value(within)}" if within else said)

    def _apart(self, measure: ir.Measure, op: ir.Op, right: ir.Right) -> Clause | None:
        """Return `A was scored at most so many days before or after B` for two dates of scores."""
        one, other = (self.measures.get(name) for name in dict(measure.args).values())
        if one is None or other is None or {one.kind, other.kind} != {"latest_date"}:
            return None
        subject, amount = self.scale(one.scale or ""), self.amounts.compared(op, self._right(right))
        return Clause(subject, f"was last scored {amount} before or after {self.scale(other.scale or '')}")

    def _right(self, right: ir.Right) -> str:
        match right.kind:
            case "parameter":
                return self.amounts.value(right.names[0])
            case "product":
                return self.amounts.product(right.names)
            case "field":
                return f"its {quoted(words(right.names[0]))}"
            case _:
                measure = self.measures.get(right.names[0])
                if measure is not None and measure.kind == "role_parameter":
                    return f"its own {quoted(words(dict(measure.args)['parameter']))}"
                return self.noun(right.names[0])

    def _equal(self, left: str, value: str | bool, negated: bool, recorded: bool) -> Clause:
        subject, kind, measure = self.subject(left)
        said = ("yes" if value else "no") if isinstance(value, bool) else words(value)
        if measure is not None and not recorded:
            own = self._special(subject, kind, measure, value, negated)
            if own is not None:
                return own
        if recorded or value == "unknown" or (measure is not None and "key" in dict(measure.args)):
            return Clause(subject, f"is {'not ' if negated else ''}recorded as {quoted(said)}")
        if measure is None and not isinstance(value, bool):
            said = quoted(said)
        return Clause(subject, f"is {'not ' if negated else ''}{said}")

    def _special(self, subject: str, kind: str, measure: ir.Measure, value: str | bool, negated: bool) -> Clause | None:
        """Return the clause of a kind with words of its own, None for any other."""
        args = dict(measure.args)
        if kind == "choice":
            return Clause(f"the {measure.says}", f"is {'not ' if negated else ''}{self.scale(str(value))}")
        if kind == "reason" and value == "assessable":
            return Clause(subject, f"is {'not ' if negated else ''}assessable")
        if kind == "reason":
            reason = quoted(words(str(value)))
            held = f"has no reason {reason} that keeps it from being assessed"
            return Clause(subject, held if negated else f"cannot be assessed for the reason {reason}")
        yes = (value is True) != negated
        match kind:
            case "any_event":
                return Clause(f"the event {quoted(words(args['of']))}", "is on record" if yes else "is not on record")
            case "includes":
                verb = "include" if yes else "do not include"
                return Clause(f"the record's {words(args['list'])}", f"{verb} {quoted(words(args['value']))}")
            case "any_rejected":
                return Clause("a fact" if yes else "no fact", f"was rejected as {quoted(words(args['code']))}")
            case "latest_fact_meets":
                return Clause(f"{quoted(measure.says)}", "holds" if yes else "does not hold")
            case "stands":
                return Clause("the fact", "has not been cleared since" if yes else "has been cleared since")
            case _:
                said = TRUE.get(kind) if yes else NEGATED.get(kind)
                return Clause(subject, said) if said else None

    def _known(self, left: str, known: bool) -> Clause:
        subject, kind, measure = self.subject(left)
        if measure is not None and measure.scale is not None and kind in KNOWN:
            noun_phrase = KNOWN[kind]
            article = "an" if noun_phrase[0] in "aeiou" else "a"
            return Clause(subject, f"has {article} {noun_phrase}" if known else f"has no {noun_phrase}")
        return Clause(subject, "is known" if known else "is not known")


def _kind(measure: ir.Measure) -> str:
    """Return the kind by which a measure is told; a change is told by what it is measured from."""
    return f"change_from_{dict(measure.args)['since']}" if measure.kind == "change" else measure.kind


def _identity(measure: ir.Measure) -> tuple[str | None, str, str]:
    """Return what a measure is told by; two of the same need their names beside."""
    return measure.scale, _kind(measure), "" if measure.scale is not None else measure.says


def stated(state: str, verb: str, negated: bool = False) -> str:
    """Return a state as a predicate: `is probable`, `cannot be assessed`.

    >>> stated("probable", "reads as", negated=True), stated("cannot_assess", "is")
    ('does not read as probable', 'cannot be assessed')
    """
    if state == CANNOT:
        return "has another state than “cannot assess”" if negated else "cannot be assessed"
    said = state_in_words(state)
    if negated:
        said = quoted(said) if said.startswith("not ") else said
        return f"is not {said}" if verb == "is" else f"does not read as {said}"
    return f"{verb} {said}"
