"""The floor: what it refuses, that it never forgets, and that no kill leaves half of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import orjson
import pytest

from boosterwatch.engine.diagnostics import Diagnostic, PackError, render
from boosterwatch.engine.host.bundle import open_bundle
from boosterwatch.engine.host.floor import Floor, Seen, floor_bytes, floor_from_bytes, read_floor, update_floor
from boosterwatch.engine.host.store import Store
from boosterwatch.tests.host.released import PACK, again, number, release

OLD, NEW = release().manifest, release("1.0.1", number(36)).manifest
FLOOR = Floor().raised(NEW).without(OLD.sha256, "Wrong interval (role:first-approver, 2026-11-24)")


def said(problems: Iterable[Diagnostic]) -> str:
    return render(problems, {})


def refusal(error: PackError) -> str:
    return said(error.diagnostics)


# ---------------------------------------------------------------- what it refuses


def test_a_floor_that_has_seen_nothing_refuses_nothing() -> None:
    assert said(Floor().problems(OLD)) == ""


def test_the_release_that_it_has_seen_is_not_refused() -> None:
    assert said(Floor().raised(NEW).problems(NEW)) == ""
    assert said(Floor().raised(OLD).problems(NEW)) == ""


def test_an_older_version() -> None:
    assert said(Floor().raised(NEW).problems(OLD)) == (
        "BW269 `quick-screen@1.0.0` is older than 1.0.1, which was already used here\n"
        "  hint: to go back, release the old rules under a new version\n"
    )


def test_versions_are_compared_as_numbers() -> None:
    floor = Floor().raised(again(NEW, version="1.9.0"))
    assert said(floor.problems(again(NEW, version="1.10.0"))) == ""
    assert "BW269" in said(floor.problems(again(NEW, version="1.8.99")))


def test_another_release_under_the_same_version() -> None:
    other = release("1.0.1", number(37)).manifest
    assert said(Floor().raised(NEW).problems(other)) == (
        "BW270 `quick-screen@1.0.1` is another release than the one that was used here under this version\n"
        f"  hint: it has the manifest {other.sha256[:12]}, not {NEW.sha256[:12]}; a change needs a new version\n"
    )


def test_a_release_that_was_withdrawn() -> None:
    assert said(Floor().without(OLD.sha256, "Wrong interval").problems(OLD)) == (
        "BW271 `quick-screen@1.0.0` was withdrawn: Wrong interval\n"
        "  hint: a withdrawal is for ever; release a new version\n"
    )


def test_other_packs_have_floors_of_their_own() -> None:
    assert said(Floor().raised(NEW).problems(again(OLD, id="another"))) == ""


def test_a_floor_is_never_lowered_and_a_reason_never_replaced() -> None:
    assert FLOOR.raised(OLD) is FLOOR
    assert FLOOR.raised(again(NEW, changelog="another text")) is FLOOR
    assert FLOOR.without(OLD.sha256, "no reason") is FLOOR


# ---------------------------------------------------------------- its file


def test_its_file_is_readable_by_people(tmp_path: Path) -> None:
    update_floor(tmp_path / "floor.json", lambda _: FLOOR)
    plain = orjson.loads((tmp_path / "floor.json").read_bytes())
    assert plain.pop("sha256")
    assert plain == {
        "floor": 1,
        "highest": {PACK: {"version": "1.0.1", "manifest": NEW.sha256}},
        "withdrawn": {OLD.sha256: "Wrong interval (role:first-approver, 2026-11-24)"},
    }


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "floor.json"
    assert read_floor(path) == Floor()
    assert update_floor(path, lambda _: FLOOR) == FLOOR == read_floor(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert FLOOR.highest[PACK] == Seen("1.0.1", NEW.sha256)


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    update_floor(path, lambda _: FLOOR)
    before = path.stat()
    update_floor(path, lambda floor: floor.raised(OLD))
    assert path.stat() == before


BROKEN = (
    "BW272 `floor.json` is damaged or was changed: which versions were used here is not known\n"
    "  hint: put it back from a copy; deleting it lets an older version in, so first look which one may run\n"
)


def broken(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        floor_from_bytes(data, "floor.json")
    return refusal(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"null", b"[" * 3000, b"\xff", floor_bytes(FLOOR) + b"\n", floor_bytes(FLOOR)[:-1],
        floor_bytes(FLOOR).replace(b"1.0.1", b"0.0.1"), floor_bytes(FLOOR).replace(b'"floor":1', b'"floor": 1'),
        floor_bytes(FLOOR).replace(b"Wrong interval", b""), floor_bytes(FLOOR).replace(b'"floor":1', b'"floor":2'),
        b'{"floor":1,"highest":{},"withdrawn":{}}',
    ],
)  # fmt: skip
def test_a_damaged_floor_is_an_error_and_not_an_empty_memory(data: bytes) -> None:
    assert broken(data) == BROKEN


def test_every_flipped_byte_and_every_cut_is_noticed() -> None:
    data = floor_bytes(FLOOR)
    assert floor_from_bytes(data, "floor.json") == FLOOR
    for at in range(len(data)):
        assert broken(data[:at]) == BROKEN
        for other in (data[at] ^ 1, data[at] ^ 0x20, 0):
            if other != data[at]:
                assert broken(data[:at] + bytes([other]) + data[at + 1 :]) == BROKEN


def test_a_damaged_floor_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    path.write_bytes(b"damaged")
    with pytest.raises(PackError) as caught:
        update_floor(path, lambda floor: floor.raised(NEW))
    assert refusal(caught.value) == BROKEN.replace("floor.json", str(path))
    assert path.read_bytes() == b"damaged"


def test_a_floor_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "floor.json").mkdir()
    with pytest.raises(PackError) as caught:
        read_floor(tmp_path / "floor.json")
    assert refusal(caught.value) == (
        f"BW272 `{tmp_path}/floor.json` cannot be read: is a directory\n  hint: let the host's account read it\n"
    )


def test_a_floor_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "floor.json"
    update_floor(path, lambda floor: floor.raised(OLD))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PackError) as caught:
        update_floor(path, lambda floor: floor.raised(NEW))
    assert refusal(caught.value) == (
        f"BW273 `{path}` cannot be written: no space left on device\n"
        "  hint: no version is taken into use before the floor is kept; free space, or let the host's account write "
        "there\n"
    )
    assert read_floor(path) == Floor().raised(OLD)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["floor.json", "floor.json.lock"]


def test_hosts_that_share_a_floor_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"

    def withdraw(host: int) -> None:
        for turn in range(20):
            digest = f"{host:032x}{turn:032x}"
            update_floor(path, partial(Floor.without, manifest=digest, reason="test"))

    threads = [threading.Thread(target=withdraw, args=(host,)) for host in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_floor(path).withdrawn) == 80


# ---------------------------------------------------------------- killed

KILLS = """
import os, sys, tempfile
from pathlib import Path
from boosterwatch.engine.host import store, floor
from boosterwatch.engine.host.bundle import open_bundle

folder, old, new = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), Path(sys.argv[3]).read_bytes()
after = open_bundle(new, "new")
kept = store.Store(folder, after.manifest.id)
kept.accept(open_bundle(old, "old"))

def accept_and_die(before_step):
    steps = 0
    def dying(do):
        def step(*arguments, **more):
            nonlocal steps
            if steps == before_step:
                os.kill(os.getpid(), 9)
            steps += 1
            return do(*arguments, **more)
        return step
    for module, name in ((os, "fsync"), (os, "replace"), (os, "open"), (os, "fchmod"), (os, "close"), (tempfile, "mkstemp")):
        setattr(module, name, dying(getattr(module, name)))
    kept.accept(after)
    os._exit(0)

turn, states = 0, []
while True:
    child = os.fork() or accept_and_die(turn)
    status = os.waitpid(child, 0)[1]
    version = kept.floor().highest[after.manifest.id].version
    bundle = open_bundle(kept.last_good().data, "kept").manifest.version
    states.append(f"{version}/{bundle}")
    if status == 0:
        break
    turn += 1
print(turn, *dict.fromkeys(states))
"""


def test_a_kill_at_any_step_leaves_a_floor_and_a_bundle_that_fit(tmp_path: Path) -> None:
    """Old and old, old and new, new and new: never a bundle below the floor, never half a file."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(release().bundle())
    new.write_bytes(release("1.0.1", number(36)).bundle())
    command = [sys.executable, "-c", KILLS, str(tmp_path / "state"), str(old), str(new)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    kills, *states = done.stdout.split()
    assert (int(kills) >= 14, states, done.stderr) == (True, ["1.0.0/1.0.0", "1.0.0/1.0.1", "1.0.1/1.0.1"], "")
    left = sorted(one.name for one in (tmp_path / "state").iterdir())
    assert left == ["floor.json", "floor.json.lock", "quick-screen.bundle"]  # what a kill left, the next one swept away


def test_what_another_host_has_raised_is_not_lowered(tmp_path: Path) -> None:
    store = Store(tmp_path, PACK)
    store.accept(open_bundle(release("1.0.1", number(36)).bundle(), "new"))
    with pytest.raises(PackError) as caught:
        store.accept(open_bundle(release().bundle(), "old"))
    assert [problem.code for problem in caught.value.diagnostics] == ["BW269"]
    kept = store.last_good()
    assert kept is not None
    assert open_bundle(kept.data, "kept").manifest == NEW  # type: ignore[union-attr]
