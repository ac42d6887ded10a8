"""Replay: the record as it was, under the pack as it was, evaluated again, must give the decision byte for byte.

It also asks whether the public entry says what the sealed decision says, which no check without the keys can. What
cannot be replayed is told as such: erased, a digest only, a pack that is not here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

import orjson

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.difference import Difference, differences
from boosterwatch.engine.audit.entry import DECISION, decision_body
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Stored
from boosterwatch.engine.audit.replay_packs import Packs, under_review
from boosterwatch.engine.audit.trail import Known, Reading
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.explain.stored import read_decision
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.model import Decision

Verdict = Literal["same", "other engine", "differs", "erased", "digest only", "no pack", "key lost", "unreadable"]
GOOD: frozenset[Verdict] = frozenset({"same", "other engine", "erased", "digest only"})
MOST_DIFFERENCES = 20  # told of one decision
MOST_TOLD = 1000  # decisions told of one by one
_REFUSED: dict[str, Verdict] = {
    "BW545": "unreadable",
    "BW546": "erased",
    "BW552": "key lost",
    "BW554": "digest only",
}
# What the entry repeats of the decision. Not `near`: what counts as near may change from release to release.
_REPEATED = (
    "patient", "pack", "overlay", "review", "engine", "as_of", "record_digest", "recommendation", "urgency", "signs",
    "rules", "flags", "holds", "error",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one decision when it was evaluated again. `other engine`: the same but for the engine's name.

    `differences` are those of the decision; those of the public entry have paths that begin with `entry`.
    """

    seq: int
    id: str
    verdict: Verdict
    pack: str
    differences: tuple[Difference, ...] = ()
    why: str | None = None


@dataclass(slots=True)
class Tally:
    """What became of many: how many by verdict, and each that was not the same, up to MOST_TOLD of them."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    told: list[Replayed] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every decision that could be replayed came out as it was, and every other one for a good reason."""
        return GOOD.issuperset(self.counts)

    def add(self, one: Replayed) -> None:
        """Count one."""
        self.counts[one.verdict] += 1
        if one.verdict != "same" and len(self.told) < MOST_TOLD:
            self.told.append(one)

    def join(self, other: Tally) -> None:
        """Count what another tally counted."""
        self.counts.update(other.counts)
        self.told.extend(other.told[: MOST_TOLD - len(self.told)])


def replay(reading: Reading, packs: Packs, known: Known) -> Replayed:
    """Return what becomes of one decision. Raises LogError and AuditError when the log or the vault does not answer."""
    try:
        parts = reading.open(known)
    except AuditError as error:
        if error.code not in _REFUSED:
            raise
        return _replayed(known, _REFUSED[error.code], why=error.diagnostics[0].message)
    return _compared(reading, packs, known, parts)


def replay_range(reading: Reading, packs: Packs, start: int, end: int) -> Tally:
    """Return what becomes of the decisions between two places of the log, `end` not included."""
    tally = Tally()
    for known in decisions(reading.reader.entries(start, end)):
        tally.add(replay(reading, packs, known))
    return tally


def decisions(entries: Iterable[Stored]) -> Iterator[Known]:
    """Yield the entries that are decisions."""
    for stored in entries:
        entry: dict[str, Any] = stored.entry()
        if entry["kind"] == DECISION:
            yield Known(stored, entry)


def _compared(reading: Reading, packs: Packs, known: Known, parts: Mapping[str, bytes]) -> Replayed:
    pack, overlay = known.entry["pack"], known.entry.get("overlay", {}).get("digest")
    name = (pack["id"], pack["version"], pack["digest"])
    try:
        ready = packs.ready(name, parts.get("overlay"), overlay)
        if ready is None:
            return _replayed(known, "no pack", why=errors.no_pack(*name).diagnostics[0].message)
        again = evaluate(under_review(ready, known.entry.get("review")), orjson.loads(parts["record"]))
    except DiagnosticError as error:  # what was evaluated once is refused now
        return _replayed(known, "differs", why=", ".join(sorted({one.code for one in error.diagnostics})))
    found = [*_of_decision(parts["decision"], again), *_of_entry(reading, known, parts, again)]
    return _replayed(known, _verdict(found), tuple(found))


def _of_decision(was: bytes, again: Decision) -> Iterator[Difference]:
    """Yield where the decision differs from the one that was recorded; nothing when the bytes are the same."""
    now = to_json_bytes(again)
    if now == was:
        return
    found = list(islice(differences(orjson.loads(was), orjson.loads(now)), MOST_DIFFERENCES))
    yield from found or [Difference("", len(was), len(now))]  # the same data, written in another way


def _of_entry(reading: Reading, known: Known, parts: Mapping[str, bytes], again: Decision) -> Iterator[Difference]:
    """Yield where the public entry does not say what is sealed with it."""
    sealed = parts["decision"]
    decision = again if to_json_bytes(again) == sealed else read_decision(orjson.loads(sealed))
    keys = reading.keys
    patient = None if decision.patient is None else keys.pseudonym(decision.patient)
    digest = keys.record_digest(parts["record"])
    should = decision_body(decision, patient=patient, record_digest=digest, request=None)
    said = {key: known.entry[key] for key in _REPEATED if key in known.entry}
    meant = orjson.loads(orjson.dumps({key: should[key] for key in _REPEATED if key in should}))
    yield from islice(differences(said, meant, "entry"), MOST_DIFFERENCES)


def _verdict(found: list[Difference]) -> Verdict:
    if not found:
        return "same"
    return "other engine" if all(one.path.startswith("engine.") for one in found) else "differs"


def _replayed(known: Known, verdict: Verdict, found: tuple[Difference, ...] = (), why: str | None = None) -> Replayed:
    pack = f"{known.entry['pack']['id']}@{known.entry['pack']['version']}"
    return Replayed(known.stored.seq, known.stored.id, verdict, pack, found, why)
