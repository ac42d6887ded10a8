"""Power cuts of a log on SQLite: at random moments, with what was not synced lost, kept or torn.

    python -m boosterwatch.tests.audit.powercut [--cuts 1000] [--records 300] [--sync FULL|NORMAL] [--seed 1]

Prints one JSON report; exits 0 when every log came up whole, with every entry that was acknowledged before the cut.
`--sync NORMAL` must lose: it shows that the cuts are real.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from boosterwatch.engine.audit.log.line import Limits
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.stores import SqliteStore
from boosterwatch.engine.audit.log.writer import Writer
from boosterwatch.tests.audit.log.drafts import SIGNER, Clock, check_whole, draft
from boosterwatch.tests.audit.log.recorded_disk import Disk, Event, RecordedStore, UnsyncedStore, after_cut

Store = Callable[[Path, Disk, str], RecordedStore]


@dataclass(slots=True)
class Report:
    """What the cuts did."""

    sync: str
    writes: int
    syncs: int
    cuts: int = 0
    cuts_with_loss: int = 0
    acknowledged_lost: int = 0
    cuts_not_whole: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Return whether nothing was lost, and every log was whole."""
        return not (self.cuts_with_loss or self.cuts_not_whole)


@dataclass(frozen=True, slots=True)
class Run:
    """A log's life on a recorded disk: its files at the start, and what happened."""

    base: dict[str, bytes]
    events: Sequence[Event]


def open_store(store: SqliteStore) -> Writer:
    """Return the writer of the log in a store."""
    return Writer(store, SIGNER, Clock(), os.urandom, limits=Limits(), wait=0)


def record(
    records: int,
    sync: str,
    rnd: random.Random,
    *,
    failing: range = range(0),
    reopen: bool = False,
    store: Store = RecordedStore,
) -> Run:
    """Return the life of a log that takes so many appends.

    The syncs with the numbers `failing` fail; with `reopen`, the log is then closed and opened anew.
    """
    with tempfile.TemporaryDirectory(prefix="powercut-") as name:
        path = Path(name) / "audit.db"
        create(f"sqlite:///{path}", SIGNER)
        base = {"audit.db": path.read_bytes()}
        disk = Disk()
        log = open_store(store(path, disk, sync))
        disk.failing = range(disk.syncs + failing.start, disk.syncs + failing.stop)
        for _ in range(records):
            drafts = [draft(rnd.randbytes(rnd.randint(50, 3000))) for _ in range(rnd.choice((1, 1, 1, 2, 5)))]
            try:
                disk.acknowledge([receipt.id for receipt in log.append(drafts)])
            except LogError:
                if reopen:
                    log = _opened_anew(log, path, disk, sync, store)
        log.close()
        return Run(base, disk.events)


def _opened_anew(log: Writer, path: Path, disk: Disk, sync: str, store: Store) -> Writer:
    """Return a new writer in the place of one that has failed; it may take some tries."""
    log.close()
    for _ in range(10):
        try:
            return open_store(store(path, disk, sync))
        except LogError:
            continue
    raise AssertionError("the log does not open any more")


def cut(run: Run, at: int, rnd: random.Random) -> tuple[int, str | None]:
    """Cut the power after so many events, and start again; returns how many entries are lost, and what is not whole."""
    told = {id_ for event in run.events[:at] for id_ in event.ids}
    with tempfile.TemporaryDirectory(prefix="powercut-") as name:
        for file, content in after_cut(run.base, run.events[:at], rnd).items():
            if not file.endswith("-shm"):
                (Path(name) / file).write_bytes(content)
        try:
            with open_store(UnsyncedStore(Path(name) / "audit.db")) as log:
                held = {str(entry["id"]) for entry in check_whole(log)}
                log.append([draft()])
        except (LogError, AssertionError) as error:
            return len(told), str(error).splitlines()[0] if str(error) else "not whole"
    return len(told - held), None


def cut_often(run: Run, cuts: int, sync: str, rnd: random.Random) -> Report:
    """Return what so many cuts at random moments did."""
    kinds = [event.kind for event in run.events]
    report = Report(sync, kinds.count("write"), kinds.count("sync"))
    first = kinds.index("acknowledged")
    for _ in range(cuts):
        lost, fault = cut(run, rnd.randint(first, len(run.events)), rnd)
        report.cuts += 1
        report.acknowledged_lost += lost
        report.cuts_with_loss += bool(lost)
        if fault:
            report.cuts_not_whole += 1
            report.examples = [*report.examples, fault][:3]
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(description="Cut the power of a log, many times.")
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--sync", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    rnd = random.Random(chosen.seed)
    report = cut_often(record(chosen.records, chosen.sync, rnd), chosen.cuts, chosen.sync, rnd)
    print(json.dumps({"ok": report.ok, **asdict(report)}))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
