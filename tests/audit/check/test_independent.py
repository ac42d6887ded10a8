"""docs/verify_audit.py stands alone, signs nothing wrong off, and reads exports of every kind."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from boosterwatch.engine.audit.check.lines import sealed_of, selected_lines, whole_lines
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.pack.schema_store import validator
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER

THEIRS = independent.module()

# RFC 8032, 7.1, tests 1, 2, 3 and "SHA(abc)": public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_vectors_of_the_standard(public: str, message: str, signature: str) -> None:
    data = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert THEIRS.signed(*data)
    for position in range(0, 64, 7):
        changed = bytearray(data[2])
        changed[position] ^= 1
        assert not THEIRS.signed(data[0], data[1], bytes(changed))
    assert not THEIRS.signed(data[0], data[1] + b"x", data[2])


def by_cryptography(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return what the library says of a signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50), st.integers(0, 95), st.integers(0, 255))
def test_it_judges_signatures_as_the_library_does(seed: bytes, message: bytes, at: int, mask: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    both = bytearray(key.public_key().public_bytes_raw() + key.sign(message))
    both[at] ^= mask
    public, signature = bytes(both[:32]), bytes(both[32:])
    assert THEIRS.signed(public, message, signature) is by_cryptography(public, message, signature)


def test_a_signature_with_the_order_added_is_refused() -> None:
    public, message, signature = (bytes.fromhex(part) for part in RFC_8032[1])
    s = int.from_bytes(signature[32:], "little") + THEIRS.ORDER
    assert not THEIRS.signed(public, message, signature[:32] + s.to_bytes(32, "little"))


def test_it_imports_the_standard_library_and_nothing_else() -> None:
    tree = ast.parse(independent.FILE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


# ---------------------------------------------------------------- exports


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a log that nobody changes."""
    return making.make(tmp_path_factory.mktemp("log") / "audit.db", 300)


def whole(url: str) -> list[bytes]:
    """Return the lines of an export of everything."""
    reader = open_reader(url)
    lines = list(whole_lines(reader, sealed_of(reader)))
    reader.close()
    return lines


def some(url: str) -> list[bytes]:
    """Return the lines of an export of a few entries."""
    reader = open_reader(url)
    picked = [stored for stored in (reader.entry_at(seq) for seq in (3, 255, 256, 299)) if stored]
    lines = list(selected_lines(reader, reader.head(), picked, lambda stored: {"opened": {"seq": stored.seq}}))
    reader.close()
    return lines


def judged(lines: list[bytes], folder: Path) -> tuple[int, str]:
    """Return exit code and output of the independent verifier, run apart."""
    file = folder / "export.jsonl"
    file.write_bytes(b"".join(lines))
    done = independent.run(folder, "export", str(file), "--key", KEY.line)
    assert done.stderr == ""
    return done.returncode, done.stdout.replace(str(file), "export.jsonl")


def test_a_whole_export_is_checked(url: str, tmp_path: Path) -> None:
    assert judged(whole(url), tmp_path) == (0, "whole: 300 entries, 3 heads, newest of size 300\n")


def test_a_selection_is_checked(url: str, tmp_path: Path) -> None:
    assert judged(some(url), tmp_path) == (0, "whole: 4 entries, 1 heads, newest of size 300\n")


@pytest.mark.parametrize("made", [whole, some])
def test_every_line_has_the_shape_of_the_schema(url: str, made: Callable[[str], list[bytes]]) -> None:
    for line in made(url):
        assert validator("audit-export").is_valid(json.loads(line))


def edited(line: bytes, **changes: Any) -> bytes:
    """Return a line with other values."""
    return json.dumps(json.loads(line) | changes).encode() + b"\n"


def at(lines: list[bytes], index: int, *now: bytes) -> list[bytes]:
    """Return the lines with other ones in place of the one at the index."""
    return [*lines[:index], *now, *lines[index + 1 :]]


OTHER_ENTRY = list(making.entries(8, seed=2))[5].body.decode()
# Lines 0 first, 1 to 3 heads, 4 to 303 entries, 304 end.
BROKEN: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "an entry changed": lambda lines: at(lines, 9, edited(lines[9], entry=OTHER_ENTRY)),
    "an entry left out": lambda lines: at(lines, 9),
    "an entry twice": lambda lines: at(lines, 9, lines[9], lines[9]),
    "two entries swapped": lambda lines: at(at(lines, 9, lines[10]), 10, lines[9]),
    "the last entry left out": lambda lines: at(lines, 303),
    "the last entry left out, and counted": lambda lines: [*lines[:303], b'{"end":{"entries":299}}\n'],
    "the end left out": lambda lines: lines[:-1],
    "cut in the middle of a line": lambda lines: [*lines[:-2], lines[-2][:40]],
    "more after the end": lambda lines: [*lines, lines[9]],
    "a sealed part changed": lambda lines: at(lines, 8, edited(lines[8], blob="AAAA")),
    "no head": lambda lines: [lines[0], *lines[4:]],
    "a head of another key": lambda lines: at(
        lines, 1, edited(lines[1], head=HeadSigner(KEY.log, bytes(32)).sign(0, bytes(32), bytes(32)).note)
    ),
    "a head over other entries": lambda lines: at(
        lines, 2, edited(lines[2], head=SIGNER.sign(256, bytes(32), bytes(32)).note)
    ),
    "another log": lambda lines: at(lines, 0, edited(lines[0], log="other")),
    "another format": lambda lines: at(lines, 0, edited(lines[0], format=2)),
    "empty": lambda _: [],
    "no JSON": lambda _: [b"{\n"],
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_export_is_found(url: str, tmp_path: Path, what: str) -> None:
    code, output = judged(BROKEN[what](whole(url)), tmp_path)
    assert code == 1
    assert output.splitlines()[-1].startswith("not whole: ")


BROKEN_SELECTION: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "an entry changed": lambda lines: at(lines, 2, edited(lines[2], entry=OTHER_ENTRY)),
    "another path": lambda lines: at(lines, 2, edited(lines[2], path=json.loads(lines[3])["path"])),
    "no path": lambda lines: at(lines, 2, b'{"entry":"{}"}\n'),
    "one left out": lambda lines: at(lines, 2),
    "another head": lambda lines: at(lines, 1, edited(lines[1], head=SIGNER.sign(300, bytes(32), bytes(32)).note)),
}


@pytest.mark.parametrize("what", BROKEN_SELECTION)
def test_a_broken_selection_is_found(url: str, tmp_path: Path, what: str) -> None:
    code, output = judged(BROKEN_SELECTION[what](some(url)), tmp_path)
    assert (code, output.splitlines()[-1].split(" in ")[0]) == (1, "not whole: 1 problem")


def test_an_export_is_held_against_earlier_heads(url: str, tmp_path: Path) -> None:
    file, head = tmp_path / "export.jsonl", tmp_path / "head.txt"
    file.write_bytes(b"".join(whole(url)))
    for note, code in (
        (SIGNER.sign(7, bytes(32), bytes(32)).note, 1),
        (SIGNER.sign(400, bytes(32), bytes(32)).note, 1),
    ):
        head.write_text(note, encoding="utf-8")
        done = independent.run(tmp_path, "export", str(file), "--key", KEY.line, "--since", str(head))
        assert done.returncode == code, done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["store", "nowhere.db", "--key", KEY.line], 1, "nowhere.db: is no file"),
        (["proof", "nowhere.json", "--key", KEY.line], 1, "nowhere.json: [Errno 2]"),
        (["store", "nowhere.db", "--key", KEY.line.replace("+", "-")], 1, "this is no public key of an audit log"),
        (["store", "nowhere.db", "--key", KEY.line[:-5] + "AAAA="], 1, "the public key does not fit its own id"),
        (["something"], 2, ""),
    ],
)
def test_what_it_says_of_wrong_use(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    done = independent.run(tmp_path, *arguments)
    assert done.returncode == code
    assert said in done.stdout
    assert "Traceback" not in done.stderr
