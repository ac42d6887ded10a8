"""The pictures of an impact in Altair: what they show is decided elsewhere, here are only looks.

Black on white and labelled where things stand, like the picture of a patient: shapes and words tell sides apart, never
a colour alone. Altair and vl-convert are imported only here, when a picture is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

import altair as alt
import vl_convert

from boosterwatch.engine.author.prose.amounts import with_unit
from boosterwatch.engine.cohort.impact.model import POSITIVE, Compared, Sweep
from boosterwatch.engine.cohort.impact.sweep import count
from boosterwatch.engine.cohort.impact.told import Words
from boosterwatch.engine.explain.labels import spread
from boosterwatch.engine.explain.panels import DASHES, GREY, INK, LABEL, language_version

WIDTH, HEIGHT, ROW = 560, 220, 26
_POSITIVE_TICK = "format(abs(datum.value), '~s')"
_CLIP = re.compile(r"\bclip([0-9]+)\b")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")

Point = dict[str, object]
Layers = alt.LayerChart | alt.FacetChart
Chart = alt.VConcatChart | alt.HConcatChart | Layers
Line = tuple[str, Sequence[tuple[float, float]]]


def as_svg(chart: alt.TopLevelMixin, name: str, says: str) -> str:
    """Return a chart as SVG with a text for those who do not see it; its ids begin with `name`.

    The same chart gives the same bytes, and several may stand on one page.
    """
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=language_version())
    numbers: dict[str, int] = {}
    drawn = _CLIP.sub(lambda found: f"{name}-clip{numbers.setdefault(found[1], len(numbers) + 1)}", drawn)
    label = says.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def inline(rows: Sequence[Point]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=list(rows))


def whole(chart: Chart, title: str) -> Chart:
    """Return a chart with its title, in the looks that all pictures share."""
    titled = chart.properties(title=alt.TitleParams(title, anchor="start", fontSize=14, offset=10))
    shared = titled.configure_view(stroke=GREY, strokeWidth=0.5).configure(background="white", padding=10)
    configured = shared.configure_axis(
        labelColor=INK, titleColor=INK, domainColor=GREY, tickColor=GREY, labelFontSize=LABEL, titleFontSize=LABEL
    )
    return cast("Chart", configured)


# ---------------------------------------------------------------- who gains, who loses


def flows(compared: Compared, told: Words) -> Layers:
    """Return bars of the patients that each recommendation gains (to the right) and loses (to the left)."""
    found = [one for one in compared.effects if one.answer.what in ("refused", "recommendation")]
    order = [told.answer(one.answer) for one in found]
    rows: list[Point] = []
    for name, one in zip(order, found, strict=True):
        rows += [
            {"answer": name, "start": 0, "end": one.gained, "side": "gained", "text": f"+{one.gained:,}"},
            {"answer": name, "start": -one.lost, "end": 0, "side": "lost", "text": f"-{one.lost:,}"},
        ]
    most = max((max(one.gained, one.lost) for one in found), default=0) or 1
    x = alt.Scale(domain=[-1.3 * most, 1.3 * most], nice=False)
    axis = alt.Axis(
        title="patients lost (left) and gained (right)", grid=False, tickMinStep=1, labelExpr=_POSITIVE_TICK
    )
    y = alt.Y("answer:N", sort=order, axis=alt.Axis(title=None, labelLimit=300, ticks=False))
    shown = [row for row in rows if row["start"] != row["end"]]
    bars = alt.Chart(inline(shown)).mark_bar(height=ROW * 0.5, stroke=INK, strokeWidth=1)
    fill = alt.Fill("side:N", scale=alt.Scale(domain=["gained", "lost"], range=[INK, "white"]), legend=None)
    drawn = bars.encode(x=alt.X("start:Q", scale=x, axis=axis), x2="end:Q", y=y, fill=fill)
    zero = alt.Chart(inline([{"start": 0}])).mark_rule(color=GREY).encode(x=alt.X("start:Q", scale=x))
    layers = [drawn, zero]
    for side, at, align, dx in (("gained", "end:Q", "left", 4), ("lost", "start:Q", "right", -4)):
        text = alt.Chart(inline([row for row in shown if row["side"] == side]))
        marked = text.mark_text(align=align, dx=dx, fontSize=LABEL, color=INK)  # type: ignore[arg-type]
        layers.append(marked.encode(x=alt.X(at, scale=x), y=y, text="text:N"))
    if not shown:
        layers.append(_none(order, y))
    return alt.layer(*layers).properties(width=WIDTH, height=ROW * max(1, len(order)))


def _none(order: Sequence[str], y: alt.Y) -> alt.Chart:
    rows: list[Point] = [{"answer": name} for name in order]
    drawn: alt.Chart = alt.Chart(inline(rows)).mark_point(opacity=0).encode(y=y)
    return drawn


# ---------------------------------------------------------------- a sweep


def sweep_chart(sweep: Sweep, told: Words) -> alt.VConcatChart:
    """Return how many patients are prompted, and have each sign, at each value; whose value is which is marked."""
    recommended = [one for one in sweep.answers if one.what == "recommendation"]
    lines: list[Line] = [("any prompt with an urgency", [(step.value, step.prompted) for step in sweep.steps])]
    lines += [
        (told.answer(one), [(step.value, count(step, one)) for step in sweep.steps]) for one in recommended if one.state
    ]
    signs = dict.fromkeys(one.id for one in sweep.answers if one.what == "sign" and one.state in POSITIVE)
    panels = [lined(lines, "Patients with a prompt", sweep_marks(sweep), axis_of(sweep, labelled=not signs))]
    if signs:
        positive = [(told.title("sign", id), _positive(sweep, id)) for id in signs]
        panels.append(
            lined(positive, "Patients with a sign, possible or probable", sweep_marks(sweep), axis_of(sweep, True))
        )
    found: alt.VConcatChart = alt.vconcat(*panels, spacing=18).resolve_scale(x="shared")
    return found


def _positive(sweep: Sweep, id: str) -> list[tuple[float, float]]:
    return [
        (
            step.value,
            sum(
                many
                for one, many in step.counts.items()
                if one.what == "sign" and one.id == id and one.state in POSITIVE
            ),
        )
        for step in sweep.steps
    ]


def sweep_marks(sweep: Sweep) -> Mapping[float, str]:
    """Return whose value each marked value is."""
    return {step.value: " and ".join(step.marks) for step in sweep.steps if step.marks}


def axis_of(sweep: Sweep, labelled: bool) -> alt.X:
    """Return the axis of a parameter's values."""
    values = [step.value for step in sweep.steps]
    format = ".0%" if sweep.unit == "fraction" else "~g"
    title = f"{sweep.parameter}" + ("" if sweep.unit == "fraction" else f" ({sweep.unit})")
    step = 1 if all(float(value).is_integer() for value in values) else 0
    axis = alt.Axis(title=title if labelled else None, labels=labelled, format=format, grid=False, tickMinStep=step)
    room = (values[-1] - values[0]) * 0.03 or 1
    return alt.X(
        "x:Q", scale=alt.Scale(domain=[values[0] - room, values[-1] + room], nice=False, zero=False), axis=axis
    )


def lined(lines: Sequence[Line], title: str, marks: Mapping[float, str], x: alt.X) -> Layers:
    """Return lines over the values of a parameter, each with its name at its right end, and the marked values."""
    most = max((y for _, points in lines for _, y in points), default=0) or 1
    top = most * 1.18  # room for the words at the marks
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title=None, tickCount=5, grid=False))
    ends = {name: points[-1][1] for name, points in lines}
    places = spread(list(ends.values()), top * (LABEL + 3) / HEIGHT, 0, top)
    names: dict[float, list[str]] = {}
    for name, end in ends.items():
        names.setdefault(end, []).append(name)
    layers: list[alt.Chart] = _marked(marks, x)
    for at, (_, points) in enumerate(lines):
        rows: list[Point] = [{"x": value, "y": many} for value, many in points]
        dash = [1, 0] if not at else list(DASHES[(at - 1) % len(DASHES)])
        line = alt.Chart(inline(rows)).mark_line(color=INK, strokeWidth=1.5, strokeDash=dash).encode(x=x, y=y)
        point = alt.Chart(inline(rows)).mark_point(
            color=INK,
            filled=at == 0,
            fill=INK if at == 0 else "white",
            size=36,
            opacity=1,
            shape=_SHAPES[at % len(_SHAPES)],
        )
        layers += [line, point.encode(x=x, y=y)]
    last = max(value for _, points in lines for value, _ in points)
    labels: list[Point] = [{"x": last, "y": places[end], "text": ", ".join(all)} for end, all in names.items()]
    words = alt.Chart(inline(labels)).mark_text(align="left", dx=26, fontSize=LABEL, color=INK)
    layers.append(words.encode(x=x, y=y, text="text:N"))
    heading = alt.TitleParams(title, anchor="start", fontSize=12, offset=4)
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=heading)


def _marked(marks: Mapping[float, str], x: alt.X) -> list[alt.Chart]:
    found: list[alt.Chart] = []
    for at, (value, text) in enumerate(marks.items()):
        row: Point = {"x": value, "text": text}
        rule = alt.Chart(inline([row])).mark_rule(color=GREY, strokeWidth=1.5, strokeDash=[1, 0] if at else [5, 3])
        word = alt.Chart(inline([row])).mark_text(
            align="left", dx=4, dy=8 + at * (LABEL + 2), fontSize=LABEL, color=INK
        )
        found += [rule.encode(x=x), word.encode(x=x, y=alt.value(0), text="text:N")]
    return found


# ---------------------------------------------------------------- what a picture is called


def flows_caption() -> str:
    """Return the caption of the picture of gains and losses."""
    return "Recommendations: patients gained (black) and lost (white)."


def sweep_caption(sweep: Sweep) -> str:
    """Return the caption of the picture of a sweep."""
    proposed = with_unit(sweep.proposed, sweep.unit)
    return f"{sweep.parameter}: patients at each allowed value; proposed {proposed}."
