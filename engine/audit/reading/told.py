"""What an entry says, in words, from its public part alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.explain.names import words


def moment(recorded: str) -> str:
    """Return a recorded time to the second.

    >>> moment("2026-11-24T01:02:03.123456Z")
    '2026-11-24 01:02:03'
    """
    return recorded[:19].replace("T", " ")


def what(entry: Mapping[str, Any]) -> str:
    """Return what an entry is about in one line."""
    match entry["kind"]:
        case "decision":
            return f"{answer(entry)} ({policy(entry)})"
        case "response":
            return f"response: {entry['response']}, {words(entry['reason'])}, by {entry['actor']}"
        case "read":
            count = f" of {entry['count']}" if "count" in entry else ""
            return f"read: {entry['how']}{count}, by {entry['actor']}"
        case "erasure":
            return f"erasure {entry['erasure']}, by {entry['actor']}"
        case "note" if "hold" in entry:
            return f"legal hold {entry['hold']}: {words(entry['reason'])}, by {entry['actor']}"
        case kind:
            return str(kind)


def answer(entry: Mapping[str, Any]) -> str:
    """Return the recommendation of a decision with its urgency."""
    urgency = f", {words(entry['urgency'])}" if "urgency" in entry else ""
    return f"{words(entry['recommendation'])}{urgency}"


def policy(entry: Mapping[str, Any]) -> str:
    """Return the pack of a decision, with the site that changed it."""
    pack = entry["pack"]
    site = f", overlay {entry['overlay']['id']}" if "overlay" in entry else ""
    return f"{pack['id']}@{pack['version']}{site}"
