"""All that the log holds about one decision, gathered: what is sealed, the pack, responses, readings, the proof.

What cannot be had is told as such: erased, a digest only, a key that is lost, a pack that is not here, a proof that
does not hold. Whoever calls `see` with `opened` records that first (`engine/audit/reads.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.audit.check.proof import Proof, ProofError, prove
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.reading.approvals import Release, find_release
from boosterwatch.engine.audit.reading.search import about
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.audit.trail import Known, Reading
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.explain.stored import read_decision
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

_TOLD = frozenset({"BW545", "BW546", "BW552", "BW554"})  # what keeps a sealed part shut
GOOD = frozenset({"BW546", "BW554"})  # of these, what is as somebody wanted it


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed with a decision."""

    record: Mapping[str, Any]
    decision: Decision
    plain: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """An entry about the decision, with the note that was sealed with it when that was opened."""

    entry: Mapping[str, Any]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One decision. `shut` says why what is sealed was not opened; both are None when nobody asked to open it.

    `pack` is None when it cannot be found; without what is sealed it is the pack without a site's changes.
    """

    known: Known
    opened: Opened | None
    shut: Diagnostic | None
    pack: ir.Pack | None
    release: Release | None
    remarks: tuple[Remark, ...]
    proof: Proof | ProofError
    key: str

    @property
    def entry(self) -> Mapping[str, Any]:
        """The public entry."""
        return self.known.entry

    @property
    def good(self) -> bool:
        """Whether the proof holds, and what is sealed opened or was shut on purpose."""
        return isinstance(self.proof, Proof) and (self.shut is None or self.shut.code in GOOD)

    def kind(self, kind: str) -> tuple[Remark, ...]:
        """Return the entries of a kind that are about the decision."""
        return tuple(one for one in self.remarks if one.entry["kind"] == kind)


class Looking:
    """Looks at decisions of one log; packs are looked for in `places`, then among the built-in ones."""

    def __init__(self, reading: Reading, reader: SqlReader, places: Sequence[Path]) -> None:
        self._reading, self._reader, self._places = reading, reader, places
        self._packs = Packs(places)
        self._releases: dict[str, Release | None] = {}
        self._key = HeadSigner(reading.keys.log, reading.keys.signing).verifier

    def see(self, known: Known, *, opened: bool) -> Seen:
        """Return all about one decision. Raises LogError, and AuditError when the vault does not answer."""
        parts, shut = self._open(known) if opened else (None, None)
        return Seen(
            known=known,
            opened=None if parts is None else _read(parts),
            shut=shut,
            pack=self._pack(known, parts),
            release=self._release(known),
            remarks=tuple(self._remarks(known, opened=parts is not None)),
            proof=self._proof(known),
            key=self._key.line,
        )

    def _open(self, known: Known) -> tuple[Mapping[str, bytes] | None, Diagnostic | None]:
        try:
            return self._reading.open(known), None
        except AuditError as error:
            if error.code not in _TOLD:
                raise
            return None, error.diagnostics[0]

    def _pack(self, known: Known, parts: Mapping[str, bytes] | None) -> ir.Pack | None:
        pack = known.entry["pack"]
        overlay = None if parts is None else parts.get("overlay")
        digest = None if overlay is None else known.entry.get("overlay", {}).get("digest")
        try:
            found = self._packs.ready((pack["id"], pack["version"], pack["digest"]), overlay, digest)
        except PackError:  # the site's changes do not fit any more
            return None
        return None if found is None else found.ir

    def _release(self, known: Known) -> Release | None:
        pack = known.entry["pack"]
        if pack["digest"] not in self._releases:
            found = find_release(self._places, pack["id"], pack["version"], pack["digest"])
            self._releases[pack["digest"]] = found
        return self._releases[pack["digest"]]

    def _remarks(self, known: Known, *, opened: bool) -> list[Remark]:
        found: list[Remark] = []
        for stored in about(self._reader, known.stored.id):
            entry: dict[str, Any] = stored.entry()
            note = self._note(Known(stored, entry)) if opened and "sealed" in entry else None
            found.append(Remark(entry, note))
        return found

    def _note(self, known: Known) -> str | None:
        parts, _ = self._open(known)
        return None if parts is None else parts.get("note", b"").decode()

    def _proof(self, known: Known) -> Proof | ProofError:
        try:
            return prove(self._reader, known.stored, self._key)
        except ProofError as error:
            return error


def _read(parts: Mapping[str, bytes]) -> Opened:
    plain = orjson.loads(parts["decision"])
    return Opened(orjson.loads(parts["record"]), read_decision(plain), plain)
