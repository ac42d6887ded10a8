"""Logs for tests and measurements, written row by row without the log's own writer: quickly, and of any size.

The rows are those that docs/audit-format.md asks for; that the writer makes the same is tested in `test_writer.py`.
"""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import orjson
import psycopg

from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, Peaks, chain_next, chain_start, leaf_hash, root_of
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.notes import HeadSigner

SIGNER = HeadSigner("test-log", bytes(range(32)))
KEY = SIGNER.verifier
COLUMNS = ("id", "recorded", "kind", "tenant", "patient", "pack", "version", "recommendation", "request", "about")
SORTS = {"rules": "rule", "near": "near", "flags": "flag", "holds": "hold"}
TABLES = {
    "entry": 13,
    "sealed": 2,
    "entry_mark": 3,
    "tile": 4,
    "head": 2,
}
Row = tuple[Any, ...]


def uuid7(seq: int) -> str:
    """Return an id in the form of a UUIDv7, another for each place."""
    return f"01938d4e-{seq >> 12 & 0xFFFF:04x}-7{seq & 0xFFF:03x}-8000-{seq:012x}"


def body_of(seq: int, random: Random) -> dict[str, Any]:
    """Return what the caller says of a made-up decision, a reading of it, or an erasure."""
    if seq % 7 == 5:
        return {"kind": "read", "tenant": "north", "actor": "role:auditor", "about": uuid7(seq - 1)}
    if seq % 50 == 49:
        return {"kind": "erasure", "tenant": "north", "actor": "role:keeper", "patient": f"patient{seq % 9}"}
    return {
        "kind": "decision",
        "tenant": "north",
        "actor": "role:clinician",
        "patient": f"patient{seq % 9}",
        "pack": {"id": "some-pack", "version": f"1.{seq // 100}.0", "digest": "a" * 64},
        "engine": {"agreement": True, "evaluators": ["one", "two"]},
        "as_of": "2026-11-24",
        "record_digest": sha256(b"%d" % seq).hexdigest(),
        "recommendation": random.choice(["talk", "wait", "look_again"]),
        "urgency": "routine",
        "rules": sorted({f"rule_number_{random.randrange(40)}" for _ in range(6)}),
        "near": sorted({f"rule_number_{random.randrange(40)}" for _ in range(2)}),
        "flags": [f"flag_{seq % 4}", "späte_Meldung"],
        "holds": [],
        **({"request": f"request-{seq}"} if seq % 3 == 0 else {}),
    }


@dataclass(frozen=True, slots=True)
class Made:
    """An entry with what stands beside it."""

    entry: dict[str, Any]
    body: bytes
    leaf: bytes
    blob: bytes | None

    @property
    def row(self) -> Row:
        """Return its row of table `entry`."""
        pack = self.entry.get("pack", {})
        said = {**self.entry, "pack": pack.get("id"), "version": pack.get("version")}
        return (self.entry["seq"], *(said.get(name) for name in COLUMNS), self.leaf, self.body)

    @property
    def marks(self) -> list[Row]:
        """Return its rows of table `entry_mark`."""
        return [
            (sort, name, self.entry["seq"])
            for key, sort in SORTS.items()
            for name in sorted(set(self.entry.get(key, [])))
        ]


def entries(count: int, *, log: str = "test-log", seed: int = 1, blob_bytes: int = 200) -> Iterator[Made]:
    """Yield the entries of a made-up log in order; every decision has sealed bytes."""
    random, chain = Random(seed), chain_start(log)
    for seq in range(count):
        said = body_of(seq, random)
        blob = random.randbytes(blob_bytes) if said["kind"] == "decision" and blob_bytes else None
        sealed = {} if blob is None else {"sealed": {"bytes": len(blob), "sha256": sha256(blob).hexdigest()}}
        entry = {
            **said,
            **sealed,
            "format": 1,
            "log": log,
            "seq": seq,
            "id": uuid7(seq),
            "recorded": f"2026-11-24T01:{seq // 60 % 60:02d}:{seq % 60:02d}.{seq % 1_000_000:06d}Z",
            "salt": b64encode(random.randbytes(16)).decode(),
            "previous": chain.hex(),
        }
        body = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
        leaf = leaf_hash(body)
        chain = chain_next(chain, leaf)
        yield Made(entry, body, leaf, blob)


class Rows:
    """All rows of a log, table by table, made while its entries come by."""

    def __init__(self, signer: HeadSigner = SIGNER) -> None:
        self.signer = signer
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.peaks, self.chain = Peaks(), chain_start(signer.log)
        self.tiles: list[list[bytes]] = [[]]
        self._head()

    def add(self, made: Made) -> None:
        """Add the rows of an entry, and those of tiles and heads that it completes."""
        self.tables["entry"].append(made.row)
        self.tables["entry_mark"] += made.marks
        if made.blob is not None:
            self.tables["sealed"].append((made.entry["seq"], made.blob))
        self.peaks.append(made.leaf)
        self.chain = chain_next(self.chain, made.leaf)
        self._tile(0, made.leaf)
        if self.peaks.size % 256 == 0:
            self._head()

    def _tile(self, level: int, hash_: bytes) -> None:
        if level == len(self.tiles):
            self.tiles.append([])
        hashes = self.tiles[level]
        hashes.append(hash_)
        if len(hashes) == 256:
            at = (self.peaks.size - 1) >> 8 * (level + 1)
            root = root_of(hashes)
            self.tables["tile"].append((level, at, root, b"".join(hashes)))
            self.tiles[level] = []
            self._tile(level + 1, root)

    def _head(self) -> None:
        root = self.peaks.root() if self.peaks.size else EMPTY_ROOT
        self.tables["head"].append((self.peaks.size, self.signer.sign(self.peaks.size, root, self.chain).note))

    def take(self) -> dict[str, list[Row]]:
        """Return the rows since the last time, and forget them."""
        taken, self.tables = self.tables, {name: [] for name in TABLES}
        return taken

    def end(self) -> None:
        """Sign the newest head, unless there is one of this size."""
        if self.peaks.size % 256:
            self._head()


class Database:
    """A log's database, reached behind the log's back: plain SQL with `?` for values, each statement committed."""

    def __init__(self, url: str) -> None:
        self._postgres = url.startswith("postgresql")
        self._connection: Any
        if self._postgres:
            self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            self.run("SET session_replication_role = replica")  # what points to a row does not hinder changing it
        else:
            self._connection = sqlite3.connect(path_of(url), isolation_level=None)
            self.run("PRAGMA synchronous = OFF")

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement, and return its rows."""
        cursor = self._connection.execute(self._said(sql), tuple(values))
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement for each row."""
        self._connection.cursor().executemany(self._said(sql), rows)

    def insert(self, tables: dict[str, list[Row]]) -> None:
        """Insert rows, all or none."""
        self.run("BEGIN")
        for name, rows in tables.items():
            if rows:
                self.many(f"INSERT INTO {name} VALUES ({', '.join('?' * TABLES[name])})", rows)
        self.run("COMMIT")

    def _said(self, sql: str) -> str:
        return sql.replace("?", "%s") if self._postgres else sql

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave; of a SQLite log there is then one file, with nothing left in a write-ahead log."""
        if not self._postgres:
            self.run("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


def path_of(url: str) -> Path:
    """Return the file of a SQLite log."""
    return Path(url.removeprefix("sqlite:///"))


def fill(url: str, made: Iterable[Made], *, signer: HeadSigner = SIGNER) -> None:
    """Make a log of these entries."""
    create(url, signer)
    rows = Rows(signer)
    with Database(url) as database:
        database.run("DELETE FROM head")
        for one in made:
            rows.add(one)
            if rows.peaks.size % 10_000 == 0:
                database.insert(rows.take())
        rows.end()
        database.insert(rows.take())


def make(path: Path, count: int, *, signer: HeadSigner = SIGNER, seed: int = 1, blob_bytes: int = 200) -> str:
    """Make a SQLite log of so many entries in one file; return its address."""
    url = f"sqlite:///{path}"
    fill(url, entries(count, log=signer.log, seed=seed, blob_bytes=blob_bytes), signer=signer)
    return url
