"""`audit respond`, `erase`, `hold` and `rotate-keys` on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from boosterwatch.engine.audit.keys import read_keys
from boosterwatch.tests.audit.terminal import CANARY, entries, recorded, said
from boosterwatch.tests.cli.runs import error_codes, printed_json, run


def test_a_response(at: Path, log_url: str) -> None:
    id = recorded(at, log_url)
    result = run("audit", "respond", log_url, id, "--dismiss", "--reason", "too_early", "--note", CANARY)
    assert said(result) == (0, f"Recorded: dismiss of {id}, because too_early.\n", "")
    entry = entries(log_url)[1]
    assert (entry["response"], entry["reason"], CANARY in str(entry)) == ("dismiss", "too_early", False)
    again = run("audit", "respond", log_url, id, "--accept", "--reason", "agreed", "--format", "json")
    assert set(printed_json(again)) == {"id", "seq", "entry_sha256"}
    assert run("audit", "respond", log_url, id, "--reason", "agreed").exit_code == 2


def test_a_patient_is_erased_and_their_id_is_told_nowhere(at: Path, log_url: str) -> None:
    recorded(at, log_url, patient=CANARY)
    recorded(at, log_url)
    name = read_keys(at / "keys.json").pseudonym(CANARY)
    result = run("audit", "erase", log_url, "-", given=f"{CANARY}\n".encode())
    begun, done = (one["id"] for one in entries(log_url) if one["kind"] == "erasure")
    text = " ".join(result.stdout.split())
    assert (result.exit_code, result.stderr) == (0, "")
    assert text == f"{name} is erased: begun with entry {begun}, done with entry {done}."
    again = run("audit", "erase", log_url, "--pseudonym", name)
    assert " ".join(again.stdout.split()) == f"{name} was erased before (entry {begun})."
    replayed = run("audit", "replay", log_url, "--all")
    expected = "2 decisions replayed.\n  the same, byte for byte  1\n  erased, not replayed     1\n"
    assert said(replayed) == (0, expected, "")
    (at / f"{CANARY}.json").unlink()
    files = [path for path in at.iterdir() if path.is_file()]
    assert len(files) >= 4
    assert not [path for path in files if CANARY.encode() in path.read_bytes() or CANARY in path.name]


def test_erasing_needs_somebody(log_url: str) -> None:
    for arguments in ([], ["p-1", "--pseudonym", "x"]):
        assert run("audit", "erase", log_url, *arguments).exit_code == 2
    result = run("audit", "erase", log_url, CANARY, "--format", "json")
    assert (result.exit_code, error_codes(result), CANARY in result.stderr) == (1, ["BW555"], False)


def test_a_hold(at: Path, log_url: str) -> None:
    recorded(at, log_url)
    name = read_keys(at / "keys.json").pseudonym("p-0001")
    held = run("audit", "hold", log_url, "p-0001", "--reason", "clinic:court_order")
    assert said(held) == (0, f"{name} is under legal hold (clinic:court_order).\n", "")
    assert error_codes(run("audit", "erase", log_url, "p-0001", "--format", "json")) == ["BW549"]
    lifted = run("audit", "hold", log_url, "p-0001", "--release")
    assert said(lifted) == (0, f"{name} is no longer under legal hold.\n", "")
    assert said(run("audit", "hold", log_url, "p-0001", "--release"))[1] == f"{name} is under no legal hold.\n"
    assert run("audit", "hold", log_url, "p-0001").exit_code == 2
    assert run("audit", "erase", log_url, "p-0001").exit_code == 0


def test_master_keys_are_rotated(at: Path, log_url: str) -> None:
    for patient in ("p-1", "p-2"):
        recorded(at, log_url, patient=patient)
    before = read_keys(at / "keys.json")
    result = run("audit", "rotate-keys", log_url)
    after = read_keys(at / "keys.json")
    assert result.stdout == f"2 keys of patients are wrapped with the new master key {after.master.id}.\n"
    assert (len(after.masters), after.master != before.master) == (1, True)
    assert replace(after, masters=before.masters) == before
    assert printed_json(run("audit", "replay", log_url, "--all", "--format", "json"))["counts"] == {"same": 2}
