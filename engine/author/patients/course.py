"""The infusions of a made-up patient: one marked induction, then whatever dates and counts are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boosterwatch.engine.author.patients.days import AS_OF, USUAL_AGE, iso
from boosterwatch.engine.author.patients.wants import Wants
from boosterwatch.engine.pack import ir

Parameters = Mapping[str, float]

USUAL = 6  # infusions of an induction, where the pack's own numbers allow it
_SHORT_REST, _LONG_REST = 22, 45  # days since the last infusion, where many are wanted: in weeks, in a year
_WEEKLY = 7
_WEEK = (0, 2, 4)  # Monday, Wednesday, Friday
_COUNTED_FROM_INDUCTION = (
    "best", "baseline", "best_since_induction", "change best", "change baseline", "gain", "fraction_lost",
    "response_fraction", "previous_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """Infusion days (ordinals): those of the induction and those after it; no induction at all when both are empty."""

    induction: tuple[int, ...]
    later: tuple[int, ...] = ()

    @property
    def last(self) -> int | None:
        """The last infusion."""
        days = (*self.induction, *self.later)
        return max(days) if days else None

    def parts(self) -> dict[str, Any]:
        """Return the keys of a record that tell this."""
        days = [iso(day) for day in (*self.induction, *self.later)]
        if not self.induction:
            return {"infusions": days} if days else {}
        marked = {"first": iso(self.induction[0]), "last": iso(self.induction[-1])}
        return {"induction": marked, "infusions": days}


def plan_course(pack: ir.Pack, parameters: Parameters, wants: Wants) -> Course:
    """Return the infusions that the wanted dates, counts and scores ask for."""
    last_age, induction_age = _wanted_ages(wants)
    if _denied(wants):
        return _with_counts(wants, pack, parameters, Course((), () if last_age is None else (AS_OF - last_age,)))
    if induction_age is None:
        induction_age = USUAL_AGE if last_age is None or _wants_later(wants) else last_age
        induction_age = max(induction_age, *_cycles_need(wants), _counts_need(wants, parameters))
    last_age = last_age if last_age is not None else _settling_age(wants, parameters)
    induction = _induction(pack, parameters, AS_OF - induction_age, _most(wants, parameters, induction_age))
    later = () if last_age is None or last_age >= induction_age else (AS_OF - last_age,)
    return _with_cycles(wants, _with_counts(wants, pack, parameters, Course(induction, later)))


def needs_course(wants: Wants) -> bool:
    """Return whether something that is wanted is counted from an induction."""
    told = (scale.get(kind) for scale in wants.scales.values() for kind in _COUNTED_FROM_INDUCTION)
    return any(value is not None for value in told) or any(one.get("assessable") for one in wants.scales.values())


def _denied(wants: Wants) -> bool:
    """Return whether no induction is wanted, and nothing that is wanted needs one."""
    dates = [(args["which"], value) for _, args, value in wants.of_kind("course_date")]
    return any(which != "last_infusion" and value is None for which, value in dates) and not needs_course(wants)


def _wanted_ages(wants: Wants) -> tuple[int | None, int | None]:
    """Return how long ago the last infusion and the end of the induction should be."""
    ages: dict[str, int | None] = {}
    for measure in wants.measures.values():
        if measure.kind == "course_date":
            age = wants.age_of(measure.name)
            if age is not None:
                ages[dict(measure.args)["which"]] = max(age, 0)
    return ages.get("last_infusion"), ages.get("induction_last")


def _settling_age(wants: Wants, parameters: Parameters) -> int | None:
    """Return the age of an infusion so recent that a score wanted as settling is."""
    for measure, args, value in wants.of_kind("reason", "role"):
        if value == "settling" and wants.age_of(measure.name) is None:
            settle = args.get("settle") or _settle_of(wants, args.get("measure", ""))
            return max(int(parameters.get(settle, 8)) - 4, 1)
    return None


def _settle_of(wants: Wants, tail: str) -> str:
    found = (one for one in wants.measures.values() if one.kind == "reason" and one.name.endswith(f".{tail}"))
    return next((dict(one.args)["settle"] for one in found), "")


def _most(wants: Wants, parameters: Parameters, age: int) -> int:
    """Return how many infusions an induction of this age may have for the wanted counts."""
    counted = [
        int(value)
        for _, args, value in wants.of_kind("count")
        if isinstance(value, int | float) and args.get("outside") is None and parameters[args["younger_than"]] > age
    ]
    return max(min(counted, default=USUAL), 1)


def _induction(pack: ir.Pack, parameters: Parameters, last: int, limit: int) -> tuple[int, ...]:
    """Return the days of an induction that ends on `last`, three times a week where its span allows."""
    names = pack.course
    least, most = int(parameters[names.least]), int(parameters[names.most])
    number = min(max(1, least, min(most, USUAL)), limit)  # a clinician may have marked a shorter one
    days = [7 * (n // 3) + _WEEK[n % 3] for n in range(number)]
    if days[-1] > parameters[names.span_days] or parameters[names.gap_days] <= 3:
        days = list(range(number))
    return tuple(last - days[-1] + day for day in days)


# ---------------------------------------------------------------- counts and cycles


def _with_counts(wants: Wants, pack: ir.Pack, parameters: Parameters, course: Course) -> Course:
    """Return the course with as many infusions in each window as are wanted; never fewer than it has."""
    sources = {event.id: event.source for event in pack.events}
    days = set(course.later)
    for _, args, value in wants.of_kind("count"):
        if sources.get(args["of"]) != "infusions" or not isinstance(value, int | float):
            continue
        window = int(parameters[args["younger_than"]])
        inside = {day for day in days if day > AS_OF - window}
        if args.get("outside") != "induction":
            inside |= {day for day in course.induction if day > AS_OF - window}
        days |= _spread(int(value) - len(inside), window, course, days)
    return Course(course.induction, tuple(sorted(days)))


def _wants_later(wants: Wants) -> bool:
    """Return whether infusions after the induction are wanted."""
    counted = [value for _, args, value in wants.of_kind("count") if args.get("outside") == "induction"]
    return any(counted) or any(value for _, _, value in wants.of_kind("observed_cycles"))


def _counts_need(wants: Wants, parameters: Parameters) -> int:
    """Return the days that a long window's wanted number of infusions takes, two weeks each."""
    needs = [
        min(2 * _WEEKLY * int(value), int(parameters[args["younger_than"]]) - _SHORT_REST)
        for _, args, value in wants.of_kind("count")
        if isinstance(value, int | float) and parameters[args["younger_than"]] > 2 * USUAL_AGE
    ]
    return max(needs, default=0)


def _spread(number: int, window: int, course: Course, taken: set[int]) -> set[int]:
    """Return so many more infusion days inside the window, not after the last infusion wanted."""
    first = max(AS_OF - window + 1, course.induction[-1] + 1 if course.induction else 0)
    rest = _LONG_REST if window > 2 * USUAL_AGE else min(_SHORT_REST, window - 1)
    newest = max(taken, default=AS_OF - rest)
    if number <= 0 or newest < first:
        return set()
    step = max((newest - first) // number, 1)
    free = [day for day in range(newest, first - 1, -step) if day not in taken]
    return set(free[:number])


def _cycles_need(wants: Wants) -> list[int]:
    """Return the days that the wanted number of observed cycles takes."""
    wanted = [value for _, _, value in wants.of_kind("observed_cycles") if isinstance(value, int)]
    return [USUAL_AGE * number for number in wanted] or [0]


def _with_cycles(wants: Wants, course: Course) -> Course:
    """Return the course with an infusion for each observed cycle beyond the first."""
    wanted = max((value for _, _, value in wants.of_kind("observed_cycles") if isinstance(value, int)), default=0)
    missing = wanted - 1 - len(course.later)
    if missing <= 0 or not course.induction:
        return course
    newest = min(course.later, default=AS_OF)
    step = max((newest - course.induction[-1]) // (missing + 1), 1)
    more = [course.induction[-1] + step * n for n in range(1, missing + 1)]
    return Course(course.induction, tuple(sorted({*course.later, *more})))


def recorded_cycles(wants: Wants, pack: ir.Pack, parameters: Parameters, course: Course) -> list[dict[str, str]]:
    """Return the entries that give the wanted number of observed cycles and the wanted interval."""
    numbers = [value for _, _, value in wants.of_kind("observed_cycles") if isinstance(value, int)]
    if not numbers or not course.induction:
        return []
    starts = [course.induction[-1], *course.later][: max(numbers)]
    length = _length(wants, parameters)
    return [{"infusion": iso(day), "loss_of_benefit": iso(min(day + length, AS_OF))} for day in starts]


def _length(wants: Wants, parameters: Parameters) -> int:
    for _, args, value in wants.of_kind("individual_interval"):
        if isinstance(value, int | float) and parameters[args["fraction"]]:
            return round(value / parameters[args["fraction"]])
    return 40
