"""Why a measure has no value: one shared `Undefined` per reason, so that deriving makes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from boosterwatch.engine.model import Undefined

Number = int | float
Parameters = Mapping[str, Number]

MISSING: Final = Undefined("missing")
INVALID: Final = Undefined("invalid")
STALE: Final = Undefined("stale")
NO_REFERENCE: Final = Undefined("no_reference")
NO_INFUSION: Final = Undefined("no_infusion")
NO_INDUCTION: Final = Undefined("no_induction")
NO_BASELINE: Final = Undefined("no_baseline")
NO_PRECEDING: Final = Undefined("no_preceding")
NO_BIRTH_DATE: Final = Undefined("no_birth_date")
SMALL_GAIN: Final = Undefined("small_gain")
NOT_EVALUABLE: Final = Undefined("not_evaluable")
ZERO_BASELINE: Final = Undefined("zero_baseline")
TOO_FEW: Final = Undefined("too_few")
NOT_RECORDED: Final = Undefined("not_recorded")
NONE: Final = Undefined("none")

BY_REASON: Final[Mapping[str, Undefined]] = {
    undefined.reason: undefined
    for undefined in (
        MISSING,
        INVALID,
        STALE,
        NO_REFERENCE,
        NO_INFUSION,
        NO_INDUCTION,
        NO_BASELINE,
        NO_PRECEDING,
        NO_BIRTH_DATE,
        SMALL_GAIN,
        NOT_EVALUABLE,
        ZERO_BASELINE,
        TOO_FEW,
        NOT_RECORDED,
        NONE,
    )
}
