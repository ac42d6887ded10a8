"""What a message advises when a name is not known: the one that was probably meant, or where to declare it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from boosterwatch.engine.diagnostics import Diagnostic

CLOSE = 0.75
MOST_PLACES = 3
MOST_LISTED = 9  # a longer list helps nobody
CLOSED = ("sign", "fact", "role", "method", "attribute", "list", "rejection", "kind")  # always listed when short
_PARAMETER = "declare it under `parameters`, with a unit, a basis and a citation"
_DECLARE = {
    "parameter": _PARAMETER,
    "citation": "declare it under `citations`",
    "event": "declare it under `events`",
    "measure": "declare it under `measures`, or under `score_measures` when each scale has it",
    "finding": "declare it under `findings` or `flags`",
    "flag": "declare it under `flags`, without `when`",
    "hold": "declare it under `holds`",
    "scale": "a scale is an instrument, or one of the `parts` of an instrument",
    "sign or scale": "a state belongs to a sign, or to a scale that has a reading",
    "name": "declare it under `measures`, or as a number under `parameters`",
    "placeholder": "braces hold a measure, a parameter, the short name of a scale, or a word such as `signs`",
}


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that was probably meant, among those of the same scale first; None when none is close.

    >>> closest("mood.dlta", ["mood.delta", "mold.delta"])
    'mood.delta'
    """
    known = sorted(set(choices))
    head, dot, _ = word.rpartition(".")
    own = [one for one in known if dot and one.startswith(head + dot)]
    close = get_close_matches(word, own, n=1, cutoff=CLOSE) or get_close_matches(word, known, n=1, cutoff=CLOSE)
    return close[0] if close else None


def question(meant: str | None) -> str | None:
    """Return the meant name as a question."""
    return f"did you mean `{meant}`?" if meant is not None else None


def one_among(words: Collection[str]) -> str:
    """Return which words there are."""
    return f"it is one of {', '.join(words)}" if len(words) > 1 else f"the only one is {', '.join(words)}"


def also_at(name: str, first: Diagnostic, others: Iterable[Diagnostic]) -> str:
    """Return the hint of the first problem with a name, and at which other places the name stands."""
    places = list(dict.fromkeys(_place(first, other) for other in others))
    shown, more = places[:MOST_PLACES], len(places) - MOST_PLACES
    also = f"`{name}` stands at {', '.join(shown)}{f' and {more} more' if more > 0 else ''} too"
    return f"{first.hint}{'' if first.hint.endswith('?') else ';'} {also}" if first.hint else also


def _place(first: Diagnostic, other: Diagnostic) -> str:
    if first.span is None or other.span is None:
        return "another place"
    return f"line {other.span.line}" if other.span.file == first.span.file else f"{other.span.file}:{other.span.line}"


def declare_it(what: str, choices: Collection[str]) -> str | None:
    """Return where a name of this kind is declared, or which there are when these are few."""
    if what in _DECLARE:
        return _DECLARE[what]
    return one_among(choices) if 0 < len(choices) <= MOST_LISTED or (what in CLOSED and choices) else None
