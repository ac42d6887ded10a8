"""Record checks, before any rule (section 4): raw facts become forms that say what is usable.

Nothing here knows about signs. Check 5 (blood pressure, liver enzymes) is in `safety`, beside
its only readers; check 8 (item 9 is always read) is `item_nine_answers`.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .table import ITEM_FORMS, RANGES, day

Fact = Mapping[str, Any]
DIFFICULTY = 9  # its place after the nine items in `Form.answers`


@dataclass(frozen=True, slots=True)
class Form:
    """One questionnaire after the checks.

    `total` is None when there is none or it was rejected; WHO-5 totals are in percent. `answers`
    are PHQ-9's nine items and its difficulty item, None where blank or rejected; `stated` says
    which of them were given at all. `failed` names the check that rejected the total.
    """

    instrument: str
    date: datetime.date
    after: bool
    total: float | None = None
    answers: tuple[int | None, ...] = (None,) * 10
    stated: tuple[bool, ...] = (False,) * 10
    given: int = 0
    failed: str | None = None
    flags: frozenset[str] = frozenset()
    comparable: bool = True

    @property
    def is_record_of_total(self) -> bool:
        """True for a usable total and for a rejected one (4.2, last sentence)."""
        return self.total is not None or self.failed is not None

    @property
    def has_usable_items(self) -> bool:
        """True when at least one of PHQ-9's nine items may be read."""
        return any(answer is not None for answer in self.answers[:DIFFICULTY])


def seen(facts: Iterable[Fact], as_of: datetime.date) -> list[Fact]:
    """Return the facts that count at `as_of` (section 1)."""
    return [fact for fact in facts if in_force(fact) and day(fact["date"]) <= as_of]


def in_force(fact: Fact) -> bool:
    """True unless the fact was entered in error, which leaves it to the audit alone."""
    return not fact.get("entered_in_error")


def check_forms(facts: Iterable[Fact], infusions: Sequence[datetime.date]) -> list[Form]:
    """Return the forms after checks 1 to 4, 7 and then 6; `time` counts on infusion days only."""
    forms = []
    for fact in facts:
        after = fact.get("time") == "after_infusion" and day(fact["date"]) in infusions
        forms.append(_check(fact, after=after))
    return _settle_duplicates(forms)


def _check(fact: Fact, after: bool) -> Form:
    name, date = fact["instrument"], day(fact["date"])
    if fact.get("version") not in (None, name):  # check 7: no record of this instrument at all
        return Form(name, date, after, flags=frozenset({"version_mismatch"}), comparable=False)
    items = fact.get("items") if name in ITEM_FORMS else None
    total, failed, whole = _total(name, fact.get("total"), fact.get("scale"), items)
    flags = {failed} if failed else set()
    answers: tuple[int | None, ...] = (None,) * 10
    stated: tuple[bool, ...] = (False,) * 10
    if name == "phq9":
        raw = [*(items or [])[:DIFFICULTY], *[None] * DIFFICULTY][:DIFFICULTY]
        raw.append(fact.get("difficulty"))
        stated = tuple(answer is not None for answer in raw)
        fit = [answer if _fits(answer, 0, 3) else None for answer in raw]
        answers = answers if whole else tuple(fit)
        if raw[DIFFICULTY] is not None and fit[DIFFICULTY] is None:
            flags.add("invalid_score")  # rejects only itself
    given = sum(item is not None for item in fact.get("items") or ())
    return Form(name, date, after, total, answers, stated, given, failed, frozenset(flags))


def _total(
    name: str, total: float | None, scale: str | None, items: Sequence[Any] | None
) -> tuple[float | None, str | None, bool]:
    """Return the usable total, the failed check, and whether the failure rejects the items too."""
    failed = _range_failure(name, total, scale)
    if failed:
        return None, failed, True
    if items is not None:
        count, highest = ITEM_FORMS[name]
        if len(items) != count:
            return None, "invalid_score", True
        blank = any(item is None for item in items)
        if not all(item is None or _fits(item, 0, highest) for item in items):
            return None, "invalid_score", False
        if blank and name in ("phq9", "gad7"):  # check 3
            return None, "invalid_score", False
        if not blank:
            return _compare(name, total, scale, item_sum(name, items))
    if name == "who5" and total is not None:
        if scale is None and total <= 25:
            return None, "unit_ambiguous", True
        total = 4 * total if scale == "raw" else total
    return total, None, False


def _range_failure(name: str, total: float | None, scale: str | None) -> str | None:
    """Return the failed check of a stated total taken alone (checks 1 and 4)."""
    if total is None:
        return None
    if name == "shaps" and total % 1:
        return "invalid_score"
    if name == "shaps" and (scale == "sum" or (scale is None and total >= 14)):
        return "unit_ambiguous"
    if name == "brs" and scale is None and total > 5:
        return "unit_ambiguous"
    low, high = (0, 25) if name == "who5" and scale == "raw" else RANGES[name]
    fine = low <= total <= high if name == "brs" else _fits(total, low, high)
    return None if fine else "invalid_score"


def _compare(name: str, total: float | None, scale: str | None, points: int) -> tuple[float | None, str | None, bool]:
    """Check 2 with every item there and in range; for WHO-5 the sum also settles the scale."""
    if name != "who5":
        readings, value = {points}, points
    else:
        value = 4 * points
        readings = {"raw": {points}, "percent": {value}}.get(scale or "", {points, value})
    if total is None or total in readings:
        return value, None, False
    return None, "invalid_score", True


def item_sum(name: str, items: Sequence[int]) -> int:
    """Return the total that complete items make (check 2).

    >>> item_sum("pss10", [0] * 10)
    16
    >>> item_sum("qids_sr16", [0, 1, 2, 3] + [0] * 12)
    3
    """
    if name == "pss10":
        return sum(4 - x if n in (4, 5, 7, 8) else x for n, x in enumerate(items, start=1))
    if name == "qids_sr16":
        return max(items[:4]) + items[4] + max(items[5:9]) + sum(items[9:14]) + max(items[14:16])
    return sum(items)


def _fits(value: Any, low: int, high: int) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and low <= value <= high


def _settle_duplicates(forms: list[Form]) -> list[Form]:
    """Check 6: conflicting totals of one moment reject each other, identical ones leave one."""
    moments: dict[tuple[str, datetime.date, bool], list[Form]] = defaultdict(list)
    settled = []
    for form in forms:
        if form.total is None:
            settled.append(form)
        else:
            moments[form.instrument, form.date, form.after].append(form)
    for same in moments.values():
        if len({form.total for form in same}) > 1:
            settled += [_conflicting(form) for form in same]
        else:
            settled.append(_fullest(same))
    return settled


def _conflicting(form: Form) -> Form:
    flags = form.flags | {"duplicate_conflict"}
    return replace(form, total=None, answers=(None,) * 10, failed="duplicate_conflict", flags=flags)


def _fullest(same: list[Form]) -> Form:
    """Return the one with most items; the flags of the others are still raised."""
    kept = max(same, key=lambda form: (form.given, _order(form)))
    return replace(kept, flags=frozenset().union(*(form.flags for form in same)))


def _order(form: Form) -> tuple[int, ...]:
    """Any fixed order will do: it only keeps the answer free of the order of the facts."""
    return tuple(-1 if answer is None else answer for answer in form.answers[::-1])


def item_sources(forms: Iterable[Form]) -> list[Form]:
    """Return one PHQ-9 form with usable items per moment, the one with a valid total (4.3)."""
    best: dict[tuple[datetime.date, bool], Form] = {}
    for form in forms:
        if form.instrument == "phq9" and form.has_usable_items:
            key = (form.date, form.after)
            best[key] = max(best.get(key, form), form, key=_item_preference)
    return [best[key] for key in sorted(best)]


def _item_preference(form: Form) -> tuple[bool, int, tuple[int, ...], tuple[bool, ...]]:
    """Order the forms of one moment: a valid total, more answers, and then any fixed order."""
    answers = tuple(-1 if answer is None else answer for answer in form.answers[:DIFFICULTY])
    usable = sum(answer >= 0 for answer in answers)
    return form.total is not None, usable, answers, form.stated


def item_nine_answers(facts: Iterable[Fact]) -> list[tuple[datetime.date, int]]:
    """Return every readable item-9 answer with its date, rejected records included (check 8)."""
    answers = []
    for fact in facts:
        items: Sequence[Any] = fact.get("items") or ()
        if fact["instrument"] == "phq9" and len(items) >= 9 and _fits(items[8], 0, 3):
            answers.append((day(fact["date"]), int(items[8])))
    return sorted(answers)
