"""The host: what it takes into use, what it refuses, when it stops, what it tells, and what a restart remembers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import PackError, RecordError, render
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.host import Bundle, EngineHost, Event, NotRunning
from boosterwatch.engine.host import watch as watching
from boosterwatch.engine.host.floor import read_floor
from boosterwatch.engine.host.load import compile_bundle
from boosterwatch.engine.pack.review import Overdue
from boosterwatch.tests.host.released import (
    SIGNERS,
    TODAY,
    Desk,
    Release,
    again,
    altered,
    codes,
    face,
    kinds,
    number,
    release,
)
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    NOON,
    RELEASER,
    SECOND,
    STAFF,
    STRANGER,
    Person,
    keyring,
    keyring_text,
)

OLD, NEW = release(), release("1.0.1", number(36))
RECORD = {"as_of": "2026-11-24"}
NEVER = (
    "BW480 no release of `quick-screen` may be used here\n"
    "  hint: the events of the host tell what was offered, and why it was refused\n"
)
STOPPED = (
    "BW480 no release of `quick-screen` may be used here\n"
    "  hint: it decides again as soon as a release is offered that may be used\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def running(host: EngineHost) -> str:
    """Return the version that decides."""
    assert evaluate(host.pack, RECORD) == host.evaluate(RECORD)
    return host.evaluate(RECORD).pack["version"]


def after_restart(desk: Desk) -> EngineHost:
    """Return a new host over the same folders, after its first look."""
    desk.start().refresh()
    return desk.host


def full_disk(*_: object) -> None:
    """Fail as a disk without space does."""
    raise OSError(28, "No space left on device")


def not_running(host: EngineHost) -> str:
    """Return why a host decides nothing."""
    with pytest.raises(NotRunning) as caught:
        host.evaluate(RECORD)
    for ask in (lambda: host.pack, lambda: host.approved):
        with pytest.raises(NotRunning):
            ask()
    return render(caught.value.diagnostics, {})


def said(events: tuple[Event, ...]) -> str:
    """Return what events tell, as text."""
    return "".join(f"{event.kind} {event.source} {event.pack}\n{render(event.diagnostics, {})}" for event in events)


# ---------------------------------------------------------------- into use


def test_a_host_begins_with_nothing(desk: Desk) -> None:
    assert not_running(desk.host) == NEVER
    assert desk.host.refresh() == ()
    assert not_running(desk.host) == NEVER


def test_a_good_bundle_is_taken_into_use(desk: Desk) -> None:
    events = desk.offer("a.bundle", OLD.bundle())
    assert events == (Event(NOON, "accepted", "a.bundle", "quick-screen@1.0.0", OLD.manifest.sha256),)
    assert desk.told == list(events) == list(desk.host.events)
    assert running(desk.host) == "1.0.0"
    assert desk.host.approved.until == TODAY + timedelta(days=365)
    assert desk.host.refresh() == ()


def test_a_better_one_takes_its_place(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    assert kinds(desk.offer("b.bundle", NEW.bundle())) == ["accepted"]
    assert running(desk.host) == "1.0.1"


def test_of_several_the_best_is_taken(desk: Desk) -> None:
    for name, one in (("a", NEW), ("b", OLD), ("c", release("1.0.2", number(37)))):
        (desk.source / f"{name}.bundle").write_bytes(one.bundle())
    assert [(event.kind, event.pack) for event in desk.host.refresh()] == [("accepted", "quick-screen@1.0.2")]


def test_an_approval_renewed_is_taken_without_compiling_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.offer("a.bundle", OLD.bundle())
    monkeypatch.setattr(watching, "compile_bundle", None)
    desk.clock.pass_days(100)
    assert kinds(desk.offer("b.bundle", OLD.bundle(at=NOON + timedelta(days=100)))) == ["accepted"]
    assert desk.host.approved.until == TODAY + timedelta(days=465)
    assert desk.offer("c.bundle", OLD.bundle(at=NOON + timedelta(days=50))) == ()
    assert desk.host.approved.until == TODAY + timedelta(days=465)


def test_a_callable_is_a_source(tmp_path: Path) -> None:
    offered: list[bytes | None] = [None, OLD.bundle(), None, b"nonsense", NEW.says("withdraw", LEAD)[1], NEW.bundle()]
    desk = Desk(tmp_path, source=lambda: offered.pop(0))
    assert desk.host.refresh() == ()
    assert kinds(desk.host.refresh()) == ["accepted"]
    assert desk.host.refresh() == ()
    assert codes(desk.host.refresh()) == ["BW262"]
    assert said(desk.host.refresh()) == (
        "noticed withdrawal None\n"
        "BW271 note: `quick-screen@1.0.1` was withdrawn: I read it (role:lead-author, 2026-11-24)\n"
        "  hint: it is not taken into use here\n"
    )
    assert codes(desk.host.refresh()) == ["BW271"]
    assert running(desk.host) == "1.0.0"


def test_a_trial_runs_in_the_shadow(tmp_path: Path) -> None:
    desk = Desk(tmp_path, purpose="shadow")
    assert kinds(desk.offer("a.bundle", release("1.1.0", face("status", "active", "trial")).bundle())) == ["accepted"]
    assert running(desk.host) == "1.1.0"


def test_a_site_lays_its_changes_over_every_version(tmp_path: Path) -> None:
    overlay = tmp_path / "north.yaml"
    value = "{parameter: nonresponse_days, value: 35, from: 2026-01-01, reason: Our visits are rarer., by: role:lead, date: 2026-01-01}"
    overlay.write_text(
        f'overlay: north\ntitle: North\npack: quick-screen\nfrom: "1.0.0"\nbefore: "1.0.2"\nvalues:\n  - {value}\n',
        "utf-8",
    )
    desk = Desk(tmp_path, overlay=overlay)
    desk.offer("a.bundle", OLD.bundle())
    desk.offer("a.bundle", NEW.bundle())
    assert (running(desk.host), desk.host.pack.ir.site is not None) == ("1.0.1", True)
    assert codes(desk.offer("a.bundle", release("1.0.2").bundle())) == ["BW221"]
    assert running(desk.host) == "1.0.1"
    assert desk.host.refresh() == ()


# ---------------------------------------------------------------- refused

BAD: dict[str, tuple[bytes, str]] = {
    "not a bundle": (b"nonsense", "BW262"),
    "cut short": (NEW.bundle()[:-100], "BW262"),
    "changed": (altered(NEW, lambda files: files.update({"safety.yaml": b"holds: {}\n"})), "BW267"),
    "not approved": (NEW.bundle(("author", LEAD), ("release", RELEASER)), "BW257"),
    "signed by a stranger": (NEW.bundle(*SIGNERS, ("approve", STRANGER)), "BW248"),
    "older": (release("0.9.9").bundle(), "BW269"),
    "another under its version": (release("1.0.0", number(36)).bundle(), "BW270"),
    "a trial": (release("1.1.0", face("status", "active", "trial")).bundle(), "BW142"),
    "another pack": (Release(NEW.files, again(NEW.manifest, id="another-pack")).bundle(), "BW482"),
    "of another engine": (Release(NEW.files, again(NEW.manifest, digest="c" * 64)).bundle(), "BW268"),
    "withdrawn": (NEW.bundle(*SIGNERS, ("withdraw", FIRST)), "BW259"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_bundle_is_refused_and_what_runs_goes_on(desk: Desk, bad: str) -> None:
    data, code = BAD[bad]
    desk.offer("a.bundle", OLD.bundle())
    events = [event for event in desk.offer("b.bundle", data) if event.kind != "noticed"]
    assert [(event.kind, event.source) for event in events] == [("refused", "b.bundle")]
    assert code in codes(events)
    assert running(desk.host) == "1.0.0"
    assert desk.offer("the-same-again.bundle", data) == ()
    assert desk.host.refresh() == ()
    assert running(after_restart(desk)) == "1.0.0"


def test_every_reason_is_in_the_event(desk: Desk) -> None:
    data = release("1.1.0", face("status", "active", "trial")).bundle(("author", LEAD))
    assert sorted(codes(desk.offer("a.bundle", data))) == ["BW142", "BW257", "BW257"]


def test_another_pack_is_told_in_full(desk: Desk) -> None:
    assert said(desk.offer("a.bundle", BAD["another pack"][0])) == (
        "refused a.bundle None\n"
        "BW482 `a.bundle` holds the pack `another-pack`, and this host runs `quick-screen`\n"
        "  hint: put it where the host of that pack looks\n"
    )


def test_a_half_copied_bundle_is_refused_and_then_taken(desk: Desk) -> None:
    assert codes(desk.offer("a.bundle", OLD.bundle()[:5000])) == ["BW262"]
    assert kinds(desk.offer("a.bundle", OLD.bundle())) == ["accepted"]


def test_the_same_bytes_for_another_reason_are_told_again(desk: Desk) -> None:
    late = release("1.0.1", face("effective", "2000-01-01", "2026-12-01"))
    assert said(desk.offer("a.bundle", late.bundle())) == (
        "noticed a.bundle quick-screen@1.0.1\nBW483 note: `quick-screen@1.0.1` begins on 2026-12-01\n"
        "  hint: leave it where it is: it is taken into use on that day\n"
    )
    desk.clock.pass_days(1)
    assert desk.host.refresh() == ()
    desk.clock.set(date(2029, 1, 1))
    assert {"BW257", "BW258"} <= set(codes(desk.host.refresh()))


def test_a_version_waits_for_its_day_at_the_clinic(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    late = release("1.0.1", number(36), face("effective", "2000-01-01", "2026-12-01"))
    desk.offer("a.bundle", OLD.bundle())
    desk.offer("b.bundle", late.bundle())
    assert running(desk.host) == "1.0.0"
    desk.clock.moment = datetime(2026, 11, 30, 23, 0, tzinfo=timezone(timedelta(hours=-8)))  # December in UTC
    assert desk.host.refresh() == ()
    desk.clock.moment += timedelta(hours=2)
    assert kinds(desk.host.refresh()) == ["accepted"]
    with pytest.raises(RecordError) as caught:
        desk.host.evaluate({"as_of": "2026-11-30"})
    assert render(caught.value.diagnostics, {}) == (
        "BW481 the record is of a day before `quick-screen@1.0.1` began, which was 2026-12-01\n"
        '  hint: load the version of that day: `load_pack("quick-screen", on=DAY)`\n'
    )
    assert desk.host.evaluate({"as_of": "2026-12-01"}).pack["version"] == "1.0.1"


def test_a_record_that_cannot_be_used_is_the_records_fault(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    with pytest.raises(RecordError):
        desk.host.evaluate({"as_of": "yesterday"})


# ---------------------------------------------------------------- stopped


def test_a_withdrawal_beside_the_bundles_stops_the_release_for_ever(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    data = OLD.says("withdraw", SECOND, meaning="The interval is wrong")[1]
    assert said(desk.offer("withdraw.json", data)) == (
        "stopped a.bundle quick-screen@1.0.0\n"
        "BW271 `quick-screen@1.0.0` was withdrawn: The interval is wrong (role:second-approver, 2026-11-24)\n"
        "  hint: a withdrawal is for ever; release a new version\n"
    )
    why = (
        "BW271 `quick-screen@1.0.0` was withdrawn: The interval is wrong (role:second-approver, 2026-11-24)\n"
        "  hint: a withdrawal is for ever; release a new version\n"
    )
    assert not_running(desk.host) == why + STOPPED
    (desk.source / "withdraw.json").unlink()
    assert desk.host.refresh() == ()
    assert not_running(desk.host) == why + STOPPED
    assert codes(desk.start().refresh()) == ["BW271"]
    assert not_running(desk.host) == NEVER
    assert kinds(desk.offer("b.bundle", NEW.bundle())) == ["accepted"]
    assert running(desk.host) == "1.0.1"


def test_a_withdrawal_in_another_bundle_of_the_release_stops_it(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    events = desk.offer("b.bundle", OLD.bundle(*SIGNERS, ("withdraw", FIRST)))
    assert kinds(events) == ["stopped", "refused"]
    assert "BW271" in not_running(desk.host)


def test_a_withdrawal_that_cannot_be_kept_stops_the_release_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.offer("a.bundle", OLD.bundle())
    monkeypatch.setattr(os, "fsync", full_disk)
    events = desk.offer("withdraw.json", OLD.says("withdraw", FIRST)[1])
    assert (kinds(events), codes(events)) == (["failed", "stopped"], ["BW273", "BW271"])
    (desk.source / "withdraw.json").unlink()
    monkeypatch.undo()
    desk.host.refresh()
    assert OLD.manifest.sha256 in read_floor(desk.state / "floor.json").withdrawn


def test_a_key_that_was_revoked_still_withdraws(tmp_path: Path) -> None:
    revoked = {FIRST.id: "revoked: {date: 2026-11-24, reason: The laptop was lost.}"}
    desk = Desk(tmp_path, keyring=keyring(keyring_text(approvers=1, more=revoked)))
    desk.offer("a.bundle", OLD.bundle(("author", LEAD), ("approve", SECOND), ("release", RELEASER)))
    assert kinds(desk.offer("withdraw.json", OLD.says("withdraw", FIRST)[1])) == ["stopped"]


NO_WITHDRAWAL = {
    "a stranger": (
        OLD.says("withdraw", STRANGER)[1],
        f"BW486 `w.json` does not withdraw anything: the key `{STRANGER.key.id}` is not in the keyring `north-clinic`\n"
        "  hint: if you know whose key it is, add it to the keyring; if the release is dangerous, stop the host\n",
    ),
    "an approval": (
        OLD.says("approve", FIRST)[1],
        "BW486 `w.json` does not withdraw anything: it is not a withdrawal\n"
        "  hint: signatures reach a host inside a bundle; only withdrawals come alone\n",
    ),
    "a signature of another": (
        OLD.says("withdraw", FIRST)[1].replace(b'"sig":"', b'"sig":"AAAA', 1).replace(b'==","', b'","', 1),
        "w.json:1:1: BW247 this is not a signature of a release: ",
    ),
}


@pytest.mark.parametrize("what", NO_WITHDRAWAL)
def test_what_does_not_withdraw_is_told_and_changes_nothing(desk: Desk, what: str) -> None:
    data, words = NO_WITHDRAWAL[what]
    desk.offer("a.bundle", OLD.bundle())
    events = desk.offer("w.json", data)
    assert kinds(events) == ["refused"]
    assert render(events[0].diagnostics, {}).startswith(words)
    assert running(desk.host) == "1.0.0"
    assert desk.host.refresh() == ()


def test_a_withdrawal_with_a_forged_signature(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    said_by, forged = (OLD.says("withdraw", FIRST, meaning=text)[1] for text in ("one text", "other txt"))
    signature = said_by[said_by.index(b'"sig"') :]
    events = desk.offer("w.json", forged[: forged.index(b'"sig"')] + signature)
    assert render(events[0].diagnostics, {}) == (
        f"BW486 `w.json` does not withdraw anything: the signature is not of the key `{FIRST.key.id}`, or what it signed "
        "has changed\n  hint: get the file again from whoever signed it\n"
    )
    assert running(desk.host) == "1.0.0"


def test_a_withdrawal_of_another_pack_is_for_another_host(desk: Desk) -> None:
    other = Release(OLD.files, again(OLD.manifest, id="another-pack"))
    assert desk.offer("w.json", other.says("withdraw", FIRST)[1]) == ()


def test_an_approval_that_runs_out_stops_the_release_without_a_look(tmp_path: Path) -> None:
    desk = Desk(tmp_path, overdue=Overdue("the committee meets on 8 July", "role:medical-director"))
    desk.offer("a.bundle", OLD.bundle())
    desk.clock.pass_days(365)
    assert running(desk.host) == "1.0.0"
    desk.clock.pass_days(1)
    assert "BW258" in not_running(desk.host)
    assert kinds(desk.told) == ["accepted", "noticed", "stopped"]
    assert kinds(desk.host.refresh()) == []
    assert kinds(desk.offer("b.bundle", OLD.bundle(at=NOON + timedelta(days=366)))) == ["accepted"]
    assert running(desk.host) == "1.0.0"


def test_an_overdue_review_stops_the_release(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    desk.clock.set(date(2027, 6, 30))
    assert running(desk.host) == "1.0.0"
    desk.clock.set(date(2027, 7, 1))
    assert "BW143 the review of `quick-screen@1.0.0` was due on 2027-06-30, 1 day ago" in not_running(desk.host)
    assert kinds(desk.told) == ["accepted", "stopped"]


def test_an_override_of_the_review_is_in_every_decision_from_its_day_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path, overdue=Overdue("the committee meets on 8 July", "role:medical-director"))
    desk.offer("a.bundle", OLD.bundle())
    assert desk.host.evaluate(RECORD).review is None
    desk.clock.set(date(2027, 7, 1))
    recorded = desk.host.evaluate(RECORD).review
    assert recorded is not None
    assert recorded["by"] == "role:medical-director"


def test_what_is_coming_is_told_before_it_comes_once_for_each_step(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keyring=keyring(keyring_text(valid_days=185)))
    desk.offer("a.bundle", OLD.bundle())
    told = []
    for day in range(190):
        desk.clock.set(TODAY + timedelta(days=day))
        told += [(day, *codes((event,))) for event in desk.host.refresh() if event.kind == "noticed"]
    assert told == [(128, "BW144"), (155, "BW274"), (178, "BW274"), (184, "BW274"), (185, "BW274")]


def test_an_approval_that_ends_soon_is_told_with_what_to_do(tmp_path: Path) -> None:
    ends = Desk(tmp_path, keyring=keyring(keyring_text(valid_days=7)))
    assert said(ends.offer("a.bundle", OLD.bundle())[1:]) == (
        "noticed a.bundle quick-screen@1.0.0\nBW274 warning: the approval of `quick-screen@1.0.0` ends after 2026-12-01\n"
        "  hint: whoever approves reads it again and signs; a bundle with the new signature takes its place\n"
    )


def test_a_key_that_is_revoked_stops_what_it_approved(tmp_path: Path) -> None:
    ring = tmp_path / "keyring.yaml"
    staff = (*STAFF, Person("role:third-approver", ("clinical_approver",), 5))
    ring.write_text(keyring_text(*staff), "utf-8")
    desk = Desk(tmp_path, keyring=ring)
    desk.offer("a.bundle", OLD.bundle())
    lost = {FIRST.id: "revoked: {date: 2026-11-24, reason: The laptop was lost.}"}
    ring.write_text(keyring_text(*staff, more=lost), "utf-8")
    events = desk.host.refresh()
    assert kinds(events) == ["stopped"]
    assert {"BW253", "BW257"} <= set(codes(events))
    ring.write_text(keyring_text(), "utf-8")
    assert kinds(desk.host.refresh()) == ["accepted"]


# ---------------------------------------------------------------- what a restart remembers


def test_a_restart_without_a_source_runs_the_last_known_good(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    desk.offer("a.bundle", NEW.bundle())
    for file in desk.source.iterdir():
        file.unlink()
    desk.source.rmdir()
    host = after_restart(desk)
    assert [(event.kind, event.source) for event in host.events] == [
        ("failed", "source"),
        ("accepted", "quick-screen.bundle"),
    ]
    assert render(host.events[0].diagnostics, {}) == (
        "BW484 the source cannot be looked at: no such file or directory\n"
        "  hint: what is in use stays in use; the source is asked again at the next look\n"
    )
    assert running(host) == "1.0.1"


def test_a_restart_with_a_bad_source_runs_the_last_known_good(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    (desk.source / "a.bundle").write_bytes(b"nonsense")
    host = after_restart(desk)
    assert kinds(host.events) == ["refused", "accepted"]
    assert running(host) == "1.0.0"


def test_the_last_known_good_is_verified_again(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    (desk.source / "a.bundle").unlink()
    desk.clock.pass_days(400)
    host = after_restart(desk)
    assert kinds(host.events) == ["refused"]
    assert "BW258" in codes(host.events)
    assert not_running(host) == NEVER


def test_a_last_known_good_that_was_changed_is_refused(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    (desk.source / "a.bundle").unlink()
    kept = desk.state / "quick-screen.bundle"
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x01")
    assert codes(after_restart(desk).events) == ["BW262"]
    assert not_running(desk.host) == NEVER


def test_a_restart_does_not_go_back_to_an_older_version(desk: Desk) -> None:
    desk.offer("a.bundle", NEW.bundle())
    (desk.source / "a.bundle").write_bytes(OLD.bundle())
    (desk.state / "quick-screen.bundle").unlink()
    assert codes(after_restart(desk).events) == ["BW269"]
    assert not_running(desk.host) == NEVER


def test_with_a_damaged_floor_nothing_is_taken_into_use_and_what_runs_goes_on(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    (desk.state / "floor.json").write_bytes(b"damaged")
    events = desk.offer("b.bundle", NEW.bundle())
    assert [(event.kind, event.source, *codes((event,))) for event in events] == [("failed", "floor", "BW272")]
    assert desk.host.refresh() == ()
    assert running(desk.host) == "1.0.0"
    assert codes(after_restart(desk).events) == ["BW272"]
    assert not_running(desk.host) == NEVER


def test_two_hosts_share_a_state_folder(tmp_path: Path) -> None:
    one, other = Desk(tmp_path), Desk(tmp_path)
    one.offer("a.bundle", OLD.bundle())
    assert kinds(other.host.refresh()) == ["accepted"]
    one.offer("a.bundle", NEW.bundle())
    (one.source / "a.bundle").unlink()
    assert kinds(other.host.refresh()) == ["accepted"]  # from what the first one kept
    one.offer("w.json", NEW.says("withdraw", FIRST)[1])
    (one.source / "w.json").unlink()
    assert "stopped" in kinds(other.host.refresh())  # from the floor that the first one wrote


# ---------------------------------------------------------------- what is broken around it


def test_a_disk_without_space_leaves_the_old_version_in_use(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.offer("a.bundle", OLD.bundle())
    monkeypatch.setattr(os, "fsync", full_disk)
    assert said(desk.offer("b.bundle", NEW.bundle())) == (
        f"failed state None\nBW488 `{desk.state}/quick-screen.bundle` cannot be written: no space left on device\n"
        "  hint: no release is taken into use before it is kept; free space, or let the host's account write there\n"
    )
    assert desk.host.refresh() == ()
    assert running(desk.host) == "1.0.0"
    monkeypatch.undo()
    assert "accepted" in kinds(desk.host.refresh())
    assert running(desk.host) == "1.0.1"


@pytest.mark.parametrize("fault", [ValueError("patient 7"), OSError(5, "Input/output error"), MemoryError(), TypeError])
def test_a_source_that_raises_is_an_event_once(tmp_path: Path, fault: Exception | type[Exception]) -> None:
    broken = [True]

    def source() -> bytes | None:
        if broken[0]:
            raise fault
        return OLD.bundle()

    desk = Desk(tmp_path, source=source)
    name = (
        "input/output error"
        if isinstance(fault, OSError)
        else (fault if isinstance(fault, type) else type(fault)).__name__
    )
    assert said(desk.host.refresh()) == (
        f"failed source None\nBW484 the source cannot be looked at: {name}\n"
        "  hint: what is in use stays in use; the source is asked again at the next look\n"
    )
    assert desk.host.refresh() == ()
    broken[0] = False
    assert kinds(desk.host.refresh()) == ["accepted"]
    broken[0] = True
    assert kinds(desk.host.refresh()) == ["failed"]
    assert running(desk.host) == "1.0.0"


def test_a_source_that_returns_something_else(tmp_path: Path) -> None:
    desk = Desk(tmp_path, source=lambda: "a.bundle")
    assert codes(desk.host.refresh()) == ["BW484"]


def test_files_that_cannot_be_read_do_not_hide_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.source / "folder.bundle").mkdir()
    os.mkfifo(desk.source / "pipe.bundle")
    (desk.source / "gone.bundle").symlink_to("nowhere")
    (desk.source / ".hidden.bundle").write_bytes(b"half")
    (desk.source / "locked.bundle").write_bytes(b"secret")
    opened = Path.open

    def locked(path: Path, mode: str = "r") -> object:
        if path.name == "locked.bundle":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", locked)
    events = desk.offer("a.bundle", OLD.bundle())
    assert said(events[:1]) == (
        "failed locked.bundle None\nBW484 `locked.bundle` cannot be read: permission denied\n"
        "  hint: let the host's account read it\n"
    )
    assert kinds(events[1:]) == ["accepted"]


def test_a_folder_with_too_many_files(desk: Desk) -> None:
    for number_ in range(201):
        (desk.source / f"{number_}.bundle").touch()
    assert said(desk.host.refresh()) == (
        "failed source None\nBW484 the source cannot be looked at: it holds 201 bundles and withdrawals, and at most 200 are "
        "read\n  hint: what is in use stays in use; the source is asked again at the next look\n"
    )


def test_a_keyring_that_cannot_be_read_leaves_the_last_one_in_force(tmp_path: Path) -> None:
    ring = tmp_path / "keyring.yaml"
    desk = Desk(tmp_path, keyring=ring)
    assert said(desk.offer("a.bundle", OLD.bundle())) == (
        f"failed keyring None\nBW487 the keyring `{ring}` cannot be read: no such file or directory\n"
        "  hint: the last keyring that could be read stays in force; without one, nothing is used\n"
    )
    assert not_running(desk.host) == NEVER
    ring.write_text(keyring_text(), "utf-8")
    assert kinds(desk.host.refresh()) == ["accepted"]
    ring.write_text("keyring: [", "utf-8")
    assert kinds(desk.host.refresh()) == ["failed"]
    assert kinds(desk.offer("a.bundle", NEW.bundle())) == ["accepted"]


def test_a_listener_that_raises_is_an_event_that_it_is_not_told(tmp_path: Path) -> None:
    def listener(_: Event) -> None:
        raise RuntimeError("patient 7")

    desk = Desk(tmp_path, on_event=listener)
    desk.offer("a.bundle", OLD.bundle())
    assert kinds(desk.host.events) == ["accepted", "failed"]
    assert render(desk.host.events[1].diagnostics, {}) == (
        "BW485 the listener raised RuntimeError on an event of kind `accepted`\n"
        "  hint: mend `on_event`; the events are kept in `events`\n"
    )


def test_a_fault_of_ours_is_an_event_with_its_place_and_no_value(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("patient 7")

    desk.offer("a.bundle", OLD.bundle())
    monkeypatch.setattr(watching, "open_offers", fault)
    events = desk.host.refresh()
    assert "BW489 the host failed, our own fault: RuntimeError at test_host.py:" in said(events)
    assert "patient 7" not in said(events)
    assert desk.host.refresh() == ()
    assert running(desk.host) == "1.0.0"


def test_a_fault_while_compiling_does_not_keep_the_host_from_its_last_known_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.offer("a.bundle", OLD.bundle())

    def fault(bundle: Bundle) -> object:
        if bundle.manifest.version == "1.0.1":
            raise RecursionError
        return compile_bundle(bundle)

    monkeypatch.setattr(watching, "compile_bundle", fault)
    (desk.source / "a.bundle").write_bytes(NEW.bundle())
    host = after_restart(desk)
    assert [(event.kind, *codes((event,))) for event in host.events] == [("refused", "BW489"), ("accepted",)]
    assert running(host) == "1.0.0"


def test_a_clock_that_fails_is_an_event_of_a_look_and_stops_an_evaluation(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.offer("a.bundle", OLD.bundle())
    desk.clock.moment = None  # type: ignore[assignment]
    assert codes(desk.host.refresh()) == ["BW489"]
    with pytest.raises(AttributeError):
        desk.host.evaluate(RECORD)


# ---------------------------------------------------------------- how it is made, started, stopped


def test_what_a_host_cannot_be_made_of(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the clock must tell its time zone"):
        Desk(tmp_path, clock=lambda: datetime(2026, 11, 24))
    with pytest.raises(TypeError, match="the source must be a Path or a callable"):
        Desk(tmp_path, source="bundles")
    overlay = tmp_path / "overlay.yaml"
    with pytest.raises(FileNotFoundError):
        Desk(tmp_path, overlay=overlay)
    overlay.write_text("overlay: [", "utf-8")
    with pytest.raises(PackError):
        Desk(tmp_path, overlay=overlay)


def wait_for(fact: Callable[[], bool]) -> None:
    """Wait until something is so, at most ten seconds."""
    end = time.monotonic() + 10
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_looks_by_itself_until_it_is_stopped(desk: Desk) -> None:
    (desk.source / "a.bundle").write_bytes(OLD.bundle())
    with desk.host.start(every_seconds=0.01) as host:
        assert running(host) == "1.0.0"
        with pytest.raises(RuntimeError, match="started already"):
            host.start(every_seconds=1)
        (desk.source / ".b.bundle.part").write_bytes(NEW.bundle())
        os.replace(desk.source / ".b.bundle.part", desk.source / "b.bundle")
        wait_for(lambda: running(host) == "1.0.1")
    before = threading.active_count()
    desk.host.stop()
    assert threading.active_count() == before
    assert running(desk.host) == "1.0.1"
    desk.host.start(every_seconds=60).stop()


def test_it_never_dies_of_what_is_around_it(tmp_path: Path) -> None:
    looks: list[int] = []

    def source() -> bytes:
        looks.append(1)
        raise ValueError

    def listener(_: Event) -> None:
        raise RuntimeError

    host = Desk(tmp_path, source=source, on_event=listener).host
    with host.start(every_seconds=0.002):
        wait_for(lambda: len(looks) > 20)
    assert kinds(host.events) == ["failed", "failed"]


def test_a_listener_may_stop_the_host_and_look_again(tmp_path: Path) -> None:
    def listener(_: Event) -> None:
        mine.host.refresh()
        mine.host.stop()

    mine = Desk(tmp_path, on_event=listener)
    mine.host.start(every_seconds=0.005)
    (mine.source / ".part").write_bytes(OLD.bundle())
    os.replace(mine.source / ".part", mine.source / "a.bundle")
    wait_for(lambda: bool(mine.host.events))
    assert running(mine.host) == "1.0.0"
    mine.host.stop()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_pause_that_is_none(desk: Desk, seconds: float) -> None:
    with pytest.raises(ValueError, match="every_seconds must be above 0"):
        desk.host.start(seconds)


def test_only_the_last_events_are_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keep_events=3)
    for turn in range(5):
        desk.offer("a.bundle", b"nonsense %d" % turn)
    assert (len(desk.host.events), len(desk.told)) == (3, 5)
    assert desk.host.events == tuple(desk.told[-3:])


def test_an_event_is_plain_data_for_a_log(desk: Desk) -> None:
    desk.offer("a.bundle", OLD.bundle())
    assert desk.offer("b.bundle", b"nonsense")[0].to_json() == {
        "at": "2026-11-24T12:00:00+00:00",
        "kind": "refused",
        "source": "b.bundle",
        "pack": None,
        "manifest": None,
        "diagnostics": [
            {
                "code": "BW262",
                "level": "error",
                "message": "`b.bundle` is not a bundle of ours: it does not end as an archive does: cut short, or with "
                "something behind it",
                "hint": "get the file again from where it was made, or make it with `boosterwatch bundle PACK -o FILE`",
                "span": None,
            }
        ],
    }
