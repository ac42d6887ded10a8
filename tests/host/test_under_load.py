"""Swaps under load, a short run; `python -m boosterwatch.tests.host.under_load` does 100,000 and looks at memory too."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from pathlib import Path

from boosterwatch.tests.host.released import Desk
from boosterwatch.tests.host.under_load import run, small_records, versions

EVALUATIONS = int(os.environ.get("BOOSTERWATCH_EVALUATIONS", "3000"))


def test_every_decision_is_wholly_of_one_version_and_none_is_lost() -> None:
    report = run(EVALUATIONS, threads=4, swaps=10)
    assert report.wrong == ()
    assert report.evaluations == EVALUATIONS
    assert report.versions >= 2
    assert report.used >= 2


def test_a_version_that_was_swapped_out_is_freed_with_its_evaluators(tmp_path: Path) -> None:
    """In every thread: what a thread keeps of a version goes with the version."""
    desk, record = Desk(tmp_path), small_records()[0]
    packs: list[weakref.ref[object]] = []
    for data in versions(7).values():
        desk.offer("a.bundle", data)
        threads = [threading.Thread(target=desk.host.evaluate, args=(record,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        desk.host.evaluate(record)
        packs += [weakref.ref(desk.host.pack), weakref.ref(desk.host.pack.evaluators)]
    gc.collect()
    assert [one() is None for one in packs] == [True] * 12 + [False] * 2
