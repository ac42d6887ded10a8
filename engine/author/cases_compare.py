"""What was expected against what came out, field by field; nothing that a case does not name is compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from boosterwatch.engine.author.cases_reasons import Reasons
from boosterwatch.engine.diagnostics import Span, suggest
from boosterwatch.engine.model import Decision, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Path

NO_URGENCY = "none"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise: its path under `expect`, both values as text, and what explains it."""

    path: Path
    expected: str
    got: str
    notes: tuple[str, ...] = ()
    span: Span | None = None

    @property
    def field(self) -> str:
        """The path as text."""
        return ".".join(map(str, self.path)) or "decision"


def compare(decision: Decision, pack: ir.Pack, expect: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield every difference between a decision and what a case expects."""
    comparison = _Comparison(decision, pack)
    for field, wanted in expect.items():
        yield from comparison.fields[field](field, wanted)


class _Comparison:
    """One decision, ready to be compared."""

    def __init__(self, decision: Decision, pack: ir.Pack) -> None:
        self._decision = decision
        self._pack = pack
        self._reasons = Reasons(decision, pack)
        self.fields: Mapping[str, Callable[[str, Any], Iterator[Difference]]] = {
            "recommendation": self._recommendation,
            "urgency": self._urgency,
            "response": self._response,
            "signs": self._signs,
            "reasons": self._sign_reasons,
            "holds": self._whole_list,
            "cautions": self._whole_list,
            "flags": self._whole_list,
            "flags_include": self._flags_include,
            "flags_exclude": self._flags_exclude,
            "measures": self._measures,
            "fired": self._fired,
            "not_fired": self._not_fired,
        }

    # ------------------------------------------------------------ single values

    def _recommendation(self, field: str, wanted: str) -> Iterator[Difference]:
        got = self._decision.recommendation
        if got != wanted:
            yield Difference((field,), wanted, got, self._reasons.recommendation(wanted))

    def _urgency(self, field: str, wanted: str) -> Iterator[Difference]:
        got = self._decision.urgency or NO_URGENCY
        if got != wanted:
            yield Difference((field,), wanted, got, (self._decision.summary,))

    def _response(self, field: str, wanted: str) -> Iterator[Difference]:
        got = self._decision.response
        if got != wanted:
            yield Difference((field,), wanted, got, self._reasons.state("class", field, wanted))

    # ------------------------------------------------------------ signs

    def _signs(self, field: str, wanted: Mapping[str, str]) -> Iterator[Difference]:
        for sign, state in wanted.items():
            found = self._decision.signs.get(sign)
            if found is None:
                yield _unknown((field, sign), "sign", sign, self._decision.signs)
            elif found.state != state:
                notes = (found.because, *self._reasons.state("sign", sign, state))
                yield Difference((field, sign), state, found.state, notes)

    def _sign_reasons(self, field: str, wanted: Mapping[str, str]) -> Iterator[Difference]:
        for sign, reason in wanted.items():
            found = self._decision.signs.get(sign)
            if found is None:
                yield _unknown((field, sign), "sign", sign, self._decision.signs)
            elif found.reason != reason:
                yield Difference((field, sign), reason, found.reason or "none", (found.because,))

    # ------------------------------------------------------------ holds, cautions, flags

    def _whole_list(self, field: str, wanted: list[str]) -> Iterator[Difference]:
        kind = field.removesuffix("s")
        got = self._got(field)
        yield from self._unknown_ids(field, kind, wanted)
        if set(wanted) != set(got):
            notes = [*self._reasons.missing(kind, set(wanted) - set(got))]
            notes += self._reasons.unexpected(kind, [id for id in got if id not in wanted])
            yield Difference((field,), _listed(wanted), _listed(got), tuple(notes))

    def _flags_include(self, field: str, wanted: list[str]) -> Iterator[Difference]:
        yield from self._unknown_ids(field, "flag", wanted)
        lacking = [id for id in wanted if id not in self._decision.flags]
        if lacking:
            notes = self._reasons.missing("flag", lacking)
            yield Difference((field,), _listed(wanted), _listed(self._decision.flags), tuple(notes))

    def _flags_exclude(self, field: str, wanted: list[str]) -> Iterator[Difference]:
        yield from self._unknown_ids(field, "flag", wanted)
        there = [id for id in wanted if id in self._decision.flags]
        if there:
            notes = self._reasons.unexpected("flag", there)
            yield Difference((field,), f"none of {_listed(wanted)}", _listed(self._decision.flags), tuple(notes))

    def _got(self, field: str) -> tuple[str, ...]:
        decision = self._decision
        return {"holds": decision.holds, "cautions": decision.cautions, "flags": decision.flags}[field]

    def _unknown_ids(self, field: str, kind: str, wanted: Iterable[str]) -> Iterator[Difference]:
        known = {notice.id for notice in self._pack.notices if notice.kind == kind}
        for at, id in enumerate(wanted):
            if id not in known:
                yield _unknown((field, at), kind, id, known)

    # ------------------------------------------------------------ measures and rules

    def _measures(self, field: str, wanted: Mapping[str, Scalar | None]) -> Iterator[Difference]:
        for name, value in wanted.items():
            if name not in self._decision.measures:
                yield _unknown((field, name), "reported measure", name, self._decision.measures)
                continue
            got = self._decision.measures[name]
            if not same_value(value, got):
                yield Difference((field, name), _shown(value), _shown(got))

    def _fired(self, field: str, wanted: list[str]) -> Iterator[Difference]:
        for at, rule in enumerate(wanted):
            if not self._reasons.is_rule(rule):
                yield _unknown((field, at), "rule", rule, self._reasons.rule_ids)
            elif not self._reasons.fired(rule):
                yield Difference((field, at), f"{rule} fires", "it did not", tuple(self._reasons.stopped(rule)))

    def _not_fired(self, field: str, wanted: list[str]) -> Iterator[Difference]:
        for at, rule in enumerate(wanted):
            if not self._reasons.is_rule(rule):
                yield _unknown((field, at), "rule", rule, self._reasons.rule_ids)
            elif self._reasons.fired(rule):
                yield Difference((field, at), f"{rule} does not fire", "it did", (self._reasons.because(rule),))


def same_value(wanted: Scalar | None, got: Scalar | None) -> bool:
    """Return whether a measure is as written; a fraction is compared to the digits that were written.

    >>> same_value(0.588, 0.5882352), same_value(0.59, 0.5882352), same_value(0.6, 0.5)
    (True, True, False)
    >>> same_value(None, 0), same_value(10, 10.0), same_value(True, 1)
    (False, True, False)
    """
    if isinstance(wanted, bool) or isinstance(got, bool) or not isinstance(got, int | float):
        return wanted is got or (type(wanted) is type(got) and wanted == got)
    if not isinstance(wanted, float):
        return wanted == got
    last = Decimal(repr(wanted)).normalize().as_tuple().exponent
    step = Decimal(1).scaleb(int(last))
    return abs(Decimal(repr(wanted)) - Decimal(got)) <= step / 2


def _unknown(path: Path, kind: str, word: str, known: Collection[str]) -> Difference:
    hint = suggest(word, known)
    return Difference(path, word, f"the pack has no such {kind}", (hint,) if hint else ())


def _listed(ids: Iterable[str]) -> str:
    return f"[{', '.join(sorted(ids))}]"


def _shown(value: Scalar | None) -> str:
    return "null" if value is None else str(value)
