"""The numbers of the policy: instruments (3.1), global parameters (3.2), item forms (4.2).

Data only, plus the parameters in force for one patient. The numbers are typed again from the
policy text on purpose: a slip in the engine's own files must not pass unseen.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of table 3.1, in the points of the form. `cut` is None for single items."""

    low: int
    high: int
    low_is_worse: bool
    settle: int
    fresh: int
    delta: int
    delta_range: tuple[int, int]
    floor: int
    cut: int | None

    @property
    def sign(self) -> int:
        """The factor that makes a higher score a worse one (section 1, oriented score)."""
        return -1 if self.low_is_worse else 1


ROWS = {
    "phq9": Row(0, 27, False, 14, 35, 5, (3, 8), 5, 10),
    "qids_sr16": Row(0, 27, False, 7, 35, 4, (3, 7), 6, 11),
    "madrs": Row(0, 60, False, 7, 35, 6, (4, 10), 10, 22),
    "gad7": Row(0, 21, False, 14, 35, 4, (4, 6), 5, 10),
    "pcl5": Row(0, 80, False, 28, 42, 15, (10, 18), 29, 33),
    "pdss_sr": Row(0, 28, False, 7, 35, 4, (3, 7), 6, 8),
    "isi": Row(0, 28, False, 14, 35, 6, (6, 9), 8, 15),
    "ess": Row(0, 24, False, 14, 35, 3, (2, 4), 11, 16),
    "pss10": Row(0, 40, False, 28, 42, 6, (4, 10), 14, 27),
    "wsas": Row(0, 40, False, 14, 35, 8, (5, 10), 10, 21),
    "who5": Row(0, 100, True, 14, 35, 10, (10, 15), 50, 28),
    "ptq": Row(0, 60, False, 14, 35, 9, (6, 14), 30, 40),
    "bhs": Row(0, 20, False, 7, 35, 4, (3, 6), 4, 9),
    "shaps": Row(0, 14, False, 7, 35, 3, (2, 5), 3, 6),
}
ITEM = Row(0, 3, False, 14, 35, 1, (1, 1), 2, None)  # a PHQ-9 item, and its difficulty item

STORED = {  # ranges of the instruments that no sign reads
    "brs": (1, 5),
    "cd_risc10": (0, 40),
    "rrs": (22, 88),
    "dars": (0, 68),
    "aes_s": (18, 72),
    "map_sr": (0, 72),
    "cadss": (0, 92),
    "asrm": (0, 20),
    "ymrs": (0, 60),
    "audit_c": (0, 12),
}
RANGES = {name: (row.low, row.high) for name, row in ROWS.items()} | STORED
DEPRESSION = ("phq9", "qids_sr16", "madrs")  # also the order in which the primary is sought

ITEM_FORMS = {  # number of items, highest answer; the lowest is 0
    "phq9": (9, 3),
    "gad7": (7, 3),
    "pcl5": (20, 4),
    "isi": (7, 4),
    "ess": (8, 3),
    "wsas": (5, 8),
    "pdss_sr": (7, 4),
    "ptq": (15, 4),
    "madrs": (10, 6),
    "pss10": (10, 4),
    "who5": (5, 5),
    "qids_sr16": (16, 3),
}

GLOBALS: dict[str, tuple[float, float, float]] = {  # default, lowest, highest
    "gain_lost_probable": (0.50, 0.30, 0.75),
    "confirm_gap_min": (5, 3, 14),
    "confirm_gap_max": (42, 14, 60),
    "responder_pct": (0.50, 0.40, 0.60),
    "partial_pct": (0.25, 0.20, 0.40),
    "min_interval_days": (21, 7, 56),
    "max_infusions_28d": (2, 1, 4),
    "max_infusions_365d": (18, 6, 52),
    "booked_window_days": (14, 7, 28),
    "review_fraction": (0.8, 0.6, 1.0),
    "default_review_days": (28, 14, 90),
    "review_min": (21, 7, 56),
    "review_max": (365, 180, 400),
    "trigger_lookback": (90, 30, 365),
    "induction_gap_days": (56, 28, 180),
    "panic_fresh_days": (35, 14, 60),
    "panic_free_days": (28, 14, 60),
    "si_current_days": (35, 7, 45),
    "nonresponse_days": (28, 14, 56),
}
ALLOWED: dict[str, tuple[float, float, float]] = GLOBALS | {
    f"{name}.delta": (row.delta, *row.delta_range) for name, row in ROWS.items()
}

CADENCE = ((28, 7), (84, 14))  # up to this day after induction: one form in so many days
CADENCE_LATER, CADENCE_GRACE = 28, 7


def day(value: Any) -> datetime.date:
    """Return a date from ISO text or from a date."""
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


def parameters_for(record: Mapping[str, Any], as_of: datetime.date) -> dict[str, float]:
    """Return the parameters in force for this patient at `as_of` (3; overrides of the record).

    An override out of its range, unknown, dated later or entered in error changes nothing.
    """
    values = {name: default for name, (default, _, _) in ALLOWED.items()}
    known = [
        fact
        for fact in record.get("overrides") or ()
        if day(fact["date"]) <= as_of and not fact.get("entered_in_error")
    ]
    for fact in sorted(known, key=lambda fact: day(fact["date"])):
        name, value = fact["parameter"], fact["value"]
        if name in ALLOWED and ALLOWED[name][1] <= value <= ALLOWED[name][2]:
            values[name] = value
    return values
