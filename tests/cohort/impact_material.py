"""Made-up results for the tests of impact, sweeps and backtests: rows written by hand, in the columns of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

SIGNS = ("mood", "sleep")
DAY = date(2026, 3, 1)
LISTS = ("holds", "cautions", "flags", "fired")


def row(
    patient: str,
    recommendation: str | None = "carry_on",
    urgency: str | None = None,
    *,
    signs: Mapping[str, str] | None = None,
    status: str = "decided",
    **lists: Iterable[str],
) -> dict[str, Any]:
    """Return one patient's row; a refused one holds nothing else."""
    found: dict[str, Any] = {"patient": patient, "as_of": DAY, "status": status}
    if status == "refused":
        return found
    found |= {"recommendation": recommendation, "urgency": urgency, "response": "unknown"}
    for sign in SIGNS:
        found[f"sign_{sign}"] = (signs or {}).get(sign, "absent")
    return found | {name: list(lists.get(name, ())) for name in LISTS}


def results(rows: Iterable[Mapping[str, Any]], signs: Iterable[str] = SIGNS) -> pa.Table:
    """Return rows as a results table, in the order of patients."""
    columns: dict[str, pa.DataType] = {"patient": pa.string(), "as_of": pa.date32(), "status": pa.string()}
    columns |= dict.fromkeys(("recommendation", "urgency", "response"), pa.string())
    for sign in signs:
        columns |= {f"sign_{sign}": pa.string(), f"reason_{sign}": pa.string()}
    columns |= dict.fromkeys(LISTS, pa.list_(pa.string()))
    ordered = sorted(rows, key=lambda one: str(one["patient"]))
    return pa.Table.from_pylist([dict(one) for one in ordered], schema=pa.schema(columns))
