"""Reading records: what comes out, in which order, under which digest."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.model import (
    Assessment,
    Fact,
    Override,
    PriorCycle,
    Record,
    Rejection,
)
from boosterwatch.engine.record.read import read_document, read_record, record_from_mapping
from boosterwatch.tests.engine.record.strategies import ANY_JSON, RECORDS

AS_OF = "2026-03-14"
LATER = "2026-03-15"
PLAIN = {"patient", "birth_date", "sex", "induction"}


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def read(**facts: Any) -> Record:
    return record_from_mapping({"as_of": AS_OF, **facts})


def as_yaml(data: Any) -> bytes:
    class Quoting(yaml.SafeDumper):
        """Quotes all text, so that no date or number comes back as something else."""

    Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
    return yaml.dump(data, Dumper=Quoting, allow_unicode=True).encode()


# ---------------------------------------------------------------- one fact each


def test_an_empty_history_is_a_record() -> None:
    record = read()
    assert record.as_of == day(AS_OF)
    assert all(getattr(record, name) is None for name in PLAIN)
    lists = set(Record.__slots__) - {"as_of", "digest"} - PLAIN
    assert all(getattr(record, name) == () for name in lists)


def test_an_assessment_with_everything() -> None:
    form = {
        "instrument": "phq9",
        "date": "2026-03-13",
        "total": 9,
        "items": [1, None, 2.5],
        "difficulty": 2,
        "scale": "raw",
        "version": "phq8",
        "time": "after_infusion",
        "id": "form-1",
    }
    expected = Assessment(
        instrument="phq9",
        day=day("2026-03-13"),
        part="assessments[0]",
        total=9,
        items=(1, None, 2.5),
        extra={"difficulty": 2},
        method="raw",
        version="phq8",
        after_infusion=True,
        id="form-1",
    )
    assert read(assessments=[form]).assessments == (expected,)


def test_an_assessment_with_nothing_else() -> None:
    form = {"instrument": "phq9", "date": AS_OF}
    expected = Assessment("phq9", day(AS_OF), "assessments[0]")
    assert read(assessments=[form]).assessments == (expected,)


def test_a_safety_fact_keeps_its_fields() -> None:
    fact = {"type": "bp", "date": AS_OF, "systolic": 120, "entered_in_error": False}
    expected = Fact("bp", day(AS_OF), "safety[0]", {"systolic": 120})
    assert read(safety=[fact]).facts == (expected,)


def test_outcomes_of_earlier_cycles() -> None:
    cycles = [
        {"infusion": "2026-02-01", "censored": True},
        {"infusion": "2026-01-05", "loss_of_benefit": "2026-01-30"},
    ]
    assert read(prior_cycles=cycles).prior_cycles == (
        PriorCycle(day("2026-01-05"), day("2026-01-30"), "prior_cycles[1]"),
        PriorCycle(day("2026-02-01"), None, "prior_cycles[0]"),
    )


def test_an_override() -> None:
    chosen = {"parameter": "p", "value": 6, "reason": "r", "by": "b", "date": AS_OF}
    expected = Override("p", 6, "r", "b", day(AS_OF), "overrides[0]")
    assert read(overrides=[chosen]).overrides == (expected,)


def test_infusions_are_sorted_and_counted_once() -> None:
    record = read(infusions=["2026-02-01", "2026-01-05", "2026-02-01", AS_OF])
    assert record.infusions == (day("2026-01-05"), day("2026-02-01"), day(AS_OF))


def test_only_bookings_from_today_on_count_and_none_is_future_dated() -> None:
    record = read(booked=["2026-04-01", AS_OF, "2026-03-13", "2026-04-01"])
    assert record.booked == (day(AS_OF), day("2026-04-01"))
    assert record.rejected == ()


def test_a_marked_induction_does_not_add_to_the_infusions() -> None:
    record = read(induction={"first": "2026-01-05", "last": "2026-01-16"})
    assert record.induction == (day("2026-01-05"), day("2026-01-16"))
    assert record.infusions == ()


def test_indications_are_sorted_and_counted_once() -> None:
    assert read(indications=["ptsd", "anxiety", "ptsd"]).indications == ("anxiety", "ptsd")


# ---------------------------------------------------------------- after `as_of`, or in error


def rejection(part: str, code: str, text: str = LATER) -> Rejection:
    return Rejection(part, code, f"dated {text}, after {AS_OF}")


FUTURE: list[tuple[dict[str, Any], Rejection]] = [
    (
        {"induction": {"first": LATER, "last": "2026-03-20"}},
        rejection("induction", "future_dated"),
    ),
    ({"infusions": [AS_OF, LATER]}, rejection("infusions[1]", "future_dated")),
    (
        {"assessments": [{"instrument": "phq9", "date": LATER}]},
        rejection("assessments[0]", "future_dated"),
    ),
    ({"safety": [{"type": "bp", "date": LATER}]}, rejection("safety[0]", "future_dated")),
    (
        {"prior_cycles": [{"infusion": AS_OF, "loss_of_benefit": LATER}]},
        rejection("prior_cycles[0]", "not_yet"),
    ),
    (
        {"prior_cycles": [{"infusion": LATER, "censored": True}]},
        rejection("prior_cycles[0]", "not_yet"),
    ),
    (
        {"overrides": [{"parameter": "p", "value": 1, "reason": "r", "by": "b", "date": LATER}]},
        rejection("overrides[0]", "not_yet"),
    ),
]


@pytest.mark.parametrize(("facts", "expected"), FUTURE, ids=lambda value: str(value)[:40])
def test_what_is_dated_after_as_of_is_set_aside(facts: dict[str, Any], expected: Rejection) -> None:
    record = read(**facts)
    assert record.rejected == (expected,)
    kept = (record.induction, record.assessments, record.facts, record.overrides)
    assert kept == (None, (), (), ())
    assert record.prior_cycles == ()
    assert LATER not in {date.fromordinal(each).isoformat() for each in record.infusions}


def test_an_induction_that_is_not_over_counts() -> None:
    record = read(induction={"first": AS_OF, "last": LATER})
    assert record.induction == (day(AS_OF), day(LATER))
    assert record.rejected == ()


WITHDRAWN: list[dict[str, Any]] = [
    {"induction": {"first": "2026-01-16", "last": "2026-01-05"}},
    {"assessments": [{"instrument": "phq9", "date": LATER}]},
    {"safety": [{"type": "bp", "date": AS_OF}]},
    {"prior_cycles": [{"infusion": AS_OF, "loss_of_benefit": "2026-01-01"}]},
    {"overrides": [{"parameter": "p", "value": 1, "reason": "r", "by": "b", "date": AS_OF}]},
]


@pytest.mark.parametrize("facts", WITHDRAWN, ids=lambda facts: next(iter(facts)))
def test_what_was_entered_in_error_is_gone(facts: dict[str, Any]) -> None:
    ((key, value),) = facts.items()
    for fact in value if isinstance(value, list) else [value]:
        fact["entered_in_error"] = True
    empty, record = read(), read(**{key: value})
    assert record.digest != empty.digest
    assert {getattr(record, name) for name in Record.__slots__ if name != "digest"} == {
        getattr(empty, name) for name in Record.__slots__ if name != "digest"
    }


# ---------------------------------------------------------------- order and digest


DATED = {"infusions", "assessments", "safety", "overrides"}


def dated(entry: Any) -> str:
    return str(entry["date"] if isinstance(entry, dict) else entry)


def without_places(record: Record) -> list[Any]:
    """Return the record's content, leaving out which entry of the record each came from."""
    names = ("part", "digest")
    fields = [getattr(record, name) for name in Record.__slots__ if name != "digest"]
    return [
        sorted((each.code, each.reason) for each in field)
        if field and isinstance(field, tuple) and isinstance(field[0], Rejection)
        else [[getattr(each, name) for name in type(each).__slots__ if name not in names] for each in field]
        if field and isinstance(field, tuple) and hasattr(field[0], "part")
        else field
        for field in fields
    ]


@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(data: dict[str, Any], random: Any) -> None:
    shuffled = dict(random.sample(sorted(data.items()), len(data)))
    for key, value in shuffled.items():
        if isinstance(value, list):
            shuffled[key] = random.sample(value, len(value))
    before, after = record_from_mapping(data), record_from_mapping(shuffled)
    assert without_places(before) == without_places(after)


@given(RECORDS)
def test_facts_after_as_of_change_only_what_is_rejected(data: dict[str, Any]) -> None:
    as_of = data["as_of"]
    past = {
        key: [each for each in value if dated(each) <= as_of] if key in DATED else value for key, value in data.items()
    }
    before, after = record_from_mapping(data), record_from_mapping(past)
    blank: dict[str, Any] = {"rejected": (), "digest": ""}
    assert without_places(replace(before, **blank)) == without_places(replace(after, **blank))
    assert all(each.reason > f"dated {as_of}" for each in before.rejected)


@given(RECORDS)
def test_yaml_and_json_of_the_same_facts_are_the_same_record(data: dict[str, Any]) -> None:
    record = record_from_mapping(data)
    assert read_record(json.dumps(data, ensure_ascii=False).encode(), "record.json") == record
    assert read_record(as_yaml(json.loads(json.dumps(data))), "record.yaml") == record


def test_the_order_of_keys_and_the_kind_of_dates_do_not_change_the_digest() -> None:
    as_text = {"as_of": "2026-03-14", "infusions": ["2026-01-05"]}
    as_dates = {"infusions": (date(2026, 1, 5),), "as_of": date(2026, 3, 14)}
    assert record_from_mapping(as_text) == record_from_mapping(as_dates)


def test_the_digest_is_that_of_canonical_json() -> None:
    # sha256 of {"as_of":"2026-03-14","patient":"é"} in UTF-8; it may never change
    expected = "25613b4507dd17e3c9a932a7a3383f34e84cb9e4ea7692560064966e91a30fcf"
    assert read(patient="é").digest == expected


def test_every_fact_is_in_the_digest() -> None:
    assert read(patient="a").digest != read(patient="b").digest


# ---------------------------------------------------------------- anything at all


@given(ANY_JSON)
def test_any_data_is_a_record_or_refused(data: Any) -> None:
    for reader in (record_from_mapping, lambda given: read_record(encode(given), "x.json")):
        assert_record_or_refused(reader, data)


@given(RECORDS, st.data())
def test_a_record_with_one_thing_changed_is_a_record_or_refused(data: dict[str, Any], draw: st.DataObject) -> None:
    holder: Any = data
    while True:
        steps = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not steps:
            return
        step = draw.draw(st.sampled_from(steps))
        if not isinstance(holder[step], dict | list) or draw.draw(st.booleans()):
            break
        holder = holder[step]
    holder[step] = draw.draw(ANY_JSON)
    assert_record_or_refused(record_from_mapping, data)
    assert_record_or_refused(lambda given: read_record(encode(given), "x.json"), data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(source: bytes) -> None:
    assert_record_or_refused(lambda given: read_record(given, "x"), source)


def encode(data: Any) -> bytes:
    return json.dumps(data).encode()


def assert_record_or_refused(reader: Callable[[Any], Record], data: Any) -> None:
    try:
        assert isinstance(reader(data), Record)
    except RecordError as error:
        assert error.diagnostics
        assert all(each.message and "\n" not in each.message for each in error.diagnostics)
        assert len(error.diagnostics) <= 101


def test_ten_megabytes_are_refused_at_once() -> None:
    with pytest.raises(RecordError) as caught:
        read_record(b"as_of: 2026-03-14\npatient: " + b"x" * (10 << 20), "big.yaml")
    assert [each.code for each in caught.value.diagnostics] == ["BW113"]


def test_nobody_reads_ten_thousand_problems() -> None:
    with pytest.raises(RecordError) as caught:
        read(infusions=["yesterday"] * 10_000)
    codes = [each.code for each in caught.value.diagnostics]
    assert sorted(set(codes)) == ["BW131", "BW306"]
    assert len(codes) == 101


def test_a_byte_order_mark_and_blank_lines_may_come_first() -> None:
    assert read_record(b'\xef\xbb\xbf\n {"as_of": "2026-03-14"}', "r.json") == read()
    assert read_record(b"\xef\xbb\xbf\n\nas_of: 2026-03-14\n", "r.yaml") == read()


def test_the_document_comes_with_the_record() -> None:
    record, document = read_document(b"as_of: 2026-03-14\npatient: p1\n", "record.yaml")
    assert record.patient == "p1"
    assert document.span(("patient",)).line == 2


VIGNETTES = Path(__file__).parents[3] / "rules" / "ketamine-maintenance" / "1.0.0" / "cases" / "vignettes.yaml"


def test_every_vignette_is_a_record() -> None:
    cases = yaml.safe_load(VIGNETTES.read_text(encoding="utf-8"))["cases"]
    assert len(cases) == 15
    for case in cases:
        assert record_from_mapping(case["record"]).rejected == ()
