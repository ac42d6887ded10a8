"""What one transaction answers: calls are admitted one by one, each draft is new or a repeat, receipts come last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Receipt, SignedHead
from boosterwatch.engine.audit.log.complete import Entry, Prepared, meaning_of
from boosterwatch.engine.audit.log.grow import Batch, Growth, Random, Tail
from boosterwatch.engine.audit.log.line import Job
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.session import Row


@dataclass(frozen=True, slots=True)
class First:
    """The entry that answers a draft, recorded now or long ago."""

    id: str
    seq: int
    recorded: str
    body: bytes
    meaning: bytes

    def receipt(self, head: SignedHead) -> Receipt:
        """Return the receipt under a head that covers the entry."""
        return Receipt(self.id, self.seq, self.recorded, sha256(self.body).hexdigest(), head)


def recorded_before(rows: Iterable[Row]) -> dict[str, First]:
    """Return what stands for a request key, from rows of (key, seq, id, recorded, body)."""
    return {
        key: First(id_, seq, recorded, bytes(body), meaning_of(bytes(body))) for key, seq, id_, recorded, body in rows
    }


class Round:
    """The calls that one transaction answers."""

    def __init__(self, tail: Tail, recorded: str, random: Random, known: Mapping[str, First]) -> None:
        """Start after `tail`; `known` holds what was recorded for the request keys of the calls."""
        self._growth = Growth(tail, recorded, random)
        self._tail = tail
        self._known = dict(known)
        self._ids: set[str] = set()
        self._answers: list[tuple[Job, list[First]]] = []

    def admit(self, job: Job) -> None:
        """Take a call in. Raises LogError BW511 or BW512, or what a sealing function raises; it is then left out."""
        fresh = [draft for draft in job.drafts if self._is_fresh(draft)]
        if len(fresh) > 1:
            fresh = _each_once(fresh)
        firsts = {}
        for entry in self._growth.add(fresh):
            first = firsts[entry.place.id] = _first(entry)
            if entry.prepared.request is not None:
                self._known[entry.prepared.request] = first
        self._ids.update(firsts)
        answers = [firsts.get(draft.draft.id) or self._known[str(draft.request)] for draft in job.drafts]
        self._answers.append((job, answers))

    def _is_fresh(self, draft: Prepared) -> bool:
        """Return whether no entry answers the draft yet; raises LogError BW511 or BW512."""
        known = None if draft.request is None else self._known.get(draft.request)
        if known is not None:
            if known.meaning != draft.meaning:
                raise refusals.other_request(known.id)
            return False
        if draft.draft.id in self._ids:
            raise refusals.used_id(draft.draft.id)
        return True

    def jobs(self) -> list[Job]:
        """Return the calls that were admitted."""
        return [job for job, _ in self._answers]

    def finish(self, signer: HeadSigner) -> Batch | None:
        """Return what is to be written; None when every draft is a repeat."""
        return self._growth.finish(signer)

    def answer(self, head: SignedHead) -> None:
        """Give every call its receipts; `head` covers them all."""
        for job, firsts in self._answers:
            job.give([first.receipt(head) for first in firsts])


def _first(entry: Entry) -> First:
    return First(entry.place.id, entry.place.seq, entry.recorded, entry.body, entry.prepared.meaning)


def _each_once(drafts: Sequence[Prepared]) -> list[Prepared]:
    """Return the drafts of one call without those that repeat the request of one before; raises as `admit` does."""
    ids: set[str] = set()
    own: dict[str, Prepared] = {}
    once: list[Prepared] = []
    for draft in drafts:
        if draft.draft.id in ids:
            raise refusals.used_id(draft.draft.id)
        ids.add(draft.draft.id)
        first = draft if draft.request is None else own.setdefault(draft.request, draft)
        if first.meaning != draft.meaning:
            raise refusals.other_request(first.draft.id)
        if first is draft:
            once.append(draft)
    return once
