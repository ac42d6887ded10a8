"""What a shadow run found, in a few lines for the person at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boosterwatch.engine.diagnostics import render
from boosterwatch.engine.shadow.compare import DRAWN, Difference
from boosterwatch.engine.shadow.run import Shadowed

MOST_RULES = 8  # named on one line
_STATES = ("recommendation", "urgency", "response", "sign")


def told(found: Shadowed) -> str:
    """Return the differences, or the problem, without a line break at the end."""
    if found.problem is not None:
        return render([found.problem], {}).rstrip("\n")
    assert found.trial is not None, "without a problem there is a trial"
    name = f"{found.trial['id']}@{found.trial['version']}"
    count = len(found.differences)
    many = "no difference" if count == 0 else "1 difference" if count == 1 else f"{count} differences"
    return "\n".join((f"in the shadow, {name}: {many}", *(f"  {line}" for line in _lines(found.differences))))


def _lines(found: Sequence[Difference]) -> Iterator[str]:
    for one in found:
        about = one.what if one.id is None else f"{one.what} {one.id}"
        if one.what in _STATES:
            yield f"{about}: {one.active or 'none'} -> {one.trial or 'none'}"
        elif one.what != "rule":
            yield f"{about}: {_only(one)}"
    for side, says in ((True, "rules that fire only under the trial"), (False, "rules that fire no longer")):
        ids = [str(one.id) for one in found if one.what == "rule" and (one.trial == DRAWN) is side]
        if ids:
            more = f", and {len(ids) - MOST_RULES} more" if len(ids) > MOST_RULES else ""
            yield f"{says}: {', '.join(ids[:MOST_RULES])}{more}"


def _only(one: Difference) -> str:
    return "only under the trial" if one.trial == DRAWN else "not under the trial"
