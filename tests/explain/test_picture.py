"""Pictures: valid SVG with every label where people look for it, and the same bytes each time."""

import datetime
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import cache
from typing import Any

import pytest

from boosterwatch import evaluate
from boosterwatch.engine.explain import picture
from boosterwatch.engine.explain.curves import MOST_CURVES, course_of
from boosterwatch.engine.explain.labels import spread
from boosterwatch.engine.explain.moments import standings
from boosterwatch.tests.explain.decisions import RELAPSE, default_pack, told

PACK = default_pack()
GIVEN = {**RELAPSE, "infusions": ["day 30"], "day 49": {"who5": 40, "isi": 9, "phq9": 40}}


@cache
def drawn() -> str:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    record, decision = told(GIVEN, "day 57")
    return picture.draw_svg(decision, PACK, record)


def texts() -> set[str]:
    root = ElementTree.fromstring(drawn())
    return {"".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")}


def test_it_is_svg_with_a_size() -> None:
    root = ElementTree.fromstring(drawn())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.attrib["width"]) > 700


def test_everything_is_labelled_where_it_stands() -> None:
    found = texts()
    assert {"Patient", "PHQ-9 (higher is worse)", "WHO-5 (lower is worse)", "6 infusions", "infusion"} <= found
    assert {"cut 10", "floor, best 5"} & found
    assert any(text.startswith("best") for text in found)
    assert any(text.startswith("settling ") for text in found)
    assert any(text.startswith("as of 2026-") for text in found)
    assert {sign.title for sign in PACK.ir.signs} <= found
    assert {"possible", "probable", "cannot assess"} & found


def test_the_patient_is_named_only_when_asked() -> None:
    record, _ = told(RELAPSE, "day 57")
    named = {**record, "patient": "made-up-17"}
    svg = picture.draw_svg(evaluate(PACK, named), PACK, named, title="Case 4")
    assert "made-up-17" not in svg
    assert ">Case 4<" in svg


def test_nothing_is_fetched_and_no_script_is_in_it() -> None:
    assert "<script" not in drawn()
    assert "http" not in drawn().replace("http://www.w3.org/", "")


CODE = """
import sys
from boosterwatch.tests.explain.test_picture import drawn
sys.stdout.write(drawn())
"""


def test_the_bytes_do_not_depend_on_the_process_its_zone_or_its_language() -> None:
    here = drawn()
    there = os.environ | {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=there)
    assert done.stdout == here


def test_without_the_extra_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    record, decision = told(RELAPSE, "day 57")
    with pytest.raises(picture.PictureExtraMissing, match="not installed") as caught:
        picture.draw_svg(decision, PACK, record)
    assert caught.value.hint == "pip install 'boosterwatch[picture]'"


# ---------------------------------------------------------------- what is drawn


def test_curves_hold_valid_scores_only_and_the_rules_own_lines() -> None:
    record, decision = told(GIVEN, "day 57")
    course = course_of(decision, PACK, record)
    by_short = {curve.short: curve for curve in course.curves}
    phq9 = by_short["PHQ-9"]
    assert [value for _, value in phq9.scores] == [20, 4, 8, 14]
    assert dict(phq9.lines) == {"floor": 5, "cut": 10, "best": 4}
    assert phq9.settle_days == 14
    assert by_short["WHO-5"].lower_is_worse
    assert len(course.infusions) == 7


def test_of_many_questionnaires_the_positive_ones_are_drawn_in_the_order_of_the_signs() -> None:
    low = dict.fromkeys(["phq9", "qids_sr16", "madrs", "gad7", "isi"], 1)
    given = {"baseline": {"isi": 20}, "day 28": low, "day 56": {**low, "isi": 18}}
    record, decision = told(given, "day 57")
    shorts = [curve.short for curve in course_of(decision, PACK, record).curves]
    assert len(shorts) == MOST_CURVES
    assert shorts[-1] == "ISI"
    assert shorts[0] == "PHQ-9"


def moments(given: dict[str, Any], as_of: str) -> list[tuple[str, str]]:
    record, decision = told(given, as_of)
    days = course_of(decision, PACK, record).assessed
    first = PACK.ir.signs[0].id
    return [
        (one.day.isoformat(), one.state)
        for one in standings(PACK, record, decision, days)
        if one.begins and one.sign == first
    ]


def test_a_sign_begins_on_the_day_it_could_be_known() -> None:
    assert moments(RELAPSE, "day 57") == [
        ("2026-01-02", "cannot_assess"),
        ("2026-02-27", "absent"),
        ("2026-03-13", "probable"),
    ]


def test_later_facts_do_not_change_earlier_days() -> None:
    more = {**RELAPSE, "day 70": {"phq9": 25}}
    assert moments(more, "day 71")[:3] == moments(RELAPSE, "day 57")


def test_a_day_on_which_the_record_was_not_valid_is_left_out() -> None:
    record, decision = told(RELAPSE, "day 57")
    before_birth = datetime.date(1900, 1, 1)
    young = {**record, "birth_date": "2000-01-01"}
    days = {one.day for one in standings(PACK, young, decision, [before_birth])}
    assert days <= {before_birth, decision.as_of}


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([4, 5], {4: 3.5, 5: 5.5}),
        ([0, 1], {0: 0, 1: 2}),
        ([26, 27], {26: 25, 27: 27}),
        ([4, 5, 6], {4: 3, 5: 5, 6: 7}),
        ([3, 10], {3: 3, 10: 10}),
        ([], {}),
    ],
    ids=str,
)
def test_labels_are_moved_apart_in_order(values: list[float], places: dict[float, float]) -> None:
    assert spread(values, least=2, low=0, high=27) == places
