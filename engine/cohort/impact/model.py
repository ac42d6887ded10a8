"""What a comparison over a cohort holds. All types are frozen and plain, so they go to JSON, a page or a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

What = Literal["recommendation", "response", "sign", "hold", "caution", "flag", "rule", "refused"]
Side = Literal["gained", "lost"]
BudgetFrom = Literal["option", "pack"]
ORDER: tuple[What, ...] = ("refused", "recommendation", "sign", "response", "hold", "caution", "flag", "rule")
POSITIVE = ("possible", "probable")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that a row can hold: a recommendation with its urgency, a sign's state, a notice, a fired rule."""

    what: What
    id: str
    state: str = ""

    def to_plain(self) -> dict[str, str]:
        """Return the answer as a JSON object."""
        return {"what": self.what, "id": self.id, "state": self.state}


@dataclass(frozen=True, slots=True)
class Effect:
    """How many patients have an answer under the old pack and the new, who gains it, and who loses it."""

    answer: Answer
    old: int
    new: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Move:
    """So many patients go from one recommendation to another (id and urgency; None when refused)."""

    old: tuple[str, str] | None
    new: tuple[str, str] | None
    patients: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two results tables of one cohort: how many patients, how many differ at all, and in what.

    `differing` counts whom a reader would see change (anything but the rules behind it), `only_rules` the others whose
    fired rules alone differ.
    """

    patients: int
    differing: int
    only_rules: int
    effects: tuple[Effect, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The patients of one value of a column: how many, how many of them differ, and in what."""

    column: str
    value: str
    patients: int
    differing: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """The alerts of one policy: how many there were, how many stand open, and what each clinician gets in a week.

    `per_week` is the mean over clinicians and weeks, `most` the busiest week of any of them, `over` how many clinicians
    had a mean above the budget. `by_recommendation` counts alerts by recommendation and urgency.
    """

    alerts: int
    standing: int
    per_week: float
    most: int
    busiest: str | None
    over: int
    by_recommendation: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of both policies over the same weeks, for the same clinicians, beside the budget.

    `budget_from` says who states the budget: who asks, or the new pack.
    """

    weeks: int
    clinicians: int
    by: str | None
    budget: float | None
    old: Load
    new: Load
    budget_from: BudgetFrom | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired under one side only: what it says of this patient, and where it stands."""

    rule: str
    because: str
    source: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one policy answers about an example: in a sentence, and the rules that only this policy fires.

    `problem` is there in place of an answer when the record was refused; `agrees` says whether the row engine gives
    what the results say.
    """

    recommendation: str | None
    urgency: str | None
    summary: str
    fired: tuple[Fired, ...]
    problem: str | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One patient who shows some gains and losses, with what both policies say; `alike` counts who changes likewise."""

    patient: str
    shows: tuple[tuple[Side, Answer], ...]
    alike: int
    old: Told
    new: Told


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a swept parameter: how many patients have each answer; `marks` tell whose value it is.

    `refused` says why a site may not choose it, None when it may.
    """

    value: float
    marks: tuple[str, ...]
    counts: Mapping[Answer, int]
    prompted: int
    changed: int
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """The cohort at each allowed value of one parameter, the others as the new policy has them."""

    parameter: str
    says: str
    unit: str
    current: float | None
    proposed: float
    patients: int
    own: int
    steps: tuple[Step, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that `impact` tells."""

    old: Mapping[str, str]
    new: Mapping[str, str]
    as_of: str
    compared: Compared
    groups: tuple[Group, ...]
    alerts: Alerts | None
    examples: tuple[Example, ...]
    unshown: tuple[tuple[Side, Answer], ...]
    sweeps: tuple[Sweep, ...]
