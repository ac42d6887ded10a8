"""The log of shadow runs: whole lines, durable, and nothing of a patient in them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack.schema_store import validator
from boosterwatch.engine.shadow import append_line, line_of, shadow
from boosterwatch.engine.shadow.run import Shadowed
from boosterwatch.tests.shadow.material import CANARY, PATIENT, active, broken, trial
from boosterwatch.tests.test_quick_screen import random_patient

VALUES = ("173", "1971-12-13", CANARY)  # of the patient, and of nobody else


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def test_a_line_names_packs_and_what_differs() -> None:
    found = shadow(active(), trial(), PATIENT)
    line = json.loads(line_of(found))
    assert validator("shadow").is_valid(line)
    named = {"id": "quick-screen", "version": "1.0.0", "digest": active().digest}
    assert line == {
        "schema": "boosterwatch/shadow/1",
        "as_of": "2026-03-20",
        "record_digest": found.decision.record_digest,
        "active": named,
        "trial": named | {"version": "1.1.0"},
        "problem": None,
        "differences": [
            {"what": "sign", "id": "symptom_severity", "active": "possible", "trial": "absent"},
            {"what": "rule", "id": "phq9_possible", "active": "yes", "trial": "no"},
            {"what": "rule", "id": "source_symptom_severity_phq9", "active": "yes", "trial": "no"},
            {"what": "rule", "id": "symptom_severity_possible_by_phq9", "active": "yes", "trial": "no"},
        ],
    }


def test_a_line_of_a_problem() -> None:
    line = json.loads(line_of(shadow(active(), broken(KeyError(CANARY)), PATIENT)))
    assert validator("shadow").is_valid(line)
    assert (line["problem"]["code"], line["differences"]) == ("BW491", [])
    alone = Shadowed(shadow(active(), trial(), PATIENT).decision, None, None, (), Diagnostic("BW495", "gone"))
    assert validator("shadow").is_valid(json.loads(line_of(alone)))


def test_nothing_of_the_patient_is_in_a_line() -> None:
    for other in (trial(), trial("bp_crisis_systolic", 150), broken(ValueError(str(PATIENT)))):
        line = line_of(shadow(active(), other, PATIENT)).decode()
        assert [value for value in VALUES if value in line] == []


@pytest.mark.parametrize("seed", range(25))
def test_every_line_has_the_shape_and_the_same_bytes(seed: int) -> None:
    record = random_patient(random.Random(seed).randrange(10_000))
    one, other = (line_of(shadow(active(), trial("gain_lost_probable", 0.3), record)) for _ in range(2))
    assert one == other
    assert validator("shadow").is_valid(json.loads(one))
    assert b"\n" not in one


# ---------------------------------------------------------------- the file


def test_lines_are_appended(tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"
    for number in range(3):
        append_line(file, b'{"number": %d}' % number)
    assert file.read_bytes() == b'{"number": 0}\n{"number": 1}\n{"number": 2}\n'
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"
    file.write_bytes(b'{"number": 0}\n{"numb')
    append_line(file, b'{"number": 2}')
    assert file.read_bytes() == b'{"number": 0}\n{"numb\n{"number": 2}\n'


def test_a_line_is_durable_before_the_call_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, synced = tmp_path / "shadow.jsonl", []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append((os.readlink(f"/proc/self/fd/{descriptor}"), file.read_bytes()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    append_line(file, b"{}")
    append_line(file, b"{}")
    assert synced == [(str(file), b"{}\n"), (str(tmp_path), b"{}\n"), (str(file), b"{}\n{}\n")]


def test_a_write_in_pieces_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:5]))
    append_line(tmp_path / "shadow.jsonl", b'{"number": 12345}')
    assert lines(tmp_path / "shadow.jsonl") == [{"number": 12345}]


WRITER = """
import sys
from pathlib import Path
from boosterwatch.engine.shadow import append_line
for number in range(50):
    append_line(Path(sys.argv[1]), b'{"by": "%s", "number": %d, "fill": "%s"}' % (sys.argv[2].encode(), number, b"x" * 500))
"""


def test_several_processes_append_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = [(one["by"], one["number"]) for one in lines(file)]
    assert sorted(found) == [(name, number) for name in "abc" for number in range(50)]
