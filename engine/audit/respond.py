"""What a clinician did about a decision: accepted, modified or dismissed it, with a reason that can be counted.

The reason is a code and public; a note is sealed with the patient's key. Whoever counts joins the response to rule,
number and version through the entry that it is about.
"""

from __future__ import annotations

import re
from typing import Literal

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.entry import RESPONSE, Body, common
from boosterwatch.engine.audit.ids import new_id
from boosterwatch.engine.audit.keys import checked_name
from boosterwatch.engine.audit.log.api import Draft, Receipt, Sealer
from boosterwatch.engine.audit.seal import key_id_of, pack_parts, sealer
from boosterwatch.engine.audit.trail import Known, Trail

Response = Literal["accept", "modify", "dismiss"]
REASONS: dict[str, str] = {
    "agreed": "the prompt fits what the clinician sees",
    "too_early": "it is too early to act on it",
    "too_late": "it should have come earlier",
    "already_planned": "what it prompts for was already arranged",
    "declined": "the patient does not want it",
    "not_suitable": "something outside the record speaks against it",
    "data_wrong": "a fact in the record is wrong or missing",
    "other_plan": "another course was chosen",
    "judgement": "the clinician weighs the same facts differently",
    "other": "none of these; see the note",
}
LONGEST_NOTE = 10_000
_OWN = re.compile(r"clinic:[a-z][a-z0-9_]{0,62}")


def respond(
    trail: Trail,
    id: str,
    response: Response,
    *,
    reason: str,
    actor: str,
    note: str | None = None,
    request: str | None = None,
) -> Receipt:
    """Record a response to a decision, and return its receipt once it is durable.

    `reason` is one of REASONS, or a clinic's own code such as `clinic:no_chair`. Raises AuditError: BW547 when there is
    no such decision, BW548 for a reason that is no code, BW546 for a note about somebody who was erased; LogError.
    """
    known = trail.decision(id)
    about: Body = {"about": id, "response": response, "reason": checked_reason(reason)}
    if "patient" in known.entry:
        about["patient"] = known.entry["patient"]
    if request is not None:
        about["request"] = trail.keys.request(checked_name("the request key", request))
    sealed = None if note is None else _sealed(trail, known, note)
    draft = Draft(new_id(trail.clock(), trail.random), RESPONSE, common(trail.keys, actor) | about, sealed)
    return trail.log.append([draft])[0]


def checked_reason(reason: str) -> str:
    """Return a reason code. Raises AuditError BW548 when it is none."""
    if reason not in REASONS and not _OWN.fullmatch(reason):
        raise errors.bad_reason(reason)
    return reason


def _sealed(trail: Trail, known: Known, note: str) -> Sealer:
    """Return what seals a note. A patient who was erased gets no new key for it."""
    if len(note) > LONGEST_NOTE:
        raise errors.long_note(LONGEST_NOTE)
    sealed = trail.reader.sealed(known.stored.seq)
    if sealed is not None and trail.vault.key_of(known.holder, key_id_of(sealed)) is None:
        raise errors.erased(known.stored.id)
    return sealer(trail.vault.key_for(known.holder), pack_parts({"note": note.encode()}), trail.random)
