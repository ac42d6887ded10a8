"""A backtest as one HTML document with its pictures in it; nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boosterwatch.engine.cohort.backtest.model import Backtest, Calibration
from boosterwatch.engine.cohort.backtest.page import LEAD_CAPTION, TRADE_CAPTION, calibration_caption, page_of, title_of
from boosterwatch.engine.cohort.impact.html import illustrated
from boosterwatch.engine.explain.names import Names
from boosterwatch.engine.explain.picture import PictureExtraMissing
from boosterwatch.engine.pack import ir

Drawn = Mapping[str, tuple[str, str]]


def backtest_html(found: Backtest, pack: ir.Pack, calibrations: Sequence[Calibration] = ()) -> str:
    """Return a backtest as an HTML document. Raises PictureExtraMissing without Altair or vl-convert."""
    drawn = pictures(found, pack, calibrations)
    page = page_of(found, pack, calibrations, [caption for caption, _ in drawn.values()])
    return illustrated(page, title_of(found), dict(drawn.values()))


def pictures(found: Backtest, pack: ir.Pack, calibrations: Sequence[Calibration] = ()) -> Drawn:
    """Return the pictures of a backtest by name, each with its caption and its SVG."""
    try:
        from boosterwatch.engine.cohort.backtest import pictures as draw
        from boosterwatch.engine.cohort.impact.pictures import Chart, as_svg, whole
    except ImportError:
        raise PictureExtraMissing("a picture needs Altair and vl-convert, which are not installed") from None
    names = Names(pack)
    charts: dict[str, tuple[str, str, Chart]] = {
        "lead-times": (LEAD_CAPTION, "How early the signs were", draw.leads(found, names)),
        "found-and-false": (TRADE_CAPTION, "Losses found, and false starts", draw.trade(found, names)),
    }
    for one in calibrations:
        name = "calibrate-" + one.parameter.replace(".", "-")
        charts[name] = (calibration_caption(one), f"Any prompt, over {one.parameter}", draw.calibration(one))
    return {
        name: (caption, as_svg(whole(chart, title), name, caption)) for name, (caption, title, chart) in charts.items()
    }
