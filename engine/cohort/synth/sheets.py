"""The forms of one instrument in a block, as they would be without mistakes.

A score follows how severe the patient is on the day; items scatter around it, and the total is what the pack makes of
the items: reversed ones, domains and methods included.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from boosterwatch.engine.cohort.synth.check import extra_answers
from boosterwatch.engine.cohort.synth.draw import Draw, Reals, Truths, Wholes
from boosterwatch.engine.cohort.synth.people import Crowd, with_indication
from boosterwatch.engine.cohort.synth.recipe import Form, Recipe
from boosterwatch.engine.cohort.synth.visits import Seen
from boosterwatch.engine.pack import ir

SCATTER = 0.22  # of items around the score of their form, as a share of their range
Doubles = NDArray[np.float64]
Bytes = NDArray[np.int8]


@dataclass(frozen=True)
class Sheets:
    """Forms of one instrument, a value for each. NaN in `total` and `extra` means not stated.

    `method`, `time` and `version` are places in lists of words, -1 for not stated. `items` has a column for each
    item; `blank` marks answers that are missing; forms without `listed` have no items, those with `short` one too few.
    """

    pid: Wholes
    day: Wholes
    total: Doubles
    items: Bytes
    blank: Truths
    listed: Truths
    short: Truths
    extra: Doubles
    method: Wholes
    time: Wholes
    version: Wholes
    error: Truths

    def take(self, rows: Wholes) -> Self:
        """Return these rows, in this order."""
        return replace(self, **{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True)
class Paper:
    """An instrument with what the recipe says of it; `methods` are its methods, or one that stands for none."""

    instrument: ir.Instrument
    form: Form
    extra: dict[str, ir.Scale]
    methods: tuple[ir.Method, ...]
    usual: int

    @property
    def stated(self) -> ir.Method:
        """The method that totals are on."""
        return self.methods[self.usual]


def paper_of(recipe: Recipe, pack: ir.Pack, id: str) -> Paper:
    """Return an instrument with its part of the recipe."""
    instrument = next(one for one in pack.instruments if one.id == id)
    form = recipe["forms"][id]
    methods = instrument.methods or (ir.Method("", instrument.low, instrument.high),)
    names = [method.name for method in methods]
    otherwise = instrument.unstated.otherwise if instrument.unstated is not None else names[0]
    known = extra_answers(pack, id)
    extra = {name: known[name] for name in form.get("extra") or {}}
    return Paper(instrument, form, extra, methods, names.index(form.get("method", otherwise)))


def draw_sheets(recipe: Recipe, draw: Draw, crowd: Crowd, seen: Seen, paper: Paper) -> Sheets:
    """Return the forms of an instrument that the patients of a block filled in."""
    form, times = paper.form, recipe["visits"]["time_stated"]
    odds = np.where(_indicated(recipe, crowd, form), form["of_patients"], form.get("unless", 0))
    users = np.asarray(draw.uniform(crowd.size) < odds)
    rows = np.flatnonzero(users[seen.pid] & draw.chance(form["at_visits"], seen.pid.size))
    pid, size = seen.pid[rows], rows.size
    share = _shares(draw, crowd, form, pid, seen.level[rows])
    listed = draw.chance(form["with_items"], size)
    items = _items(draw, paper, share, listed)
    stated = ~listed | draw.chance(form["sum_stated"], size)
    total = np.where(listed, _sum(paper, items), _total(paper, share))
    named = draw.chance(form.get("method_stated", 0), size)
    return Sheets(
        pid=pid,
        day=seen.day[rows],
        total=np.where(stated, total, np.nan),
        items=items,
        blank=np.zeros(items.shape, dtype=np.bool_),
        listed=listed,
        short=np.zeros(size, dtype=np.bool_),
        extra=_extra(draw, paper, share),
        method=np.where(named & stated, paper.usual, -1),
        time=np.where(seen.infused[rows], draw.pick(times, size), -1),
        version=np.full(size, -1),
        error=np.zeros(size, dtype=np.bool_),
    )


def _indicated(recipe: Recipe, crowd: Crowd, form: Form) -> Truths:
    name = form.get("for")
    return np.ones(crowd.size, dtype=np.bool_) if name is None else with_indication(recipe, crowd, name)


def _shares(draw: Draw, crowd: Crowd, form: Form, pid: Wholes, level: Reals) -> Reals:
    """Return how far towards the worse end of its range each score lies."""
    low, high = form["level"]
    own = form["person"] * draw.normal(crowd.size)
    shares = low + (high - low) * level + own[pid] + form["noise"] * draw.normal(pid.size)
    return np.asarray(np.clip(shares, 0, 1), dtype=np.float32)


# ---------------------------------------------------------------- items and totals


def _items(draw: Draw, paper: Paper, share: Reals, listed: Truths) -> Bytes:
    """Return the answers of every form, noughts for those without."""
    spec = paper.instrument.items
    if spec is None or not listed.any():
        return np.zeros((share.size, 0 if spec is None else spec.count), dtype=np.int8)
    span, low = spec.high - spec.low, np.zeros(spec.count, dtype=np.float32)
    for milder in paper.form.get("milder") or ():
        low[milder["item"] - 1] = milder["by"]
    given = share[listed][:, None] - low + SCATTER * draw.normal(int(listed.sum()), spec.count)
    answers = np.clip(np.round(given * span), 0, span).astype(np.int8)
    backwards = [place - 1 for place in spec.reversed]
    if paper.instrument.worse == "low":
        backwards = [place for place in range(spec.count) if place not in backwards]
    answers[:, backwards] = span - answers[:, backwards]
    items = np.zeros((share.size, spec.count), dtype=np.int8)
    items[listed] = answers + spec.low
    return items


def _sum(paper: Paper, items: Bytes) -> Doubles:
    """Return the total that complete items make, on the method that totals are on."""
    spec = paper.instrument.items
    if spec is None:
        return np.zeros(items.shape[0])
    scores = items.astype(np.int64)
    for place in spec.reversed:
        scores[:, place - 1] = spec.low + spec.high - scores[:, place - 1]
    if spec.domains:
        groups = [[place - 1 for place in domain] for domain in spec.domains]
        scores = np.stack([scores[:, group].max(axis=1) for group in groups], axis=1)
    times = next((method.times for method in paper.methods if method.name == spec.method), 1)
    return np.asarray(scores.sum(axis=1) * times / paper.stated.times, dtype=np.float64)


def _total(paper: Paper, share: Reals) -> Doubles:
    """Return totals so far towards the worse end, on the method that they are on."""
    return total_on(paper, paper.stated, share.astype(np.float64))


def total_on(paper: Paper, method: ir.Method, share: Doubles) -> Doubles:
    """Return totals so far towards the worse end of a method's range."""
    up = share if paper.instrument.worse == "high" else 1 - share
    return np.asarray(np.round(method.low + up * (method.high - method.low), 0 if paper.instrument.whole else 1))


def _extra(draw: Draw, paper: Paper, share: Reals) -> Doubles:
    """Return the extra answers, a column for each; NaN where not given."""
    columns = []
    for name, scale in paper.extra.items():
        given = np.clip(share + SCATTER * draw.normal(share.size), 0, 1)
        up = given if scale.worse == "high" else 1 - given
        answers = np.round(scale.low + up * (scale.high - scale.low)).astype(np.float64)
        there = draw.chance((paper.form.get("extra") or {})[name], share.size)
        columns.append(np.where(there, answers, np.nan))
    return np.stack(columns, axis=1) if columns else np.zeros((share.size, 0))
