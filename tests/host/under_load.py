"""Swaps versions in a loop while threads evaluate: each decision wholly of one version, none lost, memory flat.

`python -m boosterwatch.tests.host.under_load --evaluations 100000` takes a few minutes; the suite runs a short one.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.host import EngineHost
from boosterwatch.engine.host.load import load_bundle
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.host.released import PACK, TODAY, Clock, number, release
from boosterwatch.tests.trust.people import keyring

RECORDS = 12
Answers = Mapping[str, Sequence[bytes]]  # by version: the bytes of the decision about each record


def small_records() -> list[Mapping[str, Any]]:
    """Return the smallest worked patients of the pack that do not all get the same answer."""
    records = sorted((case.record for case in find_cases(open_pack(PACK))), key=lambda record: len(str(record)))
    return records[:: max(1, len(records) // 3 // RECORDS)][:RECORDS]


def versions(count: int) -> dict[str, bytes]:
    """Return bundles of as many versions, each with another number in its policy."""
    return {f"1.0.{turn}": release(f"1.0.{turn}", number(20 + turn % 40)).bundle() for turn in range(count)}


def answers(bundles: Mapping[str, bytes], records: Sequence[Mapping[str, Any]]) -> Answers:
    """Return what each version decides about each record, when nothing else is going on."""
    found = {}
    for version, data in bundles.items():
        pack = load_bundle(data, version, keyring(), TODAY).pack
        found[version] = [to_json_bytes(evaluate(pack, record)) for record in records]
    return found


@dataclass
class Count:
    """What one thread saw: how many decisions of which version, and what was wrong."""

    done: int = 0
    by_version: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def ask(host: EngineHost, records: Sequence[Mapping[str, Any]], expected: Answers, times: int, count: Count) -> None:
    """Evaluate so many times; each decision must be byte for byte that of one version, and no older than the last."""
    last = "1.0.0"
    for turn in range(times):
        at = turn % len(records)
        try:
            decision = host.evaluate(records[at])
        except Exception as error:
            count.wrong.append(f"lost: {type(error).__name__}: {error}")
            continue
        version = decision.pack["version"]
        if to_json_bytes(decision) != expected[version][at]:
            count.wrong.append(f"record {at} is not decided as by {version}")
        if version_key(version) < version_key(last):
            count.wrong.append(f"{version} decided after {last}")
        last = version
        count.done += 1
        count.by_version[version] = count.by_version.get(version, 0) + 1


@dataclass(frozen=True)
class Report:
    """What a run saw. Memory is the resident set in MiB, from the end of the warm-up to the end."""

    evaluations: int
    threads: int
    versions: int
    seconds: float
    used: int
    wrong: tuple[str, ...]
    memory_before: float
    memory_after: float

    @property
    def growth(self) -> float:
        """How many MiB memory grew after the warm-up."""
        return self.memory_after - self.memory_before

    def __str__(self) -> str:
        """Return it in a line."""
        return (
            f"{self.evaluations} evaluations from {self.threads} threads in {self.seconds:.0f} s, "
            f"{self.versions} versions swapped in, {self.used} of them seen deciding, {len(self.wrong)} wrong or lost, "
            f"memory {self.memory_before:.0f} to {self.memory_after:.0f} MiB"
        )


def run(evaluations: int, threads: int = 4, swaps: int = 40) -> Report:
    """Return what was seen while `threads` evaluate and versions are swapped in, one after the other, to the end."""
    records, bundles = small_records(), versions(swaps)
    expected = answers(bundles, records)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        host = EngineHost(PACK, source=source, keyring=keyring(), state=Path(folder, "state"), clock=Clock())
        swap(host, source, bundles["1.0.0"])
        return _load(host, source, list(bundles.values())[1:], (records, expected), evaluations, threads)


def swap(host: EngineHost, source: Path, data: bytes) -> None:
    """Put a bundle where the host looks, in place of the one before, and let it look."""
    (source / ".part").write_bytes(data)
    os.replace(source / ".part", source / "policy.bundle")
    host.refresh()


def _load(
    host: EngineHost,
    source: Path,
    bundles: Sequence[bytes],
    asked: tuple[Sequence[Mapping[str, Any]], Answers],
    evaluations: int,
    threads: int,
) -> Report:
    counts = [Count() for _ in range(threads)]
    each = evaluations // threads
    workers = [threading.Thread(target=ask, args=(host, *asked, each, count)) for count in counts]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    before, swapped = 0.0, 1
    for turn, data in enumerate(bundles):
        wait_until_done(counts, each * threads * turn // len(bundles))
        if turn == len(bundles) // 4:
            before = resident()
        if not any(worker.is_alive() for worker in workers):
            break  # a swap that nobody evaluates under proves nothing
        swap(host, source, data)
        swapped += 1
    for worker in workers:
        worker.join()
    seconds = time.monotonic() - begun
    wrong = [text for count in counts for text in count.wrong]
    wrong += [f"{event.kind}: {event.diagnostics}" for event in host.events if event.kind != "accepted"]
    used = {version for count in counts for version in count.by_version}
    done = sum(count.done for count in counts)
    return Report(done, threads, swapped, seconds, len(used), tuple(wrong), before, resident())


def wait_until_done(counts: Sequence[Count], share: int) -> None:
    """Wait until so many evaluations are done, or failed."""
    while sum(count.done + len(count.wrong) for count in counts) < share:
        time.sleep(0.002)


def resident() -> float:
    """Return the resident set of this process in MiB, once what nobody holds has gone."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except FileNotFoundError:  # not Linux: the most it ever was
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Run, print what was seen, and say whether anything was wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--evaluations", type=int, default=100_000)
    options.add_argument("--threads", type=int, default=4)
    options.add_argument("--swaps", type=int, default=200)
    given = options.parse_args()
    report = run(given.evaluations, given.threads, given.swaps)
    print(report)
    for text in report.wrong[:20]:
        print(text)
    complete = report.evaluations == given.evaluations // given.threads * given.threads
    return 0 if complete and not report.wrong and report.growth < max(8, report.memory_before * 0.05) else 1


if __name__ == "__main__":
    sys.exit(main())
