"""The audited path: evaluate, seal, append, and only then answer. No durable record, no decision.

Flow: read -> ... -> decide -> **record**. Everything that can fail, fails closed: whoever gets an exception has no
decision. The clock and randomness come from the trail that it was opened with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import orjson

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.entry import DECISION, common, decision_body
from boosterwatch.engine.audit.ids import new_id
from boosterwatch.engine.audit.keys import checked_name
from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.seal import pack_parts, sealer
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.explain.stored import read_decision
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.record.plain import to_plain
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.engine.record.where import Where

Store = Literal["sealed", "digest-only"]


@dataclass(frozen=True, slots=True)
class Given:
    """A record that was read, and its canonical JSON, which is what is kept of it."""

    facts: Record
    text: bytes


def given_from(record: Mapping[str, Any]) -> Given:
    """Return a record in a mapping, and what is kept of it. Raises RecordError with everything wrong with it."""
    plain = to_plain(record, Where())
    # With something of no plain meaning in it there is no text, and the caller's own mapping tells where that is.
    return Given(record_from_mapping(record if plain.foreign else plain.data), plain.text)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision that is on disk. `repeated`: it was recorded before, under the same request key."""

    decision: Decision
    receipt: Receipt
    repeated: bool = False


class AuditedEngine:
    """Evaluates and records; safe to share between threads, which then share commits.

    `store` says what is kept of the facts: all of them, sealed, or a keyed digest only, which nothing can be replayed
    from.
    """

    def __init__(self, trail: Trail, *, store: Store = "sealed") -> None:
        self._trail = trail
        self._store: Store = store

    def evaluate(
        self,
        pack: LoadedPack,
        record: Mapping[str, Any] | Given,
        *,
        actor: str,
        request: str | None = None,
        overlay: bytes | None = None,
    ) -> Recorded:
        """Return the decision about one patient, once it is durably recorded.

        `actor` is who asked: a role or an account. `request` makes a retry harmless: the same key gives the same
        decision again, which is recorded once. `overlay` is the text of the site's changes, when `pack` has any. When
        the evaluators differ, the decision without recommendation is recorded too.

        Raises RecordError for a record that cannot be used, of which nothing is recorded; LogError and AuditError when
        the decision could not be recorded, sealed or, for a repeated request, given again.
        """
        given = record if isinstance(record, Given) else given_from(record)
        key = self._request(request)
        _check_overlay(pack, overlay)
        if key is not None:
            before = self._trail.log.by_request(key)
            if before is not None:
                return self._again(before, pack, given)
        decision = evaluate(pack, given.facts)
        draft = self._draft(decision, given, actor, key, overlay)
        receipt = self._trail.log.append([draft])[0]
        if receipt.id != draft.id:  # another thread had the same request, and was first
            return self._again(receipt, pack, given)
        return Recorded(decision, receipt)

    def _request(self, request: str | None) -> str | None:
        return None if request is None else self._trail.keys.request(checked_name("the request key", request))

    # ---------------------------------------------------------------- a new decision

    def _draft(self, decision: Decision, given: Given, actor: str, request: str | None, overlay: bytes | None) -> Draft:
        trail = self._trail
        id = new_id(trail.clock(), trail.random)
        patient = None if decision.patient is None else trail.keys.pseudonym(decision.patient)
        body = common(trail.keys, actor) | decision_body(
            decision, patient=patient, record_digest=trail.keys.record_digest(given.text), request=request
        )
        if self._store == "digest-only":
            return Draft(id, DECISION, body)
        parts = {"record": given.text, "decision": to_json_bytes(decision)}
        if overlay is not None:
            parts["overlay"] = overlay
        key = trail.vault.key_for(patient or id)
        return Draft(id, DECISION, body, sealer(key, pack_parts(parts), trail.random))

    # ---------------------------------------------------------------- a repeated one

    def _again(self, receipt: Receipt, pack: LoadedPack, given: Given) -> Recorded:
        """Return the decision that a request key already stands for, as it was given the first time."""
        stored = self._trail.decision(receipt.id)
        if stored.entry.get("record_digest") != self._trail.keys.record_digest(given.text):
            raise refusals.other_request(receipt.id)
        if "sealed" in stored.entry:
            decision = read_decision(orjson.loads(self._trail.open(stored)["decision"]))
        else:
            decision = _same_again(stored.entry, pack, given)
        return Recorded(decision, receipt, repeated=True)


def _same_again(entry: Mapping[str, Any], pack: LoadedPack, given: Given) -> Decision:
    """Return a decision of which a digest was kept: the same facts under the same pack give it again."""
    decision = evaluate(pack, given.facts)
    overlay = entry.get("overlay", {}).get("digest")
    if (entry["pack"]["digest"], overlay) != (pack.digest, decision.pack.get("overlay_digest")):
        raise errors.digest_only(entry["id"])
    return decision


def _check_overlay(pack: LoadedPack, overlay: bytes | None) -> None:
    """Raise AuditError BW553 unless the text is that of the changes laid over the pack: a replay lays it over again."""
    site = pack.ir.site
    if site is None and overlay is None:
        return
    if site is None or overlay is None or sha256(overlay).hexdigest() != site.digest:
        raise errors.no_overlay("?" if site is None else site.id)
