"""What verifying answers: what was checked, up to which head, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.diagnostics import Diagnostic, to_json


@dataclass(frozen=True, slots=True)
class Checked:
    """How many of each were compared; `sealed_bytes` in bytes, `earlier` counts heads that were given from outside."""

    entries: int = 0
    marks: int = 0
    sealed: int = 0
    sealed_bytes: int = 0
    tiles: int = 0
    heads: int = 0
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Whether a log is whole. `head` is its newest head with a good signature; `problems` are the first of `counts`."""

    log: str
    shown: str
    head: SignedHead | None
    checked: Checked
    problems: tuple[Diagnostic, ...]
    counts: Mapping[str, int]

    @property
    def whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.counts

    @property
    def total(self) -> int:
        """Return the number of all problems, shown or not."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, object]:
        """Return the report as plain data."""
        checked = self.checked
        head = self.head
        return {
            "whole": self.whole,
            "log": self.log,
            "store": self.shown,
            "head": None
            if head is None
            else {"size": head.size, "root": head.root.hex(), "chain": head.chain.hex(), "note": head.note},
            "checked": {name: getattr(checked, name) for name in Checked.__slots__},
            "problems": [to_json(problem) for problem in self.problems],
            "counts": dict(sorted(self.counts.items())),
        }
