"""The panels of a picture in Altair. What they show is decided in `curves` and `moments`; here are only looks.

Black on white: states differ by shape and by word, lines by dash and by label, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

import altair as alt

from boosterwatch.engine.explain.curves import Course, Curve
from boosterwatch.engine.explain.labels import spread
from boosterwatch.engine.explain.moments import Standing
from boosterwatch.engine.explain.names import state_in_words, words
from boosterwatch.engine.model import Decision

Layers = alt.LayerChart | alt.FacetChart
Point = dict[str, object]

WIDTH = 760
HEIGHT = 150
ROW = 24  # height of one sign
LABEL = 11  # size of the words inside a panel
INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#e4e4e4"
DASHES = ((6, 3), (2, 2), (8, 2, 2, 2), (1, 3))
SHAPES = {"probable": "diamond", "possible": "diamond", "absent": "circle"}
_TICKS = 8
_DAY = 86_400_000
_WORD = 0.1  # the share of the width that a word takes
_POSITIVE = ("possible", "probable")


def language_version() -> str:
    """Return the version of Vega-Lite that Altair writes, as vl-convert names it."""
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def chart(
    course: Course, told: Sequence[Standing], signs: Mapping[str, str], decision: Decision, title: str
) -> dict[str, Any]:
    """Return the whole picture as Vega-Lite."""
    span = _span(course, decision)
    panels = [_panel(curve, course, decision, span, first=at == 0) for at, curve in enumerate(course.curves)]
    shown = [one for one in told if one.day in course.assessed]
    panels.append(_signs_panel(shown, [one for one in told if one.day == decision.as_of], signs, decision, span))
    urgency = f", {words(decision.urgency)}" if decision.urgency else ""
    subtitle = f"{decision.as_of.isoformat()}: {words(decision.recommendation)}{urgency}"
    whole = (
        alt.vconcat(*panels, spacing=14)
        .resolve_scale(x="shared")
        .properties(title=alt.TitleParams(title, subtitle=subtitle, anchor="start", fontSize=16, subtitleFontSize=12))
        .configure_view(stroke=GREY, strokeWidth=0.5)
        .configure_axis(labelColor=INK, titleColor=INK, domainColor=GREY, tickColor=GREY)
        .configure(background="white", padding=12)
    )
    spec: dict[str, Any] = whole.to_dict()
    return spec


# ---------------------------------------------------------------- time


def _at(day: date) -> int:
    """Return a day as milliseconds, at midnight UTC."""
    return (day - date(1970, 1, 1)).days * _DAY


def _span(course: Course, decision: Decision) -> tuple[date, date]:
    """Return the first and last day shown; some room is left on both sides."""
    days = [*course.infusions, *course.assessed, decision.as_of]
    room = max(2, (decision.as_of - min(days)).days // 40)
    return min(days) - timedelta(days=room), decision.as_of + timedelta(days=room)


def _time(span: tuple[date, date], *, labelled: bool) -> alt.X:
    ticks = min(_TICKS, (span[1] - span[0]).days)
    axis = alt.Axis(format="%-d %b %Y", labels=labelled, title=None, tickCount=ticks, labelOverlap=True, grid=False)
    return alt.X("day:T", scale=alt.Scale(type="utc", domain=[_at(span[0]), _at(span[1])], nice=False), axis=axis)


def _data(rows: Sequence[Point]) -> alt.InlineData:
    return alt.InlineData(values=list(rows))


def _words(
    rows: Sequence[Point],
    *,
    align: Literal["left", "center"] = "left",
    baseline: Literal["middle", "bottom"] = "middle",
    dx: int = 0,
    dy: int = 0,
    bold: bool = False,
) -> alt.Chart:
    weight: Literal["bold", "normal"] = "bold" if bold else "normal"
    chart = alt.Chart(_data(rows))
    text: alt.Chart = chart.mark_text(
        fontSize=LABEL, color=INK, align=align, baseline=baseline, dx=dx, dy=dy, fontWeight=weight
    )
    return text


# ---------------------------------------------------------------- one questionnaire


def _panel(curve: Curve, course: Course, decision: Decision, span: tuple[date, date], *, first: bool) -> Layers:
    axis = alt.Axis(title=None, tickCount=5, grid=False)
    y = alt.Y("score:Q", scale=alt.Scale(domain=[curve.low, curve.high], nice=False), axis=axis)
    x = _time(span, labelled=False)
    layers = [*_windows(curve, course, decision, x), *_infusions(course, curve, span, x, labelled=first)]
    layers += [*_lines(curve, span, x, y), *_scores(curve, x, y), *_today(decision, x, labelled=first)]
    worse = "lower is worse" if curve.lower_is_worse else "higher is worse"
    title = alt.TitleParams(f"{curve.short} ({worse})", anchor="start", fontSize=13, offset=4)
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)


def _windows(curve: Curve, course: Course, decision: Decision, x: alt.X) -> list[alt.Chart]:
    """Return the days after each infusion on which a score is not judged."""
    if not curve.settle_days or not course.infusions:
        return []
    wait = timedelta(days=curve.settle_days)
    rows: list[Point] = [{"day": _at(day), "end": _at(min(day + wait, decision.as_of))} for day in course.infusions]
    whole = alt.Chart(_data(rows)).mark_rect(color=PALE, clip=True)
    start = _roomy(course.infusions, decision.as_of)
    named = alt.Chart(_data([{"day": _at(start), "text": f"settling {curve.settle_days} days"}]))
    label = named.mark_text(align="left", dx=4, dy=9, color=GREY, fontSize=LABEL, clip=True)
    return [whole.encode(x=x, x2="end:T"), label.encode(x=x, y=alt.value(0), text="text:N")]


def _roomy(infusions: Sequence[date], end: date) -> date:
    """Return the infusion with the longest time after it, so that words fit there."""
    following = dict(zip(infusions, [*infusions[1:], end], strict=True))
    return max(infusions, key=lambda day: following[day] - day)


def _infusions(course: Course, curve: Curve, span: tuple[date, date], x: alt.X, *, labelled: bool) -> list[alt.Chart]:
    rows: list[Point] = [{"day": _at(day)} for day in course.infusions]
    rules = alt.Chart(_data(rows)).mark_rule(color=INK, strokeWidth=1, strokeDash=[4, 2])
    found = [rules.encode(x=x)]
    if labelled:
        named = _infusion_labels(course, span)
        text = _words(named, align="left", baseline="bottom", dy=-3, dx=-2)
        found.append(text.encode(x=x, y=alt.value(0), text="text:N"))
    return found if rows else []


def _infusion_labels(course: Course, span: tuple[date, date]) -> list[Point]:
    """Return a label for each group of infusions that stand close together, where there is room for one."""
    days = (span[1] - span[0]).days
    near, room = timedelta(days=max(1, days // 24)), timedelta(days=days) * _WORD
    groups: list[list[date]] = []
    for day in course.infusions:
        if groups and day - groups[-1][-1] <= near:
            groups[-1].append(day)
        else:
            groups.append([day])
    named: list[list[date]] = []
    for group in groups:
        if not named or group[0] - named[-1][0] >= room:
            named.append(group)
    return [{"day": _at(one[0]), "text": "infusion" if len(one) == 1 else f"{len(one)} infusions"} for one in named]


def _lines(curve: Curve, span: tuple[date, date], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the numbers that the rules compare with, each with its label at the right edge."""
    values: dict[float, list[str]] = {}
    for name, value in curve.lines:
        values.setdefault(value, []).append(name)
    found: list[alt.Chart] = []
    least = (curve.high - curve.low) * (LABEL + 2) / HEIGHT
    places = spread(list(values), least, curve.low, curve.high)
    for at, (value, names) in enumerate(values.items()):
        line = alt.Chart(_data([{"score": value}])).mark_rule(color=GREY, strokeDash=list(DASHES[at % len(DASHES)]))
        label = {"day": _at(span[1]), "score": places[value], "text": f"{', '.join(names)} {value:g}"}
        text = _words([label], align="left", dx=6)
        found += [line.encode(y=y), text.encode(x=x, y=y, text="text:N")]
    return found


def _scores(curve: Curve, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    rows: list[Point] = [{"day": _at(day), "score": value, "text": f"{value:g}"} for day, value in curve.scores]
    base = alt.Chart(_data(rows))
    line = base.mark_line(color=INK, strokeWidth=1.5).encode(x=x, y=y)
    point = base.mark_point(color=INK, filled=True, size=45, opacity=1).encode(x=x, y=y)
    text = base.mark_text(dy=-10, fontSize=LABEL, fontWeight="bold", color=INK).encode(x=x, y=y, text="text:N")
    return [line, point, text]


def _today(decision: Decision, x: alt.X, *, labelled: bool) -> list[alt.Chart]:
    rows: list[Point] = [{"day": _at(decision.as_of), "text": f"as of {decision.as_of.isoformat()}"}]
    rule = alt.Chart(_data(rows)).mark_rule(color=INK, strokeWidth=2).encode(x=x)
    text = _words(rows, align="center", baseline="bottom", dy=-3 - LABEL)
    return [rule, text.encode(x=x, y=alt.value(0), text="text:N")] if labelled else [rule]


# ---------------------------------------------------------------- the signs


def _signs_panel(
    told: Sequence[Standing],
    now: Sequence[Standing],
    signs: Mapping[str, str],
    decision: Decision,
    span: tuple[date, date],
) -> Layers:
    """Return a row for each sign: how it stood at every assessment, with a word where it became positive."""
    x = _time(span, labelled=True)
    order = list(signs.values())
    axis = alt.Axis(title=None, ticks=False, labelLimit=200, grid=False)
    y = alt.Y("sign:N", sort=order, scale=alt.Scale(domain=order), axis=axis)
    layers: list[alt.Chart] = []
    for state, shape in SHAPES.items():
        rows: list[Point] = [_standing(one, signs) for one in told if one.state == state]
        mark = alt.Chart(_data(rows)).mark_point(
            shape=shape, filled=state == "probable", size=20 if state == "absent" else 110, color=INK, opacity=1
        )
        layers.append(mark.encode(x=x, y=y))
    starts = [_standing(one, signs) for one in _named(told, span)]
    text = _words(starts, align="left", dx=8).encode(x=x, y=y, text="text:N")
    edge = [{**_standing(one, signs), "day": _at(span[1])} for one in now]
    final = _words(edge, align="left", dx=6, bold=True)
    layers += [text, final.encode(x=x, y=y, text="text:N"), *_today(decision, x, labelled=False)]
    title = alt.TitleParams(
        "Signs at each assessment (circle absent, open diamond possible, full diamond probable)",
        anchor="start", fontSize=13, offset=4,
    )  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=ROW * max(1, len(order)), title=title)


def _named(told: Sequence[Standing], span: tuple[date, date]) -> list[Standing]:
    """Return the days on which a sign became positive whose word has room before the next one and the right edge."""
    room = (span[1] - span[0]) * _WORD
    found: list[Standing] = []
    for sign in dict.fromkeys(one.sign for one in told):
        starts = [one for one in told if one.sign == sign and one.begins and one.state in _POSITIVE]
        ends = [*(one.day for one in starts[1:]), span[1]]
        found += [one for one, end in zip(starts, ends, strict=False) if end - one.day > room]
    return found


def _standing(one: Standing, signs: Mapping[str, str]) -> Point:
    return {"day": _at(one.day), "sign": signs[one.sign], "text": state_in_words(one.state)}
