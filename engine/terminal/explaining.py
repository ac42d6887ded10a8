"""`explain`: a record or a stored decision in, what it rests on out."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.stored import is_decision, read_decision
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.document import RECORD_LIMITS
from boosterwatch.engine.pack.load import load_json_document
from boosterwatch.engine.terminal.evaluating import refuse_difference
from boosterwatch.engine.terminal.files import read_source
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.reading import Under, check_names, pack_of, pack_under, read_bytes
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

_DIGEST_SHOWN = 12


def explain_source(source: str, under: Under, why: str | None, why_not: str | None, form: Form) -> int:
    """Print why a decision came out as it did, for a record or a stored decision.

    Without a pack in `under` it is the default one, or the very one that a stored decision was made with; that one is
    not asked for its review, because nothing is decided.
    """
    decision, loaded = _decided(source, under)
    refuse_difference(decision, loaded, form)
    if form == "json":
        from boosterwatch.engine.explain.data import explain_data

        print_json(explain_data(decision, loaded.ir, why=why, why_not=why_not))
    else:
        from boosterwatch.engine.explain.which import explain_page

        print_page(explain_page(decision, loaded.ir, why=why, why_not=why_not))
    return FINE


def _decided(source: str, under: Under) -> tuple[Decision, LoadedPack]:
    data, shown = read_source(source)
    stored = _stored(data, shown)
    if stored is not None:
        return stored, _pack_of_decision(stored, under)
    facts, document = read_bytes(data, shown)
    loaded = pack_under(under, facts)
    check_names(facts, document, loaded)
    return evaluate(loaded, facts), loaded


def _stored(data: bytes, shown: str) -> Decision | None:
    """Return the decision in a JSON document that names the schema of one."""
    if not data.lstrip().startswith(b"{") or b'"schema"' not in data:
        return None
    try:
        document = load_json_document(data, shown, RECORD_LIMITS)
    except PackError:  # reading it as a record tells what is wrong
        return None
    return read_decision(document.data) if is_decision(document.data) else None


def _pack_of_decision(decision: Decision, under: Under) -> LoadedPack:
    """Return the very pack that a decision was made with; another one would explain something else."""
    named = f"{decision.pack['id']}@{decision.pack['version']}"
    loaded = pack_of(under.pack or named, purpose="reading", overlay=under.overlay)
    if loaded.digest != decision.pack["digest"]:
        message = f"the decision was made with another `{named}`: digest {decision.pack['digest'][:_DIGEST_SHOWN]}"
        hint = f"this one has digest {loaded.digest[:_DIGEST_SHOWN]}; give the one it was made with as `--pack`"
        raise RunError("BW407", message, hint)
    laid_over = decision.pack.get("overlay_digest")
    if laid_over != (loaded.ir.site and loaded.ir.site.digest):
        message = "the decision was made with another overlay" if laid_over else "the decision was made without overlay"
        hint = f"give `{decision.pack['overlay']}` as `--overlay`" if laid_over else "leave `--overlay` out"
        raise RunError("BW407", message, hint)
    return loaded
