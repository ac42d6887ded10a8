"""What a comparison of two packs holds: changes of the text, shifts of the answers, and patients that show them.

Flow: two `ir.Pack`s -> **Difference** -> page, JSON, version bump. All types are frozen and plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from boosterwatch.engine.diagnostics import Diagnostic, Span

How = Literal["added", "removed", "renamed", "changed", "wording"]
Effect = Literal["equal", "wording", "tighter", "looser", "mixed", "contract", "unproved"]
Verdict = Literal["never", "some", "perhaps"]


@dataclass(frozen=True, slots=True)
class Field:
    """One part of something that reads differently: its name, and how each version has it; empty for not there."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a pack that differs: a rule, a number, a measure, and so on.

    `effect` is what it does to whom the thing is true for; `contract` says why those who use the pack must look.
    `noted` says how the effect is known, or why it is not.
    """

    part: str
    id: str
    how: How
    effect: Effect
    fields: tuple[Field, ...]
    old_span: Span | None = None
    new_span: Span | None = None
    contract: str | None = None
    noted: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    """One answer that a decision can hold: a state of a sign, a recommendation with its urgency, a hold, a flag."""

    kind: str
    id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """Who gets an answer that did not before (`gained`), and who no longer does (`lost`).

    `never` is proved; `some` holds for at least one patient; `perhaps` is neither proved nor shown. `unlike` names
    the measures that the two versions work out differently, and that the answer hangs on. `sought` says whether an
    example was looked for: of a notice only where its own rule was changed.
    """

    answer: Answer
    gained: Verdict
    lost: Verdict
    unlike: tuple[str, ...] = ()
    sought: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What one version answers about an example: the answers that differ, the sentence, and the reasons given."""

    answers: tuple[Answer, ...]
    recommendation: str
    urgency: str | None
    summary: str
    because: tuple[tuple[Answer, str], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A patient whom the two versions answer differently, evaluated under both by both evaluators."""

    record: Mapping[str, Any]
    story: tuple[str, ...]
    old: Told
    new: Told

    @property
    def gained(self) -> frozenset[Answer]:
        """The answers that only the new version gives."""
        return frozenset(self.new.answers)

    @property
    def lost(self) -> frozenset[Answer]:
        """The answers that only the old version gives."""
        return frozenset(self.old.answers)


@dataclass(frozen=True, slots=True)
class Face:
    """Which pack a side of the comparison is."""

    id: str
    version: str
    status: str
    digest: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that two packs differ in. `as_of` (ISO) is the day whose numbers the proofs use.

    `proved` is False when no solver was there; `problems` says what could not be done, and why.
    """

    old: Face
    new: Face
    as_of: str
    changes: tuple[Change, ...]
    shifts: tuple[Shift, ...]
    examples: tuple[Example, ...]
    proved: bool
    problems: tuple[Diagnostic, ...] = ()

    def shown(self, answer: Answer, side: Literal["gained", "lost"]) -> int | None:
        """Return the number, from 1, of the first example that gains or loses the answer; None without one."""
        for number, example in enumerate(self.examples, 1):
            if answer in (example.gained if side == "gained" else example.lost):
                return number
        return None
