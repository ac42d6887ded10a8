"""Invented instruments with their scales and parameters, what is worked out of every score, and roles."""

from __future__ import annotations

from boosterwatch.tests.packs.sketch import Data, Sketch, Subject

POINTS = ("latest", "best", "baseline", "best_since_induction", "gain")
USES = ("signs", "signs", "signs", "signs", "display", "safety")


def invent_instrument(sketch: Sketch, *, use: str | None = None) -> Data:
    """Return the file of one instrument, and note its scales."""
    rng, id = sketch.rng, sketch.name()
    total = _total(sketch)
    low, high = (float(end) for end in total["range"].split(" to "))
    made: Data = {
        "instrument": id, "name": sketch.words(), "short": sketch.words(), "use": use or rng.choice(USES),
        "licence": sketch.words(), "total": total,
    }  # fmt: skip
    if sketch.chance(0.5):
        made["recall"] = sketch.words()
    if sketch.citations and sketch.chance(0.5):
        made["cites"] = sketch.some(sketch.citations, 2)
    if sketch.chance(0.3):
        made["codes"] = {"total": "LOINC 12345-6", "item 1": "local x/1"}
    parameters = _limits(sketch, id, low, high)
    sketch.scales.append(Subject(id, id, low, high, total["worse"]))
    parts = _parts(sketch, total, parameters)
    if parts:
        made["parts"] = parts
    made["parameters"] = parameters
    return made


def _total(sketch: Sketch) -> Data:
    rng = sketch.rng
    kind = rng.choice(("plain", "items", "items", "reversed", "domains", "methods", "fraction"))
    worse = {"worse": rng.choice(("high", "high", "low"))}
    if kind in ("plain", "fraction"):
        low = rng.choice((0, 0, 1, 10))
        whole: Data = {"whole": False} if kind == "fraction" else rng.choice(({}, {"whole": True}))
        return {"range": f"{low} to {low + rng.choice((4, 20, 60, 100))}"} | worse | whole
    if kind == "methods":
        return _methods(sketch) | worse
    count, low, high = rng.randint(2, 9), rng.choice((0, 0, 1)), rng.randint(2, 6)
    items: Data = {"count": count, "range": f"{low} to {high}"}
    if sketch.chance(0.5):
        items["blank"] = rng.choice(("no_total", "total_stands"))
    added = count
    if kind == "reversed":
        items["reversed"] = sketch.some(range(1, count + 1), 3)
    if kind == "domains":
        items["domains"] = _domains(sketch, count)
        added = len(items["domains"])
    return {"range": f"{added * low} to {added * high}", "items": items} | worse


def _domains(sketch: Sketch, count: int) -> list[list[int]]:
    """Return the items in groups, every item in one."""
    places = list(range(1, count + 1))
    sketch.rng.shuffle(places)
    cuts = sorted(sketch.rng.sample(range(1, count), sketch.rng.randint(1, count - 1)))
    return [sorted(places[start:end]) for start, end in zip([0, *cuts], [*cuts, count], strict=True)]


def _methods(sketch: Sketch) -> Data:
    """Return an instrument that is totalled in several ways."""
    rng = sketch.rng
    first, second, third = sketch.name(), sketch.name(), sketch.name()
    methods: Data = {first: {"range": "0 to 100"}, second: {"range": "0 to 25", "times": 4}}
    if sketch.chance(0.4):
        methods[third] = {"range": "14 to 56", "usable": False}
    unstated: Data = {"otherwise": rng.choice(list(methods))}
    if sketch.chance(0.7):
        unstated["ambiguous"] = rng.choice(("0 to 25", "60 and above", "above 80"))
    total: Data = {"range": "0 to 100", "methods": methods, "unstated": unstated}
    if sketch.chance(0.6):
        total["items"] = {"count": 5, "range": "0 to 5", "method": second}
        unstated["items_settle"] = rng.random() < 0.7
    return total


def _limits(sketch: Sketch, group: str, low: float, high: float) -> Data:
    """Return the parameters of a group of scales, the same for every group of the pack."""
    span = max(1.0, high - low)
    rng = sketch.rng
    made: Data = {}
    for n, tail in enumerate(sketch.limits["points"]):
        ends = (1, max(1.0, span / 3)) if n == 0 else (low, high)
        made[f"{group}.{tail}"] = sketch.number("points", *ends)
    for n, tail in enumerate(sketch.limits["days"]):
        ends = (0, 21) if n == 0 else (rng.choice((7, 30, 30)), 90)
        made[f"{group}.{tail}"] = sketch.number("days", *ends)
    return made


def _parts(sketch: Sketch, total: Data, parameters: Data) -> Data:
    """Return single answers that are followed as scales of their own."""
    items = total.get("items")
    low, high = (float(end) for end in items["range"].split(" to ")) if items else (0.0, 3.0)
    group = None
    made: Data = {}
    places = sketch.some(range(1, items["count"] + 1), 3) if items and sketch.chance(0.6) else []
    for item in places:
        id = sketch.name()
        if group is None or sketch.chance(0.3):
            group = id if sketch.chance(0.5) else sketch.name()
            parameters |= _limits(sketch, group, low, high)
        made[id] = {"item": item, "short": sketch.words(), "says": sketch.words()}
        if group != id:
            made[id]["parameters"] = group
        sketch.scales.append(Subject(id, group, low, high, total["worse"]))
    if sketch.chance(0.25):
        id = sketch.name()
        parameters |= _limits(sketch, id, 0, 3)
        made[id] = {"field": "difficulty", "range": "0 to 3", "short": sketch.words(), "says": sketch.words()}
        sketch.scales.append(Subject(id, id, 0, 3, total["worse"]))
    return made


def name_limits(sketch: Sketch) -> None:
    """Choose what the parameters of every group of scales are called: the change that counts comes first."""
    sketch.limits = {
        "points": [sketch.name() for _ in range(sketch.rng.randint(2, 4))],
        "days": [sketch.name() for _ in range(2)],
    }


# ---------------------------------------------------------------- what is worked out of scores


def invent_score_measures(sketch: Sketch) -> Data:
    """Return the section `score_measures`, with every kind there is, some of them twice."""
    settle, fresh = (f"scale.{tail}" for tail in sketch.limits["days"])
    delta = f"scale.{sketch.limits['points'][0]}"
    made: Data = {}

    def add(dimension: str, **spec: str) -> None:
        name = sketch.name()
        if spec["kind"] == "assessable":
            sketch.assessable = name
        sketch.tails.setdefault(dimension, []).append(name)
        made[name] = {**spec, "says": sketch.words()}
        if sketch.chance(0.4):
            made[name]["report"] = True
            made[name]["for"] = sketch.some(("signs", "display", "safety"), 3)

    def days(low: int, high: int) -> str:
        return sketch.parameter("days", low, high)

    for kind in POINTS:
        add("points", kind=kind)
    for since in ("best", "baseline"):
        add("points", kind="change", since=since)
    for _ in range(sketch.rng.randint(1, 2)):
        gap = {"from": days(0, 10), "to": days(20, 60)}
        add("points", kind="latest_within", within=days(20, 120))
        add("points", kind="previous", **gap)
        add("points", kind="previous_change", **gap)
        add("truth", kind="previous_interpretable", settle=sketch.rng.choice((settle, days(0, 20))), **gap)
        add("truth", kind="assessable", settle=settle, fresh=fresh)
        add("reason", kind="reason", settle=settle, fresh=sketch.rng.choice((fresh, fresh, days(10, 60))))
        add("slope", kind="slope", points=sketch.parameter("count", 2, 4), span=days(3, 30), settle=settle)
    add("date", kind="latest_date")
    add("days", kind="age")
    add("fraction", kind="fraction_lost", smallest_gain=delta)
    add("fraction", kind="response_fraction", case_level=f"scale.{sketch.limits['points'][-1]}")
    add("truth", kind="newest_invalid")
    return dict(sketch.rng.sample(list(made.items()), len(made)))


def invent_roles(sketch: Sketch) -> Data:
    """Return the section `roles`; the scales of a role worsen the same way."""
    made: Data = {}
    tails = [tail for tails in sketch.tails.values() for tail in tails]
    for _ in range(sketch.count(0, 2)):
        id = sketch.name()
        worse = sketch.rng.choice(sketch.scales).worse
        scales = sketch.some([one for one in sketch.scales if one.worse == worse], 3)
        made[id] = {
            "says": sketch.words(),
            "scales": [one.id for one in scales],
            "prefer": sketch.some(tails, 3),
        }
        sketch.roles.append(Subject(id, id, scales[0].low, scales[0].high, worse))
        sketch.add(id, "", tuple(one.id for one in scales))
    return made
