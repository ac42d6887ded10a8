"""A full disk: nothing is acknowledged that is not there, reading goes on, and room heals it without a restart."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = [sys.executable, "-m", "boosterwatch.tests.audit.log.full_disk"]
DISK = 'mount -t tmpfs -o size=900k audit "$1" && shift && exec "$@"'
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


def outcome_of(command: list[str]) -> dict[str, object]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def check(found: dict[str, object]) -> None:
    recorded, codes = found.pop("recorded"), found.pop("codes")
    assert isinstance(recorded, int)
    assert isinstance(codes, dict)
    assert found == {"lost": 0, "refused but there": 0, "readable while full": True}
    assert recorded >= 5
    assert codes.keys() <= {"BW506", "BW507"}
    assert codes["BW507"] > 20


def test_a_full_disk(tmp_path: Path) -> None:
    if (
        not shutil.which("unshare")
        or subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no user namespaces here, in which to mount a small disk")
    check(outcome_of([*OWN_MOUNTS, "sh", "-c", DISK, "sh", str(tmp_path), *RUN, "disk", str(tmp_path)]))
    assert list(tmp_path.iterdir()) == []


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    check(outcome_of([*RUN, "limit", str(tmp_path)]))
