"""`evaluate`: one record in, its decision out, with a picture or a trial beside it when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.terminal.files import write_text
from boosterwatch.engine.terminal.guard import FINE, OURS, RunError
from boosterwatch.engine.terminal.reading import Under, check_names, pack_under, record_of
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page

Decide = Callable[[LoadedPack, Record, Document], Decision]


class Picture(NamedTuple):
    """Where a picture goes, and its title."""

    file: str
    title: str


class Trial(NamedTuple):
    """The trial that somebody wants to see, by the name given, and the file for the log of its runs."""

    reference: str
    log: str | None = None


def evaluate_record(
    record: str,
    under: Under,
    form: Form,
    *,
    picture: Picture | None = None,
    full: bool = False,
    trial: Trial | None = None,
    decide: Decide | None = None,
) -> int:
    """Print the decision about a record, and draw its picture when asked; a trial is run when all that is done.

    `decide` evaluates in another way than the plain one, such as one that records before it answers.
    """
    facts, document = record_of(record)
    loaded = pack_under(under, facts)
    check_names(facts, document, loaded)
    decision = evaluate(loaded, facts) if decide is None else decide(loaded, facts, document)
    refuse_difference(decision, loaded, form)
    if picture is not None:
        write_picture(picture, decision, loaded, document.data)
    if form == "json":
        print_json(to_json_bytes(decision))
    else:
        from boosterwatch.engine.explain.text import decision_page

        print_page(decision_page(decision, loaded.ir, detail="full" if full else "answer"))
    if trial is not None:
        from boosterwatch.engine.terminal.shadowing import run_trial

        run_trial(trial, decision, facts, under.overlay, form)
    return FINE


def write_picture(picture: Picture, decision: Decision, pack: LoadedPack, record: Mapping[str, Any]) -> None:
    """Draw a patient's picture into an SVG file and say where it is."""
    from boosterwatch.engine.explain.picture import PictureExtraMissing, draw_svg

    try:
        write_text(picture.file, draw_svg(decision, pack, record, title=picture.title))
    except PictureExtraMissing as error:
        raise RunError("BW403", str(error), error.hint) from None
    note(f"picture written to {picture.file}")


def refuse_difference(decision: Decision, pack: LoadedPack, form: Form) -> None:
    """Raise when the evaluators differ. What either found of safety is still told, on standard error."""
    if decision.error is None:
        return
    if form == "json":
        note(to_json_bytes(decision).decode())
    else:
        from boosterwatch.engine.explain.plain import to_text
        from boosterwatch.engine.explain.text import decision_page

        note(to_text(decision_page(decision, pack.ir)))
    raise RunError("BW402", f"no recommendation: {decision.error['message']}", exit_code=OURS)
