"""`evaluate` and `explain`: one record, or one stored decision, and what there is to say about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.data import explain_data
from boosterwatch.engine.explain.stored import is_decision, read_decision
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.explain.which import explain_page
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.document import RECORD_LIMITS
from boosterwatch.engine.pack.load import load_json_document
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.files import read_source, write_text
from boosterwatch.engine.terminal.guard import FINE, OURS, RunError
from boosterwatch.engine.terminal.reading import check_names, pack_of, read_bytes, record_of
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page


def evaluate_record(record: str, pack: str, picture: str | None, full: bool, form: Form) -> int:
    """Print the decision about a record, and draw its picture when asked."""
    facts, document = record_of(record)
    loaded = pack_of(pack)
    check_names(facts, document, loaded)
    decision = evaluate(loaded, facts)
    _refuse_difference(decision, form)
    if picture is not None:
        write_picture(picture, decision, loaded, document.data)
    if form == "json":
        print_json(to_json_bytes(decision))
    else:
        print_page(decision_page(decision, loaded.ir, detail="full" if full else "answer"))
    return FINE


def write_picture(file: str, decision: Decision, pack: LoadedPack, record: Mapping[str, Any]) -> None:
    """Draw a patient's picture into an SVG file and say where it is."""
    from boosterwatch.engine.explain.picture import PictureExtraMissing, draw_svg

    try:
        write_text(file, draw_svg(decision, pack, record))
    except PictureExtraMissing as error:
        raise RunError("BW403", str(error), error.hint) from None
    note(f"picture written to {file}")


def _refuse_difference(decision: Decision, form: Form) -> None:
    """Raise when the evaluators differ; the whole decision, with both traces, goes to standard error as JSON."""
    if decision.error is not None:
        if form == "json":
            note(json.dumps({"decision": json.loads(to_json_bytes(decision))}))
        hint = None if form == "json" else "`--format json` prints both traces on standard error"
        raise RunError("BW402", decision.summary.rstrip("."), hint, exit_code=OURS)


def explain_source(source: str, pack: str | None, why: str | None, why_not: str | None, form: Form) -> int:
    """Print why a decision came out as it did, for a record or a stored decision."""
    decision, loaded = _decided(source, pack)
    _refuse_difference(decision, form)
    if form == "json":
        print_json(explain_data(decision, loaded.ir, why=why, why_not=why_not))
    else:
        print_page(explain_page(decision, loaded.ir, why=why, why_not=why_not))
    return FINE


def _decided(source: str, pack: str | None) -> tuple[Decision, LoadedPack]:
    data, shown = read_source(source)
    stored = _stored(data, shown)
    if stored is not None:
        return stored, _pack_of_decision(stored, pack)
    facts, document = read_bytes(data, shown)
    loaded = pack_of(pack or DEFAULT_PACK)
    check_names(facts, document, loaded)
    return evaluate(loaded, facts), loaded


def _stored(data: bytes, shown: str) -> Decision | None:
    """Return the decision in a JSON document that names the schema of one."""
    if not data.lstrip().startswith(b"{") or b'"schema"' not in data:
        return None
    try:
        document = load_json_document(data, shown, RECORD_LIMITS)
    except PackError:
        return None
    return read_decision(document.data) if is_decision(document.data) else None


def _pack_of_decision(decision: Decision, pack: str | None) -> LoadedPack:
    """Return the very pack that a decision was made with; another one would explain something else."""
    named = f"{decision.pack['id']}@{decision.pack['version']}"
    loaded = pack_of(pack or named)
    if loaded.digest != decision.pack["digest"]:
        message = f"the decision was made with another `{named}`: digest {decision.pack['digest'][:12]}"
        hint = f"this one has digest {loaded.digest[:12]}; give the one it was made with as `--pack`"
        raise RunError("BW407", message, hint)
    return loaded
