"""Runs batches of pairs in worker processes, and keeps what differed."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.pack.ir_json import to_plain
from boosterwatch.tests.differential.compare import Pair
from boosterwatch.tests.differential.minimise import minimise
from boosterwatch.tests.differential.pairs import Batch, batches

BATCHES_PER_WORKER = 200  # then a new process takes over, whatever a library may have kept


class Done(NamedTuple):
    """What came of one batch."""

    pairs: int
    looks: int
    differences: tuple[dict[str, Any], ...]


def run_batch(batch: Batch) -> Done:
    """Return what came of a batch: a failure of any kind counts as a difference."""
    found: list[dict[str, Any]] = []
    pair = batch.pair()
    for at in range(batch.records):
        record = batch.record(pair.pack, at)
        difference = ask(pair, record)
        if difference is not None:
            found.append(describe(batch, at, pair, record, difference))
    return Done(batch.records, pair.looks, tuple(found))


def ask(pair: Pair, record: dict[str, Any]) -> str | None:
    """Return in what the evaluators differ on a record, or how asking them failed."""
    try:
        return pair.difference(record)
    except Exception:
        return traceback.format_exc(limit=-4)


def describe(batch: Batch, at: int, pair: Pair, record: dict[str, Any], difference: str) -> dict[str, Any]:
    """Return all that is needed to look at a difference again."""
    return {
        "seed": batch.seed,
        "batch": batch.number,
        "record_number": at,
        "difference": difference,
        "smallest_record": minimise(record, lambda one: ask(pair, one) is not None),
        "record": record,
        "pack": to_plain(pair.pack.ir),
    }


def run(pairs: int, seed: int, jobs: int, progress: Callable[[int], None]) -> Iterator[Done]:
    """Yield what came of each batch, in any order; `progress` is told how many pairs are done."""
    done = 0
    for one in _results(pairs, seed, jobs):
        done += one.pairs
        progress(done)
        yield one


def _results(pairs: int, seed: int, jobs: int) -> Iterator[Done]:
    if jobs == 1:
        yield from map(run_batch, batches(pairs, seed))
        return
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=BATCHES_PER_WORKER) as pool:
        yield from pool.imap_unordered(run_batch, batches(pairs, seed))


def compare(pairs: int, seed: int, jobs: int, folder: Path, say: Callable[[str], None]) -> int:
    """Compare so many pairs, write what differs into the folder, and return how many differ."""
    started = time.monotonic()
    told = 0.0

    def progress(done: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= 10:
            told = now
            rate = done / (now - started)
            say(f"{done:,} of {pairs:,} pairs, {rate:,.0f} a second, {(pairs - done) / rate / 60:.1f} minutes to go")

    differing = looks = 0
    for done in run(pairs, seed, jobs, progress):
        looks += done.looks
        for difference in done.differences:
            differing += 1
            say(f"difference: {difference['difference'].strip().splitlines()[-1]}; see {write(folder, difference)}")
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    say(f"{looks:,} earlier dates compared as well; {minutes} min {seconds} s")
    say(f"{pairs:,} pairs, {differing:,} differences")
    return differing


def write(folder: Path, difference: dict[str, Any]) -> Path:
    """Write one difference to a file of its own, to be asked again with `--replay`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{difference['seed']}-{difference['batch']}-{difference['record_number']}.json"
    path.write_text(json.dumps(difference, indent=1), encoding="utf-8")
    return path


def replay(path: Path, say: Callable[[str], None]) -> int:
    """Ask a pair again that differed, and say what happens; return 1 while it still differs."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    pair = Batch(kept["seed"], kept["batch"]).pair()
    difference = ask(pair, kept["record"])
    say(f"pack {pair.pack.id}, digest {pair.pack.digest}")
    say(f"was: {kept['difference']}")
    say(f"now: {difference}")
    if difference is not None:
        say(f"smallest record: {json.dumps(kept['smallest_record'])}")
        say(f"decision: {evaluate(pair.pack, kept['smallest_record']).summary}")
    return int(difference is not None)


def default_jobs() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
