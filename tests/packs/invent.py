"""Whole packs, invented: valid YAML that names nothing of the default pack and uses everything the language has.

The same seed and size give the same text. `size` goes from 0, little of everything, to 3.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping

from boosterwatch.tests.packs.clauses import PLAIN
from boosterwatch.tests.packs.facts import invent_checks, invent_events, invent_measures
from boosterwatch.tests.packs.files import Files
from boosterwatch.tests.packs.rules import (
    invent_cautions,
    invent_class,
    invent_findings,
    invent_flags,
    invent_holds,
    invent_patterns,
    invent_readings,
    invent_recommendations,
    invent_sign,
    invent_triggers,
)
from boosterwatch.tests.packs.scales import (
    invent_instrument,
    invent_roles,
    invent_score_measures,
    name_limits,
)
from boosterwatch.tests.packs.sketch import Data, Sketch

SIZES = range(4)


def invent_pack(seed: int, size: int = 2) -> Files:
    """Return the files of a made-up pack, all valid."""
    sketch = Sketch(random.Random(f"pack {seed} {size}"), size)
    files = {"pack.yaml": _face(sketch)} | _parts(sketch)
    return {name: write(name, data) for name, data in files.items()}


def _face(sketch: Sketch) -> Data:
    return {
        "pack": "-".join(sketch.name().replace("_", "-") for _ in range(2)), "version": f"{sketch.rng.randint(0, 9)}.1.0",
        "status": "draft", "effective": "1990-01-01", "title": sketch.words(), "owner": sketch.words(),
        "author": "role:made-up", "approved_by": [], "review_by": "2030-01-01", "applies_to": sketch.words(),
        "not_for": sketch.words(), "basis": sketch.words(),
    }  # fmt: skip


def _parts(sketch: Sketch) -> dict[str, Data]:
    """Return the parts of the pack by file, in the order in which they can be invented."""
    rng = sketch.rng
    files: dict[str, Data] = {"citations.yaml": {"citations": _citations(sketch)}}
    name_limits(sketch)
    for use in ("signs", *[None] * sketch.count(0, 3)):
        made = invent_instrument(sketch, use=use)
        files[f"instruments/{_file(made['instrument'])}"] = made
    sketch.holds = [sketch.name() for _ in range(sketch.count(1, 4))]
    scores = {"score_measures": invent_score_measures(sketch), "roles": invent_roles(sketch)}
    facts: Data = {"events": invent_events(sketch)}
    if sketch.chance(0.6):
        facts["fact_checks"] = invent_checks(sketch)
    measures = {"measures": invent_measures(sketch)}
    rules: Data = {"patterns": invent_patterns(sketch), "findings": invent_findings(sketch, 2)}
    rules["flags"] = invent_flags(sketch, 2)
    rules["readings"] = invent_readings(sketch)
    if sketch.chance(0.8):
        rules["classes"] = [invent_class(sketch) for _ in range(rng.randint(1, 2))]
    gates = invent_findings(sketch, 1 + sketch.size)
    for n in range(1, 2 + sketch.count(0, 4)):
        sign = invent_sign(sketch)
        files[f"signs/{n}-{_file(sign['sign'])}"] = sign
        if n == 1:
            sign["findings"] = gates
    sketch.judged = True
    safety = {"triggers": invent_triggers(sketch), "patient_text": sketch.words()}
    late: Data = {"findings": invent_findings(sketch, 1 + sketch.size), "flags": invent_flags(sketch, 3)}
    late |= {"holds": invent_holds(sketch), "cautions": invent_cautions(sketch)}
    sketch.complete = True
    last: Data = {"findings": invent_findings(sketch, 2)}
    flags = [flag["id"] for flag in (*rules["flags"], *late["flags"])]
    last |= {"recommendations": invent_recommendations(sketch, flags)} | _others(sketch)
    if rules.get("classes") and sketch.chance(0.8):
        last["report"] = {"response": rules["classes"][0]["id"]}
    course = {"course": _course(sketch), "schedule": _schedule(sketch)} | _lookback(sketch)
    named = {"scores": scores, "facts": facts, "measures": measures, "rules": rules, "safety": safety, "late": late,
             "last": last, "course": course, "parameters": {"parameters": sketch.parameters}}  # fmt: skip
    files |= {f"{name}.yaml": {key: value for key, value in data.items() if value} for name, data in named.items()}
    return {name: data for name, data in files.items() if data}


def _file(id: str) -> str:
    return f"{id.replace('_', '-')}.yaml"


def _citations(sketch: Sketch) -> Data:
    sketch.citations = [f"{sketch.rng.choice(('ba', 'ko', 'lu'))}-{year}" for year in sketch.some(range(1960, 2026), 4)]
    made: Data = {id: {"text": sketch.words()} for id in sketch.citations}
    made[sketch.citations[0]]["link"] = "https://example.org/made-up"
    return made


def _course(sketch: Sketch) -> Data:
    return {
        "gap_days": sketch.parameter("days", 20, 90), "span_days": sketch.parameter("days", 10, 40),
        "least": sketch.parameter("count", 1, 4), "most": sketch.parameter("count", 4, 9),
        "baseline_days": sketch.parameter("days", 7, 40),
    }  # fmt: skip


def _schedule(sketch: Sketch) -> Data:
    steps = [
        {"until": sketch.parameter("days", 10, 100), "every": sketch.parameter("days", 5, 30)}
        for _ in range(sketch.rng.randint(1, 3))
    ]
    return {"steps": steps, "otherwise": sketch.parameter("days", 7, 60), "unstarted": sketch.parameter("days", 7, 60)}


def _lookback(sketch: Sketch) -> Data:
    if sketch.chance(0.15):
        return {}
    made: Data = {"signs": sketch.some(sketch.signs, 2), "state": sketch.rng.choice(("possible", "probable"))}
    if sketch.chance(0.5):
        made["events"] = sketch.some(sketch.events, 2)
    return {"lookback": made}


def _others(sketch: Sketch) -> Data:
    """Return the sections that no rule reads."""
    dates = sketch.of("date")
    made: Data = {"checklist": [sketch.words()], "tasks": [sketch.words(), sketch.words()]}
    if sketch.chance(0.8):
        made["next"] = {"assessment_date": sketch.rng.choice(dates), "review_date": sketch.rng.choice(dates)}
    if sketch.chance(0.5):
        made["words"] = {"reason.stale": sketch.words(), f"fact.{sketch.rng.choice(('bp', 'cssrs'))}": sketch.words()}
    return {key: made[key] for key in made if key in ("next", "words") or sketch.chance(0.6)}


# ---------------------------------------------------------------- text


def write(name: str, data: Mapping[str, object]) -> str:
    """Return one file of a pack as YAML: sections and their entries in block style, what is inside in flow style."""
    schema = "pack" if name == "pack.yaml" else "part"
    up = "../" * (3 + name.count("/"))
    lines = [f"# yaml-language-server: $schema={up}schemas/{schema}.schema.json"]
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines += [f"{key}:", *(f"  {inner}: {_flow(part)}" for inner, part in value.items())]
        elif isinstance(value, list) and value:
            lines += [f"{key}:", *(f"  - {_flow(part)}" for part in value)]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


__all__ = ["PLAIN", "SIZES", "invent_pack", "write"]
