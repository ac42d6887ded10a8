"""QIDS-SR16 item 12 and MADRS item 10: made-up patients who answer them, and the triggers that version 1.1.0 adds.

The triggers are those of section 6 of the policy for PHQ-9 item 9, read again for each item at its own two levels.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .course import find_course
from .facts import Fact, item_sum, seen
from .safety import fully_negative
from .table import day, parameters_for

AGES = (0, 1, 7, 30, 60, 89, 90, 91, 120, 300)  # days, at and beside the look-back
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One of the two answers: where it stands in its form, its range, and the levels of the change."""

    at: int
    count: int
    most: int
    present: int
    urgent: int


ITEMS = {"qids_sr16": Item(11, 16, 3, 1, 2), "madrs": Item(9, 10, 6, 2, 4)}
KINDS = ("u2_{}_item_high", "c1_{}_item", "c1_{}_item_screened", "c2_{}_item_new")
RULES = {kind.format(form) for kind in KINDS for form in ITEMS}


# ---------------------------------------------------------------- patients


def without_items(record: Record) -> Record:
    """Return a patient whose two forms are totals alone."""
    forms = [
        {key: value for key, value in form.items() if form["instrument"] not in ITEMS or key != "items"}
        for form in record.get("assessments", ())
    ]
    return record | {"assessments": forms}


def with_items(record: Record, rng: random.Random) -> Record:
    """Return a patient with answers to the items, at and beside the limits; some in forms that are rejected."""
    as_of = datetime.date.fromisoformat(record["as_of"])
    forms, facts = list(record.get("assessments", ())), list(record.get("safety", ()))
    if rng.random() < 0.6:  # a quiet one, so that nothing else has the clinician look today
        forms = [{key: value for key, value in form.items() if key != "items"} for form in forms]
        facts = []
    for _ in range(rng.randint(1, 3)):
        form = rng.choice(sorted(ITEMS))
        filled = as_of - datetime.timedelta(days=rng.choice(AGES))
        forms.append(_filled(form, filled, rng))
        if rng.random() < 0.5:
            screened = min(as_of, filled + datetime.timedelta(days=rng.choice((-1, 0, 3))))
            facts.append({"type": "cssrs", "date": screened.isoformat(), "q1": False, "q2": False, "q6_recent": False})
    return record | {"assessments": forms, "safety": facts}


def _filled(form: str, filled: datetime.date, rng: random.Random) -> Record:
    item = ITEMS[form]
    answers: list[Any] = [0] * item.count
    answers[0] = 1
    answers[item.at] = rng.choice((*range(item.most + 1), None))
    total = item_sum(form, [answer or 0 for answer in answers]) + rng.choice((0, 0, 0, 1))
    stated = {} if rng.random() < 0.2 else {"total": total}
    return {"instrument": form, "date": filled.isoformat(), "items": answers, **stated}


# ---------------------------------------------------------------- the change, read a second time


def triggers_wanted(record: Record) -> set[str]:
    """Return the triggers that the two items raise, by the words of section 6 of the policy as they read for item 9."""
    as_of = day(record["as_of"])
    parameters = parameters_for(record, as_of)
    course = find_course(record, as_of, parameters)
    facts = seen(record.get("safety") or (), as_of)
    screens = [day(one["date"]) for one in facts if one["type"] == "cssrs" and fully_negative(one)]
    reviews = [day(one["date"]) for one in facts if one["type"] == "review" and one["kind"] == "safety"]
    wanted = set()
    for form, item in ITEMS.items():
        answers = list(_answers(seen(record.get("assessments") or (), as_of), form, item))
        for asked, answer in answers:
            if any(review >= asked for review in reviews) or any(given > asked for given in course.infusions):
                continue
            after = course.induction[1] if course.induction else datetime.date.max
            best = min((value for other, value in answers if after < other < asked), default=None)
            name = _trigger(form, item, answer, any(one >= asked for one in screens), best)
            if name.startswith("u2") or (as_of - asked).days <= parameters["trigger_lookback"]:
                wanted.add(name)
    return wanted - {""}


def _answers(forms: list[Fact], form: str, item: Item) -> Iterator[tuple[datetime.date, int]]:
    for one in forms:
        answers = one.get("items") or ()
        if one["instrument"] == form and len(answers) > item.at:
            answer = answers[item.at]
            if answer is not None and answer == int(answer) and 0 <= answer <= item.most:
                yield day(one["date"]), int(answer)


def _trigger(form: str, item: Item, answer: int, screened: bool, best: int | None) -> str:
    if answer < item.present:
        return ""
    if answer >= item.urgent:
        return f"c1_{form}_item_screened" if screened else f"u2_{form}_item_high"
    if not screened:
        return f"c1_{form}_item"
    return f"c2_{form}_item_new" if best is None or answer > best else ""
