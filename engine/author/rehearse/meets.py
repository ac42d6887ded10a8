"""Whether an outcome is what a case expects: the same answer as comparing the whole decision, without making one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from boosterwatch.engine.author.cases_compare import NO_URGENCY, same_value
from boosterwatch.engine.author.rehearse.chained import Chained
from boosterwatch.engine.decide.decision import NO_RESPONSE
from boosterwatch.engine.decide.inputs import UNKNOWN
from boosterwatch.engine.decide.plan import RECOMMENDATION
from boosterwatch.engine.decide.readings import ASSESSABLE
from boosterwatch.engine.decide.scene import CANNOT
from boosterwatch.engine.decide.signs import NEAREST, NOT_COUNTED, RANKS
from boosterwatch.engine.decide.values import iso
from boosterwatch.engine.model import Measures, Outcome, Scalar
from boosterwatch.engine.pack import ir


class Meets:
    """What the cases of one pack can expect, looked up once."""

    def __init__(self, pack: ir.Pack) -> None:
        self.position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self._rules = pack.rules
        self._signs = {sign.id: sign for sign in pack.signs}
        self._why = {table.id: table.reason for table in pack.tables}
        self._rows = {self.position[one.rule]: one for one in pack.recommendations}
        self._response = dict(pack.words).get("report.response", "response")
        self._reported = {measure.name: measure.dimension for measure in pack.measures if measure.reported}
        self._notices = {
            kind: frozenset(notice.id for notice in pack.notices if notice.kind == kind)
            for kind in ("hold", "caution", "flag")
        }
        self._drawers: dict[str, list[tuple[str, int]]] = {kind: [] for kind in self._notices}
        for at, rule in enumerate(pack.rules):
            if rule.kind in self._drawers:
                self._drawers[rule.kind].append((rule.subject, at))

    def meets(self, expect: Mapping[str, Any], chained: Chained, outcome: Outcome, measures: Measures) -> bool:
        """Return whether everything that `expect` names is so."""
        found = _Found(self, chained, outcome, measures)
        return all(found.fields[field](wanted) for field, wanted in expect.items())


class _Found:
    """One outcome, asked field by field."""

    def __init__(self, known: Meets, chained: Chained, outcome: Outcome, measures: Measures) -> None:
        self._known, self._chained, self._outcome, self._measures = known, chained, outcome, measures
        self.fields: Mapping[str, Callable[[Any], bool]] = {
            "recommendation": lambda wanted: outcome.states[RECOMMENDATION] == wanted,
            "urgency": self._urgency,
            "response": lambda wanted: outcome.states.get(known._response, NO_RESPONSE) == wanted,
            "signs": self._sign_states,
            "reasons": self._reasons,
            "holds": lambda wanted: self._drawn("hold") == set(wanted),
            "cautions": lambda wanted: self._drawn("caution") == set(wanted),
            "flags": lambda wanted: self._flags() == set(wanted),
            "flags_include": lambda wanted: self._flags().issuperset(wanted),
            "flags_exclude": lambda wanted: self._flags().isdisjoint(wanted),
            "measures": self._reported,
            "fired": lambda wanted: all(self._fired(rule) for rule in wanted),
            "not_fired": lambda wanted: not any(self._fired(rule) for rule in wanted),
        }

    def _row(self) -> ir.Recommendation | None:
        winner = self._chained.winner(RECOMMENDATION, self._outcome)
        return None if winner is None else self._known._rows[winner]

    def _urgency(self, wanted: str) -> bool:
        row = self._row()
        return ((row.urgency if row is not None else None) or NO_URGENCY) == wanted

    def _sign_states(self, wanted: Mapping[str, str]) -> bool:
        return all(self._outcome.states.get(sign) == state for sign, state in wanted.items())

    def _reasons(self, wanted: Mapping[str, str]) -> bool:
        return all(sign in self._known._signs and self._reason(sign) == reason for sign, reason in wanted.items())

    def _reason(self, id: str) -> str | None:
        if self._outcome.states[id] != CANNOT:
            return None
        sign = self._known._signs[id]
        winner = self._chained.winner(id, self._outcome)
        if winner is not None:
            own = dict(sign.reasons).get(self._known._rules[winner].id)
            if own is not None:
                return own
        reasons = (self._value(self._known._why[scale] or "") for scale in sign.core)
        found = [str(reason) for reason in reasons if reason not in (None, ASSESSABLE)]
        return min(found, key=lambda reason: RANKS.get(reason, len(NEAREST)), default=NOT_COUNTED)

    def _value(self, name: str) -> Scalar | None:
        value = self._measures.values.get(name)
        if value is None and name in self._measures.reasons:
            return UNKNOWN + self._measures.reasons[name]
        return value

    def _drawn(self, kind: str) -> set[str]:
        truths = self._outcome.truths
        drawn = {subject for subject, at in self._known._drawers[kind] if truths[at]}
        return drawn & self._known._notices[kind]

    def _flags(self) -> set[str]:
        row = self._row()
        raised = set(row.flags) if row is not None else set()
        return self._drawn("flag") | raised & self._known._notices["flag"]

    def _reported(self, wanted: Mapping[str, Scalar | None]) -> bool:
        return all(self._is_so(name, value) for name, value in wanted.items())

    def _is_so(self, name: str, wanted: Scalar | None) -> bool:
        dimension = self._known._reported.get(name)
        if dimension is None:
            return False
        got = self._measures.values.get(name)
        if dimension == "date" and got is not None:
            got = iso(int(got))
        return same_value(wanted, got)

    def _fired(self, rule: str) -> bool:
        at = self._known.position.get(rule)
        return at is not None and bool(self._outcome.truths[at])
