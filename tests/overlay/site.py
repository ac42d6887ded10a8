"""An overlay of the default pack, which here has one caution that a site may leave out."""

from __future__ import annotations

from functools import cache

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.pack import ir
from boosterwatch.tests.packs.files import compile_files, default_files, edit

FACE = """\
overlay: north-clinic
title: North clinic
pack: ketamine-maintenance
from: "1.0.0"
before: "2.0.0"
"""
WHY = "reason: Our patients are older., by: role:director, date: 2026-01-02"
BREASTFEEDING = "  - id: breastfeeding\n    title: Breastfeeding\n"


@cache
def pack() -> ir.Pack:
    """Return the default pack with an optional caution."""
    return compile_files(edit(default_files(), "holds.yaml", BREASTFEEDING, f"{BREASTFEEDING}    optional: true\n"))


def overlay(*entries: str, face: str = FACE) -> bytes:
    """Return the text of an overlay with these entries; those that begin with `kind` switch something off."""
    values = [f"  - {{{one}, {WHY}}}\n" for one in entries if one.startswith("parameter")]
    off = [f"  - {{{one}, {WHY}}}\n" for one in entries if one.startswith("kind")]
    parts = [face, *(["values:\n", *values] if values else []), *(["leave_out:\n", *off] if off else [])]
    return "".join(parts).encode()


def laid_over(*entries: str, face: str = FACE) -> ir.Pack:
    """Return the pack with this overlay."""
    return lay_over(pack(), read_overlay(overlay(*entries, face=face), "site.yaml"))


def refused(*entries: str, face: str = FACE) -> str:
    """Return everything that is said against an overlay."""
    return refused_by(pack(), overlay(*entries, face=face))


def refused_by(pack: ir.Pack, text: bytes) -> str:
    """Return everything that is said against an overlay of this pack."""
    try:
        lay_over(pack, read_overlay(text, "site.yaml"))
    except PackError as error:
        return render(error.diagnostics, {})
    raise AssertionError("the overlay was accepted")
