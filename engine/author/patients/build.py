"""A whole record towards a scene: course, forms, facts, bookings and the patient's own attributes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from boosterwatch.engine.author.patients.course import Course, Parameters, plan_course, recorded_cycles
from boosterwatch.engine.author.patients.days import AS_OF, iso
from boosterwatch.engine.author.patients.facts import answers_wanted, make_facts
from boosterwatch.engine.author.patients.fields import fact_fields
from boosterwatch.engine.author.patients.forms import make_forms, spoilt_form, stated_total
from boosterwatch.engine.author.patients.wants import EXACT, Loose, Scene, Wants, sort_wants
from boosterwatch.engine.pack import ir

Record = dict[str, Any]
_FACE = ("as_of", "patient", "birth_date", "sex", "indications")


def build_record(pack: ir.Pack, parameters: Parameters, scene: Scene, loose: Loose = EXACT) -> Record:
    """Return a valid record built towards the scene; it may miss what is impossible together or cannot be said."""
    wants = sort_wants(pack, parameters, scene, loose)
    wants = _with_answers(wants, pack, parameters)
    course = plan_course(pack, parameters, wants)
    forms = [form for one in pack.instruments for form in make_forms(pack, parameters, one, wants, course)]
    parts: Record = {"as_of": iso(AS_OF), **_attributes(wants), **course.parts()}
    parts["booked"] = _booked(pack, wants)
    parts["prior_cycles"] = recorded_cycles(wants, pack, parameters, course)
    parts["assessments"] = sorted(forms, key=lambda form: str(form["date"]))
    parts["safety"] = make_facts(pack, parameters, wants)
    _add_mess(pack, parameters, wants, parts, course)
    return {key: value for key, value in parts.items() if value != []}


def _with_answers(wants: Wants, pack: ir.Pack, parameters: Parameters) -> Wants:
    scales = {id: dict(told) for id, told in wants.scales.items()}
    for id, asked in answers_wanted(pack, parameters, wants).items():
        scales[id] = asked | {kind: value for kind, value in scales.get(id, {}).items() if value is not None}
    return replace(wants, scales=scales)


# ---------------------------------------------------------------- the patient


def _attributes(wants: Wants) -> Record:
    found: Record = {}
    for measure, args, value in wants.of_kind("age_years", "attribute", "includes"):
        if measure.kind == "age_years" and isinstance(value, int | float):
            today = date.fromordinal(AS_OF)
            found["birth_date"] = date(today.year - int(value), 3, 1).isoformat()
        elif measure.kind == "attribute" and value is not None:
            found[args["of"]] = value
        elif measure.kind == "includes" and value is True:
            found.setdefault(args["list"], []).append(args["value"])
    return {key: found[key] for key in _FACE if key in found}


def _booked(pack: ir.Pack, wants: Wants) -> list[str]:
    sources = {event.id: event.source for event in pack.events}
    days: set[int] = set()
    for _, args, value in wants.of_kind("days_to_next", "any_event", "event_date"):
        if sources[args["of"]] == "booked" and value is not None and value is not False:
            days.add(AS_OF + (7 if value is True else int(value) % 10_000))
    return [iso(day) for day in sorted(days)]


# ---------------------------------------------------------------- what record checks reject


def _add_mess(pack: ir.Pack, parameters: Parameters, wants: Wants, parts: Record, course: Course) -> None:
    """Add what each wanted rejection is about; changes `parts`."""
    for _, args, value in wants.of_kind("any_rejected"):
        if value is True:
            made = _rejected(pack, args["code"])
            parts["assessments"] += made
            if not made:
                parts["safety"] += _unusable(pack, parameters, args["code"])


def _rejected(pack: ir.Pack, code: str) -> list[Record]:
    """Return forms that the record checks reject with this code of theirs."""
    spare = min(pack.instruments, key=lambda one: (one.use == "signs", one.id), default=None)
    if spare is None:
        return []
    form = {"instrument": spare.id, "date": iso(AS_OF - 1)}
    total = spare.low + 1 if spare.low + 1 <= spare.high else spare.low
    match code:
        case "future_dated":
            return [form | {"date": iso(AS_OF + 1)} | stated_total(spare, total)]
        case "invalid_score":
            return [spoilt_form(spare, AS_OF - 1)]
        case "duplicate_conflict":
            return [form | stated_total(spare, value) for value in (spare.low, spare.high)]
        case "version_mismatch":
            return [form | stated_total(spare, total) | {"version": "another"}]
        case "unit_ambiguous":
            return _ambiguous(pack)
    return []


def _ambiguous(pack: ir.Pack) -> list[Record]:
    for one in pack.instruments:
        if one.unstated is not None and one.unstated.ambiguous is not None:
            low, high = one.unstated.ambiguous
            return [{"instrument": one.id, "date": iso(AS_OF - 1), "total": round((low + high) / 2)}]
    return []


def _unusable(pack: ir.Pack, parameters: Parameters, code: str) -> list[Record]:
    """Return a fact that a check of the pack refuses with this code."""
    for check in pack.fact_checks:
        if check.code == code:
            fields = fact_fields(check.fact, {}, [ir.Not(check.keep)], parameters)
            if fields is not None:
                return [{"type": check.fact, "date": iso(AS_OF - 1), **fields}]
    return []
