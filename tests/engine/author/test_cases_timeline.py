"""The short form of a case: days to dates, words to facts, and what is said about words that mean nothing."""

import re
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.author.cases_timeline import (
    TimelineError,
    check_timelines,
    day_of,
    record_from_timeline,
)
from boosterwatch.engine.author.facts_words import WordsError, fact_types, read_fact
from boosterwatch.engine.diagnostics import render
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.schema_store import schema
from boosterwatch.engine.record.read import record_from_mapping

ROOT = Path(__file__).parents[3]
SIX = ["2026-01-05", "2026-01-07", "2026-01-09", "2026-01-12", "2026-01-14", "2026-01-16"]


def told(as_of: str = "day 36", **given: Any) -> dict[str, Any]:
    """Return the record of a timeline; `day_14` stands for `day 14`. It is one that can be read."""
    record = record_from_timeline({key.replace("_", " ") if "day" in key else key: given[key] for key in given}, as_of)
    record_from_mapping(record)
    return record


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("day", "date"),
    [("day 0", "2026-01-16"), ("day 36", "2026-02-21"), ("day -14", "2026-01-02"), ("day 365", "2027-01-16")],
)
def test_days_count_from_the_last_infusion_of_the_induction(day: str, date: str) -> None:
    assert day_of(day) == date


@pytest.mark.parametrize("day", ["36", "day", "day 036", "Day 3", "day 1.5", "day -0"])
def test_anything_else_is_not_a_day(day: str) -> None:
    with pytest.raises(TimelineError):
        day_of(day)


def test_the_default_induction_has_six_marked_infusions() -> None:
    record = told()
    assert record == {
        "as_of": "2026-02-21",
        "induction": {"first": "2026-01-05", "last": "2026-01-16"},
        "infusions": SIX,
    }


@pytest.mark.parametrize(
    ("induction", "marked", "infusions"),
    [
        ("none", False, []),
        ("1 infusions", True, SIX[-1:]),
        ("3 unmarked infusions", False, SIX[-3:]),
        ("8 infusions", True, ["2025-12-31", "2026-01-02", *SIX]),
    ],
)
def test_other_inductions(induction: str, marked: bool, infusions: list[str]) -> None:
    record = told(induction=induction)
    assert ("induction" in record) == marked
    assert record.get("infusions", []) == infusions


def test_further_infusions_and_bookings() -> None:
    record = told(infusions=["day 40"], booked=["day 60", "day 75"])
    assert record["infusions"] == [*SIX, "2026-02-25"]
    assert record["booked"] == ["2026-03-17", "2026-04-01"]


@pytest.mark.parametrize(
    ("induction", "date"), [("6 infusions", "2026-01-02"), ("8 infusions", "2025-12-28"), ("none", "2026-01-02")]
)
def test_the_baseline_is_three_days_before_the_induction(induction: str, date: str) -> None:
    record = told(induction=induction, baseline={"phq9": 21})
    assert record["assessments"] == [{"instrument": "phq9", "date": date, "total": 21}]


def test_the_patient_is_copied() -> None:
    record = told(sex="female", birth_date="1980-05-01", indications=["ptsd"])
    assert (record["sex"], record["birth_date"], record["indications"]) == ("female", "1980-05-01", ["ptsd"])


# ---------------------------------------------------------------- forms


def test_parts_of_a_form_belong_together_and_days_are_in_order() -> None:
    record = told(
        day_35={"phq9": 12, "phq9 items": [1, None], "phq9 difficulty": 2, "gad7": 9, "phq9 time": "after_infusion"},
        day_14={"who5": 17, "who5 scale": "raw"},
    )
    assert record["assessments"] == [
        {"instrument": "who5", "date": "2026-01-30", "total": 17, "scale": "raw"},
        {
            "instrument": "phq9",
            "date": "2026-02-20",
            "total": 12,
            "items": [1, None],
            "difficulty": 2,
            "time": "after_infusion",
        },
        {"instrument": "gad7", "date": "2026-02-20", "total": 9},
    ]


# ---------------------------------------------------------------- safety facts

WORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("bp", "165/95", {"systolic": 165, "diastolic": 95}),
    ("lab", "alt 130.5/40", {"test": "alt", "value": 130.5, "upper_limit": 40}),
    ("lab", "ast 50", {"test": "ast", "value": 50}),
    ("condition", "stroke resolved", {"name": "stroke", "status": "resolved"}),
    ("condition", "active stroke", {"name": "stroke", "status": "active"}),
    ("pregnancy", "unknown", {"status": "unknown"}),
    ("pregnancy", "not_pregnant, breastfeeding", {"status": "not_pregnant", "breastfeeding": True}),
    ("urinary", "symptoms 20", {"symptoms": True, "duration_days": 20}),
    ("urinary", "no symptoms, haematuria", {"symptoms": False, "haematuria": True}),
    ("report", "panic_attack patient", {"by": "patient", "kind": "panic_attack"}),
    ("review", "hold_cleared pregnancy", {"kind": "hold_cleared", "hold": "pregnancy"}),
    ("review", "safety", {"kind": "safety"}),
    ("medication", "maoi stopped", {"class": "maoi", "status": "stopped"}),
    ("consent", "withdrawn", {"status": "withdrawn"}),
    ("drug_screen", "negative", {"result": "negative"}),
    ("cssrs", "q4", {"q4": True}),
    ("cssrs", "no q1, no q2", {"q1": False, "q2": False}),
]


@pytest.mark.parametrize(("fact", "text", "fields"), WORDS, ids=lambda value: str(value).replace(" ", "_"))
def test_words_make_a_fact(fact: str, text: str, fields: dict[str, Any]) -> None:
    assert told(day_3={fact: text})["safety"] == [{"type": fact, "date": "2026-01-19", **fields}]


def test_all_no_answers_every_question_and_a_later_word_wins() -> None:
    answers = read_fact("cssrs", "all no, q6_lifetime")
    assert answers.pop("q6_lifetime") is True
    assert set(answers.values()) == {False}
    assert len(answers) == len(fact_types()["cssrs"]) - 1


def test_a_list_gives_several_facts() -> None:
    facts = told(day_3={"condition": ["stroke active", "mania resolved"]})["safety"]
    assert [fact["name"] for fact in facts] == ["stroke", "mania"]


@pytest.mark.parametrize(
    ("fact", "text", "message"),
    [
        ("condition", "strok active", "`strok` is no word of `condition`"),
        ("condition", "active", "`active` does not state the `name` of `condition`"),
        ("condition", "stroke mania active", "`stroke mania active` states the `name` of `condition` twice"),
        ("bp", "high", "`high` is no word of `bp`"),
        ("bp", "165/95/70", "`bp` takes at most 2 numbers, not `165/95/70`"),
        ("consent", "3", "`consent` takes no number, not `3`"),
        ("consent", "all no", "`all` is no word of `consent`"),
        ("cssrs", "no", "`no` is no word of `cssrs`"),
    ],
)
def test_other_words_are_refused(fact: str, text: str, message: str) -> None:
    with pytest.raises(WordsError) as caught:
        read_fact(fact, text)
    assert caught.value.message == message
    assert caught.value.hint


def test_every_word_of_a_fact_means_one_thing() -> None:
    for fact, fields in fact_types().items():
        words = [word for node in fields.values() for word in node.get("enum", ())]
        words += [key for key, node in fields.items() if node.get("type") == "boolean"]
        assert len(words) == len(set(words)), fact
        free = [key for key, node in fields.items() if "enum" not in node and "type" not in node]
        assert len(free) <= 1, fact


def test_the_schema_of_cases_knows_every_type_of_fact_and_its_examples_are_right() -> None:
    facts = schema("case")["definitions"]["findings"]["properties"]
    assert set(facts) == set(fact_types())
    for fact, node in facts.items():
        for example in node["examples"]:
            told(day_3={fact: example})


# ---------------------------------------------------------------- problems


def test_every_word_that_means_nothing_is_found_at_its_place() -> None:
    text = (
        "cases:\n"
        "  - case: first\n"
        "    given:\n"
        "      day 3: {condition: strok active, consent: given}\n"
        "      day 4:\n"
        "        condition: [mania active, psychoses active]\n"
        "    as_of: day 5\n"
        "  - case: second\n"
        "    record: {as_of: 2026-01-01}\n"
    )
    document = load_document(text.encode(), "cases/two.yaml")
    assert render(check_timelines(document), {document.file: text}) == (
        "cases/two.yaml:4:26: BW174 `strok` is no word of `condition`\n"
        "  |       day 3: {condition: strok active, consent: given}\n"
        "  |                          ^\n"
        "  hint: did you mean `stroke`?\n"
        "cases/two.yaml:6:35: BW174 `psychoses` is no word of `condition`\n"
        "  |         condition: [mania active, psychoses active]\n"
        "  |                                   ^\n"
        "  hint: did you mean `psychosis`?\n"
    )


@pytest.mark.parametrize(("heading", "codes"), [("Wrong", ["BW174"]), ("Right", [])])
def test_the_examples_of_the_page_are_true(heading: str, codes: list[str]) -> None:
    page = (ROOT / "docs" / "codes" / "BW174.md").read_text(encoding="utf-8")
    example = re.findall(rf"## {heading}\n\n```yaml\n(.*?)```", page, re.DOTALL)[0]
    problems = check_timelines(load_document(example.encode(), "cases/stroke.yaml"))
    assert [problem.code for problem in problems] == codes
