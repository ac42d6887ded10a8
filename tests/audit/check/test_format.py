"""The worked example of docs/audit-format.md is true: every value in it is computed here; the page tells what is there."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import zlib
from base64 import b64encode
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import MetaData

from boosterwatch.engine.audit.check.proof import Proof, check_proof, read_proof
from boosterwatch.engine.audit.log.api import COMPLETED, Place
from boosterwatch.engine.audit.log.complete import KINDS
from boosterwatch.engine.audit.log.merkle import chain_next, chain_start, inclusion_proof, leaf_hash, nodes_of
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.tables import metadata
from boosterwatch.engine.audit.log.versions import NEWEST
from boosterwatch.engine.audit.seal import open_sealed, pack_parts, sealer
from boosterwatch.engine.audit.wrapping import DataKey
from boosterwatch.tests.audit.check import independent, making

PAGE = Path(__file__).parents[3] / "docs" / "audit-format.md"
SIGNER = HeadSigner("example-log", bytes(range(32)))
IDS = [f"01938d4e-0000-7000-8000-{number:012d}" for number in range(3)]
KEY = DataKey(bytes(range(16)), "some-pseudonym", bytes(range(100, 132)))
PARTS = {"record": b'{"facts":[]}', "decision": b'{"recommendation":"wait"}'}


def sealed() -> bytes:
    """Return what is sealed with the first entry; not compressed, for not every zlib makes the same bytes."""
    content = zlib.compress(zlib.decompress(pack_parts(PARTS)), 0)
    return sealer(KEY, content, lambda count: bytes(range(200, 200 + count)))(Place(SIGNER.log, 0, IDS[0]))


def made() -> list[making.Made]:
    """Return the three entries of the example."""
    blob = sealed()
    said: list[dict[str, object]] = [
        {"kind": "decision", "recommendation": "wait", "rules": ["first_rule"], "patient": "some-pseudonym"},
        {"kind": "response", "about": IDS[0], "response": "accept", "reason": "agreed"},
        {"kind": "read", "about": IDS[0], "how": "show"},
    ]
    said[0]["sealed"] = {"bytes": len(blob), "sha256": sha256(blob).hexdigest()}
    found, chain = [], chain_start(SIGNER.log)
    for seq, body in enumerate(said):
        entry = body | {
            "format": 1,
            "log": SIGNER.log,
            "seq": seq,
            "id": IDS[seq],
            "recorded": f"2026-11-24T01:02:0{seq}.000000Z",
            "salt": b64encode(bytes([seq]) * 16).decode(),
            "previous": chain.hex(),
        }
        data = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
        leaf = leaf_hash(data)
        chain = chain_next(chain, leaf)
        found.append(making.Made(entry, data, leaf, blob if seq == 0 else None))
    return found


def proof() -> Proof:
    """Return the proof of the second entry."""
    entries, rows = made(), making.Rows(SIGNER)
    for one in entries:
        rows.add(one)
    head = SIGNER.sign(3, rows.peaks.root(), rows.chain)
    path = inclusion_proof(1, 3, nodes_of([one.leaf for one in entries]))
    return Proof(entries[1].body, 1, path, head, SIGNER.verifier.key_id.hex())


def example() -> str:
    """Return the example as it must stand on the page."""
    entries, chain = made(), chain_start(SIGNER.log)
    lines = ["The public key:", "", "```text", SIGNER.verifier.line, "```", ""]
    lines += ["The three entries, one a line:", "", "```text", *(one.body.decode() for one in entries), "```", ""]
    lines += ["Their hashes, in hex:", "", "```text", f"chain(-1) {chain.hex()}"]
    for seq, one in enumerate(entries):
        chain = chain_next(chain, one.leaf)
        lines += [f"leaf({seq})   {one.leaf.hex()}", f"chain({seq})  {chain.hex()}"]
    done = proof()
    lines += [f"root of 2 {nodes_of([one.leaf for one in entries])(1, 0).hex()}", f"root of 3 {done.head.root.hex()}"]
    lines += ["```", "", "The head of size 3:", "", "```text", *done.head.note.splitlines(), "```", ""]
    lines += ["The proof of entry 1:", "", "```json", *done.to_json().decode().splitlines(), "```", ""]
    lines += ["What is sealed with entry 0, in hex, and what opens it:", "", "```text"]
    lines += [f"data key {KEY.key.hex()}", f"its id   {KEY.id.hex()}", f"sealed   {sealed().hex()}"]
    lines += [*(f"{name:<8} {part.decode()}" for name, part in PARTS.items()), "```", ""]
    return "\n".join(lines)


MARKED = re.compile(r"(<!-- example -->\n)(.*?)(<!-- end: example -->\n)", re.DOTALL)


def test_the_example_is_true() -> None:
    page = PAGE.read_text(encoding="utf-8")
    now = MARKED.sub(lambda found: f"{found[1]}\n{example()}\n{found[3]}", page)
    if os.environ.get("BOOSTERWATCH_GOLDEN") == "1":
        PAGE.write_text(now, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == now


def block(after: str) -> list[str]:
    """Return the lines of the code block that follows a sentence of the example."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n{after}\n")[2]
    return text.partition("```")[2].partition("\n")[2].partition("\n```")[0].split("\n")


def test_the_example_is_checked_by_the_page_alone() -> None:
    """What the page says, done with nothing but SHA-256 and the verifier beside it."""
    bodies = [line.encode() for line in block("The three entries, one a line:")]
    hashes = dict(line.rsplit(" ", 1) for line in block("Their hashes, in hex:"))
    hashes = {name.strip(): value for name, value in hashes.items()}
    chain = sha256(b"\x03example-log").digest()
    assert chain.hex() == hashes["chain(-1)"]
    for seq, body in enumerate(bodies):
        assert json.loads(body)["previous"] == chain.hex()
        leaf = sha256(b"\x00" + body).digest()
        chain = sha256(b"\x02" + chain + leaf).digest()
        assert (leaf.hex(), chain.hex()) == (hashes[f"leaf({seq})"], hashes[f"chain({seq})"])
    leaves = [bytes.fromhex(hashes[f"leaf({seq})"]) for seq in range(3)]
    two = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert (two.hex(), sha256(b"\x01" + two + leaves[2]).hexdigest()) == (hashes["root of 2"], hashes["root of 3"])
    theirs = independent.module()
    key = theirs.read_key(block("The public key:")[0])
    head = theirs.read_head("\n".join([*block("The head of size 3:"), ""]), key)
    assert (head.size, head.root.hex(), head.chain) == (3, hashes["root of 3"], chain)
    assert theirs.check_proof("\n".join(block("The proof of entry 1:")), key)[0] == []


def test_the_proof_on_the_page_holds() -> None:
    document = "\n".join(block("The proof of entry 1:")).encode()
    assert check_proof(read_proof(document, "it"), SIGNER.verifier)["about"] == IDS[0]


def test_the_sealed_part_on_the_page_opens() -> None:
    said = dict(line.split(None, 1) for line in block("What is sealed with entry 0, in hex, and what opens it:"))
    data = bytes.fromhex(said["sealed"])
    entry = json.loads(block("The three entries, one a line:")[0])
    assert entry["sealed"] == {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    assert open_sealed(KEY, data, Place(SIGNER.log, 0, IDS[0])) == PARTS
    bound = b"\0".join([b"boosterwatch/sealed/1", b"example-log", IDS[0].encode(), b"0"])
    content = zlib.decompress(AESGCM(bytes.fromhex(said["data"].split()[-1])).decrypt(data[17:29], data[29:], bound))
    assert content == b'{"record":12,"decision":25}\n{"facts":[]}{"recommendation":"wait"}'


# ---------------------------------------------------------------- the page against the code


def tables_told() -> dict[str, list[str]]:
    """Return the tables and columns that the page lists."""
    part = PAGE.read_text(encoding="utf-8").partition("\n## Tables\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|$", part, re.MULTILINE)
    return {name: re.findall(r"`(\w+)`", text) for name, text in rows}


@pytest.mark.parametrize("table", [*metadata.tables, "log_version"])
def test_the_page_lists_the_columns_of_each_table(table: str) -> None:
    columns = ["version_num"] if table == "log_version" else [column.name for column in metadata.tables[table].columns]
    assert tables_told()[table][: len(columns)] == columns


def test_the_page_lists_no_other_table() -> None:
    assert isinstance(metadata, MetaData)
    assert tables_told().keys() == {*metadata.tables, "log_version"}
    assert f"`{NEWEST}`" in PAGE.read_text(encoding="utf-8")


def test_the_page_names_every_key_that_the_log_writes_and_every_kind() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in (*COMPLETED, *KINDS) if f"`{name}`" not in page] == []


def test_the_page_and_the_verifier_state_the_text_of_the_schema(tmp_path: Path) -> None:
    path = making.path_of(making.make(tmp_path / "audit.db", 3, blob_bytes=0))
    theirs = independent.module()
    with closing(sqlite3.connect(path)) as database:
        found = theirs.schema_digest(database)
    assert found == theirs.SCHEMA
    assert f"`{found}`" in PAGE.read_text(encoding="utf-8")
