"""Power cuts and failed syncs, in a model of the disk: what was acknowledged is there afterwards. The long version is
`python -m boosterwatch.tests.audit.powercut`."""

import random

import pytest

from boosterwatch.tests.audit import powercut
from boosterwatch.tests.audit.log.recorded_disk import RecordedStore


def test_no_cut_loses_what_was_acknowledged() -> None:
    rnd = random.Random(1)
    report = powercut.cut_often(powercut.record(120, "FULL", rnd), 60, "FULL", rnd)
    assert report.ok, report
    assert report.cuts == 60
    assert report.syncs > 120


def test_without_a_sync_for_every_commit_cuts_lose_entries() -> None:
    rnd = random.Random(1)
    report = powercut.cut_often(powercut.record(60, "NORMAL", rnd), 20, "NORMAL", rnd)
    assert report.cuts_with_loss > 0
    assert report.acknowledged_lost > 0


class CarelessStore(RecordedStore):
    """A store that takes what it can read for what is on the disk."""

    def firm_up(self) -> None:
        pass


class CheckpointingStore(RecordedStore):
    """A store that trusts a checkpoint with it."""

    def firm_up(self) -> None:
        session = self.connect()
        session.plain("PRAGMA wal_checkpoint(TRUNCATE)")
        session.close()


def losses_after_failed_syncs(store: powercut.Store, length: int, reopen: bool) -> tuple[int, int]:
    """Return how many entries were lost, and how many logs were not whole, in cuts after so many syncs failed."""
    lost = faults = 0
    for number in range(8):
        rnd = random.Random(number)
        failing = range(number, number + length)
        run = powercut.record(16, "FULL", rnd, failing=failing, reopen=reopen, store=store)
        first = next(at for at, event in enumerate(run.events) if event.kind == "failed sync")
        for at in (*(rnd.randint(first, min(first + 60, len(run.events))) for _ in range(3)), len(run.events)):
            missing, fault = powercut.cut(run, at, rnd)
            lost += missing
            faults += fault is not None
    return lost, faults


@pytest.mark.parametrize("reopen", [False, True], ids=["healed", "opened anew"])
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_what_failed_syncs_left_behind_is_not_relied_on(length: int, reopen: bool) -> None:
    assert losses_after_failed_syncs(RecordedStore, length, reopen) == (0, 0)


@pytest.mark.parametrize("store", [CarelessStore, CheckpointingStore])
def test_a_store_that_relies_on_it_is_caught(store: powercut.Store) -> None:
    # After one failed sync, SQLite takes the commit back when it closes. It cannot when that fails too.
    lost, _ = losses_after_failed_syncs(store, 2, reopen=False)
    assert lost > 0


@pytest.mark.parametrize("chosen", [["--cuts", "3", "--records", "5"]])
def test_the_command_reports(chosen: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert powercut.main(chosen) == 0
    assert capsys.readouterr().out.startswith('{"ok": true, "sync": "FULL", ')
