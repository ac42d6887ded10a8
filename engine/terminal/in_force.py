"""`packs show --effective`: the numbers in force on a day, and the layer each comes from."""

from __future__ import annotations

from datetime import date

from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Heading, Pairs, Table, Text
from boosterwatch.engine.model import Chosen
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.packs import amount
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, print_json, print_page


def show_in_force(reference: str, overlay: str | None, on: date, form: Form) -> int:
    """Print every number in force on a day with its origin, and what the site left out."""
    pack = pack_of(reference, on, "reading", overlay).ir
    chosen = values_in_force(pack, on.toordinal())
    if form == "json":
        print_json(_data(pack, chosen, on))
    else:
        heads = ("number", "value", "since", "set by", "basis", "note")
        rows = tuple(_row(one, chosen[one.name]) for one in pack.parameters)
        laid_over = (("Overlay", _overlay(pack.site)),) if pack.site else ()
        named = (("Pack", f"{pack.id}@{pack.version}"), ("Digest", pack.digest), *laid_over)
        print_page((Text(f"In force on {on}", "strong"), Pairs(named), Heading("Numbers"), Table(heads, rows)))
    return FINE


def _overlay(site: ir.Site) -> str:
    off = f"; left out: {', '.join(site.left_out)}" if site.left_out else ""
    return f"{site.id}, {site.title}, digest {site.digest}{off}"


def _row(parameter: ir.Parameter, one: Chosen) -> tuple[str, ...]:
    return one.name, amount(one.value, parameter.unit), one.start, one.layer, words(one.basis), one.note or ""


def _data(pack: ir.Pack, chosen: dict[str, Chosen], on: date) -> dict[str, object]:
    site = pack.site
    overlay = (
        None if site is None else {"id": site.id, "title": site.title, "digest": site.digest, "left_out": site.left_out}
    )
    return {
        "pack": {"id": pack.id, "version": pack.version, "digest": pack.digest},
        "overlay": overlay,
        "as_of": on.isoformat(),
        "parameters": [
            {"name": one.name, "value": one.value, "from": one.start, "layer": one.layer, "basis": one.basis,
             "citation": one.cites, "note": one.note}
            for one in chosen.values()
        ],
    }  # fmt: skip
