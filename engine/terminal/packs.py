"""`packs list`, `packs show` and `check`: which packs there are, what is in one, and whether it is sound."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.diagnostics import Diagnostic, PackError, sort, to_json
from boosterwatch.engine.explain.names import spoken_as, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import list_packs
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.engine.pack.second_look import validate_again
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, print_json, print_page, report

_FACE_KEYS = ("title", "status", "effective")


def list_all(form: Form) -> int:
    """Print every pack that can be found, a line each."""
    rows = [(id, version, *_face(folder.joinpath(FACE).read_bytes())) for id, version, folder in list_packs()]
    if form == "json":
        keys = ("id", "version", *_FACE_KEYS)
        print_json({"packs": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        print_page((Table(("pack", "version", *_FACE_KEYS), tuple(rows)),))
    return FINE


def _face(data: bytes) -> tuple[str, str, str]:
    """Return what the face of a pack says of it; a broken one is listed, and says so."""
    try:
        face = load_document(data, FACE).data
        title, status, effective = (str(face.get(key, "")) for key in _FACE_KEYS)
    except (PackError, AttributeError):
        return ("(its face cannot be read; see `boosterwatch check`)", "", "")
    return title, status, effective


def show(reference: str, form: Form) -> int:
    """Print what a pack is for, its signs, its instruments and its numbers."""
    pack = pack_of(reference).ir
    if form == "json":
        print_json(_shown_data(pack))
    else:
        print_page(tuple(_shown(pack)))
    return FINE


def _shown(pack: ir.Pack) -> Iterator[Block]:
    yield Text(pack.title, "strong")
    yield Text("")
    about = [(words(key).capitalize(), value) for key, value in pack.about if value]
    named = [("Pack", f"{pack.id}@{pack.version}, {pack.status}, from {pack.effective}"), *about]
    yield Pairs((*named, ("Digest", pack.digest), ("Holds", _counts(pack))))
    yield Heading("Signs")
    yield Table(("sign", "what it looks for"), tuple((sign.title, sign.says) for sign in pack.signs))
    yield Heading("Questionnaires and ratings")
    rows = ((one.short, f"{one.low:g} to {one.high:g}", words(one.use), one.name) for one in pack.instruments)
    yield Table(("short", "range", "used for", "name"), tuple(rows))
    yield Heading("Numbers")
    yield Table(("number", "value", "allowed", "basis", "what it is"), tuple(map(_number, pack.parameters)))
    yield Heading("Sources")
    yield Items(tuple(f"{one.id}: {one.text}{f' ({one.link})' if one.link else ''}" for one in pack.citations))


def _counts(pack: ir.Pack) -> str:
    return f"{len(pack.rules)} rules, {len(pack.parameters)} numbers, {len(pack.instruments)} instruments"


def _number(one: ir.Parameter) -> tuple[str, ...]:
    newest = one.values[-1]
    allowed = "-" if one.allowed is None else f"{one.allowed[0]:g} to {one.allowed[1]:g}"
    value = spoken_as(newest.value, one.unit)
    shown = value if one.unit == "fraction" else f"{value} {one.unit}"
    return one.name, shown, allowed, words(newest.basis), one.says


def _shown_data(pack: ir.Pack) -> dict[str, object]:
    return {
        "id": pack.id,
        "version": pack.version,
        "digest": pack.digest,
        "status": pack.status,
        "effective": pack.effective,
        "title": pack.title,
        "about": dict(pack.about),
        "signs": [{"id": sign.id, "title": sign.title, "says": sign.says} for sign in pack.signs],
        "instruments": [{"id": i.id, "short": i.short, "name": i.name, "use": i.use} for i in pack.instruments],
        "parameters": [_parameter_data(one) for one in pack.parameters],
        "rules": [{"id": rule.id, "kind": rule.kind, "because": rule.because} for rule in pack.rules],
        "citations": {one.id: {"text": one.text, "link": one.link} for one in pack.citations},
    }


def _parameter_data(one: ir.Parameter) -> dict[str, object]:
    values = [{"from": v.start, "value": v.value, "basis": v.basis, "cites": v.cites} for v in one.values]
    return {"name": one.name, "says": one.says, "unit": one.unit, "allowed": one.allowed, "values": values}


# ---------------------------------------------------------------- check


def check(reference: str, form: Form) -> int:
    """Print that a pack is sound; every problem of it goes to standard error, sorted."""
    opened = open_pack(reference)
    if any(problem.level == "error" for problem in opened.problems) or opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    validate_again(opened.all)
    if form == "json":
        print_json(_checked_data(opened.pack, opened.problems, opened))
        return FINE
    if opened.problems:
        report(opened.problems, opened.sources, form)
    print_page(_checked(opened.pack, opened))
    return FINE


def _checked(pack: ir.Pack, opened: Opened) -> Page:
    files = f"{len(opened.documents)} files, {len(opened.cases)} files of cases"
    return (
        Text(f"{pack.id}@{pack.version} is sound.", "strong"),
        Pairs((("Read", files), ("Holds", _counts(pack)), ("Digest", pack.digest))),
    )


def _checked_data(pack: ir.Pack, problems: tuple[Diagnostic, ...], opened: Opened) -> dict[str, object]:
    return {
        "pack": {"id": pack.id, "version": pack.version, "digest": pack.digest},
        "files": [document.file for document in opened.all],
        "problems": [to_json(problem) for problem in sort(problems)],
    }
