"""All comparable forms of one instrument: its totals, its answers, and the form that answers are read from.

Answers (items and extra answers) of one date come from one form, the newest with usable items that is not older than
the latest valid total; see `newest_answers`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from boosterwatch.engine.measures.series import Series
from boosterwatch.engine.measures.undefined import Number
from boosterwatch.engine.model import Assessment
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import Scored

Part = tuple[str, int | str]


class Source:
    """The forms of one instrument, in order of their keys."""

    __slots__ = ("_answered", "_answered_days", "failed", "forms", "id", "total_keys")

    def __init__(self, id: str, forms: Sequence[Scored]) -> None:
        self.id = id
        self.forms = sorted(forms, key=_key)
        self.total_keys = [one.key for one in self.forms if one.total is not None]
        self.failed = [one.key for one in self.forms if one.failed]
        self._answered: list[Scored] | None = None
        self._answered_days: list[int] = []

    def newest_answers(self, key: int) -> Scored | None:
        """Return the form that answers are read from at `key`; of two on a day one with a valid total."""
        answered = self._rank()
        n = bisect_right(self._answered_days, key >> 1)
        totals = bisect_right(self.total_keys, key)
        oldest = self.total_keys[totals - 1] if totals else 0
        while n:
            n -= 1
            one = answered[n]
            if oldest <= one.key <= key:
                return one
            if one.key >> 1 < oldest >> 1:
                return None
        return None

    def has_answers(self, key: int) -> bool:
        """Return whether some form up to `key` has usable items."""
        return next((one.key <= key for one in self.forms if one.items), False)

    def _rank(self) -> list[Scored]:
        if self._answered is None:
            answered = [one for one in self.forms if one.items]
            answered.sort(key=lambda one: (one.key >> 1, one.total is not None, one.key, _weight(one)))
            self._answered = answered
            self._answered_days = [one.key >> 1 for one in answered]
        return self._answered


def _weight(one: Scored) -> tuple[object, ...]:
    """Return what decides between forms of one time without a total: more answers, higher ones, more stated.

    Extra answers decide between equals, so that nothing hangs on how a form is written.
    """
    answers = [(item is not None, item or 0) for item in one.items]
    stated = [item is not None for item in one.form.items or ()]
    extra = (len(one.extra), sorted(one.extra.items()), len(one.form.extra), sorted(one.form.extra))
    return (sum(given for given, _ in answers), answers, stated, *extra)


def _key(one: Scored) -> int:
    return one.key


def sign_of(worse: ir.Direction) -> int:
    """Return what turns raw points into points where higher is worse."""
    return 1 if worse == "high" else -1


def total_series(source: Source, sign: int) -> Series:
    """Return the valid totals."""
    values = [sign * one.total for one in source.forms if one.total is not None]
    return Series(list(source.total_keys), values)


def part_series(source: Source, part: Part, sign: int) -> tuple[Series, list[int]]:
    """Return the usable answers of a part, and the keys of the answers given and rejected.

    Of two answers at one time the one beside a valid total comes last, then the worse one.
    """
    usable: list[tuple[int, bool, Number]] = []
    rejected: list[int] = []
    for one in source.forms:
        answer = usable_answer(one, part)
        if answer is not None:
            usable.append((one.key, one.total is not None, sign * answer))
        elif given_answer(one.form, part) is not None:
            rejected.append(one.key)
    usable.sort()
    return Series([key for key, _, _ in usable], [value for _, _, value in usable]), rejected


def usable_answer(one: Scored, part: Part) -> Number | None:
    """Return the answer to a part of the form when it can be used."""
    kind, place = part
    if kind == "field":
        return one.extra.get(str(place))
    position = int(place)
    return one.items[position - 1] if position <= len(one.items) else None


def given_answer(form: Assessment, part: Part) -> Number | None:
    """Return the answer to a part of the form as it was given, usable or not."""
    kind, place = part
    if kind == "field":
        return form.extra.get(str(place))
    position = int(place)
    items = form.items
    return items[position - 1] if items is not None and position <= len(items) else None
