"""Dates of made-up patients: inductions, maintenance infusions, the evaluation date, and illness.

Every number is drawn from the generator's `random.Random`; nothing here is a real course.
"""

import datetime
import random
from dataclasses import dataclass, field

KINDS = {
    "marked": 40,
    "detected": 28,
    "second": 9,
    "none": 5,
    "too_few": 5,
    "unfinished_marked": 4,
    "unfinished": 4,
    "future_marked": 3,
    "edge_block": 4,
    "year": 4,
}
GAPS = (7, 14, 19, 20, 21, 22, 24, 27, 28, 29, 35, 42, 49, 55, 56, 57)
WAITS = (0, 1, 3, 6, 7, 8, 13, 14, 15, 18, 20, 21, 22, 25, 27, 28, 29, 30, 34, 35, 36, 40, 42, 43)


@dataclass(slots=True)
class Timeline:
    """The dates of one patient; `inductions` are the intended ones, for drawing the illness."""

    as_of: datetime.date
    infusions: list[datetime.date] = field(default_factory=list)
    marked: tuple[datetime.date, datetime.date] | None = None
    inductions: list[tuple[datetime.date, datetime.date]] = field(default_factory=list)
    short_gap: bool = False  # the second induction counts only with an override of the gap

    @property
    def given(self) -> list[datetime.date]:
        """Return the infusions up to `as_of`, marked dates included, in order."""
        return sorted(d for d in {*self.infusions, *(self.marked or ())} if d <= self.as_of)


def plus(date: datetime.date, days: int) -> datetime.date:
    """Return a date some days later."""
    return date + datetime.timedelta(days=days)


def draw_timeline(rng: random.Random) -> Timeline:
    """Return the dates of one patient."""
    kind = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    start = plus(datetime.date(2024, 6, 1), rng.randrange(600))
    line = Timeline(as_of=start)
    if kind == "none":
        return line
    block = _block(rng, start, kind)
    line.infusions = list(block)
    if kind == "too_few":
        line.as_of = plus(block[-1], _wait(rng))
        return line
    line.inductions = [(block[0], block[-1])]
    if kind == "year":
        return _year(rng, line)
    if kind not in ("unfinished_marked", "unfinished"):
        line.infusions += _maintenance(rng, block[-1])
    if kind == "second":
        gap = rng.choice((28, 28, 29, 55, 56, 57, 63, 90, 180, 200))
        line.short_gap = gap < 56
        again = plus(max(line.infusions), gap)
        block = _block(rng, again, kind)
        line.inductions.append((block[0], block[-1]))
        line.infusions += [*block, *_maintenance(rng, block[-1])]
    line.as_of = plus(max(line.infusions), _wait(rng))
    _mark(rng, line, kind)
    if rng.random() < 0.04:
        line.infusions.append(plus(line.as_of, rng.choice((1, 2, 7))))
    if rng.random() < 0.05 and line.infusions:
        line.infusions.append(rng.choice(line.infusions))
    return line


def _block(rng: random.Random, start: datetime.date, kind: str) -> list[datetime.date]:
    if kind == "too_few":
        count, span = rng.randint(1, 3), 14
    elif kind == "unfinished":
        count, span = rng.randint(3, 6), 14
    elif kind == "edge_block":
        count, span = rng.choice((3, 4, 8, 9, 10)), rng.choice((27, 28, 29, 30))
    else:
        count, span = rng.choice((4, 6, 6, 6, 8)), rng.choice((7, 11, 11, 14, 21, 28))
    inner = rng.sample(range(1, span), min(max(count - 2, 0), span - 1))
    offsets = sorted({0, *inner, span}) if count > 1 else [0]
    return [plus(start, n) for n in offsets]


def _maintenance(rng: random.Random, last: datetime.date) -> list[datetime.date]:
    count = rng.choices((0, 1, 2, 3, 4, 13), weights=(36, 24, 16, 12, 8, 4))[0]
    gaps = (7, 7, 10, 14) if count == 13 else GAPS
    dates = []
    for _ in range(count):
        last = plus(last, rng.choice(gaps))
        dates.append(last)
    if dates and rng.random() < 0.12:  # two close together, for the limit of 28 days
        dates.append(plus(last, rng.choice((2, 4, 6))))
    return dates


def _year(rng: random.Random, line: Timeline) -> Timeline:
    """Spread infusions over the year before `as_of`, 17 or 18 of them, the first at its edge."""
    line.as_of = plus(line.infusions[0], rng.choice((363, 364, 364, 365, 365, 366)))
    last, more = line.infusions[-1], rng.choice((17, 18)) - len(line.infusions)
    span = (line.as_of - last).days - rng.randrange(21, 40)
    line.infusions += [plus(last, span * n // more) for n in range(1, more + 1)]
    return line


def _wait(rng: random.Random) -> int:
    draw = rng.random()
    if draw < 0.45:
        return rng.choice(WAITS)
    if draw < 0.65:
        return rng.randrange(14, 29)
    return rng.randrange(20, 60) if draw < 0.9 else rng.randrange(0, 150)


def _mark(rng: random.Random, line: Timeline, kind: str) -> None:
    """Mark an induction where the kind asks for it, leaving some of its dates to the marking."""
    first, last = line.inductions[-1]
    if kind == "unfinished_marked":
        line.as_of = plus(last, -rng.choice((0, 1, 3, 5)))
        line.infusions = [d for d in line.infusions if d <= line.as_of or rng.random() < 0.3]
        line.marked = (first, plus(last, rng.choice((0, 0, 4))))
    elif kind == "future_marked":
        line.marked = (plus(line.as_of, rng.choice((0, 1, 2, 10))), plus(line.as_of, 24))
    elif kind == "marked" or (kind == "second" and rng.random() < 0.4):
        line.marked = (first, last)
        if rng.random() < 0.15:
            line.infusions = [d for d in line.infusions if d not in line.marked] or [first]
        elif kind == "marked" and rng.random() < 0.08:
            line.marked = (first, plus(first, rng.choice((0, 3, 10))))


@dataclass(slots=True)
class Illness:
    """How ill the patient is on a date, from 0 (well) to 1; `follows` is asked per instrument."""

    before: float
    low: float
    returns: list[tuple[datetime.date, datetime.date, float]]
    last_induction: datetime.date | None

    def level(self, date: datetime.date, follows: bool) -> float:
        """Return the level on a date; an instrument that does not follow misses the returns."""
        if self.last_induction is None or date <= self.last_induction:
            return self.before
        if follows:
            for start, end, level in self.returns:
                if start <= date <= end:
                    return level
        return self.low


def draw_illness(rng: random.Random, line: Timeline) -> Illness:
    """Return an illness with returns of symptoms late in some cycles."""
    before = rng.uniform(0.45, 0.95) if rng.random() < 0.92 else rng.uniform(0.2, 0.45)
    low = before * rng.choices((0.15, 0.3, 0.6, 0.72, 0.95), weights=(40, 25, 15, 8, 12))[0]
    last = line.inductions[-1][1] if line.inductions else None
    returns = []
    starts = [d for d in line.given if last is not None and d >= last]
    for place, start in enumerate(starts):
        current = place + 1 == len(starts)
        end = line.as_of if current else starts[place + 1]
        span = (end - start).days
        if span > 7 and rng.random() < 0.6:
            onset = plus(start, rng.randrange(5, max(6, span - 3)) if span < 35 else span - 25)
            level = min(1.05, rng.uniform(low + 0.15, max(before * 1.15, low + 0.4)))
            returns.append((onset, end, level))
    return Illness(before, low, returns, last)
