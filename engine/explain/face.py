"""The face of explaining: one decision and its pack -> plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.explain.which import explain_page

if TYPE_CHECKING:
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.engine.model import Decision

__all__ = ["explain", "summarize"]


def explain(decision: Decision, pack: LoadedPack, *, why: str | None = None, why_not: str | None = None) -> str:
    """Return why a decision came out as it did, as text.

    Without a rule it is the chain from the recommendation down to the numbers. `why` names one rule that fired,
    `why_not` one that did not; both also take a sign, a notice or a scale. Raises PackError (BW405) when the pack
    has no rule of that name, with a suggestion.
    """
    return to_text(explain_page(decision, pack.ir, why=why, why_not=why_not))


def summarize(decision: Decision, pack: LoadedPack, *, full: bool = False) -> str:
    """Return the decision as a clinician reads it in a minute; with `full` the whole trace follows."""
    return to_text(decision_page(decision, pack.ir, detail="full" if full else "answer"))
