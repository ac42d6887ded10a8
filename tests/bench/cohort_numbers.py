"""The numbers of the default policy as the hand-written versions use them, and what all of them answer.

The versions in `cohort_sql.py`, `cohort_polars.py` and `cohort_pandas.py` are what a good analyst would write for one
policy and one kind of data: totals of five questionnaires, infusions, bookings, blood pressures, and a screener with
three questions. They know nothing of items, events, reports, markings, overlays or values of a patient's own, explain
nothing, and change with every change of the policy.
"""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """One questionnaire: highest total, threshold of change, lowest that can be a sign, case level, and windows."""

    high: int
    delta: int
    floor: int
    cut: int
    settle: int
    fresh: int


SCALES = {
    "phq9": Scale(27, 5, 5, 10, 14, 35),
    "gad7": Scale(21, 4, 5, 10, 14, 35),
    "isi": Scale(28, 6, 8, 15, 14, 35),
    "pcl5": Scale(80, 15, 29, 33, 28, 42),
    "wsas": Scale(40, 8, 10, 21, 14, 35),
}
SIGNS = ("symptom_severity", "motivation", "negative_thinking", "coping", "anxiety_panic", "sleep")
UNSEEN = ("motivation", "negative_thinking")  # signs that these data say nothing about
COLUMNS = (
    "patient", "recommendation", "urgency", "response", *(f"sign_{sign}" for sign in SIGNS), "holds", "cautions", "flags",
)  # fmt: skip
ROWS = (  # recommendation and urgency by row of the table
    ("urgent_safety_review", "now"),
    ("provider_check_in", "same_day"),
    ("provider_check_in", "within_7_days"),
    ("continue", None),
    ("provider_check_in", "within_7_days"),
    ("provider_check_in", "within_7_days"),
    ("provider_check_in", "within_7_days"),
    ("consider_booster", "within_7_days"),
    ("provider_check_in", "within_7_days"),
    ("reassess", None),
    ("continue", None),
)
