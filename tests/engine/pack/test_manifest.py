"""The manifest as text: one text for one content, a seal over itself, and a refusal for everything else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.manifest import (
    FileEntry,
    Gate,
    Manifest,
    Previous,
    ReleasedChange,
    differences,
    is_released,
    manifest_from_bytes,
    read_manifest,
)

ZERO, ONE = "0" * 64, "1" * 64
GATES = tuple(Gate(name, (("found", 3), ("waived", 0))) for name in ("check", "coverage", "mutate", "prove", "test"))
MANIFEST = Manifest(
    id="small-pack",
    version="1.1.0",
    status="active",
    effective="2026-12-01",
    review_by="2030-01-01",
    digest=ZERO,
    prose=ONE,
    files=(FileEntry("cases/a.yaml", ONE, 7), FileEntry("pack.yaml", ZERO, 12)),
    tool="1.0.0",
    compiler=ZERO,
    previous=Previous("1.0.0", ONE, ZERO),
    change=ReleasedChange("minor", ("a rule is changed",), ("rule `a` changed", "Grüße, “so”")),
    checks=GATES,
    changelog="Two lines,\nand a half",
    released="2026-11-23",
)
FIRST = replace(MANIFEST, previous=None, change=ReleasedChange("first", (), ()))
UNRELEASED = replace(MANIFEST, previous=Previous("1.0.0", ONE, None))


@pytest.mark.parametrize("manifest", [MANIFEST, FIRST, UNRELEASED], ids=["next", "first", "after an unreleased one"])
def test_what_is_written_is_read(manifest: Manifest) -> None:
    assert manifest_from_bytes(manifest.data, "release.json") == manifest
    assert manifest.sha256 == hashlib.sha256(manifest.data).hexdigest()


def test_the_text_is_made_to_be_read_in_a_review() -> None:
    lines = MANIFEST.data.decode().splitlines()
    assert lines[:2] == ["{", '  "change": {']
    assert '    "pack.yaml": {' in lines
    assert MANIFEST.data.endswith(b'"version": "1.1.0"\n}\n')


def refused(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        manifest_from_bytes(data, "p/release.json")
    return render(caught.value.diagnostics, {})


HINT = "  hint: restore it as it was released; it is written by `boosterwatch release` alone\n"


def changed(**values: Any) -> bytes:
    """Return the text of a manifest with other values, or without those that are None, under the old seal."""
    plain = json.loads(MANIFEST.data) | values
    plain = {key: value for key, value in plain.items() if value is not None}
    return (json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


REFUSED = {
    "nothing": (b"", "BW231 `p/release.json` cannot be read: it is not JSON\n"),
    "cut short": (MANIFEST.data[:-20], "BW231 `p/release.json` cannot be read: it is not JSON\n"),
    "not UTF-8": (MANIFEST.data.replace(b"minor", b"min\xffr"), "BW231 `p/release.json` cannot be read: it is not JSON\n"),
    "too deep": (b"[" * 2000 + b"]" * 2000, "BW231 `p/release.json` cannot be read: it is not JSON\n"),
    "another document": (b"[]\n", "BW231 `p/release.json` cannot be read: it has not the shape of release.schema.json\n"),
    "a key too few": (
        changed(tool=None),
        "BW231 `p/release.json` cannot be read: it has not the shape of release.schema.json\n",
    ),
    "a status that is not released": (
        changed(status="draft"),
        "BW231 `p/release.json` cannot be read: `status` is not as it should be\n",
    ),
    "a way out of the folder": (
        changed(files={"pack.yaml": {"bytes": 1, "sha256": ZERO}, "../x": {"bytes": 1, "sha256": ZERO}}),
        "BW231 `p/release.json` cannot be read: `files` is not as it should be\n",
    ),
    "no such day": (
        changed(released="2026-02-30"),
        "BW231 `p/release.json` cannot be read: `released` is not as it should be\n",
    ),
    "a blank more": (MANIFEST.data + b" ", "BW230 `p/release.json` is not written as a release writes it\n"),
    "line ends of another system": (
        MANIFEST.data.replace(b"\n", b"\r\n"),
        "BW230 `p/release.json` is not written as a release writes it\n",
    ),
    "a key twice": (
        MANIFEST.data.replace(b'  "tool"', b'  "tool": "1.0.0",\n  "tool"'),
        "BW230 `p/release.json` is not written as a release writes it\n",
    ),
    "another figure": (
        MANIFEST.data.replace(b'"waived": 0', b'"waived": 1', 1),
        "BW238 `p/release.json` was changed: its seal does not fit\n",
    ),
    "another day": (changed(released="2026-11-24"), "BW238 `p/release.json` was changed: its seal does not fit\n"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_manifest_is_refused(data: bytes, message: str) -> None:
    assert refused(data) == message + HINT


def test_no_byte_of_a_manifest_can_change() -> None:
    for at in range(len(MANIFEST.data)):
        for mask in (0x01, 0x20, 0x80):
            data = bytearray(MANIFEST.data)
            data[at] ^= mask
            with pytest.raises(PackError):
                manifest_from_bytes(bytes(data), "release.json")


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_the_answer_is_a_refusal(data: bytes) -> None:
    assert refused(data)[:5] in ("BW230", "BW231", "BW238")


def test_a_folder_without_a_manifest_is_not_released(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, "p") is None
    assert not is_released(tmp_path)
    (tmp_path / "release.json").write_bytes(MANIFEST.data)
    assert read_manifest(tmp_path, "p") == MANIFEST
    assert is_released(tmp_path)


def test_a_manifest_that_cannot_be_read_does_not_make_a_draft_of_a_release(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_bytes(b"")
    assert is_released(tmp_path)
    with pytest.raises(PackError):
        read_manifest(tmp_path, "p")


def test_differences_are_told_by_name() -> None:
    listed, found = {"a": "1", "b": "2", "d": "4"}, {"a": "1", "b": "3", "c": "5"}
    assert list(differences(listed, found)) == [("b", "changed"), ("c", "added"), ("d", "missing")]
    assert list(differences(listed, listed)) == []
