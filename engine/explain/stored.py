"""A decision from its JSON, so that one written yesterday can be explained today.

Its shape is stated by `schemas/decision.schema.json` and checked against it; what is read here was written by
`engine.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.model import (
    Activation,
    Chosen,
    Clause,
    Decision,
    Missing,
    NotFired,
    Rejection,
    SignState,
)

STORED_CODES: dict[str, str] = {"BW407": "stored decision that cannot be read"}
SCHEMA_KEY = "schema"
_FAMILY = "boosterwatch/decision/"


def is_decision(data: object) -> bool:
    """Return whether a document is a decision rather than a record: only a decision names its schema."""
    return isinstance(data, dict) and str(data.get(SCHEMA_KEY, "")).startswith(_FAMILY)


def read_decision(data: Mapping[str, Any]) -> Decision:
    """Return the decision in a JSON document. Raises RecordError (BW407) when it is not one that we wrote."""
    from boosterwatch.engine.pack.schema_store import validator

    if not validator("decision").is_valid(data):
        raise _unreadable()
    try:
        return _decision(data)
    except (KeyError, TypeError, ValueError):
        raise _unreadable() from None


def _unreadable() -> RecordError:
    hint = "give the whole JSON document that `boosterwatch evaluate --format json` printed"
    return RecordError((Diagnostic("BW407", "the stored decision cannot be read", None, hint),))


def _decision(data: Mapping[str, Any]) -> Decision:
    pack = dict(data["pack"])
    review = pack.pop("review", None)
    return Decision(
        pack=pack,
        engine=data["engine"],
        as_of=date.fromisoformat(data["as_of"]),
        patient=data["patient"],
        record_digest=data["record_digest"],
        recommendation=data["recommendation"],
        urgency=data["urgency"],
        summary=data["summary"],
        signs={id: SignState(one["state"], one.get("reason"), one["because"]) for id, one in data["signs"].items()},
        response=data["response"],
        holds=tuple(data["holds"]),
        cautions=tuple(data["cautions"]),
        flags=tuple(data["flags"]),
        next=data["next"],
        measures=data["measures"],
        trace=tuple(map(_activation, data["trace"])),
        not_fired=tuple(NotFired(**one) for one in data["not_fired"]),
        missing=tuple(Missing(one["need"], tuple(one["settles"])) for one in data["missing"]),
        rejected=tuple(Rejection(one["part"], one["code"], one["reason"]) for one in data["rejected"]),
        notices={key: tuple(texts) for key, texts in data["notices"].items()},
        error=data.get("error"),
        review=review,
    )


def _activation(one: Mapping[str, Any]) -> Activation:
    return Activation(
        rule=one["rule"],
        stratum=one["stratum"],
        effect=one["effect"],
        clauses=tuple(map(_clause, one["clauses"])),
        because=one["because"],
        parameters=tuple(map(_chosen, one["parameters"])),
        source=one["source"],
    )


def _clause(one: Mapping[str, Any]) -> Clause:
    plain = dict(one)
    return Clause(line=plain.pop("source"), **plain)


def _chosen(one: Mapping[str, Any]) -> Chosen:
    return Chosen(
        name=one["name"],
        value=one["value"],
        start=one["from"],
        layer=one["layer"],
        basis=one["basis"],
        cites=tuple(one["citation"]),
        note=one.get("note"),
    )
