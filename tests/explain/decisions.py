"""Worked patients decided, for the tests of explaining."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from boosterwatch import evaluate, load_pack
from boosterwatch.engine.author.cases_timeline import record_from_timeline
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision


@cache
def default_pack() -> LoadedPack:
    """Return the default pack, loaded once."""
    return load_pack("ketamine-maintenance")


def told(given: Mapping[str, Any], as_of: str) -> tuple[dict[str, Any], Decision]:
    """Return a record told in days, and its decision."""
    record = record_from_timeline(given, as_of)
    return record, evaluate(default_pack(), record)


RELAPSE = {
    "baseline": {"phq9": 20, "gad7": 15},
    "day 28": {"phq9": 4, "gad7": 4},
    "day 42": {"phq9": 8, "gad7": 5},
    "day 56": {"phq9": 14, "gad7": 6, "cssrs": "all no"},
}
