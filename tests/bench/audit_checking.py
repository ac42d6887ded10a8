"""Checking an audit log: entries a second, sealed megabytes a second, and how long one proof takes.

    python -m boosterwatch.tests.bench.audit_checking [--entries 1000000]

The store is made by bulk insert, with the bodies of made-up decisions of about 1 KB and some eight marks each. Everything
is measured in the same run, against what the database and SHA-256 alone take for the same bytes.
"""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from boosterwatch.engine.audit.check import slices
from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.check.proof import prove
from boosterwatch.engine.audit.check.snapshot import READ_ENTRIES, Snapshot, pages
from boosterwatch.engine.audit.check.structure import check_file
from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.bench.report import Goal, Section, as_text, goals_as_text, number
from boosterwatch.tests.bench.timing import Spread, spread, time_each, timed

ENTRIES = 1_000_000
_BLOB = 2_000  # bytes of a sealed decision with its record
_SEALED = 20_000
_SLOWLY = 20_000  # entries for the verifier in pure Python


class Found(NamedTuple):
    """Seconds, each for all entries, and the spread of one proof; `sealed` in bytes a second."""

    entries: int
    raw: float
    checked: float
    file: float
    whole: float
    whole_by_two: float
    apart: float
    sealed: float
    proof: Spread


def measure(entries: int, proofs: int = 500) -> Found:
    """Make the stores, and measure."""
    with TemporaryDirectory(prefix="bench-") as folder:
        url = making.make(Path(folder) / "audit.db", entries, blob_bytes=0)
        small = making.make(Path(folder) / "small.db", min(entries, _SLOWLY), blob_bytes=0)
        heavy = making.make(Path(folder) / "heavy.db", min(entries, _SEALED), blob_bytes=_BLOB)
        return Found(
            entries=entries,
            raw=timed(lambda: _raw(url)),
            checked=timed(lambda: _entries_only(url, entries)),
            file=timed(lambda: _file_only(url)),
            whole=timed(lambda: _whole(url, 1)),
            whole_by_two=timed(lambda: _whole(url, 2)),
            apart=timed(lambda: _apart(small)) * entries / min(entries, _SLOWLY),
            sealed=_sealed_rate(heavy, min(entries, _SEALED)),
            proof=_proofs(url, entries, proofs),
        )


def _raw(url: str) -> None:
    """Read every body and hash it: no verifier can do less."""
    with closing(sqlite3.connect(making.path_of(url))) as database:
        for (body,) in database.execute("SELECT body FROM entry ORDER BY seq"):
            sha256(b"\x00" + body).digest()


def _tasks(url: str, entries: int) -> list[slices.Task]:
    sizes = frozenset({*range(0, entries + 1, 256), entries})
    return [slices.Task(url, making.KEY.log, start, end, sizes, 50) for start, end in pages(0, entries, slices.SLICE)]


def _entries_only(url: str, entries: int) -> None:
    """Check the entries with everything that repeats them, in this process, without SQLite's own check of its file."""
    with Snapshot(url) as snapshot:
        for task in _tasks(url, entries):
            assert not slices.check_slice(snapshot, task).counts


def _file_only(url: str) -> None:
    with Snapshot(url) as snapshot:
        problems = Problems()
        check_file(snapshot, problems)
        assert not problems.total


def _whole(url: str, jobs: int) -> None:
    assert verify(url, making.KEY, jobs=jobs).whole


def _apart(url: str) -> None:
    theirs = independent.module()
    problems, _ = theirs.check_store(str(making.path_of(url)), theirs.read_key(making.KEY.line), [])
    assert not problems


def _sealed_rate(url: str, entries: int) -> float:
    """Return the sealed bytes that are read and compared in a second."""
    done = bytes_ = 0.0
    with Snapshot(url) as snapshot:
        for task in _tasks(url, entries):
            check = slices._Check(snapshot, task)  # the step alone: the face checks the entries too
            for first, rows in check._read(READ_ENTRIES, slices._PAGE, "entry"):
                check._page(first, rows)
            done += timed(check._compare_sealed)
            bytes_ += check._sealed_bytes
    return bytes_ / done


def _proofs(url: str, entries: int, count: int) -> Spread:
    """Return the spread of one proof: entry, tiles and head read, path made, and checked before it is handed out."""
    reader, random = open_reader(url), Random(1)
    ids = [making.uuid7(random.randrange(entries)) for _ in range(count)]

    def one(id: str) -> None:
        stored = reader.entry(id)
        assert stored is not None
        prove(reader, stored, making.KEY)

    one(ids[0])
    try:
        return spread(time_each(one, ids))
    finally:
        reader.close()


def section(found: Found) -> Section:
    """Return the figures as a table with the goals they speak for."""

    def rate(seconds: float) -> str:
        return f"{found.entries / seconds:,.0f}"

    best = max(found.checked, 1e-9), max(found.whole_by_two, 1e-9)
    reached = found.entries / min(best)
    rows = (
        ("SELECT and SHA-256 alone", rate(found.raw), "1"),
        ("entries with columns, marks, tiles; one process", rate(found.checked), number(found.checked / found.raw)),
        ("SQLite's own check of its file", rate(found.file), number(found.file / found.raw)),
        ("`audit verify`, one process", rate(found.whole), number(found.whole / found.raw)),
        ("`audit verify --jobs 2`", rate(found.whole_by_two), number(found.whole_by_two / found.raw)),
        ("`docs/verify_audit.py`, standard library only", rate(found.apart), number(found.apart / found.raw)),
    )
    proof = found.proof
    return Section(
        "audit-checking",
        f"Checking an audit log of {found.entries:,} entries in SQLite",
        ("what", "entries a second", "x raw"),
        rows,
        (
            Goal("`audit verify`, entries", "at least 100,000/s", f"{number(reached)}/s", reached >= 100_000),
            Goal("one inclusion proof", "under 5 ms", f"{number(proof.p99 / 1e3)} ms (p99)", proof.p99 < 5_000),
        ),
        (
            f"Sealed parts of {_BLOB:,} bytes are compared at {number(found.sealed / 1e6)} MB/s, which comes on top.",
            f"One proof takes {number(proof.p50 / 1e3)} ms (p50), {number(proof.p99 / 1e3)} ms (p99), reading included.",
        ),
    )


def main() -> None:
    """Print the table for as many entries as the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    found = section(measure(parser.parse_args().entries))
    print(as_text(found))
    print(goals_as_text(found.goals))


if __name__ == "__main__":
    main()
