"""Questionnaires of made-up patients: visits, totals at and beside the thresholds, mistakes."""

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

from .facts import item_sum
from .patient_courses import Illness, Timeline, draw_illness, plus
from .table import ITEM_FORMS, RANGES, ROWS

USUAL = {  # how often a patient fills the instrument at all
    "phq9": 0.94, "qids_sr16": 0.25, "madrs": 0.18, "gad7": 0.5, "pcl5": 0.2, "pdss_sr": 0.22,
    "isi": 0.25, "ess": 0.15, "pss10": 0.2, "wsas": 0.2, "who5": 0.3, "ptq": 0.15, "bhs": 0.15,
    "shaps": 0.25,
}  # fmt: skip
RARE = ("brs", "cd_risc10", "rrs", "dars", "aes_s", "map_sr", "cadss")
SCREENS = {"asrm": (0, 2, 5, 6, 9), "ymrs": (0, 5, 12, 13, 20), "audit_c": (0, 2, 3, 4, 7, 8, 11)}
FACT_AGES = (0, 1, 5, 14, 30, 60, 89, 90, 91, 120)
BASELINE_AGES = (0, 0, 1, 1, 2, 2, 3, 3, 3, 5, 5, 7, 10, 14, 20, 27, 28, 29)
SETTLING = (6, 7, 8, 13, 14, 15, 27, 28, 29)
Form = dict[str, Any]


@dataclass(slots=True)
class Writer:
    """Writes one patient's forms; remembers totals to place later ones on a threshold."""

    rng: random.Random
    line: Timeline
    illness: Illness
    itemised: bool
    suicidal: bool
    dwells: bool
    uses: dict[str, bool] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)

    def visit(self, date: datetime.date, share: float, time: str | None, aim: bool) -> None:
        """Write some of the patient's usual forms on a date; `aim` at a threshold now and then."""
        for name, follows in self.uses.items():
            if self.rng.random() < share:
                value = self._value(name, date, follows, aim)
                last = self.line.inductions[-1][1] if self.line.inductions else None
                if last is not None and date > last:
                    self.seen.setdefault(name, []).append(value)
                self.write(name, date, value, time)

    def _value(self, name: str, date: datetime.date, follows: bool, aim: bool) -> int:
        rng, row = self.rng, ROWS[name]
        best = min((v * row.sign for v in self.seen.get(name, [])), default=None)
        if aim and best is not None and rng.random() < 0.35 and row.cut is not None:
            best *= row.sign
            marks = (best + row.sign * row.delta, row.floor, row.cut)
            value = rng.choice(marks) + rng.choice((-1, 0, 0, 1))
        elif row.cut is not None and not aim and not self.seen.get(name) and rng.random() < 0.1:
            value = row.cut + rng.choice((-1, 0))
        else:
            level = self.illness.level(date, follows) + rng.gauss(0, 0.05)
            level = 1 - level if row.low_is_worse else level
            value = round(row.low + (row.high - row.low) * level)
        return min(max(value, row.low), row.high)

    def write(self, name: str, date: datetime.date, value: int, time: str | None) -> None:
        """Write one form with the given total."""
        rng = self.rng
        form: Form = {"instrument": name, "date": date.isoformat(), "total": value}
        if name == "phq9":
            if self.itemised and rng.random() < 0.93:
                form["items"] = phq9_items(rng, value, self.suicidal, self.dwells)
            if ("items" in form and rng.random() < 0.8) or rng.random() < 0.02:
                form["difficulty"] = min(3, max(0, round(value / 8 + rng.gauss(0, 0.5))))
        elif name in ITEM_FORMS and rng.random() < 0.13:
            items = spread(rng, name, value)
            form |= {"items": items, "total": item_sum(name, items) * (4 if name == "who5" else 1)}
        if name == "who5":
            _scale_who5(rng, form)
        elif name == "shaps" and (form["total"] == 14 or rng.random() < 0.4):
            form["scale"] = "dichotomous"
        if time is not None or rng.random() < 0.03:
            form["time"] = time or rng.choice(("before_infusion", "after_infusion"))
        if rng.random() < 0.1:
            form["id"] = f"form-{len(self.forms)}"
        self.forms.append(form)


def phq9_items(rng: random.Random, total: int, suicidal: bool, dwells: bool) -> list[int]:
    """Return nine answers with this sum; the ninth is rarely above 0 unless `suicidal`.

    One who `dwells` answers it with 1 whenever the total allows.
    """
    items = [0] * 8 + [int(dwells and 0 < total < 26)]
    weights = [10] * 8 + [0 if dwells and total < 26 else 6 if suicidal else 0.15]
    for _ in range(total - items[8]):
        free = [weight if item < 3 else 0 for weight, item in zip(weights, items, strict=True)]
        items[rng.choices(range(9), weights=free)[0]] += 1
    return items


def spread(rng: random.Random, name: str, total: int) -> list[int]:
    """Return complete answers of about this severity; the total follows from them."""
    count, highest = ITEM_FORMS[name]
    level = total / RANGES[name][1]
    return [min(highest, max(0, round(level * highest + rng.gauss(0, 0.6)))) for _ in range(count)]


def _scale_who5(rng: random.Random, form: Form) -> None:
    """State the scale of a WHO-5 total in one of the ways people do, or leave it out."""
    draw = rng.random()
    if draw < 0.55:
        form["scale"] = "percent"
    elif draw < 0.8:
        form["total"] = round(form["total"] / 4)
        form["scale"] = "raw"
    elif draw < 0.82:
        form["total"] = round(form["total"] / 4)


def draw_forms(rng: random.Random, line: Timeline) -> list[Form]:
    """Return the forms of a patient in visit order, with a few mistakes."""
    writer = Writer(
        rng,
        line,
        draw_illness(rng, line),
        itemised=rng.random() < 0.82,
        suicidal=rng.random() < 0.1,
        dwells=rng.random() < 0.03,
    )
    for name, chance in USUAL.items():
        if rng.random() < chance:
            writer.uses[name] = rng.random() < 0.8
    for date, share, time, aim in sorted(_visits(rng, line), key=lambda v: (v[0], v[2] or "")):
        writer.visit(date, share, time, aim)
    for name in RARE:
        if rng.random() < 0.04:
            low, high = RANGES[name]
            edge = rng.choice((low - 1, low, high, high + 1))
            _write_at_age(writer, name, edge if rng.random() < 0.4 else rng.randint(low, high))
    for name, values in SCREENS.items():
        while rng.random() < 0.08:
            _write_at_age(writer, name, rng.choice(values))
    forms = writer.forms
    while forms and rng.random() < 0.38:
        _make_mistake(rng, forms)
    return forms


def _write_at_age(writer: Writer, name: str, value: int) -> None:
    writer.write(name, plus(writer.line.as_of, -writer.rng.choice(FACT_AGES)), value, None)


Visit = tuple[datetime.date, float, str | None, bool]


def _visits(rng: random.Random, line: Timeline) -> list[Visit]:
    """Return the visits: date, share of forms filled, time on infusion days, and aim."""
    visits: dict[tuple[datetime.date, str | None], Visit] = {}

    def add(date: datetime.date, share: float, time: str | None = None, aim: bool = False) -> None:
        if date <= line.as_of or rng.random() < 0.04:
            visits.setdefault((date, time), (date, share, time, aim))

    for first, _ in line.inductions or [(line.as_of, line.as_of)]:
        if rng.random() < 0.93:
            share = 0.95 if rng.random() < 0.8 else 0.5
            add(plus(first, -rng.choice(BASELINE_AGES)), share)
        if rng.random() < 0.12:
            add(first, 0.8, rng.choice((None, "before_infusion", "after_infusion")))
    given = line.given
    for date in given[1:]:
        if rng.random() < (0.15 if len(given) < 9 else 0.1):
            times = rng.choice(((None,), (None,), ("after_infusion",), (None, "after_infusion")))
            for time in times:
                add(date, 0.7, time, aim=True)
    if line.inductions:
        last = line.inductions[-1][1]
        step = rng.choice((5, 7, 7, 14, 14, 21, 28, 100))
        if step == 100:  # hardly any visits: one good one, then only the last two
            add(plus(last, 14), 0.95)
        for days in range(step, min((line.as_of - last).days, 400), step):
            if rng.random() < 0.8:
                add(plus(last, days + rng.choice((-1, 0, 0, 1))), 0.75)
    if given and rng.random() < 0.35:
        add(plus(given[-1], rng.choice(SETTLING)), 0.8, aim=True)
    newest = plus(line.as_of, -rng.choice((0, 0, 0, 1, 1, 2, 3, 5, 7, 15)))
    if rng.random() < 0.85:
        add(newest, 0.9, aim=True)
        if rng.random() < 0.5:
            add(plus(newest, -rng.choice((3, 4, 5, 6, 10, 14, 14, 28, 41, 42, 43))), 0.8, aim=True)
    if rng.random() < 0.05:
        add(plus(line.as_of, rng.choice((1, 2, 9))), 0.5)
    if rng.random() < 0.15:  # the patient stopped filling forms
        silent = plus(line.as_of, -rng.choice((30, 35, 36, 42, 43)))
        add(silent, 0.95, aim=True)
        return [visit for visit in visits.values() if visit[0] <= silent]
    return list(visits.values())


def _make_mistake(rng: random.Random, forms: list[Form]) -> None:
    """Spoil, repeat or strip one form, mostly a PHQ-9 and mostly a late one."""
    phq9 = [form for form in forms if form["instrument"] == "phq9"]
    pool = phq9 if phq9 and rng.random() < 0.6 else forms
    form = pool[-1] if rng.random() < 0.4 else rng.choice(pool)
    if rng.random() < 0.3:
        forms.append(_repeat(rng, form))
    else:
        _spoil(rng, form)


def _repeat(rng: random.Random, form: Form) -> Form:
    """Return a second form of the same day: equal, barer, conflicting, or at another time."""
    again = {key: value for key, value in form.items() if key != "id"}
    draw = rng.random()
    if draw < 0.25:
        again.pop("items", None)
        again.pop("difficulty", None)
    elif draw < 0.6 and form.get("total") is not None:
        again["total"] = form["total"] + rng.choice((-4, 1, 4))
        again.pop("items", None)
    elif draw < 0.75 and form.get("items"):
        again["items"] = _with(again["items"], rng.randrange(len(again["items"])), None)
    elif draw < 0.9:
        again["time"] = rng.choice(("before_infusion", "after_infusion"))
    return again


def _with(items: list[Any], place: int, value: object) -> list[Any]:
    return [*items[:place], value, *items[place + 1 :]]


def _spoil(rng: random.Random, form: Form) -> None:
    """Make one change that a check of section 4 looks for, or that leaves less to read."""
    name, items = form["instrument"], form.get("items")
    low, high = RANGES[name]
    plain = ["range", "half", "error", "version", "scale"]
    if name == "phq9" and "items" in form:
        plain += ["difficulty", "bare", "no_total", "difficulty_only"]
    choices = [*plain, *(["blank", "blank", "sum", "count", "item", "no_total"] if items else [])]
    match rng.choice(choices):
        case "range":
            form["total"] = rng.choice((low - 1, high + 1))
        case "half" if form.get("total") is not None:
            form["total"] += 0.5
        case "error":
            form["entered_in_error"] = True
        case "version" if name in ("phq9", "pcl5"):
            form["version"] = {"phq9": "phq8", "pcl5": "pcl_c"}[name]
        case "scale":
            _misstate_scale(rng, form)
        case "difficulty":
            form["difficulty"] = rng.choice((4, -1))
        case "bare":
            form.pop("items", None)
        case "no_total":
            form.pop("total", None)
        case "difficulty_only":
            form.pop("items", None)
            form.pop("total", None)
            form["difficulty"] = rng.randint(0, 3)
        case "blank" if items:
            form["items"] = _with(items, rng.randrange(len(items)), None)
            if rng.random() < 0.4:
                form.pop("total", None)
        case "sum" if items and form.get("total") is not None:
            form["total"] = max(low, form["total"] + rng.choice((-1, 1)))
        case "count" if items:
            form["items"] = items[:-1] if rng.random() < 0.6 else [*items, 0]
        case "item" if items:
            form["items"] = _with(items, rng.randrange(len(items)), rng.choice((ITEM_FORMS[name][1] + 1, -1, 1.5)))


def _misstate_scale(rng: random.Random, form: Form) -> None:
    """Give a total that the scale rules of check 4 must look at."""
    form_scales: dict[str, tuple[tuple[float, str | None], ...]] = {
        "who5": ((17, None), (25, None), (26, None), (0, None), (26, "raw"), (17, "percent")),
        "shaps": ((13, None), (14, None), (30, None), (15, "dichotomous"), (20, "sum")),
        "brs": ((5, None), (5.5, None), (18, None), (2.5, None), (0.5, None)),
    }
    if form["instrument"] in form_scales:
        form["total"], scale = rng.choice(form_scales[form["instrument"]])
        form.pop("scale", None)
        if scale:
            form["scale"] = scale
