"""Invented events, checks of facts, and what is worked out from everything that is no score."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from boosterwatch.engine.pack.compile.events import record_fields
from boosterwatch.tests.packs.clauses import FactClauses, words_of
from boosterwatch.tests.packs.sketch import Data, Sketch

FACTS = {type: fields for type, fields in record_fields().items() if type != "patient"}
ANSWER = {"value": "number", "best_before": "number"}
CODES = ("invalid_score", "unit_ambiguous", "duplicate_conflict", "version_mismatch", "future_dated")


def invent_checks(sketch: Sketch) -> list[Data]:
    """Return the section `fact_checks`."""
    made = []
    for type in sketch.some(list(FACTS), 2):
        keep = FactClauses(sketch, FACTS[type]).condition()
        made.append({"fact": type, "code": sketch.name(), "says": sketch.words(), "keep": keep})
    return made


# ---------------------------------------------------------------- events


def invent_events(sketch: Sketch) -> Data:
    """Return the section `events`; an event refers to those before it."""
    made: Data = {}
    for _ in range(sketch.count(2, 8)):
        event = invent_event(sketch)
        name = sketch.name()
        made[name] = event
        sketch.events.append(name)
    return made


def invent_event(sketch: Sketch) -> Data:
    """Return one selection of dated happenings, with filters of every sort."""
    rng = sketch.rng
    source = rng.choice(("infusions", "booked", "answers", "answers", *FACTS))
    made: Data = {"from": source}
    if source == "answers":
        made["scale"] = rng.choice(sketch.scales).id
    fields: Mapping[str, str] = ANSWER if source == "answers" else FACTS.get(source, {})
    if fields and sketch.chance(0.7):
        made["where"] = FactClauses(sketch, fields).condition()
    if sketch.chance(0.4):
        made["within"] = sketch.parameter("days", 0, 120)
    if sketch.chance(0.25):
        made["since"] = rng.choice(("course", "last_infusion"))
    if sketch.events:
        made |= _among_others(sketch)
    if sketch.chance(0.2):
        made["says"] = sketch.words()
    return made


def _among_others(sketch: Sketch) -> Data:
    """Return the filters that look at other events."""
    rng = sketch.rng
    made: Data = {}
    for key in ("followed_by", "not_followed_by", "silenced_by"):
        if sketch.chance(0.15):
            made[key] = rng.choice(sketch.events)
    if sketch.chance(0.15):
        made["not_preceded_by"] = {"event": rng.choice(sketch.events), "within": sketch.parameter("days", 0, 60)}
    if sketch.chance(0.2):
        others = sketch.some(sketch.events, 2)
        made["closed_by"] = {other: rng.choice(("on_or_after", "after")) for other in others}
    return made


# ---------------------------------------------------------------- measures


def invent_measures(sketch: Sketch) -> Data:
    """Return the section `measures`, with every kind there is; a measure reads those before it."""
    makers: list[Callable[[Sketch], tuple[Data, str, tuple[str, ...]] | None]] = [
        _course_date, _latest_fact, _latest_fact, _latest_fact, _latest_fact_meets, _fact_date, _any_event, _event_date,
        _days_to_next, _count, _age, _sex, _includes, _any_rejected, _stands, _role, _role_parameter, _choice,
        _due_date, _scheduled_interval, _observed_cycles, _individual_interval,
        _days_since, _days_since, _days_between, _days_apart, _date_after, _days_since,
    ]  # fmt: skip
    made: Data = {}
    for maker in makers:
        found = maker(sketch) if sketch.size > 1 or sketch.chance(0.6) else None
        if found is not None:
            spec, dimension, words = found
            name = sketch.dotted()
            made[name] = {**spec, "says": sketch.words()}
            if sketch.chance(0.4):
                made[name]["report"] = True
            sketch.add(name, dimension, words)
            if spec["kind"] in ("any_event", "latest_fact", "latest_fact_meets"):
                sketch.add(f"{name}.date", "date")
    return made


Made = tuple[Data, str, tuple[str, ...]]


def _of(dimension: str, words: tuple[str, ...] = (), /, **spec: object) -> Made:
    return {key.rstrip("_"): value for key, value in spec.items()}, dimension, words


def _course_date(sketch: Sketch) -> Made:
    which = sketch.rng.choice(("last_infusion", "induction_first", "induction_last"))
    return _of("date", kind="course_date", which=which)


def _latest_fact(sketch: Sketch) -> Made | None:
    type = sketch.rng.choice(list(FACTS))
    fields = {name: dimension for name, dimension in FACTS[type].items() if dimension != "text"}
    field = sketch.rng.choice(list(fields))
    spec: Data = {"kind": "latest_fact", "fact": type, "field": field} | _keyed(sketch, type, field)
    words = words_of(fields[field])
    if words:
        order = list(words)
        sketch.rng.shuffle(order)
        return spec | {"order": order[: sketch.rng.randint(1, len(order))]}, "", words
    if fields[field] == "truth":
        return spec | {"order": sketch.some((True, False), 2)}, "truth", ()
    unit = sketch.rng.choice(("mmHg", "times", "days", "count"))
    others = [name for name, dimension in fields.items() if dimension == "number" and name != field]
    if others and sketch.chance(0.5):
        spec["per"] = sketch.rng.choice(others)
    return spec | {"order": [sketch.rng.choice(("highest", "lowest"))], "unit": unit}, unit, ()


def _keyed(sketch: Sketch, type: str, field: str) -> Data:
    """Return the choice of facts by the word of another field."""
    keys = {name: words_of(dimension) for name, dimension in FACTS[type].items() if name != field}
    known = [name for name, words in keys.items() if words]
    if not known or sketch.chance(0.4):
        return {}
    key = sketch.rng.choice(known)
    return {"key": key, "value": sketch.rng.choice(keys[key])}


def _latest_fact_meets(sketch: Sketch) -> Made:
    type = sketch.rng.choice(list(FACTS))
    stating = sketch.rng.choice(list(FACTS[type]))
    where = FactClauses(sketch, FACTS[type]).condition()
    return _of("truth", kind="latest_fact_meets", fact=type, stating=stating, where=where)


def _fact_date(sketch: Sketch) -> Made:
    type = sketch.rng.choice(list(FACTS))
    field = sketch.rng.choice(list(FACTS[type]))
    if sketch.chance(0.5):
        return _of("date", kind="fact_date", fact=type, stating=field)
    return {"kind": "fact_date", "fact": type, "field": field} | _keyed(sketch, type, field), "date", ()


def _any_event(sketch: Sketch) -> Made:
    return _of("truth", kind="any_event", of=sketch.rng.choice(sketch.events))


def _event_date(sketch: Sketch) -> Made:
    return _of("date", kind="event_date", of=sketch.rng.choice(sketch.events))


def _days_to_next(sketch: Sketch) -> Made:
    return _of("days", kind="days_to_next", of=sketch.rng.choice(sketch.events))


def _count(sketch: Sketch) -> Made:
    spec, dimension, words = _of(
        "count", kind="count", of=sketch.rng.choice(sketch.events), younger_than=sketch.parameter("days", 7, 400)
    )
    return (spec | {"outside": "induction"} if sketch.chance(0.4) else spec), dimension, words


def _age(_: Sketch) -> Made:
    return _of("years", kind="age_years")


def _sex(_: Sketch) -> Made:
    return _of("", ("female", "male", "unknown"), kind="attribute", of="sex")


def _includes(sketch: Sketch) -> Made:
    value = sketch.rng.choice(("depression", "anxiety", "ptsd", "panic", "other"))
    return _of("truth", kind="includes", list="indications", value=value)


def _any_rejected(sketch: Sketch) -> Made:
    return _of("truth", kind="any_rejected", code=sketch.rng.choice(CODES))


def _stands(sketch: Sketch) -> Made | None:
    if not sketch.holds:
        return None
    return _of("truth", kind="stands", date=sketch.rng.choice(sketch.of("date")), hold=sketch.rng.choice(sketch.holds))


def _role(sketch: Sketch) -> Made | None:
    """Return a truth of the chosen scale: its points would need the role's own parameters."""
    if not sketch.roles:
        return None
    dimension = sketch.rng.choice(("truth", "days", "fraction", "date"))
    return _of(
        dimension,
        kind="role",
        role=sketch.rng.choice(sketch.roles).id,
        measure=sketch.rng.choice(sketch.tails[dimension]),
    )


def _role_parameter(sketch: Sketch) -> Made | None:
    if not sketch.roles:
        return None
    tail = sketch.rng.choice(sketch.limits["days"])
    return _of("unusable", kind="role_parameter", role=sketch.rng.choice(sketch.roles).id, parameter=tail)


def _choice(sketch: Sketch) -> Made | None:
    return _of("unusable", kind="choice", role=sketch.rng.choice(sketch.roles).id) if sketch.roles else None


def _due_date(sketch: Sketch) -> Made | None:
    return _of("date", kind="due_date", role=sketch.rng.choice(sketch.roles).id) if sketch.roles else None


def _scheduled_interval(sketch: Sketch) -> Made | None:
    return _of("days", kind="scheduled_interval", role=sketch.rng.choice(sketch.roles).id) if sketch.roles else None


def _observed_cycles(_: Sketch) -> Made:
    return _of("count", kind="observed_cycles")


def _individual_interval(sketch: Sketch) -> Made:
    settings: Data = {key: sketch.parameter("days", 7, 120) for key in ("fallback", "least", "most")}
    settings |= {key: sketch.parameter("count", 1, 3) for key in ("needed", "used")}
    settings["fraction"] = sketch.parameter("fraction", 0.5, 1)
    return {"kind": "individual_interval"} | settings, "days", ()


def _days_since(sketch: Sketch) -> Made:
    return _of("days", kind="days_since", of=sketch.rng.choice(sketch.of("date")))


def _days_between(sketch: Sketch) -> Made:
    dates = sketch.of("date")
    return _of("days", kind="days_between", from_=sketch.rng.choice(dates), to=sketch.rng.choice(dates))


def _days_apart(sketch: Sketch) -> Made:
    dates = sketch.of("date")
    return _of("days", kind="days_apart", from_=sketch.rng.choice(dates), to=sketch.rng.choice(dates))


def _date_after(sketch: Sketch) -> Made:
    return _of(
        "date", kind="date_after", from_=sketch.rng.choice(sketch.of("date")), days=sketch.rng.choice(sketch.of("days"))
    )
