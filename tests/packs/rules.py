"""Invented readings, classes, signs, findings, notices and recommendations.

What a rule may read grows from layer to layer, so that no rule waits for itself.
"""

from __future__ import annotations

from boosterwatch.tests.packs.clauses import Clauses, Condition
from boosterwatch.tests.packs.facts import invent_event
from boosterwatch.tests.packs.sketch import Data, Sketch, Subject

DUES = ("now", "same_day", "within_7_days")
STATES = ("possible", "probable", "absent", "cannot_assess")


def condition(sketch: Sketch, depth: int = 2, words: dict[str, list[Subject]] | None = None) -> Condition:
    """Return a condition on what there is so far."""
    return Clauses(sketch, words).condition(depth)


def _judged(sketch: Sketch, words: dict[str, list[Subject]] | None = None, depth: int = 2) -> Data:
    """Return a condition and its sentence."""
    made: Data = {"when": condition(sketch, depth, words), "because": sketch.sentence(*(words or ()))}
    return made | sketch.sources()


# ---------------------------------------------------------------- patterns and readings


def invent_patterns(sketch: Sketch) -> Data:
    """Return the section `patterns`; a pattern may use those before it."""
    made: Data = {}
    for _ in range(sketch.count(1, 3)):
        word = sketch.rng.choice(("scale", sketch.name()))
        writer = Clauses(sketch, {word: sketch.scales})
        keys = sketch.some(("all", "any", "none"), 2)
        name = sketch.name()
        parts: Data = {key: [writer.condition(1) for _ in range(sketch.rng.randint(1, 2))] for key in keys}
        made[name] = {"of": word, "says": sketch.words()} | parts
        sketch.patterns.append(name)
    return made


def invent_readings(sketch: Sketch) -> list[Data]:
    """Return the section `readings`; a few scales stay without one."""
    scales = [one for one in sketch.scales if sketch.chance(0.9)] or sketch.scales[:1]
    middle = sketch.rng.randint(1, len(scales))
    return [_reading(sketch, part) for part in (scales[:middle], scales[middle:]) if part]


def _reading(sketch: Sketch, scales: list[Subject]) -> Data:
    words = {"scale": scales}
    assessable = f"scale.{sketch.assessable} is yes"
    made: Data = {
        "id": sketch.name(),
        "for": {"scale": [one.id for one in scales]},
        "needs": assessable if sketch.chance(0.8) else condition(sketch, 1, words),
        "reason": f"scale.{sketch.rng.choice(sketch.tails['reason'])}",
    }
    probable = sketch.chance(0.7)
    if probable:
        made["probable"] = _judged(sketch, words)
    made["possible"] = _judged(sketch, words)
    made["absent"] = {"because": sketch.sentence("scale")}
    sketch.read += scales
    states = STATES if probable else tuple(state for state in STATES if state != "probable")
    sketch.tables |= {one.id: states for one in scales}
    return made


def invent_class(sketch: Sketch) -> Data:
    """Return one class."""
    states = [sketch.name() for _ in range(sketch.rng.randint(2, 4))]
    if sketch.chance(0.5):
        states[0] = "unknown"
    rows = [{"state": state} | _judged(sketch, depth=1) for state in states[:-1]]
    id = sketch.name()
    sketch.tables[id] = tuple(state for state in states if state != "unknown")
    return {"id": id, "says": sketch.words(), "rows": rows, "otherwise": states[-1]}


# ---------------------------------------------------------------- signs


def invent_sign(sketch: Sketch) -> Data:
    """Return the file of one sign."""
    rng = sketch.rng
    inputs = sketch.some(sketch.read, 2 + sketch.size)
    core = inputs[: rng.randint(1, len(inputs))]
    id = sketch.name()
    made: Data = {
        "sign": id, "title": sketch.words(), "says": sketch.words(),
        "core": [_input(sketch, one) for one in core],
        "absent_because": sketch.sentence(),
    }  # fmt: skip
    if supporting := inputs[len(core) :]:
        made["supporting"] = [_input(sketch, one) for one in supporting]
    for key in ("probable_when", "possible_when"):
        if sketch.chance(0.4):
            made[key] = [{"id": sketch.name()} | _judged(sketch) for _ in range(rng.randint(1, 2))]
    states = STATES
    if sketch.chance(0.3):
        made["applies_when"] = condition(sketch, 1)
        made["otherwise"] = _otherwise(sketch)
        states = (*STATES, *{row["state"] for row in made["otherwise"]} - set(STATES))
    sketch.tables[id] = states
    sketch.signs.append(id)
    return made


def _input(sketch: Sketch, scale: Subject) -> str | Data:
    if sketch.chance(0.55):
        return scale.id
    made: Data = {"scale": scale.id}
    if sketch.chance(0.6):
        made["at_most"] = "possible"
        if sketch.chance(0.5):
            made["when"] = condition(sketch, 1)
    if sketch.chance(0.4):
        made["only_when"] = condition(sketch, 1)
    return made


def _otherwise(sketch: Sketch) -> list[Data]:
    """Return the rows of a sign that does not apply; the last one has no condition."""
    rows = []
    for last in (*[False] * sketch.rng.randint(0, 2), True):
        row: Data = {"id": sketch.name(), "state": sketch.rng.choice(("not_applicable", "cannot_assess"))}
        if row["state"] == "cannot_assess":
            row["reason"] = sketch.rng.choice(("no_baseline", "missing", sketch.name()))
        if not last:
            row["when"] = condition(sketch, 1)
        rows.append(row | {"because": sketch.sentence()})
    return rows


# ---------------------------------------------------------------- findings and notices


def _rules(sketch: Sketch, **more: object) -> Data:
    """Return one rule, several, or one written out for many scales."""
    if sketch.chance(0.3):
        rules = [_templated(sketch) | {"id": sketch.name()} for _ in range(sketch.rng.randint(1, 3))]
        return {"rules": [rule | _sometimes(sketch, **more) for rule in rules]}
    return _templated(sketch) | _sometimes(sketch, **more)


def _sometimes(sketch: Sketch, **more: object) -> Data:
    return {key: value for key, value in more.items() if sketch.chance(0.25)}


def _templated(sketch: Sketch) -> Data:
    if not sketch.chance(0.3):
        return _judged(sketch)
    names = ("scale", "other") if sketch.chance(0.5) else (sketch.name(), sketch.name())
    # Two words never stand for the same scale, so one scale in both lists would leave nothing to write out.
    words = {name: sketch.some(sketch.scales, 3) for name in names[: sketch.rng.randint(1, 2)]}
    return {"for": {name: [one.id for one in scales] for name, scales in words.items()}} | _judged(sketch, words)


def invent_findings(sketch: Sketch, most: int) -> list[Data]:
    """Return findings; each may use those before it."""
    made = []
    for _ in range(sketch.rng.randint(1, most)):
        finding = {"id": sketch.name(), "says": sketch.words()} | _rules(sketch)
        made.append(finding)
        sketch.atoms.append(finding["id"])
    return made


def invent_flags(sketch: Sketch, most: int) -> list[Data]:
    """Return flags, those that only a recommendation raises among them."""
    made = []
    for _ in range(sketch.rng.randint(1, most)):
        flag: Data = {"id": sketch.name(), "title": sketch.words()}
        if sketch.chance(0.75):
            flag |= _rules(sketch)
        made.append(flag)
        if "when" in flag or "rules" in flag:  # no rule reads what only a recommendation raises
            sketch.atoms.append(flag["id"])
        sketch.notices.setdefault("flag", []).append(None)
    return made


def invent_triggers(sketch: Sketch) -> list[Data]:
    """Return triggers of events and of conditions."""
    made = []
    for _ in range(sketch.count(1, 4)):
        trigger: Data = {"id": sketch.name(), "title": sketch.words(), "due": sketch.rng.choice(DUES)}
        if sketch.chance(0.3):
            trigger["crisis"] = True
        if sketch.events and sketch.chance(0.6):
            sentence = sketch.sentence() + " {event.date}"
            trigger |= {"event": invent_event(sketch), "because": sentence} | sketch.sources()
        else:
            trigger |= _rules(sketch)
        made.append(trigger)
        sketch.atoms.append(trigger["id"])
        sketch.notices.setdefault("trigger", []).append(trigger["due"])
    return made


def invent_holds(sketch: Sketch) -> list[Data]:
    """Return a hold for every id chosen beforehand."""
    made = []
    for id in sketch.holds:
        hold: Data = {"id": id, "title": sketch.words()} | _rules(sketch, clearable=False)
        if sketch.chance(0.3):
            hold["due"] = sketch.rng.choice(DUES)
        made.append(hold)
        sketch.notices.setdefault("hold", []).append(hold.get("due"))
    return made


def invent_cautions(sketch: Sketch) -> list[Data]:
    """Return cautions; one may have the id of a hold."""
    made: list[Data] = []
    for _ in range(sketch.count(1, 3)):
        id = sketch.rng.choice([*sketch.holds, sketch.name()])
        if all(one["id"] != id for one in made):
            made.append({"id": id, "title": sketch.words()} | _rules(sketch))
            sketch.notices.setdefault("caution", []).append(None)
    return made


def invent_recommendations(sketch: Sketch, flags: list[str]) -> list[Data]:
    """Return the rows of the recommendation; the last one has no condition."""
    made = []
    outputs = [sketch.name() for _ in range(4)]
    for last in (*[False] * (2 + sketch.count(0, 5)), True):
        row: Data = {"id": sketch.name(), "recommend": sketch.rng.choice(outputs)}
        if not last:
            row["when"] = condition(sketch)
        if sketch.chance(0.5):
            row["urgency"] = sketch.rng.choice(DUES)
        if flags and sketch.chance(0.3):
            row["flags"] = sketch.some(flags, 2)
        if sketch.chance(0.3):
            row["checklist"] = sketch.chance(0.7)
        special = sketch.rng.choice(("signs", "holds", "triggers", "concerns", "gaps"))
        made.append(row | {"summary": f"{sketch.sentence()} {{{special}}}"} | sketch.sources())
    return made
