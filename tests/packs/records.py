"""Made-up records for any compiled pack: its own instruments, its own holds and parameters, and every sort of mess.

Dates and safety facts are drawn as for the default policy; forms follow the pack's instruments. The same generator
gives the same record.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from typing import Any

from boosterwatch.engine.overlay.loosen import guarded_parameters, loosens
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import PerPack
from boosterwatch.tests.oracle.patient_courses import Timeline, draw_timeline, plus
from boosterwatch.tests.oracle.patient_safety import draw_safety

Form = dict[str, Any]
WHOLE_UNITS = ("days", "count", "points")
STEPS = (5, 7, 7, 14, 14, 21, 28)
SILENT = (30, 35, 36, 60)
EXTRA = ("field", "difficulty")  # the one extra answer that a record can give


class Maker:
    """Draws records for one pack: its instruments with the scores that its numbers make interesting."""

    def __init__(self, pack: ir.Pack) -> None:
        self.pack = pack
        self.instruments = pack.instruments
        self.limits = _limits(pack)
        self.extras = {scale.instrument: (scale.low, scale.high) for scale in pack.scales if scale.part == EXTRA}
        self.holds = [notice.id for notice in pack.notices if notice.kind == "hold"]
        self.own = [one for one in pack.parameters if one.allowed is not None and _can_be_whole(one)]
        self.sides = guarded_parameters(pack)

    def record(self, rng: random.Random) -> dict[str, Any]:
        """Return a record of valid shape that the pack accepts, dates as ISO text."""
        line = draw_timeline(rng)
        record: dict[str, Any] = {"as_of": line.as_of.isoformat()}
        if rng.random() < 0.5:
            record["patient"] = f"made-up-{rng.randrange(1000)}"
        if rng.random() < 0.4:
            record["birth_date"] = plus(line.as_of, -rng.choice((6000, 6574, 6575, 12000, 25000))).isoformat()
        if rng.random() < 0.6:
            record["sex"] = rng.choice(("female", "male", "unknown"))
        if rng.random() < 0.5:
            known = ("depression", "anxiety", "ptsd", "panic", "other")
            record["indications"] = rng.sample(known, rng.randint(1, 3))
        if line.marked:
            record["induction"] = {"first": line.marked[0].isoformat(), "last": line.marked[1].isoformat()}
        parts: dict[str, list[Any]] = {
            "infusions": [date.isoformat() for date in line.infusions],
            "booked": _booked(rng, line),
            "prior_cycles": _cycles(rng, line),
            "assessments": self._forms(rng, line),
            "safety": self._safety(rng, line),
            "overrides": self._overrides(rng, line),
        }
        for key, facts in parts.items():
            rng.shuffle(facts)
            if facts or rng.random() < 0.1:
                record[key] = facts
        return record

    # ------------------------------------------------------------ safety and overrides

    def _safety(self, rng: random.Random, line: Timeline) -> list[Form]:
        facts = draw_safety(rng, line)
        for fact in facts:
            if "hold" in fact and fact["hold"] not in self.holds:
                fact["hold"] = rng.choice(self.holds) if self.holds else None
                if fact["hold"] is None:
                    del fact["hold"]
                    fact["kind"] = "safety"
        return facts

    def _overrides(self, rng: random.Random, line: Timeline) -> list[Form]:
        if not self.own or rng.random() < 0.85:
            return []
        made = []
        for parameter in rng.sample(self.own, min(len(self.own), rng.randint(1, 3))):
            override: Form = {
                "parameter": parameter.name, "value": self._own_value(rng, parameter), "reason": "made up", "by": "clinician",
                "date": plus(line.as_of, -rng.choice((200, 30, 1, 0, 0, -1))).isoformat(),
            }  # fmt: skip
            if rng.random() < 0.05:
                override["entered_in_error"] = True
            made.append(override)
        return made

    def _own_value(self, rng: random.Random, parameter: ir.Parameter) -> float:
        """Return a value inside the range; one that would loosen a hold or a trigger is the strictest that it can be."""
        value, side = _inside(rng, parameter), self.sides.get(parameter.name)
        strictest = (max if side == "higher" else min)(one.value for one in parameter.values)
        return value if side is None or not loosens(side, value, strictest) else strictest

    # ------------------------------------------------------------ forms

    def _forms(self, rng: random.Random, line: Timeline) -> list[Form]:
        used = [one for one in self.instruments if rng.random() < 0.85]
        if len(used) > 6:  # a pack with many instruments is used in part
            used = rng.sample(used, 6)
        forms: list[Form] = []
        for date, time, ill in _visits(rng, line):
            for instrument in used:
                if rng.random() < 0.8:
                    form = self._form(rng, instrument, ill)
                    form["date"] = date.isoformat()
                    if time is not None:
                        form["time"] = time
                    forms.append(form)
        while forms and rng.random() < 0.4:
            self._spoil(rng, forms)
        return forms

    def _form(self, rng: random.Random, instrument: ir.Instrument, ill: float) -> Form:
        """Return one form without its date, at about this level of illness (0 to 1)."""
        form: Form = {"instrument": instrument.id}
        level = ill if instrument.worse == "high" else 1 - ill
        if instrument.items is not None and rng.random() < 0.6:
            form["items"] = _answers(rng, instrument.items, level)
            total: float | None = items_total(instrument, form["items"])
            if rng.random() < 0.2:
                total = None
            self._state(rng, instrument, form, total)
        else:
            if rng.random() < 0.5:
                total = rng.choice(self.limits[instrument.id]) + rng.choice((-1, 0, 0, 1))
                total = min(instrument.high, max(instrument.low, total))
            else:
                total = instrument.low + level * (instrument.high - instrument.low)
                total = round(total, 1) if not instrument.whole else round(total)
            self._state(rng, instrument, form, total)
        extra = self.extras.get(instrument.id)
        if extra is not None and rng.random() < 0.6:
            form[EXTRA[1]] = rng.randint(int(extra[0]), int(extra[1]))
        return form

    def _state(self, rng: random.Random, instrument: ir.Instrument, form: Form, total: float | None) -> None:
        """State the total, in one of the ways there are where the instrument has several."""
        if instrument.methods and total is not None:
            method = rng.choice(instrument.methods)
            total = round(total / method.times)
            if rng.random() < 0.7:
                form["scale"] = method.name
        if total is not None:
            form["total"] = int(total) if total == int(total) else total

    def _spoil(self, rng: random.Random, forms: list[Form]) -> None:
        """Make one mistake in one form, or give a second form of its day."""
        form = rng.choice(forms)
        items, total = form.get("items"), form.get("total")
        match rng.choice(("range", "half", "error", "version", "blank", "differs", "count", "item", "again", "time")):
            case "range":
                form["total"] = rng.choice((-1, 1000))
            case "half" if total is not None:
                form["total"] = total + 0.5
            case "error":
                form["entered_in_error"] = True
            case "version":
                form["version"] = "another"
            case "blank" if items:
                items[rng.randrange(len(items))] = None
            case "differs" if items and total is not None:
                form["total"] = total + 1
            case "count" if items:
                items.append(0)
            case "item" if items:
                items[rng.randrange(len(items))] = rng.choice((99, -1, 1.5))
            case "again":
                again = {key: value for key, value in form.items() if key != "items"}
                if total is not None:
                    again["total"] = total + rng.choice((-1, 0, 1))
                forms.append(again)
            case "time":
                form["time"] = rng.choice(("before_infusion", "after_infusion"))


_makers = PerPack(Maker)


def random_record_for(pack: ir.Pack, rng: random.Random) -> dict[str, Any]:
    """Return a made-up record that the pack accepts."""
    return _makers.of(pack).record(rng)


# ---------------------------------------------------------------- of the pack


def _limits(pack: ir.Pack) -> dict[str, list[float]]:
    """Return the scores worth drawing of each instrument: its ends, and where its parameters lie."""
    found = {one.id: [one.low, one.high, (one.low + one.high) // 2] for one in pack.instruments}
    for parameter in pack.parameters:
        id = parameter.dimension.removeprefix("points of ")
        if id in found:
            found[id] += [dated.value for dated in parameter.values]
    return found


def _can_be_whole(parameter: ir.Parameter) -> bool:
    """Return whether the allowed range holds a whole number, which an override of most units must be."""
    low, high = parameter.allowed or (0, 0)
    return parameter.unit not in WHOLE_UNITS or int(high) >= -int(-low // 1)


def _inside(rng: random.Random, parameter: ir.Parameter) -> float:
    low, high = parameter.allowed or (0, 0)
    if parameter.unit in WHOLE_UNITS:
        return rng.randint(-int(-low // 1), int(high))
    value = rng.choice((low, high, round(rng.uniform(low, high), 2)))
    return min(high, max(low, value))


def _answers(rng: random.Random, items: ir.Items, level: float) -> list[int]:
    span = items.high - items.low
    answers = [
        min(items.high, max(items.low, round(items.low + level * span + rng.gauss(0, 0.6)))) for _ in range(items.count)
    ]
    for place in items.reversed:
        answers[place - 1] = items.low + items.high - answers[place - 1]
    return answers


def items_total(instrument: ir.Instrument, answers: Sequence[int]) -> float:
    """Return the total of complete answers on the instrument's own range."""
    items = instrument.items
    assert items is not None
    turned = [
        items.low + items.high - answer if place in items.reversed else answer
        for place, answer in enumerate(answers, 1)
    ]
    groups: Sequence[Sequence[int]] = items.domains or [(place,) for place in range(1, items.count + 1)]
    times = {method.name: method.times for method in instrument.methods}.get(items.method or "", 1)
    return sum(max(turned[place - 1] for place in group) for group in groups) * times


# ---------------------------------------------------------------- dates


Visit = tuple[datetime.date, str | None, float]


def _visits(rng: random.Random, line: Timeline) -> list[Visit]:
    """Return the visits of a patient with the time of day and how ill the patient is."""
    given, as_of = line.given, line.as_of
    before, low, again = rng.uniform(0.4, 1), rng.uniform(0, 0.5), rng.uniform(0.2, 1)
    made: list[Visit] = []
    for first, last in line.inductions or [(as_of, as_of)]:
        made.append((plus(first, -rng.choice((0, 1, 3, 7, 14, 28, 29))), None, before))
        step = rng.choice(STEPS)
        for days in range(step, min((as_of - last).days, 300), step):
            if rng.random() < 0.75:
                made.append((plus(last, days), None, again if rng.random() < 0.35 else low))
    for date in given[1:]:
        if rng.random() < 0.12:
            made.append((date, rng.choice((None, "before_infusion", "after_infusion")), rng.choice((low, again))))
    newest = plus(as_of, -rng.choice((0, 0, 1, 3, 7, 15)))
    made.append((newest, None, again))
    if rng.random() < 0.5:
        made.append((plus(newest, -rng.choice((4, 5, 7, 14, 28, 42))), None, again))
    if rng.random() < 0.05:
        made.append((plus(as_of, rng.choice((1, 9))), None, again))
    if rng.random() < 0.15:
        silent = plus(as_of, -rng.choice(SILENT))
        return [visit for visit in made if visit[0] <= silent]
    return made


def _booked(rng: random.Random, line: Timeline) -> list[str]:
    if rng.random() < 0.7:
        return []
    return [plus(line.as_of, rng.choice((-3, 0, 1, 7, 14, 15, 29))).isoformat() for _ in range(rng.randint(1, 2))]


def _cycles(rng: random.Random, line: Timeline) -> list[dict[str, Any]]:
    """Return recorded outcomes of some cycles."""
    made: list[dict[str, Any]] = []
    for infusion in sorted(set(line.given)):
        if rng.random() < 0.12:
            loss = plus(infusion, rng.randrange(0, 75)).isoformat()
            outcome: dict[str, Any] = {"censored": True} if rng.random() < 0.3 else {"loss_of_benefit": loss}
            made.append({"infusion": infusion.isoformat()} | outcome)
    return made
