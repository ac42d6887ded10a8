"""`cohort synth`: writes the tables, and says what is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple, cast

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.synth.block import Making
from boosterwatch.engine.cohort.synth.make import Made, blocks_of, plan_cohort, write_cohort
from boosterwatch.engine.cohort.synth.recipe import recipe_text
from boosterwatch.engine.cohort.tables.source import Format
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.explain.page import Items, Text
from boosterwatch.engine.terminal.guard import FINE, RunError, SourcedError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.terminal.waiting import progress


class Wish(NamedTuple):
    """What was asked for."""

    folder: str
    patients: int
    seed: int
    until: date | None
    recipe: str
    level: str
    kind: str
    pack: str | None


def make(wish: Wish, form: Form) -> int:
    """Write the tables of made-up patients."""
    making = _planned(wish)
    folder, last = Path(wish.folder), date.fromordinal(making.until).isoformat()
    try:
        with progress("made-up patients", blocks_of(wish.patients)) as step:
            made = write_cohort(making, wish.patients, folder, cast(Format, wish.kind), step)
    except OSError as error:
        raise RunError("BW404", f"`{wish.folder}` cannot be written: {(error.strerror or 'unknown').lower()}") from None
    if form == "json":
        print_json(
            {"folder": wish.folder, "synthetic": True, "patients": made.patients, "until": last, "rows": made.rows}
        )
    else:
        print_page(_said(wish, made, last))
    return FINE


def _planned(wish: Wish) -> Making:
    pack = None if wish.pack is None else load_pack(wish.pack).ir
    try:
        return plan_cohort(wish.recipe, wish.seed, pack, wish.until, wish.level)
    except DiagnosticError as error:
        raise SourcedError(error, recipe_text(wish.recipe)) from None


def _said(wish: Wish, made: Made, last: str) -> tuple[Text | Items, ...]:
    rows = tuple(f"{name}: {count:,} rows" for name, count in made.rows.items())
    return (
        Text(f"{made.patients:,} made-up patients up to {last}, in {wish.folder}; nobody in them exists."),
        Items(rows),
        Text(f"Next: boosterwatch cohort evaluate {wish.folder} --as-of {last} -o results.parquet"),
    )
