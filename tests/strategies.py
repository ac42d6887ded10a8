"""Hypothesis strategies: whole valid packs that nobody wrote, and records for any pack.

Each draws a seed and, for packs, a size, so an example that fails is said in a few numbers; there is nothing to shrink.
Behind them stand plain functions of a seed: `invent_pack`, `random_record_for`, and the oracle's `random_record`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import Files, load_files
from boosterwatch.tests.packs.invent import SIZES, invent_pack
from boosterwatch.tests.packs.records import random_record_for

SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented pack, told by two numbers, and the seeds of some records for it."""

    seed: int
    size: int
    record_seeds: tuple[int, ...] = ()

    @property
    def files(self) -> Files:
        """The pack as text."""
        return invent_pack(self.seed, self.size)

    def load(self) -> LoadedPack:
        """Return the pack, compiled and ready to evaluate."""
        return load_files(self.files)

    def records(self, pack: LoadedPack) -> list[dict[str, Any]]:
        """Return the records, which the pack accepts, mess included."""
        return [random_record_for(pack.ir, random.Random(seed)) for seed in self.record_seeds]


def packs(records: int = 0) -> st.SearchStrategy[Invented]:
    """Return invented packs with some records each."""
    seeds = st.tuples(*[SEEDS] * records)
    return st.builds(Invented, SEEDS, st.sampled_from(SIZES), seeds)


def patients() -> st.SearchStrategy[dict[str, Any]]:
    """Return records for the default pack, with values at and beside the limits of every rule."""
    return SEEDS.map(lambda seed: random_record(random.Random(seed)))


def examples(count: int) -> settings:
    """Return the setting for this many examples drawn by seed, which do not shrink."""
    return settings(max_examples=count, phases=(Phase.explicit, Phase.reuse, Phase.generate))
