"""`audit show`: one decision with all that the log holds about it. That somebody looked is recorded first."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from boosterwatch.engine.audit.check.proof import Proof
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.reading.dossier import named, show_page
from boosterwatch.engine.audit.reading.seen import Looking, Opened, Seen
from boosterwatch.engine.audit.reads import record_read
from boosterwatch.engine.explain.data import explain_data
from boosterwatch.engine.explain.which import explain_page
from boosterwatch.engine.pack import ir
from boosterwatch.engine.terminal.auditing import recording
from boosterwatch.engine.terminal.guard import ERRORS, FINE, RunError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page


class Asked(NamedTuple):
    """Which log, with which keys, where packs are looked for, who asks, and about which rule."""

    url: str
    keys: str
    places: tuple[str, ...]
    actor: str
    why: str | None = None
    why_not: str | None = None


def show_decision(asked: Asked, id: str, form: Form) -> int:
    """Print one decision; the exit code says whether its proof holds and what is sealed could be read."""
    with recording(asked.url, asked.keys) as trail, closing(open_reader(asked.url)) as reader:
        known = trail.decision(id)
        record_read(trail, known, actor=asked.actor, how="show")
        seen = Looking(trail, reader, [Path(place) for place in asked.places]).see(known, opened=True)
    if asked.why is not None or asked.why_not is not None:
        _tell_rule(seen, asked, form)
    elif form == "json":
        print_json(_data(seen))
    else:
        print_page(show_page(seen))
    return FINE if seen.good else ERRORS


def _tell_rule(seen: Seen, asked: Asked, form: Form) -> None:
    opened, pack = _needed(seen)
    decision = named(opened.decision, seen.entry)
    if form == "json":
        print_json(explain_data(decision, pack, why=asked.why, why_not=asked.why_not))
    else:
        print_page(explain_page(decision, pack, why=asked.why, why_not=asked.why_not))


def _needed(seen: Seen) -> tuple[Opened, ir.Pack]:
    """Return what a rule is explained from. Raises RunError with the code of what is in the way."""
    if seen.shut is not None:
        raise RunError(seen.shut.code, seen.shut.message, seen.shut.hint)
    pack = seen.entry["pack"]
    if seen.opened is None or seen.pack is None:
        message = f"no `{pack['id']}@{pack['version']}` with digest {pack['digest'][:12]} can be found"
        raise RunError("BW551", message, "name the folder of packs or the bundle that has it with `--packs`")
    return seen.opened, seen.pack


def _data(seen: Seen) -> Mapping[str, object]:
    data: dict[str, object] = {
        "entry": seen.entry,
        "decision": None,
        "responses": [dict(one.entry) | ({"note": one.note} if one.note else {}) for one in seen.kind("response")],
        "reads": [one.entry for one in seen.kind("read")],
    }
    if seen.opened is not None:
        data["decision"] = {**seen.opened.plain, "patient": seen.entry.get("patient")}
    if seen.shut is not None:
        data["shut"] = {"code": seen.shut.code, "message": seen.shut.message}
    return data | {"proof": _proof(seen)}


def _proof(seen: Seen) -> Mapping[str, object]:
    if isinstance(seen.proof, Proof):
        return {"holds": True, "seq": seen.proof.seq, "size": seen.proof.head.size, "root": seen.proof.head.root.hex()}
    return {"holds": False, "why": seen.proof.diagnostics[0].message}
