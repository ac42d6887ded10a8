"""The reference evaluator: the pack's rules as generated Python, small enough to read and quick enough for every use.

It decides alone where `durable` cannot be imported, and is the second pair of eyes where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import compress
from math import nan
from typing import TypedDict, cast

from boosterwatch.engine.chain.source import write_functions
from boosterwatch.engine.model import Outcome, Scalar
from boosterwatch.engine.pack.ir import Pack

_Values = Mapping[str, Scalar]
_Parameters = Mapping[str, int | float]


class Conclusion(TypedDict):
    """The little that a caller in a hurry needs: table states, and the atoms drawn by other rules."""

    states: dict[str, str]
    drawn: tuple[str, ...]


class Reference:
    """A compiled pack as three plain functions, each compiled when first used; safe to share between threads.

    `evaluate` gives the whole outcome, `conclude` only states and drawn atoms, `lost` whether any of the pack's
    lookback atoms was drawn.
    """

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    @cached_property
    def evaluate(self) -> Callable[[_Values, _Parameters], Outcome]:
        """Return the truth of every rule and the state of every table."""
        return cast(Callable[[_Values, _Parameters], Outcome], self._function("evaluate"))

    @cached_property
    def conclude(self) -> Callable[[_Values, _Parameters], Conclusion]:
        """Return states and drawn atoms, without asking which rules are unknown."""
        return cast(Callable[[_Values, _Parameters], Conclusion], self._function("conclude"))

    @cached_property
    def lost(self) -> Callable[[_Values, _Parameters], bool]:
        """Return whether any lookback atom was drawn."""
        return cast(Callable[[_Values, _Parameters], bool], self._function("lost"))

    @property
    def source(self) -> str:
        """The text of all three, as an auditor reads it."""
        pack = self._pack
        head = f"# The rules of pack {pack.id!r} {pack.version!r} ({pack.digest!r}), written by boosterwatch."
        sentinel = "unknown = float('nan')  # no comparison with it is true"
        return "\n\n\n".join([head, sentinel, *self._texts.values()]) + "\n"

    @cached_property
    def _texts(self) -> dict[str, str]:
        return write_functions(self._pack)

    def _function(self, name: str) -> object:
        scope: dict[str, object] = {"unknown": nan, "Outcome": Outcome, "compress": compress}
        exec(compile(self._texts[name], f"<{name} of {self._pack.id!r}>", "exec"), scope)
        return scope[name]
