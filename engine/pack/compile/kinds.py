"""The closed set of measure kinds as the compiler sees them: their settings, and the dimension of what they give.

`engine/measures` holds what each kind computes. A kind of this table without a function there, or the other way
round, fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

POINTS, DAYS, COUNT, FRACTION, DATE, TRUTH = "points", "days", "count", "fraction", "date", "truth"
REASONS = ("assessable", "missing", "invalid", "settling", "stale", "no_reference")


def one_of(words: tuple[str, ...]) -> str:
    """Return the dimension of a category."""
    return "one of " + ", ".join(words)


@dataclass(frozen=True, slots=True)
class Kind:
    """Which settings a kind takes and what they name; `gives` is a dimension, POINTS standing for the scale's own.

    A setting names a `parameter:<unit>`, an `event`, a measure (`measure:<dimension>`), a `role`, or is a plain
    `word`. A leading `?` marks it optional.
    """

    gives: str
    takes: tuple[tuple[str, str], ...] = ()
    score: bool = False


_GAP = (("from", "parameter:days"), ("to", "parameter:days"))
_WINDOWS = (("settle", "parameter:days"), ("fresh", "parameter:days"))
_FACT = (("fact", "word"), ("field", "word"), ("key", "?word"), ("value", "?word"), ("per", "?word"))

KINDS: dict[str, Kind] = {
    "latest": Kind(POINTS, score=True),
    "latest_within": Kind(POINTS, (("within", "parameter:days"),), score=True),
    "latest_date": Kind(DATE, score=True),
    "age": Kind(DAYS, score=True),
    "best": Kind(POINTS, score=True),
    "baseline": Kind(POINTS, score=True),
    "best_since_induction": Kind(POINTS, score=True),
    "change": Kind(POINTS, (("since", "word"),), score=True),
    "gain": Kind(POINTS, score=True),
    "fraction_lost": Kind(FRACTION, (("smallest_gain", "parameter:points"),), score=True),
    "response_fraction": Kind(FRACTION, (("case_level", "parameter:points"),), score=True),
    "assessable": Kind(TRUTH, _WINDOWS, score=True),
    "reason": Kind(one_of(REASONS), _WINDOWS, score=True),
    "previous": Kind(POINTS, _GAP, score=True),
    "previous_change": Kind(POINTS, _GAP, score=True),
    "previous_interpretable": Kind(TRUTH, (*_GAP, ("settle", "parameter:days")), score=True),
    "slope": Kind(
        "points a week",
        (("points", "parameter:count"), ("span", "parameter:days"), ("settle", "parameter:days")),
        score=True,
    ),
    "newest_invalid": Kind(TRUTH, score=True),
    "choice": Kind("", (("role", "role"),)),
    "role": Kind("", (("role", "role"), ("measure", "word"))),
    "role_parameter": Kind("", (("role", "role"), ("parameter", "word"))),
    "course_date": Kind(DATE, (("which", "word"),)),
    "days_since": Kind(DAYS, (("of", "measure:date"),)),
    "days_between": Kind(DAYS, (("from", "measure:date"), ("to", "measure:date"))),
    "days_apart": Kind(DAYS, (("from", "measure:date"), ("to", "measure:date"))),
    "date_after": Kind(DATE, (("from", "measure:date"), ("days", "measure:days"))),
    "days_to_next": Kind(DAYS, (("of", "event"),)),
    "count": Kind(COUNT, (("of", "event"), ("younger_than", "parameter:days"), ("outside", "?word"))),
    "age_years": Kind("years"),
    "attribute": Kind("", (("of", "word"),)),
    "includes": Kind(TRUTH, (("list", "word"), ("value", "word"))),
    "any_event": Kind(TRUTH, (("of", "event"),)),
    "event_date": Kind(DATE, (("of", "event"),)),
    "latest_fact": Kind("", _FACT),
    "latest_fact_meets": Kind(TRUTH, (("fact", "word"), ("stating", "word"))),
    "fact_date": Kind(
        DATE,
        (
            ("fact", "word"),
            ("field", "?word"),
            ("key", "?word"),
            ("value", "?word"),
            ("per", "?word"),
            ("stating", "?word"),
        ),
    ),
    "stands": Kind(TRUTH, (("date", "measure:date"), ("hold", "word"))),
    "any_rejected": Kind(TRUTH, (("code", "word"),)),
    "due_date": Kind(DATE, (("role", "role"),)),
    "scheduled_interval": Kind(DAYS, (("role", "role"),)),
    "observed_cycles": Kind(COUNT),
    "individual_interval": Kind(
        DAYS,
        (
            ("fraction", "parameter:fraction"),
            ("fallback", "parameter:days"),
            ("least", "parameter:days"),
            ("most", "parameter:days"),
            ("needed", "parameter:count"),
            ("used", "parameter:count"),
        ),
    ),
}

OPEN = "open"  # what the compiler calls the measure of a trigger's event: `<trigger>.open`
DATED = ("any_event", "latest_fact", "latest_fact_meets")  # kinds with a `.date` beside the value

Resolve = Callable[[str], str]
