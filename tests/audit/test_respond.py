"""Responses of clinicians, and readings: what is public of them, what is sealed, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from boosterwatch.engine.audit.erase import erase
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Stored
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.reads import record_bulk_read, record_read
from boosterwatch.engine.audit.recording import AuditedEngine
from boosterwatch.engine.audit.respond import REASONS, Response, checked_reason, respond
from boosterwatch.engine.audit.trail import Known, Trail
from boosterwatch.tests.audit.trails import ACTOR, KEYS, fill, quick, record

ANNA = KEYS.pseudonym("p-0000")


def last(trail: Trail) -> dict[str, Any]:
    """Return what the last entry says, without what the log adds."""
    stored = trail.reader.entry_at(trail.log.size() - 1)
    assert stored is not None
    added = {"format", "log", "seq", "id", "recorded", "salt", "previous"}
    return {key: value for key, value in stored.entry().items() if key not in added}


@pytest.mark.parametrize("response", ["accept", "modify", "dismiss"])
def test_a_response_is_about_a_decision(trail: Trail, response: Response) -> None:
    [id] = fill(trail, 1)
    respond(trail, id, response, reason="too_early", actor="role:physician")
    assert last(trail) == {
        "kind": "response",
        "tenant": "North clinic",
        "actor": "role:physician",
        "about": id,
        "patient": ANNA,
        "response": response,
        "reason": "too_early",
    }


def test_a_note_is_sealed_with_the_patients_key(trail: Trail) -> None:
    [id] = fill(trail, 1)
    receipt = respond(trail, id, "modify", reason="other", actor=ACTOR, note="canary words, 3 weeks später")
    stored = trail.reader.entry(receipt.id)
    assert isinstance(stored, Stored)
    assert b"canary" not in stored.body
    known = Known(stored, stored.entry())
    assert trail.open(known) == {"note": "canary words, 3 weeks später".encode()}
    erase(trail, ANNA, actor=ACTOR)
    with pytest.raises(AuditError, match="BW546"):
        trail.open(known)


def test_a_response_to_a_decision_about_nobody(trail: Trail) -> None:
    id = AuditedEngine(trail).evaluate(quick(), record(None), actor=ACTOR).receipt.id
    receipt = respond(trail, id, "accept", reason="agreed", actor=ACTOR, note="words")
    stored = trail.reader.entry(receipt.id)
    assert isinstance(stored, Stored)
    assert "patient" not in stored.entry()
    assert trail.open(Known(stored, stored.entry())) == {"note": b"words"}


def test_nothing_new_is_sealed_about_somebody_who_was_erased(trail: Trail) -> None:
    [id] = fill(trail, 1)
    erase(trail, ANNA, actor=ACTOR)
    with pytest.raises(AuditError, match="BW546"):
        respond(trail, id, "accept", reason="agreed", actor=ACTOR, note="words")
    assert not trail.vault.has(ANNA)
    respond(trail, id, "accept", reason="agreed", actor=ACTOR)
    assert last(trail)["about"] == id


def test_the_same_request_is_recorded_once(trail: Trail) -> None:
    [id] = fill(trail, 1)
    first = respond(trail, id, "accept", reason="agreed", actor=ACTOR, request="click 1")
    again = respond(trail, id, "accept", reason="agreed", actor=ACTOR, request="click 1")
    assert (again.id, trail.log.size()) == (first.id, 2)
    with pytest.raises(LogError, match="BW511"):
        respond(trail, id, "dismiss", reason="agreed", actor=ACTOR, request="click 1")


@pytest.mark.parametrize("reason", [*REASONS, "clinic:no_chair", "clinic:x"])
def test_a_reason_is_a_code(reason: str) -> None:
    assert checked_reason(reason) == reason


@pytest.mark.parametrize(
    "reason", ["", "Agreed", "clinic:", "clinic:No", "clinic:" + "x" * 64, "p-0001 said no", "other "]
)
def test_anything_else_is_no_reason(reason: str) -> None:
    with pytest.raises(AuditError) as problem:
        checked_reason(reason)
    assert str(problem.value) == (
        f"BW548 `{reason[:40]}` is no reason code\n"
        "  hint: a reason is a code such as `too_early` or `clinic:own_word`; put everything else into the note"
    )


def test_a_note_has_an_end(trail: Trail) -> None:
    [id] = fill(trail, 1)
    with pytest.raises(AuditError) as problem:
        respond(trail, id, "accept", reason="agreed", actor=ACTOR, note="x" * 10_001)
    assert str(problem.value) == "BW557 the note must have at most 10000 characters\n  hint: give what matters of it"


@pytest.mark.parametrize("id", ["17", "", "01932c07-9c1e-7a3b-8f00-0123456789ab", "x' OR 1=1 --"])
def test_only_a_decision_can_be_responded_to(trail: Trail, id: str) -> None:
    fill(trail, 1)
    with pytest.raises(AuditError) as problem:
        respond(trail, id, "accept", reason="agreed", actor=ACTOR)
    assert str(problem.value) == (
        f"BW547 `{id}` is not in the audit log\n  hint: `boosterwatch audit list` shows the decisions"
    )


def test_a_response_is_no_decision(trail: Trail) -> None:
    [id] = fill(trail, 1)
    receipt = respond(trail, id, "accept", reason="agreed", actor=ACTOR)
    with pytest.raises(AuditError) as problem:
        respond(trail, receipt.id, "accept", reason="agreed", actor=ACTOR)
    said = f"BW547 `{receipt.id}` is the entry of a response, not of a decision"
    assert str(problem.value).splitlines()[0] == said


# ---------------------------------------------------------------- readings


def test_a_reading_says_who_looked_at_what(trail: Trail) -> None:
    [id] = fill(trail, 1)
    record_read(trail, trail.decision(id), actor="role:auditor", how="show")
    assert last(trail) == {
        "kind": "read",
        "tenant": "North clinic",
        "actor": "role:auditor",
        "about": id,
        "patient": ANNA,
        "how": "show",
    }


def test_an_export_says_how_many_and_what_was_asked_for(trail: Trail) -> None:
    fill(trail, 2)
    record_bulk_read(trail, actor="role:auditor", how="export", count=2, asked={"pack": "quick-screen"})
    assert last(trail) == {
        "kind": "read",
        "tenant": "North clinic",
        "actor": "role:auditor",
        "how": "export",
        "count": 2,
        "asked": {"pack": "quick-screen"},
    }
