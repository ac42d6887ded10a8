"""Flip bytes of a store file, one at a time: every flip must be found, or be proved harmless.

    python -m boosterwatch.tests.audit.check.tamper [--entries 24] [--sample 1000 | --all] [--jobs 2] [--independent]

found: the verifier says that the log is not whole, or refuses it with a code. harmless: it passes, and everything that is
stored reads as before, table by table and index by index (slack of a page, change counters, the writer's number).
missed: it passes, and something reads differently. foreign: it ends with anything but a report or a coded error.
Missed and foreign must be 0. `--independent` asks docs/verify_audit.py instead.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.tests.audit.check import independent, making

Check = Callable[[Path], bool]

# Everything that is stored but the writer's own number; through the tables, and through every index.
_TABLES = ("log_info", "log_version", "entry", "entry_mark", "sealed", "tile", "head")
_INDEXES = {
    "entry_recorded": "recorded",
    "entry_kind": "kind",
    "entry_pack": "pack",
    "entry_recommendation": "recommendation",
    "entry_patient": "patient",
    "entry_about": "about",
    "entry_request": "request",
    "sqlite_autoindex_entry_1": "id",
}


@dataclass(slots=True)
class Outcome:
    """How many flips ended how; `missed` and `foreign` say where."""

    flips: int = 0
    found: int = 0
    harmless: int = 0
    missed: list[int] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def join(self, other: Outcome) -> None:
        """Add another outcome."""
        self.flips += other.flips
        self.found += other.found
        self.harmless += other.harmless
        self.missed += other.missed
        self.foreign += other.foreign


def ours(path: Path) -> bool:
    """Return whether our verifier calls the log whole; any exception but a coded one passes through."""
    try:
        return verify(f"sqlite:///{path}", making.KEY).whole
    except DiagnosticError:
        return False


def apart(path: Path) -> bool:
    """Return whether docs/verify_audit.py calls the log whole."""
    module = independent.module()
    try:
        problems, _ = module.check_store(str(path), module.read_key(making.KEY.line), [])
    except module.Bad:
        return False
    return not problems


def stored(path: Path) -> str | list[object]:
    """Return everything that is stored, or what SQLite says instead."""
    database = sqlite3.connect(path)
    try:
        rows: list[object] = [database.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES]
        for index, column in _INDEXES.items():
            asked = f"SELECT {column}, seq FROM entry INDEXED BY {index} WHERE {column} IS NOT NULL ORDER BY 1, 2"
            rows.append(database.execute(asked).fetchall())
        return rows
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        return repr(error)
    finally:
        database.close()


def flip(data: bytes, offsets: Iterable[int], check: Check, seed: int) -> Outcome:
    """Flip the byte at each offset of a store file, in turn, and return how that ended."""
    outcome = Outcome()
    with TemporaryDirectory(prefix="tamper-") as folder:
        path = Path(folder) / "audit.db"
        path.write_bytes(data)
        before = stored(path)
        assert isinstance(before, list)
        assert check(path)
        for offset in offsets:
            changed = bytearray(data)
            changed[offset] ^= Random(seed * 1_000_003 + offset).randint(1, 255)
            for left in Path(folder).iterdir():
                left.unlink()
            path.write_bytes(changed)
            _judge(outcome, path, offset, check, before)
    return outcome


def _judge(outcome: Outcome, path: Path, offset: int, check: Check, before: list[object]) -> None:
    outcome.flips += 1
    try:
        whole = check(path)
    except Exception as error:  # the kind of thing that is looked for here
        outcome.foreign.append(f"{offset}: {error!r}")
        return
    if not whole:
        outcome.found += 1
    elif stored(path) == before:
        outcome.harmless += 1
    else:
        outcome.missed.append(offset)


def flip_many(data: bytes, offsets: Sequence[int], check: Check, seed: int, jobs: int) -> Outcome:
    """As `flip`, in several processes."""
    parts = [offsets[start::jobs] for start in range(jobs)]
    outcome = Outcome()
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for part in pool.map(partial(flip, data, check=check, seed=seed), parts):
            outcome.join(part)
    return outcome


def store_bytes(entries: int, blob_bytes: int = 60) -> bytes:
    """Return the bytes of a small store, one file with no other beside it."""
    with TemporaryDirectory(prefix="tamper-") as folder:
        path = Path(folder) / "audit.db"
        making.make(path, entries, blob_bytes=blob_bytes)
        return path.read_bytes()


def main() -> int:
    """Print the outcome as JSON; return 1 when a flip was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=24)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--independent", action="store_true")
    given = parser.parse_args()
    data = store_bytes(given.entries)
    everywhere = range(len(data))
    offsets = everywhere if given.all else sorted(Random(given.seed).sample(everywhere, given.sample))
    outcome = flip_many(data, offsets, apart if given.independent else ours, given.seed, given.jobs)
    counts = Counter(flips=outcome.flips, found=outcome.found, harmless=outcome.harmless)
    where = {"missed": outcome.missed[:20], "foreign": outcome.foreign[:20]}
    failed = bool(outcome.missed or outcome.foreign)
    print(json.dumps({"ok": not failed, "file_bytes": len(data), **counts, **where}))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
