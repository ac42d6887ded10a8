"""Is a policy still one that its clinic stands behind? Each pack names the day by which the whole of it is read again.

Flow: load -> **review** -> decide. It reads no clock: `today` is an argument, and without one nothing is asked. After
that day a pack decides only under an override with a reason and a name, which every decision records. Nobody reviews a
retired pack, so nobody is asked to when it repeats what it decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack import ir

REVIEW_CODES: dict[str, str] = {
    "BW143": "pack overdue for review",
    "BW144": "pack soon due for review",
    "BW145": "override of an overdue review without a reason or a name",
    "BW146": "override of a review that is not overdue",
}

NOTICE_DAYS = 90  # before the review is due, where the pack does not say another `review_notice`
LONGEST = 300  # characters of a reason or a name
_DUE, _NOTICE = "review_by", "review_notice"


@dataclass(frozen=True, slots=True)
class Overdue:
    """Why a pack decides although its review is overdue, and who answers for that; both go into every decision."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a pack as it stands on one day: when it is due, and how many days are left (below 0: overdue).

    `near` says that the reminder has begun. `overdue` is the override under which an overdue pack decides.
    """

    due: date
    left: int
    near: bool
    overdue: Overdue | None = None

    @property
    def recorded(self) -> Mapping[str, str] | None:
        """What a decision says of an override; None without one."""
        if self.overdue is None:
            return None
        return {"due": self.due.isoformat(), "overdue_reason": self.overdue.reason, "by": self.overdue.by}


def review_on(pack: ir.Pack, today: date) -> Review | None:
    """Return how the review of a pack stands on a day; None for a retired pack, and for one that names no day."""
    about = dict(pack.about)
    if pack.status == "retired" or _DUE not in about:
        return None
    due = date.fromisoformat(about[_DUE])
    left = (due - today).days
    return Review(due, left, left <= int(about.get(_NOTICE, NOTICE_DAYS)))


def ask_review(pack: ir.Pack, shown: str, today: date, overdue: Overdue | None = None) -> Review | None:
    """Return how the review of a pack that is to decide stands today, with the override where one is needed.

    `shown` is what to call the pack in messages. Raises PackError when the review is overdue and nobody overrides that
    (BW143), and for an override without a reason or a name (BW145), needed or not.
    """
    if overdue is not None:
        _check(overdue)
    review = review_on(pack, today)
    if review is None or review.left >= 0:
        return review
    if overdue is None:
        raise PackError((_refusal(shown, review),))
    return replace(review, overdue=overdue)


def told(review: Review | None, shown: str, overdue: Overdue | None = None) -> Diagnostic | None:
    """Return what somebody should be told beside the answer; None when there is nothing.

    A review that is near (BW144), or an `overdue` that was given and not needed (BW146).
    """
    if overdue is not None and (review is None or review.overdue is None):
        message = f"the review of `{shown}` is not overdue, so the override is not recorded"
        return Diagnostic("BW146", message, None, "leave it out", "note")
    if review is None or not review.near or review.left < 0:
        return None
    message = f"the review of `{shown}` is due on {review.due}, {_away(review.left)}"
    hint = "read the whole policy again, then release a version with a later `review_by`"
    return Diagnostic("BW144", message, None, hint, "warning")


def _check(overdue: Overdue) -> None:
    for what, text in (("a reason", overdue.reason), ("a name", overdue.by)):
        if not text.strip() or not text.isprintable() or len(text) > LONGEST:
            message = f"the override of an overdue review needs {what} on one line, of 1 to {LONGEST} characters"
            hint = "every decision made under it records why it was used and who answers for that"
            raise PackError((Diagnostic("BW145", message, None, hint),))


def _refusal(shown: str, review: Review) -> Diagnostic:
    message = f"the review of `{shown}` was due on {review.due}, {_days(-review.left)} ago"
    hint = (
        "read the whole policy again and release a version with a later `review_by`; to decide until then, say why and "
        "who answers for it: `--overdue-review REASON --by ROLE`, or `overdue=Overdue(REASON, ROLE)`"
    )
    return Diagnostic("BW143", message, None, hint)


def _away(left: int) -> str:
    return "today" if left == 0 else f"in {_days(left)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
