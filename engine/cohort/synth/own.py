"""Values that some made-up patients have of their own: of parameters, inside the range that the pack allows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from boosterwatch.engine.cohort.synth.columns import dates
from boosterwatch.engine.cohort.synth.draw import Draw, Wholes
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import WHOLE_UNITS

SINCE = (0, 400)  # days before the last one
STEPS = 20  # of a range that is no whole numbers
REASON, BY = "made up", "clinician"


def draw_own(pack: ir.Pack, draw: Draw, size: int, share: float, until: int) -> dict[str, pa.Array]:
    """Return the columns of the patients' own values."""
    known = [one for one in pack.parameters if one.allowed is not None]
    pid = np.flatnonzero(draw.chance(share if known else 0.0, size))
    if not known:
        return {}
    which = draw.whole((0, len(known) - 1), pid.size)
    return {
        "patient": pa.array(pid),
        "parameter": pa.array([one.name for one in known]).take(pa.array(which)),
        "value": pa.array(_values(known, which, draw.uniform(pid.size).astype(np.float64))),
        "reason": pa.array([REASON] * pid.size, pa.string()),
        "by": pa.array([BY] * pid.size, pa.string()),
        "date": dates(until - draw.whole(SINCE, pid.size)),
    }


def _values(
    known: list[ir.Parameter], which: Wholes, share: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[float]:
    """Return values anywhere in the allowed ranges, whole where the unit wants it."""
    values = []
    for place, at in zip(which, share, strict=True):
        parameter = known[place]
        assert parameter.allowed is not None
        low, high = parameter.allowed
        if parameter.unit in WHOLE_UNITS:
            values.append(float(low + int(at * (high - low + 1))))
        else:
            values.append(round(low + round(at * STEPS) * (high - low) / STEPS, 6))
    return values
