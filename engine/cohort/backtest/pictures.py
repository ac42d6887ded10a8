"""The pictures of a backtest: how early each sign is, what is found against what is false, and a number's own curve."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from boosterwatch.engine.author.prose.amounts import with_unit
from boosterwatch.engine.cohort.backtest.model import POSITIVE, Backtest, Calibration, Tally
from boosterwatch.engine.cohort.backtest.page import any_prompt, named, shown_as_prompt
from boosterwatch.engine.cohort.impact.pictures import Layers, Point, inline
from boosterwatch.engine.explain.names import Names
from boosterwatch.engine.explain.panels import INK, LABEL, PALE

WIDTH, ROW, STEP = 560, 30, 20


def leads(found: Backtest, names: Names) -> Layers:
    """Return a bar from the lower to the upper quartile of each sign's lead time, with the median and how many."""
    signs = [one for one in found.tallies if one.thing.what == "sign" and one.thing.state == POSITIVE]
    order = [names.title("sign", sign.id) for sign in names.pack.signs]
    rows: list[Point] = []
    for one in signs:
        low, middle, high = one.lead.first or (0, 0, 0)
        text = f"{one.found} of {one.losses}"
        row: Point = {
            "sign": names.title("sign", one.thing.id),
            "low": low,
            "median": middle,
            "high": high,
            "text": text,
        }
        rows += [row] if one.found else []
    horizon = found.series.horizon
    scale = alt.Scale(domain=[0, horizon], reverse=True, nice=False)
    axis = alt.Axis(title="days before the loss of benefit", grid=False, tickCount=7)
    x = alt.X("low:Q", scale=scale, axis=axis)
    y = alt.Y("sign:N", sort=order, axis=alt.Axis(title=None, labelLimit=220, ticks=False))
    base = alt.Chart(inline(rows))
    bar = base.mark_bar(height=ROW * 0.4, fill="white", stroke=INK, strokeWidth=1.2).encode(x=x, x2="high:Q", y=y)
    middle = base.mark_tick(color=INK, thickness=3, height=ROW * 0.6).encode(x=alt.X("median:Q", scale=scale), y=y)
    text = base.mark_text(align="left", dx=6, fontSize=LABEL, color=INK)
    words = text.encode(x=alt.value(WIDTH), y=y, text="text:N")
    return alt.layer(bar, middle, words).properties(width=WIDTH, height=ROW * max(1, len(rows)))


def trade(found: Backtest, names: Names) -> alt.HConcatChart:
    """Return a row for each prompt and sign: the share of losses found, and beside it the false starts."""
    prompts = [one for one in found.tallies if shown_as_prompt(one.thing)]
    signs = [one for one in found.tallies if one.thing.what == "sign"]
    order = [sign.id for sign in names.pack.signs]
    prompts.sort(key=lambda one: one.thing)
    signs.sort(key=lambda one: (order.index(one.thing.id), one.thing.state != POSITIVE))
    return _beside([_row(named(one.thing, names), one) for one in (*prompts, *signs)])


def calibration(one: Calibration) -> alt.HConcatChart:
    """Return a row for each value of a parameter: the share of losses that any prompt found, and the false prompts."""
    rows = []
    for setting in one.settings:
        tally = any_prompt(setting.tallies)
        if tally is not None:
            marks = f" ({', '.join(setting.marks)})" if setting.marks else ""
            rows.append(_row(with_unit(setting.value, one.unit) + marks, tally))
    return _beside(rows)


def _row(name: str, one: Tally) -> Point:
    """Return the two numbers of a tally with their intervals; what is not known is left out."""
    row: Point = {"name": name}
    for key, estimate in (("found", one.sensitivity), ("wrong", one.wrong_per_year)):
        if estimate is not None:
            row |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
    return row


def _beside(rows: Sequence[Point]) -> alt.HConcatChart:
    """Return two panels with the same rows: a point and its interval in each."""
    most = max((float(str(row["wrong_high"])) for row in rows if "wrong_high" in row), default=0.0) or 1.0
    found = alt.Axis(title="losses found before they were recorded", format=".0%", tickCount=5, gridColor=PALE)
    wrong = alt.Axis(title="false starts a patient-year", tickCount=5, gridColor=PALE)
    left = _dots(rows, "found", alt.Scale(domain=[0, 1], nice=False), found, labelled=True)
    right = _dots(rows, "wrong", alt.Scale(domain=[0, most * 1.05], nice=False), wrong, labelled=False)
    return alt.hconcat(left, right, spacing=24)


def _dots(rows: Sequence[Point], key: str, scale: alt.Scale, axis: alt.Axis, *, labelled: bool) -> Layers:
    order = [str(row["name"]) for row in rows]
    known = alt.Chart(inline([row for row in rows if key in row]))
    lines = alt.Axis(title=None, labelLimit=300, ticks=False, labels=labelled, domain=labelled, labelPadding=8)
    y = alt.Y("name:N", sort=order, scale=alt.Scale(domain=order), axis=lines)
    bar = known.mark_rule(color=INK, strokeWidth=1).encode(
        x=alt.X(f"{key}_low:Q", scale=scale, axis=axis), x2=f"{key}_high:Q", y=y
    )
    point = known.mark_point(filled=True, size=55, opacity=1, color=INK)
    dots = point.encode(x=alt.X(f"{key}:Q", scale=scale, axis=axis), y=y)
    return alt.layer(bar, dots).properties(width=WIDTH // 2, height=STEP * max(1, len(order)))
