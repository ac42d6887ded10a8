"""`explain --what-if`: a record in, the smallest changes out that would change its recommendation."""

from __future__ import annotations

from boosterwatch.engine.author.what_if import what_if
from boosterwatch.engine.author.what_if.told import what_if_data, what_if_page
from boosterwatch.engine.explain.stored import is_decision
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.terminal.evaluating import refuse_difference
from boosterwatch.engine.terminal.files import read_source
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.reading import Under, check_names, pack_under, read_bytes
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

WHAT_IF_CODES: dict[str, str] = {"BW450": "what-if of a stored decision"}


def explain_what_if(source: str, under: Under, form: Form) -> int:
    """Print what would change the recommendation for a record, under the pack and the overlay that decide about it."""
    data, shown = read_source(source)
    _refuse_decision(data)
    facts, document = read_bytes(data, shown)
    loaded = pack_under(under, facts)
    check_names(facts, document, loaded)
    refuse_difference(evaluate(loaded, facts), loaded, form)
    found = what_if(loaded, document.data)
    if form == "json":
        print_json(what_if_data(found))
    else:
        print_page(what_if_page(found, loaded.ir))
    return FINE


def _refuse_decision(data: bytes) -> None:
    """Refuse a stored decision: it tells what was found, and holds no record that could be changed."""
    if not data.lstrip().startswith(b"{") or b'"schema"' not in data:
        return
    import orjson

    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:  # reading it as a record tells what is wrong
        return
    if is_decision(found):
        raise RunError("BW450", "a stored decision holds no facts that could be changed", "give the record itself")
