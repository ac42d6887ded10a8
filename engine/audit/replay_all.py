"""The whole log replayed, in several processes: each opens the log for itself and takes the next stretch of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from boosterwatch.engine.audit.keys import read_keys
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.replay import Tally, replay_range
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.audit.trail import Reading
from boosterwatch.engine.audit.vault import Vault

STRETCH = 500  # entries: half a second of work

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """What a process needs to replay: the log's address, its keys file, and where packs are looked for."""

    url: str
    keys: Path
    places: tuple[Path, ...] = ()


def replay_all(source: Source, *, jobs: int = 1, tell: Callable[[int, int], None] | None = None) -> Tally:
    """Return what becomes of every decision of a log, as it stands when this begins.

    `tell` is told after each stretch how many entries are behind, and of how many. Raises LogError and AuditError when
    the log, the vault or the keys cannot be read.
    """
    reader = open_reader(source.url)
    size = reader.size()
    reader.close()
    stretches = [(start, min(start + STRETCH, size)) for start in range(0, size, STRETCH)]
    total = Tally()
    with ExitStack() as stack:
        tallies = _parallel(source, stretches, jobs, stack) if jobs > 1 else _here(source, stretches, stack)
        for (_, end), tally in zip(stretches, tallies, strict=True):
            total.join(tally)
            if tell is not None:
                tell(end, size)
    return total


def _here(source: Source, stretches: Sequence[Stretch], stack: ExitStack) -> Iterator[Tally]:
    reading = _open(source)
    stack.callback(reading.reader.close)
    stack.enter_context(reading.vault)
    return (
        map(partial(replay_range, reading, Packs(source.places)), *zip(*stretches, strict=True))
        if stretches
        else iter(())
    )


def _parallel(source: Source, stretches: Sequence[Stretch], jobs: int, stack: ExitStack) -> Iterator[Tally]:
    # Spawned, not forked: a fork would share the connections of this process.
    pool = ProcessPoolExecutor(min(jobs, max(1, len(stretches))), get_context("spawn"))
    stack.callback(pool.shutdown, cancel_futures=True)
    return pool.map(partial(_stretch, source), stretches)


def _stretch(source: Source, stretch: Stretch) -> Tally:
    reading, packs = _kept(source)
    return replay_range(reading, packs, *stretch)


@cache
def _kept(source: Source) -> tuple[Reading, Packs]:
    """Return the log and the packs of a worker, opened once; the end of the process closes them."""
    return _open(source), Packs(source.places)


def _open(source: Source) -> Reading:
    keys = read_keys(source.keys)
    vault = Vault(source.url, keys, os.urandom, lambda: datetime.now(UTC))
    return Reading(open_reader(source.url), vault, keys)
