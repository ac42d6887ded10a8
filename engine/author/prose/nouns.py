"""A measure's own words as a noun phrase that can stand before `is`."""

from __future__ import annotations

from boosterwatch.engine.explain.names import words
from boosterwatch.engine.pack import ir

_WITH_ARTICLE = frozenset(
    "age average best date first last latest longest lowest highest mean most newest number oldest recorded score "
    "share shortest time total value worst".split()
)
_WITHOUT = frozenset("a an the another each every no any this that".split())


def due(urgency: str) -> str:
    """Return how soon something is due.

    >>> due("now"), due("same_week")
    ('now', 'in the same week')
    """
    said = words(urgency)
    if not said.startswith("same "):
        return said
    return f"{'on' if said.endswith('day') else 'in'} the {said}"


def noun(measure: ir.Measure) -> str:
    """Return the measure's words with an article or `the number of` where English wants one.

    The words come from the pack; what begins with a name or stands for a condition is left alone.
    """
    if measure.kind == "age_years":
        return "the patient's age"
    if measure.dimension.startswith("one of") and "key" in dict(measure.args):
        return f"“{measure.says}”"  # a name, as of a condition, not a phrase
    says = measure.says.replace("date of: ", "date of ", 1)  # as the compiler calls the date of a fact
    first = says.partition(" ")[0]
    if first.lower() in _WITHOUT:
        said = says
    elif measure.dimension in ("days", "count") and first.endswith("s"):
        said = f"the number of {says}"
    elif first.lower() in _WITH_ARTICLE:
        said = f"the {says}"
    else:
        said = says
    return f"{said}," if "," in said else said  # closes the aside before the predicate
