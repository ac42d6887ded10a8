"""Mistakes in forms, as people and interfaces make them. Each is made by itself, so one form may have several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from boosterwatch.engine.cohort.synth.draw import Draw, Truths
from boosterwatch.engine.cohort.synth.recipe import Mistakes
from boosterwatch.engine.cohort.synth.sheets import Bytes, Doubles, Paper, Sheets, total_on

AHEAD = (1, 20)  # days after the last one


def with_slips(draw: Draw, paper: Paper, sheets: Sheets, rates: Mistakes, until: int) -> Sheets:
    """Return the forms with mistakes; `rates` are those of the level that was asked for."""

    def some(name: str) -> Truths:
        rate = rates.get(name, 0.0)
        return draw.chance(rate if isinstance(rate, float | int) else 0.0, sheets.pid.size)

    sheets = _in_items(draw, paper, sheets, some)
    sheets = _in_totals(draw, paper, sheets, some)
    sheets = _in_dates(draw, paper, sheets, rates, some, until)
    return _twice(draw, sheets, some)


def _in_items(draw: Draw, paper: Paper, sheets: Sheets, some: Callable[[str], Truths]) -> Sheets:
    spec = paper.instrument.items
    if spec is None:
        return replace(sheets, extra=_extra_slips(paper, sheets.extra, some("extra_out_of_range")))
    size = sheets.pid.size
    left = draw.whole((0, spec.count - 1), size)
    blank = sheets.blank.copy()
    rows = np.flatnonzero(some("item_left_blank") & sheets.listed)
    blank[rows, left[rows]] = True
    items: Bytes = sheets.items.copy()
    rows = np.flatnonzero(some("item_out_of_range") & sheets.listed)
    items[rows, left[rows]] = spec.high + 1 + draw.whole((0, 4), size)[rows]
    extra = _extra_slips(paper, sheets.extra, some("extra_out_of_range"))
    return replace(sheets, items=items, blank=blank, short=some("items_too_few") & sheets.listed, extra=extra)


def _extra_slips(paper: Paper, extra: Doubles, rows: Truths) -> Doubles:
    changed = extra.copy()
    for place, scale in enumerate(paper.extra.values()):
        given = rows & ~np.isnan(extra[:, place])
        changed[given, place] = scale.high + 1
    return changed


def _in_totals(draw: Draw, paper: Paper, sheets: Sheets, some: Callable[[str], Truths]) -> Sheets:
    size, stated = sheets.pid.size, paper.stated
    total = sheets.total.copy()
    moved = draw.whole((1, 3), size)
    differs = some("total_differs") & sheets.listed
    total[differs] += np.where(total + moved > stated.high, -moved, moved)[differs]
    beyond = some("total_out_of_range") & ~np.isnan(total)
    total[beyond] = stated.high + moved[beyond]
    total[some("total_not_whole")] += 0.5
    total[some("total_left_out")] = np.nan
    return _on_another_method(draw, paper, replace(sheets, total=total), some("other_method"))


def _on_another_method(draw: Draw, paper: Paper, sheets: Sheets, rows: Truths) -> Sheets:
    """Give the totals of some forms on another of the instrument's methods, stated or not."""
    others = [place for place in range(len(paper.methods)) if place != paper.usual]
    if not others:
        return sheets
    size, total, method = sheets.pid.size, sheets.total.copy(), sheets.method.copy()
    chosen = np.array(others)[draw.whole((0, len(others) - 1), size)]
    named = draw.chance(0.5, size)
    for place in others:
        mine = rows & (chosen == place) & ~np.isnan(total)
        total[mine] = _converted(paper, place, total[mine])
        method[mine] = np.where(named[mine], place, -1)
    return replace(sheets, total=total, method=method)


def _converted(paper: Paper, place: int, total: Doubles) -> Doubles:
    """Return totals as they are on another method: by its factor, or by where in the range they lie."""
    stated, other = paper.stated, paper.methods[place]
    if other.usable:
        return np.asarray(np.round(total * stated.times / other.times))
    up = (total - stated.low) / (stated.high - stated.low)
    return total_on(paper, other, up if paper.instrument.worse == "high" else 1 - up)


def _in_dates(
    draw: Draw, paper: Paper, sheets: Sheets, rates: Mistakes, some: Callable[[str], Truths], until: int
) -> Sheets:
    size = sheets.pid.size
    ahead = some("dated_ahead")
    other = rates.get("other_version")
    known = other is not None and paper.instrument.id in other["versions"]
    replaced = draw.chance(other["rate"] if other is not None and known else 0.0, size)
    return replace(
        sheets,
        day=np.where(ahead, until + draw.whole(AHEAD, size), sheets.day),
        version=np.where(replaced, 0, -1),
        error=some("entered_in_error"),
    )


def _twice(draw: Draw, sheets: Sheets, some: Callable[[str], Truths]) -> Sheets:
    """Repeat some forms, the same or with another total and no items; each copy follows its original."""
    same = some("given_twice")
    differs = some("given_twice_differently") & ~same & ~np.isnan(sheets.total)
    rows = np.repeat(np.arange(sheets.pid.size), 1 + (same | differs))
    copies = np.append(False, rows[1:] == rows[:-1])[: rows.size]
    doubled = sheets.take(rows)
    changed = copies & differs[rows]
    total = np.where(changed, np.abs(doubled.total - draw.whole((1, 3), rows.size)), doubled.total)
    return replace(doubled, total=total, listed=doubled.listed & ~changed)
