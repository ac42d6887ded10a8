"""The text of one more part of a pack: an instrument that is only shown at first, or a sign over scales it has."""

from __future__ import annotations

import json
from collections.abc import Sequence

from boosterwatch.engine.pack import ir

_INSTRUMENT = """\
# {name}: shown beside the decision, decides nothing yet. To let it decide:
# 1. fill in the range, the items, the codes, the licence and the sources;
# 2. give it the numbers at the end of this file (remove the `#` and choose each value);
# 3. change `use` to signs, add `{id}` to a list `for: {{scale: [...]}}` of the readings, and to a sign.
instrument: {id}
name: {name}
short: {short}
use: display                      # signs: read by rules; display: shown only; safety: read by holds and cautions
recall: the time that its questions ask about
licence: the terms under which the clinic may use it
codes:
  total: local {code}-total/1     # the system and the code by which records name it
total:
  range: {low} to {high}
  worse: {worse:<26}# high: more points are worse; low: fewer are
  whole: true
  # items: {{count: 9, range: 0 to 3, blank: no_total}}
"""
_NUMBERS = """
# parameters:
"""
_NUMBER = """\
#   {id}.{column}:
#     says: {says}
#     unit: {unit}
#     values:
#       - {{from: {today}, value: , basis: clinic_policy}}
"""
_SIGN = """\
# What a return looks like: the scales that show it.
# `core` scales can make the sign absent; `supporting` ones only ever add to it. Both may be capped:
#   - {{scale: {first}, at_most: possible}}
# Special rules go under `possible_when` and `probable_when`, a condition after which the sign applies under
# `applies_when`; see the page on the rule language.
sign: {id}
title: {title}
says: Say here what is coming back
core: [{core}]
absent_because: Say here what a clinician reads when the sign is absent.
"""


def instrument_text(pack: ir.Pack, id: str, span: tuple[int, int], worse: str, today: str) -> str:
    """Return the file of an instrument; the numbers it will need are those that the pack's read scales have."""
    name = id.replace("_", " ").capitalize()
    text = _INSTRUMENT.format(
        id=id, name=json.dumps(name), short=json.dumps(id.replace("_", "-").upper()), code=id.replace("_", "-"),
        low=span[0], high=span[1], worse=worse,
    )  # fmt: skip
    wanted = _shared_numbers(pack)
    if not wanted:
        return text
    numbers = (_NUMBER.format(id=id, column=c, says=p.says, unit=p.unit, today=today) for c, p in wanted.items())
    return text + _NUMBERS + "".join(numbers)


def _shared_numbers(pack: ir.Pack) -> dict[str, ir.Parameter]:
    """Return the numbers that the first scale with a reading has, by their name within the scale."""
    read = {table.id for table in pack.tables if table.kind == "reading"}
    group = next((scale.group for scale in pack.scales if scale.id in read), None)
    named = ((one.name.rpartition("."), one) for one in pack.parameters)
    return {column: one for (owner, _, column), one in named if owner == group and group is not None}


def sign_text(id: str, core: Sequence[str]) -> str:
    """Return the file of a sign over these scales."""
    title = json.dumps(id.replace("_", " ").capitalize())
    return _SIGN.format(id=id, title=title, core=", ".join(core), first=core[0])
