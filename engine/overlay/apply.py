"""An overlay's text -> the pack as it runs at the site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.overlay.fit import misfits
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.schema_messages import explain_faults
from boosterwatch.engine.pack.schema_store import validator

SCHEMA = "overlay"
_NEVER = ir.Any(())


def read_overlay(data: bytes, file: str) -> Document:
    """Return an overlay that has the right shape; `file` is its name in messages.

    Raises PackError with every problem of the text and its shape.
    """
    document = load_document(data, file)
    if not validator(SCHEMA).is_valid(document.data):
        raise PackError(explain_faults(document, SCHEMA))
    return document


def lay_over(pack: ir.Pack, overlay: Document) -> ir.Pack:
    """Return the pack as it runs at a site; its digest stays that of the policy, `site` tells what was changed.

    Raises PackError with everything that the pack does not know or allow (BW220 to BW227).
    """
    problems = misfits(pack, overlay)
    if problems:
        raise PackError(problems)
    data = overlay.data
    site = ir.Site(data["overlay"], data["title"], overlay.digest, _values(data), _left_out(data))
    rules = tuple(replace(rule, when=_NEVER) if rule.atom in site.left_out else rule for rule in pack.rules)
    return replace(pack, site=site, rules=rules)


def _values(data: dict[str, Any]) -> tuple[ir.SiteValue, ...]:
    values = (ir.SiteValue(one["parameter"], one["value"], one["from"], _note(one)) for one in data.get("values", ()))
    return tuple(sorted(values, key=lambda one: (one.parameter, one.start)))


def _left_out(data: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(f"{one['kind']}:{one['id']}" for one in data.get("leave_out", ())))


def _note(entry: dict[str, Any]) -> str:
    rests_on = f"; {entry['cite']}" if "cite" in entry else ""
    return f"{entry['reason']} ({entry['by']}, {entry['date']}{rests_on})"
