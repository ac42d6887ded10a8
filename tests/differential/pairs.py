"""Pairs of a pack and its records, numbered: the same seed and number give the same pair.

One pack serves a batch of records. Half of the packs are invented; the others are the default pack with other numbers,
which costs less, because its rules and so its evaluators stay the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.differential.compare import Pair
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.invent import SIZES, invent_pack
from boosterwatch.tests.packs.records import random_record_for
from boosterwatch.tests.packs.vary import vary

BATCH = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """A pack and how many records it is asked about. `number` counts batches from 0."""

    seed: int
    number: int
    records: int = BATCH

    @property
    def is_invented(self) -> bool:
        """Whether the pack is invented, and not the default pack with other numbers."""
        return self.number % 2 == 1

    def rng(self, what: str) -> random.Random:
        """Return a generator of this batch's own."""
        return random.Random(f"{self.seed} {self.number} {what}")

    def load(self) -> LoadedPack:
        """Return the pack."""
        rng = self.rng("pack")
        if self.is_invented:
            return load_files(invent_pack(rng.randrange(2**32), rng.choice(SIZES)))
        return LoadedPack(vary(default_pack().ir, rng))

    def pair(self) -> Pair:
        """Return the pack in both evaluators."""
        return Pair(self.load(), None if self.is_invented else _default_durable())

    def record(self, pack: LoadedPack, at: int) -> dict[str, Any]:
        """Return one of the records."""
        rng = self.rng(f"record {at}")
        if self.is_invented or rng.random() < 0.2:
            return random_record_for(pack.ir, rng)
        return random_record(rng)


@cache
def _default_durable() -> Durable:
    """Return the default pack in durable_rules: its rules name parameters, so it serves whatever their values are."""
    return Durable(default_pack().ir)


def batches(pairs: int, seed: int) -> Iterator[Batch]:
    """Yield the batches that make up so many pairs."""
    for number in range(-(-pairs // BATCH)):
        yield Batch(seed, number, min(BATCH, pairs - number * BATCH))
