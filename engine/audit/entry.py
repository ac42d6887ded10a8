"""What an entry says in public: enough to count and to search by, and no fact about a patient.

The log itself adds id, place, time, salt and chain (`log/complete.py`); the facts are sealed beside it (`seal.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from boosterwatch.engine.audit.keys import Keys, checked_name
from boosterwatch.engine.model import Decision, NotFired

Body = dict[str, object]
DECISION, RESPONSE, READ, ERASURE, NOTE = "decision", "response", "read", "erasure", "note"
NEAR_SHARE = 0.1  # of a threshold: a rule that missed by no more is called near


def common(keys: Keys, actor: str) -> Body:
    """Return what every entry says: whose log, and who acted. Raises AuditError BW557."""
    return {"tenant": keys.tenant, "actor": checked_name("the actor", actor)}


def decision_body(decision: Decision, *, patient: str | None, record_digest: str, request: str | None) -> Body:
    """Return what the entry of a decision says of it; `patient` is a pseudonym, `request` a keyed digest."""
    pack = decision.pack
    body: Body = {
        "patient": patient,
        "request": request,
        "pack": {"id": pack["id"], "version": pack["version"], "digest": pack["digest"]},
        "overlay": _overlay(pack),
        "review": decision.review,
        "engine": dict(decision.engine),
        "as_of": decision.as_of.isoformat(),
        "record_digest": record_digest,
        "recommendation": decision.recommendation,
        "urgency": decision.urgency,
        "signs": {sign: state.state for sign, state in decision.signs.items()},
        "rules": [activation.rule for activation in decision.trace],
        "near": list(near(decision)),
        "flags": list(decision.flags),
        "holds": list(decision.holds),
        "error": None if decision.error is None else decision.error["code"],
    }
    return {key: value for key, value in body.items() if value is not None}


def near(decision: Decision) -> Iterator[str]:
    """Yield the rules that were false by a hair: their first failing clause missed by a tenth of its threshold.

    A miss by one whole unit counts too, where the threshold is more than one: a point of a scale, a day, one report.
    """
    return (row.rule for row in decision.not_fired if row.truth is False and _is_near(row))


def _is_near(row: NotFired) -> bool:
    far, threshold = row.distance, row.threshold
    if far is None or isinstance(threshold, bool) or not isinstance(threshold, int | float):
        return False
    return far <= NEAR_SHARE * abs(threshold) or (far <= 1 < abs(threshold) and float(far).is_integer())


def _overlay(pack: Mapping[str, str]) -> Mapping[str, str] | None:
    return {"id": pack["overlay"], "digest": pack["overlay_digest"]} if "overlay" in pack else None
