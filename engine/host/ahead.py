"""What an operator should hear before it happens: an approval that ends, a review that is due."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.host.load import Day, Hosted
from boosterwatch.engine.pack.review import Overdue, told

_REMINDERS = (0, 1, 7, 30)  # days before, each told once


def reminders(hosted: Hosted, day: Day, overdue: Overdue | None) -> Iterator[tuple[object, Diagnostic]]:
    """Yield what is coming, each with the key under which it is told once."""
    until, left = hosted.approved.until, (hosted.approved.until - day.utc).days
    if left <= _REMINDERS[-1]:
        message = f"the approval of `{hosted.name}` ends after {until}"
        hint = "whoever approves reads it again and signs; a bundle with the new signature takes its place"
        problem = Diagnostic("BW274", message, None, hint, "warning")
        yield ("approval", hosted.manifest.sha256, until, _step(left)), problem
    review = hosted.review
    due = told(review, hosted.name, overdue)
    if due is not None:
        yield ("review", hosted.manifest.sha256, due.code, _step(review.left) if review else None), due


def _step(left: int) -> int | None:
    """Return which reminder is due with so many days left; None before the first, for a pack may ask for it earlier."""
    return next((step for step in _REMINDERS if left <= step), None)
