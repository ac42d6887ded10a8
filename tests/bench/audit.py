"""How fast entries become durable: the audit log with one caller and with many, beside plain SQLite.

Plain SQLite writes the very rows that the log has just written, into the same tables with the same pragmas, one commit
for each entry, on one connection of `sqlite3`: what no log on this disk could beat without giving up durability. They
take turns in small blocks, because the disk and the machine are shared; figures are medians over rounds.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from boosterwatch.engine.audit.log.api import Draft, Log
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.writer import open_writer
from boosterwatch.tests.bench.report import Goal, Section, number
from boosterwatch.tests.bench.timing import timed

SIGNER = HeadSigner("bench", bytes(range(32)))
CALLERS = 32
BLOCK = 320  # entries of one turn
SHARE = 4  # many callers write so many times more in theirs: a turn takes each about as long
SEALED_BYTES = 2_000  # a compressed record with its decision
PRAGMAS = (
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
)


class Round(NamedTuple):
    """Durable entries a second in one round."""

    plain: float
    single: float
    many: float


class Result(NamedTuple):
    """Medians over the rounds; `single_to_plain` and `many_to_single` are medians of the ratios within a round."""

    plain: float
    single: float
    many: float
    single_to_plain: float
    many_to_single: float


def run(rounds: int, entries: int) -> Result:
    """Return the rates of so many rounds of so many entries each."""
    found = [_round(entries) for _ in range(rounds)]
    return Result(
        plain=statistics.median(one.plain for one in found),
        single=statistics.median(one.single for one in found),
        many=statistics.median(one.many for one in found),
        single_to_plain=statistics.median(one.single / one.plain for one in found),
        many_to_single=statistics.median(one.many / one.single for one in found),
    )


def section(found: Result, rounds: int, entries: int) -> Section:
    """Return the figures as a table with the goals they speak for."""
    single, many = found.single_to_plain, found.many_to_single
    rows = (
        ("plain SQLite: the same rows, one commit each", number(found.plain), "1", ""),
        ("the log, one caller", number(found.single), number(single), "1"),
        (f"the log, {CALLERS} callers", number(found.many), number(found.many / found.plain), number(many)),
    )
    return Section(
        "audit",
        "Recording entries in an audit log in SQLite, each durable before it is acknowledged",
        ("what", "entries a second", "x plain", "x one caller"),
        rows,
        (
            Goal("audit log, one caller", "at least 0.6 of plain commits", f"{number(single)}", single >= 0.6),
            Goal(f"audit log, {CALLERS} callers", "at least 3 times one caller", f"{number(many)}", many >= 3),
        ),
        (
            f"{rounds} rounds of {entries:,} entries, in turns of {BLOCK}; ratios are medians of those within a round. "
            f"Each entry has about 1 KB of plain text, eight marks and {SEALED_BYTES:,} sealed bytes.",
            "Sealing and evaluating come on top: this is what the log adds to a commit.",
        ),
    )


def _round(entries: int) -> Round:
    """Return the rates of three databases that take turns, block by block."""
    seconds = [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(CALLERS) as callers:
        folder = Path(name)
        rows = _sample_rows(folder / "sample.db", entries)
        single, many = _log_at(folder / "single.db"), _log_at(folder / "many.db")
        with single, many, closing(_plain_at(folder / "plain.db")) as plain:
            for start in range(0, entries, BLOCK):
                block = rows[start : start + BLOCK]
                seconds[0] += timed(partial(_write, plain, block))
                seconds[1] += timed(partial(_call, callers, single, [drafts(len(block))]))
                shares = [drafts(len(block) * SHARE // CALLERS) for _ in range(CALLERS)]
                seconds[2] += timed(partial(_call, callers, many, shares))
            return Round(entries / seconds[0], single.size() / seconds[1], many.size() / seconds[2])


def drafts(count: int) -> list[Draft]:
    """Return entries as large as those of decisions, each of another patient."""
    return [Draft(_id(number), "decision", _body(number), os.urandom(SEALED_BYTES)) for number in range(count)]


def _id(number: int) -> str:
    rest = bytearray(os.urandom(16))
    rest[:6] = (1_790_000_000_000 + number).to_bytes(6)
    rest[6], rest[8] = rest[6] & 0x0F | 0x70, rest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(rest)))


def _body(number: int) -> dict[str, object]:
    return {
        "tenant": "bench",
        "actor": "role:nurse",
        "patient": os.urandom(16).hex(),
        "request": os.urandom(16).hex(),
        "pack": {"id": "bench-pack", "version": "1.0.0", "digest": "d" * 64},
        "engine": {"version": "1.0.0", "agreement": "agreed"},
        "as_of": "2026-11-24",
        "record_digest": os.urandom(32).hex(),
        "recommendation": f"recommendation_{number % 5}",
        "urgency": "soon",
        "rules": [f"rule_{number % 7}", f"rule_{number % 11 + 7}", "rule_20", "rule_21"],
        "near": [f"rule_{number % 3 + 30}", "rule_40"],
        "flags": ["flag_1"],
        "holds": [],
    }


def _log_at(path: Path) -> Log:
    url = f"sqlite:///{path}"
    create(url, SIGNER)
    return open_writer(url, SIGNER, lambda: datetime.now(UTC))


def _append_each(log: Log, ready: Sequence[Draft]) -> None:
    for one in ready:
        log.append([one])


def _call(callers: Executor, log: Log, shares: Sequence[Sequence[Draft]]) -> None:
    """Append each share on a thread of its own, as the workers of a service do."""
    for one in [callers.submit(_append_each, log, share) for share in shares]:
        one.result()


Write = tuple[str, tuple[Any, ...]]


def _sample_rows(path: Path, entries: int) -> list[list[Write]]:
    """Return, for each entry of a log, the rows that were written with it."""
    with _log_at(path) as log:
        log.append(drafts(entries))
        note = log.head().note
    found: defaultdict[int, list[Write]] = defaultdict(list)
    with closing(sqlite3.connect(path)) as connection:
        for table, seq in (("entry", 0), ("entry_mark", 2), ("sealed", 0)):
            for row in connection.execute(f"SELECT * FROM {table}"):
                found[row[seq]].append((f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row))
        for row in connection.execute("SELECT * FROM tile WHERE level = 0"):
            found[(row[1] + 1) * 256 - 1].append(("INSERT INTO tile VALUES (?, ?, ?, ?)", row))
    for seq, writes in found.items():  # one head for each entry, and the one before it pruned
        writes.append(("INSERT INTO head VALUES (?, ?)", (seq + 1, note)))
        if seq % 256:
            writes.append(("DELETE FROM head WHERE size = ?", (seq,)))
    return [found[seq] for seq in sorted(found)]


def _plain_at(path: Path) -> sqlite3.Connection:
    create(f"sqlite:///{path}", SIGNER)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _write(connection: sqlite3.Connection, rows: Sequence[Sequence[Write]]) -> None:
    for writes in rows:
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in writes:
            connection.execute(sql, values)
        connection.execute("COMMIT")
