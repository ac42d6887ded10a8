"""`impact`: two packs over a cohort, compared and told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boosterwatch.engine.cohort.impact.clinic import Means, Opened, open_clinic
from boosterwatch.engine.cohort.impact.data import data_of
from boosterwatch.engine.cohort.impact.groups import PREFIX
from boosterwatch.engine.cohort.impact.html import impact_html
from boosterwatch.engine.cohort.impact.html import pictures as draw_pictures
from boosterwatch.engine.cohort.impact.model import Impact
from boosterwatch.engine.cohort.impact.page import page_of
from boosterwatch.engine.cohort.impact.run import Asked, Packs, measure_impact
from boosterwatch.engine.cohort.impact.shadow import keep_differences
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.explain.picture import PictureExtraMissing
from boosterwatch.engine.pack.budget import BUDGET
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.shadow.run import may_not
from boosterwatch.engine.terminal.files import make_folder, write_text
from boosterwatch.engine.terminal.guard import ERRORS, FINE, RunError
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page

_CLINICIAN = "clinician"
_DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Question:
    """What a user asks of `impact`; files and folders by the names given."""

    packs: tuple[str, str]
    tables: str
    as_of: date
    by: tuple[str, ...]
    groups: str | None
    weeks: int
    clinician: str | None
    clinicians: int | None
    budget: float | None
    sweeps: tuple[str, ...]
    steps: int | None
    examples: int
    shadow: str | None
    html: str | None
    pictures: str | None
    exit_code: bool
    overlay: str | None


def tell_impact(question: Question, means: Means, form: Form) -> int:
    """Print the impact of one pack in place of another; 1 when asked to, and a clinician is over the budget."""
    packs = _packs(question)
    groups = None if question.groups is None else Path(question.groups)
    with busy() as tell, open_clinic(question.tables, means, groups) as opened:
        found = measure_impact(opened.clinic, packs, _asked(question, opened), con=opened.con, tell=tell)
        kept = _kept(question, found, opened) if question.shadow is not None else None
    if form == "json":
        print_json(data_of(found))
    else:
        print_page(page_of(found, packs[0].ir, packs[1].ir))
    if kept is not None:
        note(f"kept {kept}")
    _write(question, found, packs)
    return _over(found) if question.exit_code else FINE


def _over(found: Impact) -> int:
    """Return 1 when a clinician is over the budget. Raises RunError (BW656) when no budget is known."""
    if found.alerts is None or found.alerts.budget is None:
        hint = f"give `--budget`, the alerts that a clinician can answer in a week, or state `{BUDGET}` in the new pack"
        raise RunError("BW656", "there is no budget to hold the alerts against", hint)
    return ERRORS if found.alerts.new.over else FINE


@contextmanager
def busy() -> Iterator[Callable[[str], None]]:
    """Give what says on a terminal where long work has come to."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("opening the tables") as status:
        yield status.update


def _packs(question: Question) -> Packs:
    """Return both packs; in the shadow the old one must be one that decides, and the new one a trial or more."""
    old, new = question.packs
    if question.shadow is None:
        return pack_of(old, purpose="reading", overlay=question.overlay), pack_of(
            new, purpose="reading", overlay=question.overlay
        )
    status = compile_reference(new).status
    if status == _DRAFT:
        raise DiagnosticError((may_not(f"`{new}`", status),))
    active = pack_of(old, question.as_of, overlay=question.overlay)
    return active, pack_of(new, purpose="shadow", overlay=question.overlay)


def _asked(question: Question, opened: Opened) -> Asked:
    clinician = question.clinician
    if clinician is None and question.clinicians is None:
        known = opened.clinic.people.column_names
        clinician = _CLINICIAN if PREFIX + _CLINICIAN in known else None
    return Asked(
        as_of=question.as_of.toordinal(),
        by=question.by or None,
        weeks=question.weeks,
        clinician=clinician,
        clinicians=question.clinicians,
        budget=question.budget,
        sweeps=question.sweeps,
        steps=question.steps,
        examples=question.examples,
    )


# ---------------------------------------------------------------- files


def _kept(question: Question, found: Impact, opened: Opened) -> Path:
    """Return the file that holds who differs."""
    folder = make_folder(str(question.shadow))
    try:
        return keep_differences(opened.con, found, folder)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise RunError("BW404", f"`{question.shadow}` cannot be written: {reason}") from None


def _write(question: Question, found: Impact, packs: Packs) -> None:
    old, new = packs[0].ir, packs[1].ir
    if question.html is not None:
        with drawing():
            write_text(question.html, impact_html(found, old, new))
        note(f"wrote {question.html}")
    if question.pictures is not None:
        with drawing():
            write_pictures(question.pictures, {name: svg for name, (_, svg) in draw_pictures(found, old, new).items()})


@contextmanager
def drawing() -> Iterator[None]:
    """Say which extra is missing when nothing can be drawn."""
    try:
        yield
    except PictureExtraMissing as error:
        raise RunError("BW403", str(error), error.hint) from None


def write_pictures(folder: str, drawn: Mapping[str, str]) -> None:
    """Write pictures into a folder, each under its name."""
    made = make_folder(folder)
    for name, svg in drawn.items():
        write_text(str(made / f"{name}.svg"), svg)
        note(f"wrote {made / f'{name}.svg'}")
