"""Records of the toy pack for hypothesis: tangles, where dates and windows collide, and patients seen often."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from boosterwatch.engine.model import Assessment, Record
from boosterwatch.tests.engine.measures.build import DAY, form, record

SPAN_DAYS = 260
days = st.integers(DAY, DAY + SPAN_DAYS)
near = st.sampled_from([0, 1, 4, 5, 7, 13, 14, 15, 27, 28, 29, 34, 35, 36, 41, 42, 43, 55, 56, 57])
after = st.booleans()
item = st.sampled_from([0, 1, 2, 3, 3, None, 4])


@st.composite
def gloom(draw: st.DrawFn, day: int, n: int) -> Assessment:
    """A nine-item form, sometimes blank, out of range, contradicted or of another version."""
    items: list[int | None] = draw(st.lists(st.integers(0, 3), min_size=9, max_size=9))
    spoil = draw(st.sampled_from(["", "", "", "", "blank", "bad", "short", "differs", "none", "none", "other"]))
    total: int | None = sum(i or 0 for i in items)
    if spoil in ("blank", "bad"):
        items[draw(st.integers(0, 8))] = None if spoil == "blank" else 7
    if spoil == "short":
        items.pop()
    if spoil == "differs":
        total = (total or 0) + 1
    if draw(st.booleans()) and spoil != "differs":
        total = None
    extra = {"burden": draw(st.integers(0, 4))} if draw(st.booleans()) else {}
    more: dict[str, Any] = {"version": "gloom_8"} if spoil == "other" else {}
    given = None if spoil == "none" else items
    part = f"assessments[{n}]"
    return form("gloom", day, total, items=given, extra=extra, part=part, after_infusion=draw(after), **more)


@st.composite
def other(draw: st.DrawFn, day: int, n: int) -> Assessment:
    """A form with a total only."""
    id = draw(st.sampled_from(["glow", "plain", "plain", "calm", "spark"]))
    high = {"glow": 110, "plain": 63, "calm": 6, "spark": 15}[id]
    method = draw(st.sampled_from(["percent", "raw", None])) if id == "glow" else None
    total: int | float = draw(st.integers(0, high))
    if id == "calm":
        total = draw(st.sampled_from([1, 1.5, 2, 3.25, 5, 5.5]))
    part = f"assessments[{n}]"
    return form(id, day, total, method=method, part=part, after_infusion=draw(after))


def patient(seed: int) -> Record:
    """Return a patient seen often: a baseline, an induction or two, later infusions, a form every week or so."""
    pick = random.Random(seed)
    start = DAY + pick.choice([10, 20, 28, 29])
    infusions = {start + n * pick.choice([2, 3, 4]) for n in range(pick.randint(4, 8))}
    later = max(infusions) + pick.choice([20, 40, 55, 56, 57, 70])
    block = range(pick.choice([0, 1, 1, 3, 4, 6]))
    infusions |= {later + n * pick.choice([1, 3, 14]) for n in block}
    forms: list[Assessment] = []
    wanted = pick.choice([15, 30, 50])
    day = start - pick.choice([0, 0, 5, 10, 28, 29])
    while len(forms) < wanted:
        for id in pick.sample(["gloom", "gloom", "glow", "plain", "calm"], pick.randint(1, 3)):
            forms.append(_visit(pick, id, day, len(forms)))
        day += pick.choice([0, 1, 4, 5, 7, 7, 10, 14, 14, 15, 21])
        if pick.random() < 0.1:
            day = pick.choice(sorted(infusions))
    return record(DAY + SPAN_DAYS + 60, forms, infusions=tuple(sorted(infusions)))


def _visit(pick: random.Random, id: str, day: int, n: int) -> Assessment:
    part, late = f"assessments[{n}]", pick.random() < 0.4
    if id == "gloom":
        items: list[int | None] = [pick.randint(0, 3) for _ in range(9)]
        total = sum(item or 0 for item in items)
        if pick.random() < 0.2:
            items[pick.randrange(9)] = pick.choice([None, 5])
        extra = {"burden": pick.randint(0, 3)} if pick.random() < 0.7 else {}
        given = items if pick.random() < 0.9 else None
        stated = total if pick.random() < 0.8 else None
        return form(id, day, stated, items=given, extra=extra, part=part, after_infusion=late)
    if id == "glow":
        return form(id, day, pick.randint(0, 25), method="raw", part=part, after_infusion=late)
    score = pick.choice([1, 2.5, 4.25, 5]) if id == "calm" else pick.randint(0, 61)
    return form(id, day, score, part=part, after_infusion=late)


@st.composite
def tangles(draw: st.DrawFn) -> Record:
    """A record whose dates often lie exactly a window apart, with zero to three blocks of infusions."""
    starts = draw(st.lists(days, max_size=3))
    infusions = {start + n * draw(st.sampled_from([1, 2, 7, 9])) for start in starts for n in range(draw(near) % 10)}
    infusions |= set(draw(st.lists(days, max_size=3)))
    anchors = sorted(infusions) or [DAY + 60]
    forms = []
    for n in range(draw(st.integers(0, 14))):
        day = draw(st.one_of(st.builds(lambda a, b: a + b, st.sampled_from(anchors), near), days))
        forms.append(draw(gloom(day, n) if draw(st.booleans()) else other(day, n)))
    marked = None
    if draw(st.integers(0, 3)) == 0:
        first = draw(days)
        marked = (first, first + draw(st.integers(0, 30)))
    as_of = DAY + SPAN_DAYS + 60
    return record(as_of, forms, infusions=tuple(sorted(infusions)), induction=marked)


records = st.one_of(tangles(), st.integers(0, 10**9).map(patient))
