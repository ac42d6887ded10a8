"""PHQ-9 and GAD-7 forms of a record after their checks (policy section 4), for the second reading of the quick screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Fact = Mapping[str, Any]
Moment = tuple[date, bool]  # the day, and whether the form was filled in after that day's infusion
HIGHEST = {"phq9": 27, "gad7": 21}


@dataclass(frozen=True)
class Form:
    """A comparable form: its total, None when there is none; nine answers and the difficulty item; `failed` a check."""

    name: str
    moment: Moment
    total: float | None
    answers: tuple[int | None, ...]
    failed: bool

    @property
    def counts(self) -> bool:
        """Return whether this is a record of a total, usable or not."""
        return self.total is not None or self.failed


def check_form(raw: Fact, given: Sequence[date]) -> Form:
    name, items, total = raw["instrument"], raw.get("items"), raw.get("total")
    count = 9 if name == "phq9" else 7
    day = day_of(raw["date"])
    moment = (day, raw.get("time") == "after_infusion" and day in given)
    listed = [*(items or []), *[None] * 9][:9]
    fine = [int(x) if whole(x, 3) else None for x in (*listed, raw.get("difficulty"))]
    blank = (None,) * 10
    if total is not None and not whole(total, HIGHEST[name]):
        return Form(name, moment, None, blank, True)
    if items is not None:
        if len(items) != count:
            return Form(name, moment, None, blank, True)
        if not all(whole(answer, 3) for answer in items):
            return Form(name, moment, None, tuple(fine), True)
        if total is not None and total != sum(items):
            return Form(name, moment, None, blank, True)
        total = sum(items)
    return Form(name, moment, total, tuple(fine), False)


def without_conflicts(forms: Sequence[Form]) -> list[Form]:
    """Return the forms; different totals of one moment refuse each other, of equal ones the fullest stays."""
    kept = [form for form in forms if form.total is None]
    groups: dict[tuple[str, Moment], list[Form]] = {}
    for form in forms:
        if form.total is not None:
            groups.setdefault((form.name, form.moment), []).append(form)
    for same in groups.values():
        if len({form.total for form in same}) > 1:
            kept += [Form(one.name, one.moment, None, (None,) * 10, True) for one in same]
        else:
            kept.append(max(same, key=fullness))
    return kept


def fullness(form: Form) -> tuple[Any, ...]:
    answers = tuple(-1 if answer is None else answer for answer in form.answers)
    return form.total is not None, sum(answer >= 0 for answer in answers[:9]), answers[::-1]


def day_of(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)


def whole(value: Any, highest: int) -> bool:
    """Return whether a value is a whole number from 0 to the highest."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0 and 0 <= value <= highest
