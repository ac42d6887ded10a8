"""Decisions as canonical JSON: keys in alphabetical order, no spaces, UTF-8. Same inputs, same bytes.

Rows of the trace are encoded when they are explained, because the same row serves many decisions.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from boosterwatch.engine.model import Activation, Chosen, Clause, Decision, NotFired, SignState

SCHEMA = "boosterwatch/decision/1"


class Prepared:
    """The encoded rows of one decision. They count only for the very tuples that they were made from."""

    __slots__ = ("not_fired", "not_fired_json", "trace", "trace_json")

    def __init__(
        self,
        trace: tuple[Activation, ...],
        not_fired: tuple[NotFired, ...],
        trace_json: list[bytes],
        not_fired_json: list[bytes],
    ) -> None:
        self.trace = trace
        self.not_fired = not_fired
        self.trace_json = trace_json
        self.not_fired_json = not_fired_json


def to_json_bytes(decision: Decision) -> bytes:
    """Return the decision as canonical JSON; its shape is `schemas/decision.schema.json`."""
    rows = decision.prepared
    if not isinstance(rows, Prepared) or (rows.trace is not decision.trace or rows.not_fired is not decision.not_fired):
        trace_json = [activation_json(one) for one in decision.trace]
        not_fired_json = [not_fired_json_of(one) for one in decision.not_fired]
    else:
        trace_json, not_fired_json = rows.trace_json, rows.not_fired_json
    document = _document(decision, _list(trace_json), _list(not_fired_json))
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def activation_json(one: Activation, clauses: Sequence[bytes] | None = None, parameters: bytes | None = None) -> bytes:
    """Return one row of the trace; its clauses and parameters may have been encoded before."""
    if clauses is None:
        clauses = [clause_json(clause) for clause in one.clauses]
    if parameters is None:
        parameters = parameters_json(one.parameters)
    return orjson.dumps(
        {
            "because": one.because,
            "clauses": _list(clauses),
            "effect": one.effect,
            "parameters": orjson.Fragment(parameters),
            "rule": one.rule,
            "source": one.source,
            "stratum": one.stratum,
        }
    )


def not_fired_json_of(one: NotFired) -> bytes:
    """Return one row of the rules that did not fire."""
    return orjson.dumps(
        {
            "clause": one.clause,
            "distance": one.distance,
            "effect": one.effect,
            "reason": one.reason,
            "rule": one.rule,
            "source": one.source,
            "threshold": one.threshold,
            "truth": one.truth,
            "unit": one.unit,
            "value": one.value,
        }
    )


def clause_json(one: Clause) -> bytes:
    """Return one clause of a rule that fired."""
    return orjson.dumps(
        {
            "distance": one.distance,
            "reason": one.reason,
            "source": one.line,
            "text": one.text,
            "threshold": one.threshold,
            "truth": one.truth,
            "unit": one.unit,
            "value": one.value,
        }
    )


def parameters_json(parameters: Sequence[Chosen]) -> bytes:
    """Return the parameters that a rule used."""
    return orjson.dumps([_chosen(chosen) for chosen in parameters], option=orjson.OPT_SORT_KEYS)


def _chosen(one: Chosen) -> dict[str, object]:
    plain: dict[str, object] = {
        "basis": one.basis,
        "citation": one.cites,
        "from": one.start,
        "layer": one.layer,
        "name": one.name,
        "value": one.value,
    }
    return plain if one.note is None else plain | {"note": one.note}


def _list(rows: Sequence[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[" + b",".join(rows) + b"]")


def _document(decision: Decision, trace: orjson.Fragment, not_fired: orjson.Fragment) -> dict[str, object]:
    document: dict[str, object] = {
        "as_of": decision.as_of.isoformat(),
        "cautions": decision.cautions,
        "engine": decision.engine,
        "flags": decision.flags,
        "holds": decision.holds,
        "measures": decision.measures,
        "missing": [{"need": one.need, "settles": one.settles} for one in decision.missing],
        "next": decision.next,
        "not_fired": not_fired,
        "notices": decision.notices,
        "pack": decision.pack if decision.review is None else {**decision.pack, "review": decision.review},
        "patient": decision.patient,
        "recommendation": decision.recommendation,
        "record_digest": decision.record_digest,
        "rejected": [{"code": one.code, "part": one.part, "reason": one.reason} for one in decision.rejected],
        "response": decision.response,
        "schema": SCHEMA,
        "signs": {sign: _sign(state) for sign, state in decision.signs.items()},
        "summary": decision.summary,
        "trace": trace,
        "urgency": decision.urgency,
    }
    return document if decision.error is None else document | {"error": decision.error}


def _sign(state: SignState) -> dict[str, str]:
    plain = {"because": state.because, "state": state.state}
    return plain if state.reason is None else plain | {"reason": state.reason}
