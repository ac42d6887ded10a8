"""The reference evaluator: the pack's rules as generated Python, small enough to read and quick enough for every use.

It decides alone where `durable` cannot be imported, and is the second pair of eyes where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import compress
from typing import TypedDict, cast

from boosterwatch.engine.chain.source import write_source
from boosterwatch.engine.model import Outcome, Scalar
from boosterwatch.engine.pack.ir import Pack

_Values = Mapping[str, Scalar]
_Parameters = Mapping[str, int | float]


class Conclusion(TypedDict):
    """The little that a caller in a hurry needs: table states, and the atoms drawn by other rules."""

    states: dict[str, str]
    drawn: tuple[str, ...]


class Reference:
    """A compiled pack as three plain functions; safe to share between threads.

    `evaluate` gives the whole outcome, `conclude` only states and drawn atoms, `lost` whether any of the pack's
    lookback atoms was drawn. `source` is the text they were made from.
    """

    def __init__(self, pack: Pack) -> None:
        self.source = write_source(pack)
        scope: dict[str, object] = {"Outcome": Outcome, "compress": compress}
        exec(compile(self.source, f"<rules of {pack.id!r}>", "exec"), scope)
        self.evaluate = cast(Callable[[_Values, _Parameters], Outcome], scope["evaluate"])
        self.conclude = cast(Callable[[_Values, _Parameters], Conclusion], scope["conclude"])
        self.lost = cast(Callable[[_Values, _Parameters], bool], scope["lost"])
