"""Made-up trails for tests: keys, a clock and noise that are the same in each run, small records, the quick pack."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from boosterwatch import load_pack
from boosterwatch.engine.audit.keys import Keys, RandomBytes, create_keys, new_keys
from boosterwatch.engine.audit.recording import AuditedEngine
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.audit.trail import Trail, make_trail, open_trail
from boosterwatch.engine.loaded import LoadedPack

ACTOR = "role:nurse"


def noise(seed: int) -> RandomBytes:
    """Return bytes as if random, another stream for each seed."""
    counts = itertools.count()

    def take(length: int) -> bytes:
        blocks = (hashlib.sha256(f"{seed}/{next(counts)}".encode()).digest() for _ in range(length // 32 + 1))
        return b"".join(blocks)[:length]

    return take


class Clock:
    """A clock that goes on by a millisecond each time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the next time."""
        self.now += timedelta(milliseconds=1)
        return self.now


KEYS: Keys = new_keys("North clinic", noise(1))
_seeds = itertools.count(100)


@contextmanager
def opened(url: str, keys: Keys = KEYS) -> Iterator[Trail]:
    """Open a log to record in it, with other noise each time."""
    with open_trail(url, keys, Clock(), noise(next(_seeds))) as trail:
        yield trail


def made(url: str, keys: Keys = KEYS) -> str:
    """Return the address of a new log."""
    make_trail(url, keys)
    return url


def in_folder(folder: Path) -> tuple[str, Path]:
    """Return the address of a new log in a folder, and its keys file."""
    file = folder / "keys.json"
    create_keys(file, KEYS)
    return made(f"sqlite:///{folder / 'audit.db'}"), file


@cache
def quick() -> LoadedPack:
    """Return the small built-in pack."""
    return load_pack("quick-screen")


@cache
def default() -> LoadedPack:
    """Return the default pack, in the version that stays."""
    return load_pack("ketamine-maintenance@1.0.0")


@cache
def packs() -> Packs:
    """Return what finds the built-in packs, which are made ready once for all tests."""
    return Packs()


def record(patient: str | None = "p-0001", total: int = 14, as_of: str = "2026-03-14") -> dict[str, Any]:
    """Return a small record; other totals give other decisions."""
    facts: dict[str, Any] = {
        "as_of": as_of,
        "induction": {"first": "2026-01-05", "last": "2026-01-16"},
        "assessments": [
            {"instrument": "phq9", "date": "2026-01-02", "total": 20},
            {"instrument": "phq9", "date": "2026-02-02", "total": 5},
            {"instrument": "phq9", "date": "2026-03-02", "total": total},
            {"instrument": "gad7", "date": "2026-02-13", "total": 4},
        ],
    }
    return facts if patient is None else facts | {"patient": patient}


def fill(trail: Trail, count: int, patients: int = 3) -> list[str]:
    """Record decisions about a few patients, and return their ids."""
    engine = AuditedEngine(trail)
    return [
        engine.evaluate(quick(), record(f"p-{at % patients:04}", at % 28), actor=ACTOR).receipt.id
        for at in range(count)
    ]


def with_log(trail: Trail, log: Any) -> Trail:
    """Return the trail with something in the place of its log."""
    return replace(trail, log=log)
