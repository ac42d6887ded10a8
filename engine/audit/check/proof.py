"""A proof that one entry is in the log: a document that anybody with the public key can check, without the log.

`docs/audit-format.md` describes it, `schemas/audit-proof.schema.json` states its shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from boosterwatch.engine.audit.check.entries import read
from boosterwatch.engine.audit.log.api import SignedHead, Stored
from boosterwatch.engine.audit.log.merkle import inclusion_proof, leaf_hash, verify_inclusion
from boosterwatch.engine.audit.log.notes import HeadVerifier, NoteError, parse_note
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.log.tiles import StoredNodes, TileError
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError
from boosterwatch.engine.pack.schema_store import validator

KIND = "boosterwatch-audit-proof"
FORMAT = 1
_SCHEMA = "audit-proof"


class ProofError(DiagnosticError):
    """A proof cannot be read (BW535), or does not hold (BW534)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The bytes of an entry, its place, the hashes from there to the root, and the head that signs the root."""

    entry: bytes
    seq: int
    path: tuple[bytes, ...]
    head: SignedHead
    key_id: str

    def to_json(self) -> bytes:
        """Return the document, for people's eyes too."""
        document = {
            "format": FORMAT,
            "kind": KIND,
            "entry": self.entry.decode(),
            "seq": self.seq,
            "size": self.head.size,
            "path": [one.hex() for one in self.path],
            "head": self.head.note,
            "key_id": self.key_id,
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def prove(reader: SqlReader, stored: Stored, key: HeadVerifier) -> Proof:
    """Return the proof that an entry is in the log as it is now.

    Raises ProofError BW534 when that cannot be shown: the head is not signed with the key, or the store is damaged.
    """
    head = reader.head()
    try:
        path = inclusion_proof(stored.seq, head.size, StoredNodes(reader, head.size))
    except (ValueError, TileError) as error:
        raise _fails(str(error), "run `boosterwatch audit verify`") from None
    proof = Proof(stored.body, stored.seq, path, head, key.key_id.hex())
    check_proof(proof, key)  # a proof that does not hold is never handed out
    return proof


def read_proof(data: bytes, shown: str) -> Proof:
    """Return the proof in a document; raises ProofError BW535 when it is none. Whether it holds is not looked at."""
    try:
        document = orjson.loads(data)
        fault = next(iter(validator(_SCHEMA).iter_errors(document)), None)
        if fault is not None:
            place = "/".join(map(str, fault.instance_path))
            raise _unreadable(shown, f"`{place}` is not as it must be" if place else "keys are missing, or too many")
        head = parse_note(document["head"])
        path = tuple(map(bytes.fromhex, document["path"]))
        proof = Proof(document["entry"].encode(), document["seq"], path, head, document["key_id"])
    except orjson.JSONDecodeError:
        raise _unreadable(shown, "it is not JSON") from None
    except (NoteError, UnicodeEncodeError) as error:
        raise _unreadable(shown, str(error) if isinstance(error, NoteError) else "its entry is no text") from None
    if document["size"] != head.size:
        raise _unreadable(shown, "its `size` is not that of its head")
    return proof


def check_proof(proof: Proof, key: HeadVerifier) -> dict[str, Any]:
    """Return the entry that the proof is about; raises ProofError BW534, with the reason, when it does not hold."""
    if proof.key_id != key.key_id.hex():
        raise _fails("it was made for another public key", "get the key of this log")
    try:
        head = key.verify(proof.head.note)
    except NoteError as error:
        raise _fails(str(error)) from None
    entry = read(proof.entry)
    if isinstance(entry, str):
        raise _fails(f"its entry {entry}")
    if entry.get("log") != key.log or entry.get("seq") != proof.seq:
        raise _fails("its entry states another log or another place")
    if not verify_inclusion(leaf_hash(proof.entry), proof.seq, head.size, proof.path, head.root):
        raise _fails("its path does not lead from the entry to the signed root")
    return entry


def _fails(reason: str, hint: str = "somebody changed it, or it is of another log: ask for a new one") -> ProofError:
    return ProofError([Diagnostic("BW534", f"the proof does not hold: {reason}", hint=hint)])


def _unreadable(shown: str, reason: str) -> ProofError:
    hint = "`boosterwatch audit prove` makes one"
    return ProofError([Diagnostic("BW535", f"`{shown}` is no proof: {reason}", hint=hint)])
