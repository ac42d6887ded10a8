"""How many alerts a clinician should get in a week, as the face of a pack states it: `impact` compares with it.

Flow: validate -> compile -> **budget -> ir.Pack**. No evaluator reads it, so no answer depends on it. It is approved
with the rest all the same: it stands in the pack's `about`, and so under its digest. A pack that states none keeps the
digest that it had before there was such a key.

It is no part of `compile/`: every kept compiled form is out of use once the compiler changes (`compiled.py`), and
nothing that is compiled depends on this.
"""

from __future__ import annotations

from dataclasses import replace

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.ir_json import seal

BUDGET = "alerts_per_clinician_week"


def state_budget(pack: ir.Pack, face: Document) -> ir.Pack:
    """Return the pack with the budget that its validated face states, and the digest of both; as it is without one."""
    stated = face.data.get(BUDGET)
    if stated is None:
        return pack
    return seal(replace(pack, about=(*pack.about, (BUDGET, _written(stated)))))


def budget_of(pack: ir.Pack) -> float | None:
    """Return how many alerts the pack means a clinician to get in a week; None when its face does not say."""
    stated = dict(pack.about).get(BUDGET)
    return None if stated is None else float(stated)


def _written(number: float) -> str:
    """Return the number in one spelling: `10` and `10.0` are the same budget, so they have the same digest."""
    return str(int(number)) if number == int(number) else repr(number)
