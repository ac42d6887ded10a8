"""Who looked at what: reading what is sealed is recorded before anything is shown, and so is an export."""

from __future__ import annotations

from typing import Literal

from boosterwatch.engine.audit.entry import READ, Body, common
from boosterwatch.engine.audit.ids import new_id
from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.trail import Known, Trail

How = Literal["show", "export", "replay"]


def record_read(trail: Trail, known: Known, *, actor: str, how: How) -> Receipt:
    """Record that somebody looks at a decision; show nothing before this returns. Raises LogError and AuditError."""
    body: Body = {"about": known.stored.id, "how": how}
    if "patient" in known.entry:
        body["patient"] = known.entry["patient"]
    return _append(trail, actor, body)


def record_bulk_read(trail: Trail, *, actor: str, how: How, count: int, asked: dict[str, str]) -> Receipt:
    """Record that somebody takes many decisions at once: how many, and what was asked for (no patient's id)."""
    return _append(trail, actor, {"how": how, "count": count, "asked": asked})


def _append(trail: Trail, actor: str, body: Body) -> Receipt:
    draft = Draft(new_id(trail.clock(), trail.random), READ, common(trail.keys, actor) | body)
    return trail.log.append([draft])[0]
