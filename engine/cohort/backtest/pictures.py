"""The pictures of a backtest: how early each sign is, what is found against what is false, and a number's own curve."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from boosterwatch.engine.cohort.backtest.model import POSITIVE, Backtest, Calibration, Tally
from boosterwatch.engine.cohort.backtest.page import any_prompt, named, shown_as_prompt
from boosterwatch.engine.cohort.impact.pictures import Point, inline
from boosterwatch.engine.explain.names import Names
from boosterwatch.engine.explain.panels import GREY, INK, LABEL

WIDTH, HEIGHT, ROW = 560, 300, 30


def leads(found: Backtest, names: Names) -> alt.LayerChart:
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


def trade(found: Backtest, names: Names) -> alt.LayerChart:
    """Return each sign and prompt as a point: the share of losses found, and false starts a patient-year."""
    kept = [
        one
        for one in found.tallies
        if (one.thing.what == "sign" or shown_as_prompt(one.thing)) and one.sensitivity and one.wrong_per_year
    ]
    rows = [_point(named(one.thing, names), one) for one in kept]
    return _scatter(rows, joined=False)


def calibration(one: Calibration) -> alt.LayerChart:
    """Return the way of any prompt over the values of a parameter, from found to false; each value is named."""
    rows: list[Point] = []
    for setting in one.settings:
        tally = any_prompt(setting.tallies)
        if tally is not None and tally.sensitivity and tally.wrong_per_year:
            marks = f" ({', '.join(setting.marks)})" if setting.marks else ""
            value = f"{setting.value:.0%}" if one.unit == "fraction" else f"{setting.value:g}"
            rows.append({**_point(value + marks, tally), "shape": "prompt", "order": setting.value})
    return _scatter(rows, joined=True)


def _point(name: str, one: Tally) -> Point:
    """Return a point; those without both numbers are left out before."""
    found, wrong = one.sensitivity, one.wrong_per_year
    assert found is not None, "there are losses"
    assert wrong is not None, "there is time in view"
    across: Point = {"x": wrong.value, "left": wrong.low, "right": wrong.high}
    return {"name": name, "shape": one.thing.what, **across, "y": found.value, "low": found.low, "high": found.high}


_SHAPES = alt.Scale(domain=["prompt", "recommendation", "sign"], range=["square", "diamond", "circle"])


def _scatter(rows: Sequence[Point], *, joined: bool) -> alt.LayerChart:
    """Return points with their intervals, each beside its name; joined in the order of the values."""
    right = max((float(str(row["right"])) for row in rows), default=1.0) or 1.0
    x_scale, y_scale = alt.Scale(domain=[0, right * 1.05], nice=False), alt.Scale(domain=[0, 1], nice=False)
    wrong = alt.Axis(title="false starts a patient-year", grid=False)
    share = alt.Axis(title="losses found before they were recorded", grid=False, format=".0%")
    x, y = alt.X("x:Q", scale=x_scale, axis=wrong), alt.Y("y:Q", scale=y_scale, axis=share)
    base = alt.Chart(inline(rows))
    thin = base.mark_rule(color=GREY, strokeWidth=0.8)
    layers = [
        thin.encode(x=alt.X("left:Q", scale=x_scale, axis=wrong), x2="right:Q", y=y),
        thin.encode(x=x, y=alt.Y("low:Q", scale=y_scale, axis=share), y2="high:Q"),
    ]
    if joined:
        layers.append(base.mark_line(color=INK, strokeWidth=1, strokeDash=[4, 3]).encode(x=x, y=y, order="order:Q"))
    point = base.mark_point(filled=True, size=60, opacity=1, color=INK)
    layers.append(point.encode(x=x, y=y, shape=alt.Shape("shape:N", legend=None, scale=_SHAPES)))
    text = base.mark_text(align="left", dx=7, dy=-7, fontSize=LABEL, color=INK)
    layers.append(text.encode(x=x, y=y, text="name:N"))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
