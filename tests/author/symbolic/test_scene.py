"""Scenes: found when there is one, small, and none when there is none."""

from __future__ import annotations

from functools import cache

import pytest
import z3

from boosterwatch.engine.author.symbolic import Symbolic, Twin, find_scene, find_scenes, share
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.small import SMALL

PACK = load_files(SMALL).ir
DAY = 740_000


def numbers() -> dict[str, float]:
    return {name: choice.value for name, choice in values_in_force(PACK, DAY).items()}


@cache
def small() -> Symbolic:
    return Symbolic(PACK, numbers())


def shown(scene: object) -> dict[str, object]:
    assert isinstance(scene, dict)
    return {name: value for name, value in scene.items() if value not in (None, False)}


def test_a_scene_shows_no_more_than_it_must() -> None:
    assert shown(find_scene(small(), small().drawn("hold:consent"))) == {
        "agreed": "withdrawn",
        "agreed.date": small().at - 7,
        "agreed.date.stands.consent": True,
        "chosen": "glow",
        "ember.why": "missing",
        "glow.why": "missing",
        "glow_first.why": "missing",
    }


def test_a_scene_at_a_limit_is_at_the_limit() -> None:
    model = small()
    scene = find_scene(model, z3.And(model.rule("glow_possible"), model.value("glow.rise") <= 5))
    assert scene is not None
    assert scene["glow.rise"] == 5
    assert scene["glow.now"] >= 6  # type: ignore[operator]


def test_a_share_is_the_quotient_of_what_is_shown() -> None:
    model = small()
    scene = find_scene(model, z3.And(model.known("glow.share"), 3 * model.value("glow.share") == 2))
    assert scene is not None
    assert scene["glow.share"] == pytest.approx(2 / 3)


def test_there_is_no_scene_of_what_cannot_be() -> None:
    model = small()
    assert find_scene(model, z3.And(model.rule("glow_possible"), model.value("glow.rise") < 5)) is None
    assert find_scene(model, model.drawn("nothing draws this")) is None


def test_two_versions_share_a_patient() -> None:
    old, new = small(), Symbolic(PACK, numbers() | {"glow.delta": 6})
    lost = z3.And(old.rule("glow_possible"), z3.Not(new.rule("glow_possible")), old.value("glow.now") >= 10)
    scene = find_scene([old, new], lost)
    assert scene is not None
    assert scene["glow.rise"] == 5
    assert share(old, new) == []
    assert find_scene([old, new], z3.And(new.rule("glow_possible"), z3.Not(old.rule("glow_possible")))) is None


def test_two_prefixes_are_two_patients_until_they_are_linked() -> None:
    one, other = small(), Symbolic(PACK, numbers(), prefix="other ")
    differ = z3.And(one.drawn("hold:consent"), z3.Not(other.drawn("hold:consent")))
    assert find_scene([one, other], differ, small=False) is not None
    assert find_scene([one, other], z3.And(differ, *share(one, other)), small=False) is None


def test_what_a_parameter_changes_is_another_unknown() -> None:
    """A baseline is looked for in a window of days: with another window it may be another form."""
    old, new = small(), Symbolic(PACK, numbers() | {"gap": 50})
    course = z3.And(old.measures.treatment.started, z3.Not(new.measures.treatment.started))
    assert find_scene([old, new], course, small=False) is not None


def test_a_twin_differs_only_in_what_it_owns() -> None:
    model = small()
    scale = model.measures.scale("glow")
    twin = Twin(model, [scale.latest])
    fell = z3.And(model.rule("glow_possible"), z3.Not(twin.again(model.rule("glow_possible"))))
    found = find_scenes([model, twin], fell)
    assert found is not None
    before, after = found
    assert {name for name in before if before[name] != after[name]} <= {"glow.now", "glow.rise", "glow.share"}
    assert find_scenes([model, twin], z3.And(model.drawn("hold:consent"), z3.Not(twin.drawn("hold:consent")))) is None


def test_a_parameter_may_be_a_variable() -> None:
    delta = z3.Real("delta")
    model = Symbolic(PACK, numbers() | {"glow.delta": delta})
    solver = z3.Solver()
    solver.add(*model.relations, model.rule("glow_possible"), model.value("glow.rise") == 7, delta > 7)
    assert solver.check() == z3.unsat


def test_the_default_pack_has_a_scene_for_each_recommendation() -> None:
    pack = default_pack().ir
    model = Symbolic(pack, {one.name: one.values[-1].value for one in pack.parameters})
    table = next(table for table in pack.tables if table.kind == "recommendation")
    for row in table.rows:
        assert find_scene(model, model.wins(row), small=False) is not None
