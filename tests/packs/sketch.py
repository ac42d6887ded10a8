"""What is known of an invented pack while it is being invented: names, numbers, and what has which dimension.

Every name is made up from syllables, those of measures too, so that nothing in the engine can lean on a word of the
default pack. Everything is drawn from one `random.Random`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Data = dict[str, Any]  # plain data, as it will stand in YAML
T = TypeVar("T")

SYLLABLES = "ba bru de dro fa gli ho ja ke lu mo ni pa qui ra sto tu vle wo xi zu".split()
TAKEN = {"scale", "event", "recommendation", "value", "best_before", "date", "name", "fact"}
WHOLE_UNITS = ("days", "count", "years")
BASES = ("published", "recalled", "clinic_policy")
EARLY = ("1990-01-01", "2000-01-01", "2015-03-01")
LATER = ("2024-09-01", "2025-01-15", "2025-06-30", "2025-12-01", "2026-02-02", "2030-01-01")


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands before the dot of a measure of a scale: a scale, a role, or the word of a template."""

    id: str
    points: str
    low: float
    high: float
    worse: str


@dataclass(slots=True)
class Sketch:
    """A pack as far as it is invented. `size` bounds how much there is of everything."""

    rng: random.Random
    size: int = 2
    taken: set[str] = field(default_factory=lambda: set(TAKEN))
    citations: list[str] = field(default_factory=list)
    parameters: Data = field(default_factory=dict)  # those that belong to no instrument
    numbers: dict[str, list[str]] = field(default_factory=dict)  # parameters by dimension
    measures: dict[str, list[str]] = field(default_factory=dict)  # plain measures by dimension
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)  # plain measures with their words
    scales: list[Subject] = field(default_factory=list)
    roles: list[Subject] = field(default_factory=list)
    tails: dict[str, list[str]] = field(default_factory=dict)  # score measures by dimension
    limits: dict[str, list[str]] = field(default_factory=dict)  # parameters of a scale by unit
    assessable: str = ""  # the score measure that says whether a score can be judged
    patterns: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)  # readings, signs and classes that are finished
    read: list[Subject] = field(default_factory=list)  # scales with a reading
    atoms: list[str] = field(default_factory=list)  # findings, flags and triggers that are finished
    signs: list[str] = field(default_factory=list)
    notices: dict[str, list[str | None]] = field(default_factory=dict)  # kind -> urgency of each
    judged: bool = False  # every sign is there, so that `any sign` and `sources` make no loop
    complete: bool = False  # every notice is there, so that `any hold` makes no loop

    # ------------------------------------------------------------ choosing

    def chance(self, share: float) -> bool:
        """Return True in this share of all cases."""
        return self.rng.random() < share

    def some(self, things: Sequence[T], most: int) -> list[T]:
        """Return one to `most` different things, in a new order."""
        return self.rng.sample(list(things), min(len(things), self.rng.randint(1, most)))

    def count(self, least: int, most: int) -> int:
        """Return a number from `least` to what the size of the pack allows."""
        return self.rng.randint(least, max(least, min(most, least + self.size)))

    # ------------------------------------------------------------ names

    def name(self) -> str:
        """Return an id that nothing else has."""
        while True:
            made = "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(2, 3)))
            made += self.rng.choice(("", "", "", "", "_2", "7"))
            if made not in self.taken:
                self.taken.add(made)
                return made

    def dotted(self) -> str:
        """Return a name, sometimes of two ids."""
        return f"{self.name()}.{self.name()}" if self.chance(0.3) else self.name()

    def words(self) -> str:
        """Return some words for people, with signs that YAML must quote now and then."""
        told = " ".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(1, 4)))
        return self.rng.choice(
            (told, told, told.capitalize(), f"{told}: {told}", f"{told} # not a comment", f"é {told} ≥")
        )

    def sources(self) -> Data:
        """Return the basis and the citations of a rule or number, as far as they are said."""
        said: Data = {}
        if self.chance(0.3):
            said["basis"] = self.rng.choice(BASES)
        if self.citations and self.chance(0.3):
            ids = self.some(self.citations, 2)
            said["cite"] = ids[0] if len(ids) == 1 else ids
        return said

    # ------------------------------------------------------------ numbers

    def value(self, unit: str, low: float, high: float) -> float | int:
        """Return a number of a unit inside a range."""
        if unit in WHOLE_UNITS or (unit == "points" and self.chance(0.9)):
            return self.rng.randint(int(low), max(int(low), int(high)))
        return round(self.rng.uniform(low, high), 2)

    def number(self, unit: str, low: float, high: float) -> Data:
        """Return a parameter of a unit, with one value or several dated ones, perhaps with an allowed range."""
        starts = [self.rng.choice(EARLY)]
        if self.chance(0.15):
            starts += sorted(self.some(LATER, 2))
        values = [{"from": start, "value": self.value(unit, low, high)} | self._basis() for start in starts]
        made: Data = {"says": self.words(), "unit": unit, "values": values}
        if self.chance(0.4):
            numbers = [dated["value"] for dated in values]
            made["allowed"] = f"{min([low, *numbers]):g} to {max([high, *numbers]):g}"
        return made

    def _basis(self) -> Data:
        said: Data = {"basis": self.rng.choice(BASES)}
        if self.citations and self.chance(0.4):
            said["cite"] = self.rng.choice(self.citations)
        if self.chance(0.1):
            said["note"] = self.words()
        return said

    def parameter(self, unit: str, low: float, high: float) -> str:
        """Return a parameter of the pack: one there is already, or a new one."""
        known = self.numbers.setdefault(unit, [])
        if known and self.chance(0.35):
            return self.rng.choice(known)
        name = self.dotted()
        self.parameters[name] = self.number(unit, low, high)
        known.append(name)
        return name

    def points(self, subject: Subject) -> str:
        """Return a new parameter in the points of a scale that does not carry the scale's name."""
        name = self.name()
        self.parameters[name] = self.number("points", subject.low, subject.high) | {"scale": subject.points}
        self.numbers.setdefault(f"points of {subject.points}", []).append(name)
        return name

    # ------------------------------------------------------------ what is there

    def add(self, name: str, dimension: str, words: tuple[str, ...] = ()) -> str:
        """Note a plain measure and its dimension; a category with its words."""
        if words:
            self.categories[name] = words
        else:
            self.measures.setdefault(dimension, []).append(name)
        return name

    def subjects(self) -> list[Subject]:
        """Return the scales and roles."""
        return [*self.scales, *self.roles]

    def of(self, dimension: str) -> list[str]:
        """Return the measures of a dimension, those of scales and roles too."""
        scored = [f"{one.id}.{tail}" for tail in self.tails.get(dimension, ()) for one in self.subjects()]
        return [*self.measures.get(dimension, ()), *scored]

    def sentence(self, *words: str) -> str:
        """Return a sentence with values in braces; `words` stand for scales in a template."""
        told = [self.words() for _ in range(2)]
        if self.chance(0.7):
            told.insert(1, "{" + self._placeholder(words) + "}")
        if words and self.chance(0.7):
            tail = self.rng.choice([""] + [f".{t}" for tails in self.tails.values() for t in tails] + [".says"])
            told.append("{" + self.rng.choice(words) + tail + "}")
        return " ".join(told) + self.rng.choice(("", "."))

    def _placeholder(self, words: Sequence[str]) -> str:
        named = [name for names in (*self.measures.values(), *self.numbers.values()) for name in names]
        scored = [f"{one.id}.{tail}" for one in self.subjects() for tails in self.tails.values() for tail in tails]
        return self.rng.choice([*named, *self.categories, *scored, *(one.id for one in self.scales), *words])
