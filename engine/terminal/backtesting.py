"""`cohort backtest`: a pack over past dates, told beside what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boosterwatch.engine.cohort.backtest.data import data_of
from boosterwatch.engine.cohort.backtest.dates import series_of
from boosterwatch.engine.cohort.backtest.html import backtest_html
from boosterwatch.engine.cohort.backtest.html import pictures as draw_pictures
from boosterwatch.engine.cohort.backtest.model import Backtest, Calibration
from boosterwatch.engine.cohort.backtest.page import page_of
from boosterwatch.engine.cohort.backtest.past_tables import past_of_tables
from boosterwatch.engine.cohort.backtest.run import backtest, calibrate
from boosterwatch.engine.cohort.impact.clinic import Means, open_clinic
from boosterwatch.engine.cohort.impact.grid import swept
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.terminal.files import write_text
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.impacting import busy, drawing, write_pictures
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page


@dataclass(frozen=True, slots=True)
class Question:
    """What a user asks of `cohort backtest`; files and folders by the names given."""

    tables: str
    pack: str
    overlay: str | None
    first: date
    last: date
    every: str
    horizon: str
    outcomes: str | None
    sweeps: tuple[str, ...]
    steps: int | None
    html: str | None
    pictures: str | None


def tell_backtest(question: Question, means: Means, form: Form) -> int:
    """Print how a pack would have done on past dates."""
    series = series_of(question.first, question.last, question.every, question.horizon)
    pack = pack_of(question.pack, question.last, purpose="reading", overlay=question.overlay)
    for name in question.sweeps:  # before anything takes time
        swept(pack.ir, name)
    outcomes = None if question.outcomes is None else Path(question.outcomes)
    with busy() as tell, open_clinic(question.tables, means) as opened:
        evaluate = opened.clinic.evaluate
        past = past_of_tables(pack, opened.tables, series.until, outcomes)
        found = backtest(evaluate, past, pack, series, con=opened.con, tell=tell)
        more = [
            calibrate(evaluate, past, pack, series, name, steps=question.steps, con=opened.con, tell=tell)
            for name in question.sweeps
        ]
    if form == "json":
        print_json(data_of(found, more))
    else:
        print_page(page_of(found, pack.ir, more))
    _write(question, found, pack, more)
    return FINE


def _write(question: Question, found: Backtest, pack: LoadedPack, more: Sequence[Calibration]) -> None:
    if question.html is not None:
        with drawing():
            write_text(question.html, backtest_html(found, pack.ir, more))
        note(f"wrote {question.html}")
    if question.pictures is not None:
        with drawing():
            drawn = draw_pictures(found, pack.ir, more)
        write_pictures(question.pictures, {name: svg for name, (_, svg) in drawn.items()})
