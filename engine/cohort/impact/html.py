"""An impact as one HTML document with its pictures in it; nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from boosterwatch.engine.cohort.impact.model import Impact
from boosterwatch.engine.cohort.impact.page import page_of, title_of
from boosterwatch.engine.cohort.impact.told import Words
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.explain.names import Names
from boosterwatch.engine.explain.page import Page
from boosterwatch.engine.explain.picture import PictureExtraMissing
from boosterwatch.engine.pack import ir

_LOOKS = "style='margin: 1rem 0; background: #fff; color: #1b1d1f; border-radius: .4rem; overflow-x: auto'"
_CAPTION = "style='padding: .25rem .75rem .5rem; font-size: .9rem; color: #575d63'"


def impact_html(impact: Impact, old: ir.Pack, new: ir.Pack) -> str:
    """Return an impact as an HTML document. Raises PictureExtraMissing without Altair or vl-convert."""
    drawn = pictures(impact, old, new)
    page = page_of(impact, old, new, [caption for caption, _ in drawn.values()])
    return illustrated(page, title_of(impact), dict(drawn.values()))


def pictures(impact: Impact, old: ir.Pack, new: ir.Pack) -> Mapping[str, tuple[str, str]]:
    """Return the pictures of an impact by name, each with its caption and its SVG.

    Raises PictureExtraMissing without Altair or vl-convert.
    """
    try:
        from boosterwatch.engine.cohort.impact import pictures as draw
    except ImportError:
        raise PictureExtraMissing("a picture needs Altair and vl-convert, which are not installed") from None
    told = Words(Names(old), Names(new))
    caption = draw.flows_caption()
    chart: draw.Chart = draw.flows(impact.compared, told)
    found = {"recommendations": (caption, draw.as_svg(draw.whole(chart, title_of(impact)), "recommendations", caption))}
    for sweep in impact.sweeps:
        name = "sweep-" + sweep.parameter.replace(".", "-")
        caption = draw.sweep_caption(sweep)
        chart = draw.sweep_chart(sweep, told)
        found[name] = (caption, draw.as_svg(draw.whole(chart, f"Sweep of {sweep.parameter}"), name, caption))
    return found


def illustrated(page: Page, title: str, drawn: Mapping[str, str]) -> str:
    """Return a page as an HTML document in which each picture stands above its caption, a quiet text of the page."""
    document = to_html(page, title)
    for caption, svg in drawn.items():
        place = f"<p class='quiet'>{escape(caption)}</p>"
        if document.count(place) != 1:
            raise InternalError(f"a page has {document.count(place)} places for the picture `{caption}`")
        figure = f"<figure {_LOOKS}>{svg}<figcaption {_CAPTION}>{escape(caption)}</figcaption></figure>"
        document = document.replace(place, figure)
    return document
