"""A record written as a case file reads back as the same record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.author.patients import case_text
from boosterwatch.engine.author.patients.written import SCHEMA_LINE
from boosterwatch.engine.pack.guard import FORBIDDEN
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.schema_store import schema, validator
from boosterwatch.tests.packs.patients import fact, patient
from boosterwatch.tests.strategies import examples, patients

EXPECT = {"recommendation": "reassess", "holds": []}


def read_back(text: str) -> dict[str, Any]:
    document = load_document(text.encode(), "cases/made-up.yaml")
    data: dict[str, Any] = document.data
    assert validator("case").is_valid(data)
    return data


def test_a_case_reads_like_those_beside_the_pack() -> None:
    record = patient(
        50,
        {"instrument": "phq9", "date": "2026-03-06", "total": 12},
        safety=(fact("bp", 49, systolic=165, diastolic=95),),
    )
    text = case_text("made_up", "Rise: 12", "Because it is so.", record, EXPECT | {"signs": {"sleep": "absent"}})
    assert text == "\n".join(
        [
            "# yaml-language-server: $schema=../../../../schemas/case.schema.json",
            "case: made_up",
            'title: "Rise: 12"',
            'why: "Because it is so."',
            "record:",
            "  as_of: 2026-03-07",
            "  induction: {first: 2026-01-05, last: 2026-01-16}",
            "  assessments:",
            "    - {instrument: phq9, date: 2026-03-06, total: 12}",
            "  safety:",
            "    - {type: bp, date: 2026-03-06, systolic: 165, diastolic: 95}",
            "expect:",
            "  recommendation: reassess",
            "  holds: []",
            "  signs: {sleep: absent}",
            "",
        ]
    )
    assert text.startswith(SCHEMA_LINE)


def test_a_case_without_a_reason_has_no_why() -> None:
    assert "why" not in case_text("made_up", "Nothing known", "", {"as_of": "2026-03-14"}, EXPECT)


def test_many_infusions_take_several_lines() -> None:
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 15)]
    text = case_text("made_up", "Many infusions", "", {"as_of": "2026-03-14", "infusions": days}, EXPECT)
    assert max(map(len, text.split("\n"))) <= 120
    assert read_back(text)["record"]["infusions"] == days


@given(patients())
@examples(150)
def test_the_record_reads_back_the_same(record: dict[str, Any]) -> None:
    assert read_back(case_text("made_up", "Made up", "", record, EXPECT))["record"] == record


@pytest.mark.parametrize("word", ["yes", "no", "on", "Off", "null", "~", "1.0", "0x1F", "1_000", "2026-03-14x", "a: b",
                                  "a #b", "- a", "'a'", '"a"', "{a}", "é", "1e5", ".5", "=", "<<", "Yes", "true", "NaN"])  # fmt: skip
def test_no_word_is_taken_for_something_else(word: str) -> None:
    record = {"as_of": "2026-03-14", "patient": word}
    data = read_back(case_text("made_up", f"About {word}", word, record, EXPECT))
    assert (data["record"], data["title"], data["why"]) == (record, f"About {word}", word)


TEXT = st.from_regex(schema("record")["definitions"]["override"]["properties"]["by"]["pattern"], fullmatch=True)


@given(TEXT.filter(lambda text: 0 < len(text) <= 200 and not FORBIDDEN.search(text)), st.floats(3, 8, allow_nan=False))
@examples(150)
def test_any_text_and_number_reads_back_the_same(text: str, value: float) -> None:
    override = {"parameter": "phq9.delta", "value": value, "reason": text, "by": text, "date": "2026-01-01"}
    record = {"as_of": "2026-03-14", "overrides": [override]}
    assert read_back(case_text("made_up", "Made up", "", record, EXPECT))["record"] == record


def test_a_character_that_cannot_be_seen_is_left_out() -> None:
    record = {"as_of": "2026-03-14", "patient": f"a{chr(0xAD)}b"}
    assert read_back(case_text("made_up", "Made up", "", record, EXPECT))["record"]["patient"] == "ab"
