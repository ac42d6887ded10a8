"""Erasure: the key of a patient is destroyed, and what it sealed can never be read again. Every proof still holds.

The order survives a crash at any step: the log says that it begins, the key is destroyed durably, the log says that it
is done. Whoever repeats it finishes it. A legal hold forbids it. Backups of the vault must expire too, or the erasure
is not real.
"""

from __future__ import annotations

from dataclasses import dataclass

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.entry import ERASURE, NOTE, Body, common
from boosterwatch.engine.audit.ids import is_id, new_id
from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.respond import checked_reason
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.audit.vault import Hold

BEGUN, DONE = "begun", "done"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. `again`: the key was destroyed before, and nothing new was recorded."""

    holder: str
    begun: str
    done: str | None
    again: bool = False


def erase(trail: Trail, holder: str, *, actor: str) -> Erased:
    """Destroy the key of a holder, and record it; harmless when repeated.

    `holder` is a pseudonym, or the id of the one decision about a patient without an id. Raises AuditError: BW555 when
    nothing was ever sealed for the holder, BW549 under a legal hold, BW544 when the vault fails; LogError. After an
    error, repeat it.
    """
    hold = trail.vault.hold_of(holder)
    if hold is not None:
        raise errors.held(holder, hold.reason)
    if trail.vault.has(holder):
        begun = _record(trail, ERASURE, actor, _whom(holder) | {"erasure": BEGUN}).id
        trail.vault.destroy(holder, begun)
        return Erased(holder, begun, _finish(trail, holder, begun, actor))
    return _again(trail, holder, actor)


def _again(trail: Trail, holder: str, actor: str) -> Erased:
    """Return what became of a holder without a key; an erasure that was cut off is finished."""
    before = trail.vault.erasures(holder)
    if not before:
        raise errors.nobody(holder)
    trail.vault.sweep()  # a crash may have come between the destruction and the last cleaning
    done = [_finish(trail, holder, begun, actor) for begun, is_done in before.items() if not is_done]
    return Erased(holder, max(before), done[-1] if done else None, again=not done)


def _finish(trail: Trail, holder: str, begun: str, actor: str) -> str:
    """Return the id of the entry that says that an erasure is done; there is one, however often it is finished."""
    key = trail.keys.request(f"erasure {begun}")
    before = trail.log.by_request(key)
    done = before.id if before is not None else _done(trail, holder, begun, actor, key)
    trail.vault.note_done(begun, done)
    return done


def _done(trail: Trail, holder: str, begun: str, actor: str, key: str) -> str:
    body: Body = {"erasure": DONE, "begun": begun, "request": key}
    return _record(trail, ERASURE, actor, _whom(holder) | body).id


def put_hold(trail: Trail, holder: str, *, reason: str, actor: str) -> Receipt:
    """Put a holder under legal hold, and record it: nothing of them can be erased until it is lifted.

    `reason` is a code. Raises AuditError: BW548 for a reason that is no code, BW557, BW544; LogError.
    """
    receipt = _record(trail, NOTE, actor, _whom(holder) | {"hold": "put", "reason": checked_reason(reason)})
    trail.vault.put_hold(holder, Hold(reason, receipt.id))
    return receipt


def lift_hold(trail: Trail, holder: str, *, actor: str) -> Receipt | None:
    """Lift the legal hold on a holder, and record it; None when there is none."""
    hold = trail.vault.hold_of(holder)
    if hold is None:
        return None
    receipt = _record(trail, NOTE, actor, _whom(holder) | {"hold": "lifted", "reason": hold.reason})
    trail.vault.put_hold(holder, None)
    return receipt


def _whom(holder: str) -> Body:
    """Return how an entry names a holder: by pseudonym, or by the decision that it is about."""
    return {"about": holder} if is_id(holder) else {"patient": holder}


def _record(trail: Trail, kind: str, actor: str, body: Body) -> Receipt:
    draft = Draft(new_id(trail.clock(), trail.random), kind, common(trail.keys, actor) | body)
    return trail.log.append([draft])[0]
