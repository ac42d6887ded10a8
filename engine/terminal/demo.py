"""`demo`: a few made-up patients under the default pack, with their decisions, their traces and their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from boosterwatch.engine.author.cases import Case, find_cases
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.explain.page import Page, Text
from boosterwatch.engine.explain.picture import PictureExtraMissing, draw_svg
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.files import make_folder, write_text
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page, report


def demonstrate(folder: str, form: Form) -> int:
    """Print one decision of each kind and draw a picture for each into a folder."""
    opened = open_pack(DEFAULT_PACK)
    if opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    pack = LoadedPack(opened.pack)
    patients = [(case, evaluate(pack, case.record)) for case in choose(opened)]
    pictures = _draw(patients, pack, folder)
    if form == "json":
        print_json({"patients": [_data(case, decision, pictures.get(case.id)) for case, decision in patients]})
    else:
        for at, (case, decision) in enumerate(patients, start=1):
            print_page((*_title(case, at, len(patients)), *decision_page(decision, pack.ir, detail="trace"), Text("")))
    for file in pictures.values():
        note(f"picture: {file}")
    return FINE


def choose(opened: Opened) -> Iterator[Case]:
    """Yield the first whole patient for each recommendation: a full record, and a reason for the expected answer."""
    seen: set[str] = set()
    for case in find_cases(opened):
        expected = case.expect.get("recommendation")
        if case.why and expected is not None and expected not in seen:
            seen.add(expected)
            yield case


def _title(case: Case, at: int, of: int) -> Page:
    rule = "=" * 100
    return (Text(rule, "quiet"), Text(f"Made-up patient {at} of {of}: {case.title}", "strong"), Text(rule, "quiet"))


def _draw(patients: list[tuple[Case, Decision]], pack: LoadedPack, folder: str) -> dict[str, str]:
    """Return the picture files by case; without the picture extra one line says what to install."""
    files: dict[str, str] = {}
    try:
        for case, decision in patients:
            svg = draw_svg(decision, pack, case.record, title=case.title)
            file = str(make_folder(folder) / f"{case.id}.svg")
            write_text(file, svg)
            files[case.id] = file
    except PictureExtraMissing as error:
        note(f"no pictures: {error}; {error.hint}")
    return files


def _data(case: Case, decision: Decision, picture: str | None) -> dict[str, object]:
    return {
        "case": case.id,
        "title": case.title,
        "decision": orjson.loads(to_json_bytes(decision)),
        "picture": picture and str(Path(picture)),
    }
