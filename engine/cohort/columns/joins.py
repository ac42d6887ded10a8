"""Joining what was found about moments, or about patients, back to their table."""

from __future__ import annotations

from collections.abc import Iterable

from ibis.expr.types import Table


def attach(base: Table, parts: Iterable[Table], key: str = "mid") -> Table:
    """Return a table with the columns of others that have at most one row of its `key` each; null without one."""
    joined = base
    spare: list[str] = []
    for n, part in enumerate(parts):
        own = f"{key}_of_{n}"
        right = part.rename({own: key})
        joined = joined.left_join(right, joined[key] == right[own])
        spare.append(own)
    return joined.drop(*spare) if spare else base
