"""Where the steps of a columnar evaluation rest: a step that is read more than once is worked out once.

Ibis folds chained selections into each other, and a policy is hundreds of them; so the compiler hands every step to a
stage, which gives it back as a plain table of the engine.
"""

from __future__ import annotations

from typing import Protocol

from ibis.expr.types import Table


class Stage(Protocol):
    """Keeps steps; each engine has its own."""

    def keep(self, table: Table, name: str) -> Table:
        """Return the table worked out and stored under a fresh name that begins with `name`, until the run ends."""

    def name(self, table: Table, name: str) -> Table:
        """Return the table under a fresh name, not worked out: a view, which ends the growth of the expression."""
