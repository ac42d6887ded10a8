"""The types that cross borders: the record read, the measures derived, the findings chained, the decision made.

All are frozen. Dates are `datetime.date` where people see them and proleptic ordinals (`int`, days) inside measures,
because differences of whole calendar days are all that the policies speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Undefined:
    """Why a measure has no value. Never zero, never false: a clause that reads it is unknown."""

    reason: str


Value = Scalar | Undefined


# ---------------------------------------------------------------- record


@dataclass(frozen=True, slots=True)
class Assessment:
    """One form as it was given. `day` is an ordinal; `part` is its place in the record, such as `assessments[3]`."""

    instrument: str
    day: int
    part: str
    total: int | float | None = None
    items: tuple[int | float | None, ...] | None = None
    extra: Mapping[str, int | float] = field(default_factory=dict)
    method: str | None = None
    version: str | None = None
    after_infusion: bool = False
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One safety fact: its type, its day (ordinal), its place in the record and its fields as given."""

    type: str
    day: int
    part: str
    fields: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class PriorCycle:
    """A recorded outcome of the cycle that began with the infusion of this day; `loss` is None when censored."""

    infusion: int
    loss: int | None
    part: str


@dataclass(frozen=True, slots=True)
class Override:
    """This patient's own value of a parameter, and who chose it why and when (ordinal day)."""

    parameter: str
    value: int | float
    reason: str
    by: str
    day: int
    part: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A part of the record that is not used, and the code of the reason (`future_dated`, `invalid_score`, ...)."""

    part: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One patient's facts as read: dated on or before `as_of`, not marked entered-in-error.

    What was left out for its date is in `rejected`; facts marked entered-in-error are nowhere.
    `digest` is the SHA-256 of the canonical JSON of the whole record as given.
    """

    as_of: int
    patient: str | None
    birth_date: date | None
    sex: str | None
    indications: tuple[str, ...]
    induction: tuple[int, int] | None
    infusions: tuple[int, ...]
    booked: tuple[int, ...]
    prior_cycles: tuple[PriorCycle, ...]
    assessments: tuple[Assessment, ...]
    facts: tuple[Fact, ...]
    overrides: tuple[Override, ...]
    rejected: tuple[Rejection, ...]
    digest: str


# ---------------------------------------------------------------- values in force


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a parameter in force for one evaluation, and the layer it came from."""

    name: str
    value: int | float
    start: str
    layer: Literal["pack", "site", "patient"]
    basis: str
    cites: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """Derived values by name. A name is in `values`, or in `reasons` (why it is undefined), never in both."""

    values: Mapping[str, Scalar]
    reasons: Mapping[str, str]


# ---------------------------------------------------------------- chaining

Truth = bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluator found: the truth of every rule, in the pack's order, and the state of every table.

    A truth is True, False, or None for unknown. Two evaluators agree when their outcomes are equal.
    """

    truths: tuple[Truth, ...]
    states: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which evaluators ran and whether they agreed. `agreed` is None when only one could run."""

    evaluators: tuple[str, ...]
    agreed: bool | None
    note: str | None = None


# ---------------------------------------------------------------- decision


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause as evaluated: its words, the values it read, its truth, and its distance from the threshold.

    `distance` is how far the value is from making the clause true, in the unit of the comparison; None where
    distance has no meaning. Values that are dates are ISO text.
    """

    text: str
    truth: Truth
    value: Scalar | None
    threshold: Scalar | None
    unit: str | None
    distance: float | int | None
    reason: str | None
    line: str


@dataclass(frozen=True, slots=True)
class Activation:
    """One firing of one rule, with the clauses it read and the parameters in force."""

    rule: str
    stratum: int
    effect: str
    clauses: tuple[Clause, ...]
    because: str
    parameters: tuple[Chosen, ...]
    source: str


@dataclass(frozen=True, slots=True)
class NotFired:
    """A rule that was considered and did not fire, with the first clause that stopped it."""

    rule: str
    effect: str
    truth: Truth
    clause: str
    value: Scalar | None
    threshold: Scalar | None
    unit: str | None
    distance: float | int | None
    reason: str | None
    source: str


@dataclass(frozen=True, slots=True)
class SignState:
    """A sign's state: absent, possible, probable, cannot_assess or not_applicable; `reason` for cannot_assess."""

    state: str
    reason: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that would settle something unknown: what to obtain, and the signs or rules it would settle."""

    need: str
    settles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The one answer to one record under one pack; see `schemas/decision.schema.json` for its JSON form.

    With an `error` (the evaluators differed) there is no recommendation. `review` is there when the pack decided under
    an override of its overdue review: `due`, `overdue_reason` and `by`; in JSON it is a part of `pack`. `prepared` is
    the decision layer's own: rows already encoded, no part of the answer.
    """

    pack: Mapping[str, str]
    engine: Mapping[str, object]
    as_of: date
    patient: str | None
    record_digest: str
    recommendation: str
    urgency: str | None
    summary: str
    signs: Mapping[str, SignState]
    response: str
    holds: tuple[str, ...]
    cautions: tuple[str, ...]
    flags: tuple[str, ...]
    next: Mapping[str, str | None]
    measures: Mapping[str, Scalar | None]
    trace: tuple[Activation, ...]
    not_fired: tuple[NotFired, ...]
    missing: tuple[Missing, ...]
    rejected: tuple[Rejection, ...]
    notices: Mapping[str, tuple[str, ...]]
    error: Mapping[str, object] | None = None
    review: Mapping[str, str] | None = None
    prepared: object | None = field(default=None, compare=False, repr=False)
