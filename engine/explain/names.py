"""What things are called: ids of a pack -> the words of the pack, with nothing made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from boosterwatch.engine.decide.values import spoken
from boosterwatch.engine.model import NotFired, Scalar
from boosterwatch.engine.pack import ir

STATES = {"cannot_assess": "cannot assess", "not_applicable": "not applicable"}
NOTICE_KINDS = ("trigger", "hold", "caution", "flag")
_NEEDS = {">=": "{} or more", "<=": "{} or less", ">": "more than {}", "<": "less than {}"}


def words(id: str) -> str:
    """Return an id as words.

    >>> words("some_id")
    'some id'
    """
    return id.replace("_", " ")


def state_in_words(state: str) -> str:
    """Return a sign's state as it is shown; never by a colour or a mark alone."""
    return STATES.get(state, words(state))


class Names:
    """The names of one pack."""

    def __init__(self, pack: ir.Pack) -> None:
        self.pack = pack

    @cached_property
    def rules(self) -> Mapping[str, ir.Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.pack.rules}

    @cached_property
    def measures(self) -> Mapping[str, ir.Measure]:
        """Measures by name."""
        return {measure.name: measure for measure in self.pack.measures}

    @cached_property
    def parameters(self) -> Mapping[str, ir.Parameter]:
        """Parameters by name."""
        return {parameter.name: parameter for parameter in self.pack.parameters}

    @cached_property
    def citations(self) -> Mapping[str, ir.Citation]:
        """Citations by id."""
        return {citation.id: citation for citation in self.pack.citations}

    @cached_property
    def _titles(self) -> Mapping[tuple[str, str], str]:
        """Titles by kind and id."""
        titles = {("reading", scale.id): scale.short for scale in self.pack.scales}
        titles |= {("sign", sign.id): sign.title for sign in self.pack.signs}
        return titles | {(notice.kind, notice.id): notice.title for notice in self.pack.notices}

    def title(self, kind: str, id: str) -> str:
        """Return the title of a sign, a scale or a notice; the id as words where it has none."""
        return self._titles.get((kind, id)) or words(id)

    def rule(self, id: str) -> str:
        """Return what a rule concludes, in the words of the pack."""
        rule = self.rules.get(id)
        if rule is None:
            return words(id)
        if rule.kind in ("reading", "sign"):
            return f"{self.title(rule.kind, rule.subject)} {state_in_words(rule.state)}"
        if rule.kind in NOTICE_KINDS:
            return f"{rule.kind}: {self.title(rule.kind, rule.subject)}"
        return words(rule.state if rule.kind == "recommendation" else f"{rule.subject} {rule.state}".strip())

    def anything(self, id: str) -> str:
        """Return what an id of unknown kind is called: a sign, a notice, or else a rule."""
        for kind in ("sign", *NOTICE_KINDS):
            if (kind, id) in self._titles:
                return self._titles[kind, id]
        return self.rule(id)

    def cited(self, ids: Iterable[str]) -> str:
        """Return the sources of a number, as the pack cites them."""
        found = (self.citations.get(id) for id in ids)
        return "; ".join(one.text for one in found if one is not None)

    # ------------------------------------------------------------ near misses

    def miss(self, row: NotFired) -> str:
        """Return how near a rule came, in the scale's own points: what it read, what it needs, what is short."""
        left, _, rest = row.clause.removeprefix("none: ").partition(" ")
        measure = self.measures.get(left)
        if row.distance is None or row.threshold is None:
            return row.clause
        about = f"{measure.says} is" if measure is not None else "there are"
        if rest.startswith("within "):
            about = "days between the two dates are"
        needs = _needs(rest, row).format(spoken_as(row.threshold, row.unit))
        return f"{about} {spoken_as(row.value, row.unit)}, needs {needs}; {_short(row.distance, row.unit)} short"


def _needs(comparison: str, row: NotFired) -> str:
    """Return the comparison that must hold, in words; under a `none` it is the opposite."""
    op = comparison.partition(" ")[0].replace("within", "<=")
    if row.clause.startswith("none: "):
        op = {">=": "<", "<=": ">", ">": "<=", "<": ">="}.get(op, op)
    return _NEEDS.get(op, "{} or more")


def spoken_as(value: Scalar | None, unit: str | None) -> str:
    """Return a value of a trace in words; `unit` is None for what is no number."""
    return spoken(value, unit if unit == "fraction" else "text")


def _short(distance: float | int, unit: str | None) -> str:
    spelled = spoken_as(distance, unit)
    if unit in (None, "fraction", "times", "count"):
        return spelled
    return f"{spelled} {unit.removesuffix('s') if distance == 1 else unit}"
