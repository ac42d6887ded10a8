"""Conditions of invented packs: every form of clause, well typed, under `all`, `any`, `none` and `at_least`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from boosterwatch.tests.packs.sketch import Data, Sketch, Subject

Condition = str | Data

OPERATORS = (">=", ">=", "<=", "<", ">")
REASONS = ("assessable", "missing", "invalid", "settling", "stale", "no_reference")
PLAIN = {"days": (0, 60), "count": (0, 4), "fraction": (0, 1), "years": (16, 70), "mmHg": (60, 190), "times": (0, 4)}
FORMS = ("any ", "all", "any", "none")


class Clauses:
    """Writes conditions of rules. `words` are those of a template: each stands for every scale of its list."""

    def __init__(self, sketch: Sketch, words: Mapping[str, list[Subject]] | None = None) -> None:
        self.sketch, self.rng = sketch, sketch.rng
        self.words = dict(words or {})

    def condition(self, depth: int = 2) -> Condition:
        """Return a condition nested at most so deep."""
        if depth == 0 or self.rng.random() < 0.3:
            return self.clause()
        made: Data = {}
        for key in self.sketch.some(("all", "any", "none"), 2):
            made[key] = [self.condition(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3)))]
        if self.rng.random() < 0.12 and (counted := self.at_least()) is not None:
            made["at_least"] = counted
        return made

    def at_least(self) -> Data | None:
        """Return a count of conclusions, None when there is nothing to count."""
        sketch = self.sketch
        lists: list[str | list[str]] = []
        if sketch.judged:
            lists.append("sources")
        if sketch.atoms:
            lists.append(sketch.some(sketch.atoms, 4))
        if not lists:
            return None
        return {"n": sketch.parameter("count", 0, 3), "of": self.rng.choice(lists)}

    def clause(self) -> str:
        """Return one clause of any form that finds something to speak of."""
        forms: tuple[Callable[[], str | None], ...] = (
            self._compare, self._compare, self._compare, self._reaches, self._measures, self._product, self._truth,
            self._category, self._known, self._state, self._state, self._within, self._bare, self._some, self._pattern,
        )  # fmt: skip
        while True:
            made = self.rng.choice(forms)()
            if made is not None:
                return made

    # ------------------------------------------------------------ numbers

    def _subject(self) -> tuple[str, Subject]:
        """Return what a clause writes before the dot, and a scale that it stands for."""
        if self.words and self.rng.random() < 0.8:
            word = self.rng.choice(list(self.words))
            return word, self.rng.choice(self.words[word])
        one = self.rng.choice(self.sketch.subjects())
        return one.id, one

    def _tail(self, *dimensions: str) -> str | None:
        tails = [tail for dimension in dimensions for tail in self.sketch.tails.get(dimension, ())]
        return self.rng.choice(tails) if tails else None

    def _plain(self) -> tuple[str, str] | None:
        """Return a plain measure that is a number, and its dimension."""
        found = [(name, unit) for unit in PLAIN for name in self.sketch.measures.get(unit, ())]
        return self.rng.choice(found) if found else None

    def _compare(self) -> str | None:
        op = self.rng.choice(OPERATORS)
        draw = self.rng.random()
        if draw < 0.5:
            written, subject = self._subject()
            tail = self._tail("points")
            return None if tail is None else f"{written}.{tail} {op} {self._limit(written, subject)}"
        if draw < 0.7:
            written, subject = self._subject()
            unit = self.rng.choice(("days", "fraction"))
            tail = self._tail(unit)
            if tail is None:
                return None
            right = self.sketch.parameter(unit, *PLAIN[unit])
            if unit == "days" and self.rng.random() < 0.4:
                right = f"{written}.{self.rng.choice(self.sketch.limits['days'])}"
            return f"{written}.{tail} {op} {right}"
        found = self._plain()
        return None if found is None else f"{found[0]} {op} {self.sketch.parameter(found[1], *PLAIN[found[1]])}"

    def _limit(self, written: str, subject: Subject) -> str:
        """Return a parameter in the points of a scale."""
        named = f"points of {subject.points}"
        if written == subject.id and subject in self.sketch.scales and self.rng.random() < 0.2:
            known = self.sketch.numbers.get(named, ())
            return self.rng.choice(known) if known else self.sketch.points(subject)
        return f"{written}.{self.rng.choice(self.sketch.limits['points'])}"

    def _reaches(self) -> str | None:
        written, subject = self._subject()
        tail = self._tail("points")
        return None if tail is None else f"{written}.{tail} reaches {self._limit(written, subject)}"

    def _measures(self) -> str | None:
        """Return a comparison of two measures."""
        if self.rng.random() < 0.6:
            written, _ = self._subject()
            dimension = self.rng.choice(("points", "points", "points", "slope", "date"))
            left, right = self._tail(dimension), self._tail(dimension)
            return f"{written}.{left} {self.rng.choice(OPERATORS)} {written}.{right}" if left and right else None
        names = self.sketch.of(self.rng.choice(("days", "count", "date", "fraction")))
        return f"{self.rng.choice(names)} {self.rng.choice(OPERATORS)} {self.rng.choice(names)}" if names else None

    def _product(self) -> str | None:
        share = (
            self.sketch.parameter("fraction", 0, 1) if self.rng.random() < 0.7 else self.sketch.parameter("times", 0, 3)
        )
        op = self.rng.choice(OPERATORS)
        if self.rng.random() < 0.7:
            subject = self.rng.choice(self.sketch.scales)  # the limit of a role is a measure, which has no multiples
            written = self.rng.choice(list(self.words)) if self.words else subject.id
            tail = self._tail("points")
            return None if tail is None else f"{written}.{tail} {op} {share} * {self._limit(written, subject)}"
        found = self._plain()
        if found is None:
            return None
        return f"{found[0]} {op} {share} * {self.sketch.parameter(found[1], *PLAIN[found[1]])}"

    # ------------------------------------------------------------ words

    def _truth(self) -> str | None:
        written, _ = self._subject()
        tail = self._tail("truth")
        names = [*self.sketch.measures.get("truth", ()), *([f"{written}.{tail}"] if tail else [])]
        if not names:
            return None
        return f"{self.rng.choice(names)} {self._relation()} {self.rng.choice(('yes', 'no'))}"

    def _relation(self) -> str:
        return self.rng.choice(("is", "is", "is not", "is recorded as", "is not recorded as"))

    def _category(self) -> str | None:
        written, _ = self._subject()
        tail = self._tail("reason")
        choices = dict(self.sketch.categories)
        if tail is not None:
            choices[f"{written}.{tail}"] = REASONS
        if not choices:
            return None
        name = self.rng.choice(list(choices))
        word = self.rng.choice(choices[name])
        relation = self.rng.choice(("is recorded as", "is not recorded as")) if word == "unknown" else self._relation()
        return f"{name} {relation} {word}"

    def _known(self) -> str | None:
        written, _ = self._subject()
        tails = [tail for tails in self.sketch.tails.values() for tail in tails]
        plain = [name for names in self.sketch.measures.values() for name in names]
        name = self.rng.choice([*plain, *self.sketch.categories, f"{written}.{self.rng.choice(tails)}"])
        return f"{name} is {self.rng.choice(('known', 'unknown'))}"

    def _within(self) -> str | None:
        dates = self.sketch.of("date")
        days = self.sketch.parameter("days", 0, 40)
        return f"{self.rng.choice(dates)} within {days} of {self.rng.choice(dates)}" if dates else None

    # ------------------------------------------------------------ conclusions

    def _state(self) -> str | None:
        tables = self.sketch.tables
        whole = [word for word, scales in self.words.items() if all(one.id in tables for one in scales)]
        if whole and self.rng.random() < 0.6:
            return f"{self.rng.choice(whole)} {self.rng.choice(('is', 'is', 'is not', 'is at least'))} possible"
        if not tables:
            return None
        table = self.rng.choice(list(tables))
        states = tables[table]
        if "possible" in states and self.rng.random() < 0.3:
            return f"{table} is at least {self.rng.choice(('possible', 'probable'))}"
        return f"{table} {self.rng.choice(('is', 'is', 'is not'))} {self.rng.choice(states)}"

    def _bare(self) -> str | None:
        return self.rng.choice(self.sketch.atoms) if self.sketch.atoms else None

    def _some(self) -> str | None:
        sketch = self.sketch
        if sketch.judged and self.rng.random() < 0.4:
            state = self.rng.choice(("probable", "possible", "absent", "cannot_assess"))
            levels = (f"is {state}", "is at least possible", "is at least probable")
            return f"any sign {self.rng.choice(levels)}"
        if not sketch.complete or not sketch.notices:
            return None
        kind = self.rng.choice(list(sketch.notices))
        dues = [due for due in sketch.notices[kind] if due is not None]
        return f"any {kind} due {self.rng.choice(dues)}" if dues and self.rng.random() < 0.5 else f"any {kind}"

    def _pattern(self) -> str | None:
        if not self.sketch.patterns:
            return None
        if self.words and self.rng.random() < 0.8:
            written = self.rng.choice(list(self.words))
        else:
            written = self.rng.choice(self.sketch.scales).id
        return f"{written} {self.rng.choice(self.sketch.patterns)}"


class FactClauses:
    """Writes conditions on the fields of a fact; `fields` maps each to its dimension."""

    def __init__(self, sketch: Sketch, fields: Mapping[str, str]) -> None:
        self.sketch, self.rng = sketch, sketch.rng
        self.fields = {name: dimension for name, dimension in fields.items() if dimension != "text"}

    def condition(self, depth: int = 1) -> Condition:
        """Return a condition nested at most so deep."""
        if depth == 0 or self.rng.random() < 0.5:
            return self.clause()
        keys = self.sketch.some(("all", "any", "none"), 2)
        return {key: [self.condition(depth - 1) for _ in range(self.rng.randint(1, 2))] for key in keys}

    def clause(self) -> str:
        """Return one clause about a field."""
        name = self.rng.choice(list(self.fields))
        dimension = self.fields[name]
        if self.rng.random() < 0.15:
            return f"{name} is {self.rng.choice(('known', 'unknown'))}"
        relation = self.rng.choice(("is", "is", "is", "is not", "is recorded as", "is not recorded as"))
        if dimension == "truth":
            return f"{name} {relation} {self.rng.choice(('yes', 'no'))}"
        words = words_of(dimension)
        if words:
            word = self.rng.choice(words)
            relation = "is recorded as" if word == "unknown" else relation
            return f"{name} {relation} {word}"
        return self._number(name)

    def _number(self, name: str) -> str:
        op = self.rng.choice(OPERATORS)
        others = [other for other, dimension in self.fields.items() if dimension == "number" and other != name]
        if others and self.rng.random() < 0.3:
            return f"{name} {op} {self.rng.choice(others)}"
        unit = self.rng.choice(("mmHg", "times", "count", "days"))
        right = self.sketch.parameter(unit, *PLAIN[unit])
        if self.rng.random() < 0.2:
            right = f"{self.sketch.parameter('fraction', 0, 1)} * {right}"
        return f"{name} {op} {right}"


def words_of(dimension: str) -> tuple[str, ...]:
    """Return the words of a category, nothing for another dimension."""
    return tuple(dimension.removeprefix("one of ").split(", ")) if dimension.startswith("one of ") else ()
