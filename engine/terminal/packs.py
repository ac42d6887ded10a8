"""`packs list` and `packs show`: which packs there are, and what is in one."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.names import spoken_as, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Pairs, Table, Text
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import list_packs
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.engine.pack.versions import Version, answers_from_to, versions_of
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

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


def history(id: str, form: Form) -> int:
    """Print the versions of a pack, the newest first, and the days each answers for."""
    versions = versions_of(id)
    rows = [(one, answers_from_to(versions, one)) for one in reversed(versions)]
    if form == "json":
        print_json({"pack": id, "versions": [_period(one, days) for one, days in rows]})
    else:
        table = tuple((one.number, one.status, *_told(days)) for one, days in rows)
        print_page((Heading(f"Versions of {id}"), Table(("version", "status", "answers from", "to"), table)))
    return FINE


def _period(one: Version, days: tuple[str, str | None] | None) -> dict[str, object]:
    first, last = days or (None, None)
    return {"version": one.number, "status": one.status, "effective": one.effective, "from": first, "to": last}


def _told(days: tuple[str, str | None] | None) -> tuple[str, str]:
    return ("never", "-") if days is None else (days[0], days[1] or "today and later")


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
    pack = pack_of(reference, purpose="reading").ir
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
    yield Pairs((*named, ("Digest", pack.digest), ("Holds", counts(pack))))
    yield Heading("Signs")
    yield Table(("sign", "what it looks for"), tuple((sign.title, sign.says) for sign in pack.signs))
    yield Heading("Questionnaires and ratings")
    rows = ((one.short, f"{one.low:g} to {one.high:g}", words(one.use), one.name) for one in pack.instruments)
    yield Table(("short", "range", "used for", "name"), tuple(rows))
    yield Heading("Numbers")
    yield Table(("number", "value", "allowed", "basis", "what it is"), tuple(map(_number, pack.parameters)))
    yield Heading("Sources")
    yield Items(tuple(f"{one.id}: {one.text}{f' ({one.link})' if one.link else ''}" for one in pack.citations))


def counts(pack: ir.Pack) -> str:
    """Return how much a pack holds, in words."""
    return f"{len(pack.rules)} rules, {len(pack.parameters)} numbers, {len(pack.instruments)} instruments"


def amount(value: float, unit: str) -> str:
    """Return a number with its unit, as the lists of numbers show it."""
    spoken = spoken_as(value, unit)
    return spoken if unit == "fraction" else f"{spoken} {unit}"


def _number(one: ir.Parameter) -> tuple[str, ...]:
    newest = one.values[-1]
    allowed = "-" if one.allowed is None else f"{one.allowed[0]:g} to {one.allowed[1]:g}"
    return one.name, amount(newest.value, one.unit), allowed, words(newest.basis), one.says


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
