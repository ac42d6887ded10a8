"""Chance, many values at a time. One generator for each block of patients, so that a block can be made by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from boosterwatch.engine.cohort.synth.recipe import Days, Spread

Truths = NDArray[np.bool_]
Reals = NDArray[np.float32]
Wholes = NDArray[np.int64]


class Draw:
    """Draws for one block: the same seed and block give the same values, whatever other blocks there are."""

    __slots__ = ("_rng",)

    def __init__(self, seed: int, block: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, block))))

    def uniform(self, *size: int) -> Reals:
        """Return values from 0 to below 1."""
        return self._rng.random(size, dtype=np.float32)

    def normal(self, *size: int) -> Reals:
        """Return standard normal values."""
        return self._rng.standard_normal(size, dtype=np.float32)

    def chance(self, odds: float | Reals | NDArray[np.float64], *size: int) -> Truths:
        """Return truths, each with these odds; nothing is drawn for odds of nought."""
        if isinstance(odds, float | int) and odds <= 0:
            return np.zeros(size, dtype=np.bool_)
        return np.asarray(self.uniform(*size) < odds)

    def spread(self, given: Spread, *size: int) -> Reals:
        """Return normal values inside their limits."""
        drawn = given["mean"] + given["spread"] * self.normal(*size)
        return np.asarray(np.clip(drawn, given["least"], given["most"]), dtype=np.float32)

    def days(self, given: Days, *size: int) -> Reals:
        """Return days around a median, as many above it as below, a factor apart."""
        drawn = given["middle"] * np.exp(log(given["factor"]) * self.normal(*size))
        return np.asarray(np.clip(drawn, given["least"], given["most"]), dtype=np.float32)

    def whole(self, ends: Sequence[float], *size: int) -> Wholes:
        """Return whole numbers from one end to the other, both included."""
        low, high = ends
        return np.asarray(np.floor(low + self.uniform(*size) * (high - low + 1)), dtype=np.int64)

    def pick(self, shares: Mapping[str, float] | Sequence[float], *size: int) -> Wholes:
        """Return places in a list by their shares; -1 for what the shares leave over."""
        given = list(shares.values()) if isinstance(shares, Mapping) else list(shares)
        ends = np.cumsum(np.asarray(given, dtype=np.float64))
        if ends.size and abs(ends[-1] - 1) < 1e-6:
            ends[-1] = 2  # no rest through rounding
        found = np.searchsorted(ends, self.uniform(*size), side="right").astype(np.int64)
        return np.where(found < len(given), found, -1)
