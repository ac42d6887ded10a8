"""For each property of the default pack an edit of the pack that breaks it, as somebody might make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from boosterwatch.engine.author.prove.prove import Result, prove
from boosterwatch.engine.author.prove.read import Promises, read_properties
from boosterwatch.engine.diagnostics import render
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.tests.packs.files import (
    DEFAULT_ID,
    DEFAULT_VERSION,
    Files,
    default_files,
    edit,
    set_value,
    write_pack,
)

ON = date(2026, 6, 1)
ROWS = "recommendations.yaml"
Edit = Callable[[Files], Files]


def row(find: str, write: str) -> Edit:
    """Return an edit of the recommendations."""
    return lambda files: edit(files, ROWS, find, write)


UNSAFE: Mapping[str, Edit] = {
    # somebody does not want a blood pressure to call for a review when there is a hold anyway
    "urgent_wins": row("    when: any trigger due now\n", "    when: {all: [any trigger due now], none: [any hold]}\n"),
    # a booked infusion should go ahead
    "no_booster_on_hold": row("    when: any hold\n", "    when: {all: [any hold], none: [booster_criteria]}\n"),
    # after so long a booster is due anyway
    "no_booster_from_time": row(
        "    when: {all: [booster_criteria], none: [any trigger due within_7_days]}\n",
        "    when: {any: [booster_criteria, days_since_infusion >= default_review_days]}\n",
    ),
    # one questionnaire is enough
    "no_booster_from_one_source": lambda files: set_value(files, "corroborating_sources", 1),
    # a score far below its baseline should be a bad entry
    "worse_score_keeps_signs": lambda files: edit(
        files,
        "readings.yaml",
        "          - scale.latest reaches scale.cut\n",
        "          - scale.latest reaches scale.cut\n          - scale.change_from_baseline < scale.delta\n",
    ),
    # a probable sign speaks for itself
    "worse_score_keeps_recommendation": row("        - any sign is probable\n", ""),
    # nobody needs to look at depression when there is another form
    "unknown_gives_no_booster": row(
        "        - primary.assessable is yes\n        - benefit_shown\n",
        "        - any: [primary.assessable is yes, who5.assessable is not recorded as yes]\n        - benefit_shown\n",
    ),
    # a clinic may decide for each patient how old a blood pressure can be
    "no_layer_loosens": lambda files: edit(
        files, "parameters.yaml", "  bp_crisis_days:\n", "  bp_crisis_days:\n    allowed: 1 to 30\n"
    ),
    # the row above says it already
    "no_rule_in_vain": row(
        "    when: {all: [booster_criteria, at_infusion_limit]}\n",
        "    when: {all: [booster_criteria, at_infusion_limit, days_since_infusion < min_interval_days]}\n",
    ),
}


def opened(files: Files, folder: Path) -> Opened:
    """Return files as a pack that was opened from a folder; it must have no error."""
    found = open_pack(str(write_pack(files, folder / DEFAULT_ID / DEFAULT_VERSION)))
    assert found.pack is not None, render(found.problems, found.sources)
    return found


def promises(files: Files, folder: Path) -> Promises:
    """Return what the files promise; nothing is wrong with it."""
    found = opened(files, folder)
    read = read_properties(found)
    assert read.problems == (), render(read.problems, found.sources)
    return read


def proved(read: Promises, id: str) -> Result:
    """Return the result of one property."""
    (which,) = (one for one in read.properties if one.id == id)
    (result,) = prove(replace(read, properties=(which,)), ON.toordinal())
    return result


def default_promises(folder: Path) -> Promises:
    """Return what the default pack promises."""
    return promises(default_files(), folder)
