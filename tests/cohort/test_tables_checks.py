"""Who is refused when tables are loaded: exactly those whose record the row engine refuses, and for one of its reasons.

Each case is a patient whose record has one thing wrong, or one that only looks wrong; all are loaded in one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from boosterwatch.engine.cohort.facts import cohort_of_records, read_all
from boosterwatch.engine.cohort.tables.checks import FIRST, LAST
from boosterwatch.engine.cohort.tables.errors import Fault
from boosterwatch.engine.cohort.tables.layout import fact_fields, fact_node, fact_types
from boosterwatch.engine.cohort.tables.load import Loaded, told
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.record import shape
from boosterwatch.tests.cohort.tables_made import AS_OF, contents, database, loaded, made_up, ndjson_tables, opened
from boosterwatch.tests.overlay.test_loosen import adjustable

Plain = dict[str, Any]
DAY, LATER, WRONG = "2026-03-14", "2026-05-02", {"entered_in_error": True}


@cache
def pack() -> LoadedPack:
    """Return the default pack whose blood pressure hold, 160 mmHg, has a range."""
    return LoadedPack(adjustable(140, 180))


def form(**more: Any) -> Plain:
    return {"assessments": [{"instrument": "phq9", "date": DAY, "total": 9, **more}]}


def fact(type: str, **fields: Any) -> Plain:
    return {"safety": [{"type": type, "date": DAY, **fields}]}


def own(parameter: str, value: Any, **more: Any) -> Plain:
    return {"overrides": [{"parameter": parameter, "value": value, "reason": "r", "by": "b", "date": DAY, **more}]}


def two(first: Plain, second: Plain) -> Plain:
    (key,) = first
    return {key: [*first[key], *second[key]]}


def cycle(**fields: Any) -> Plain:
    return {"prior_cycles": [{"infusion": "2026-01-10", **fields}]}


def without(facts: Plain, name: str) -> Plain:
    (key,) = facts
    return {key: [{field: value for field, value in entry.items() if field != name} for entry in facts[key]]}


FINE: Mapping[str, Plain] = {
    "nothing": {},
    "born on the day": {"birth_date": AS_OF.isoformat()},
    "every indication": {"indications": ["depression", "anxiety", "ptsd", "panic", "other", "panic"]},
    "no indication": {"indications": []},
    "course of one day": {"induction": {"first": DAY, "last": DAY}},
    "course backwards, in error": {"induction": {"first": LATER, "last": DAY, **WRONG}},
    "course ahead": {"induction": {"first": LATER, "last": "2026-06-01"}},
    "course without a day, in error": {"induction": {"first": "2026-02-30", "last": DAY, **WRONG}},
    "course ends later": {"induction": {"first": DAY, "last": LATER}},
    "infusion ahead": {"infusions": [LATER, DAY, DAY]},
    "first and last day": {"infusions": ["1900-01-01"], "booked": ["2199-12-31", DAY]},
    "cycle lost at once": cycle(loss_of_benefit="2026-01-10"),
    "cycle too early, in error": cycle(loss_of_benefit="2026-01-09", **WRONG),
    "cycle twice alike": two(cycle(censored=True), cycle(censored=True)),
    "cycle twice, one in error": two(cycle(censored=True), cycle(loss_of_benefit=DAY, **WRONG)),
    "cycle ahead": cycle(loss_of_benefit=LATER),
    "total out of range": form(total=99),
    "total of many digits": form(total=2**60 + 1),
    "total not whole": form(total=9.5),
    "unknown form ahead": form(instrument="phq99", date=LATER),
    "unknown form in error": form(instrument="phq99", **WRONG),
    "unknown scale ahead": form(scale="percent", date=LATER),
    "form without a day, in error": form(date="2026-02-30", **WRONG),
    "known scale": form(instrument="who5", scale="raw"),
    "extra answer": form(difficulty=7),
    "extra answer of another, ahead": form(instrument="who5", difficulty=1, date=LATER),
    "id of 200": form(id="x" * 200),
    "version with a tab": form(version="a\tb\n"),
    "accents and beyond": form(id="\u00e9\u0301\U0001d4b3" * 66),
    "not in error": form(entered_in_error=False),
    "no items": form(items=[]),
    "blank items": form(items=[None] * 9),
    "too many items": form(items=[1] * 10),
    "empty bp": fact("bp"),
    "lab at nought": fact("lab", test="alt", value=0, upper_limit=0.1),
    "review": fact("review", kind="safety"),
    "hold cleared": fact("review", kind="hold_cleared", hold="consent"),
    "unknown hold ahead": fact("review", kind="hold_cleared", hold="nosuch", date=LATER),
    "unknown hold in error": fact("review", kind="hold_cleared", hold="nosuch", **WRONG),
    "own at the edge": own("phq9.delta", 8),
    "own as a float": own("phq9.delta", 8.0),
    "own twice alike": two(own("phq9.delta", 4), own("phq9.delta", 4)),
    "own twice on two days": two(own("phq9.delta", 4), own("phq9.delta", 5, date="2026-03-15")),
    "own twice, one in error": two(own("phq9.delta", 4), own("phq9.delta", 5, **WRONG)),
    "own unknown ahead": own("nosuch", 4, date=LATER),
    "own unknown in error": own("nosuch", 4, **WRONG),
    "own stricter": own("bp_hold_systolic", 160),
    "own looser ahead": own("bp_hold_systolic", 161, date=LATER),
}

REFUSED: Mapping[str, tuple[str, Plain]] = {
    "sex": ("BW305", {"sex": "other"}),
    "sex empty": ("BW305", {"sex": ""}),
    "sex in capitals": ("BW305", {"sex": "Female"}),
    "birth ahead": ("BW321", {"birth_date": LATER}),
    "birth without a day": ("BW307", {"birth_date": "1999-02-29"}),
    "birth in another order": ("BW306", {"birth_date": "14.03.1980"}),
    "birth too early": ("BW306", {"birth_date": "1899-12-31"}),
    "birth a number": ("BW304", {"birth_date": 1980}),
    "indication": ("BW305", {"indications": ["depression", "flu"]}),
    "indication a number": ("BW304", {"indications": [1]}),
    "indications a word": ("BW304", {"indications": "depression"}),
    "course without end": ("BW303", {"induction": {"first": DAY}}),
    "course without beginning": ("BW303", {"induction": {"last": DAY, **WRONG}}),
    "course backwards": ("BW320", {"induction": {"first": DAY, "last": "2026-03-13"}}),
    "course without a day": ("BW307", {"induction": {"first": "2026-02-30", "last": DAY}}),
    "infusion without a day": ("BW307", {"infusions": [DAY, "2026-04-31"]}),
    "infusion in month 13": ("BW307", {"infusions": ["2026-13-01"]}),
    "infusion with a time": ("BW306", {"infusions": ["2026-03-14T10:00"]}),
    "infusion too late": ("BW306", {"infusions": ["2200-01-01"]}),
    "booked without a day": ("BW307", {"booked": ["2026-00-10"]}),
    "cycle with both": ("BW311", cycle(loss_of_benefit=DAY, censored=True)),
    "cycle with neither": ("BW303", cycle()),
    "cycle not censored": ("BW305", cycle(censored=False)),
    "cycle too early": ("BW322", cycle(loss_of_benefit="2026-01-09")),
    "cycle with two ends": ("BW323", two(cycle(loss_of_benefit=DAY), cycle(loss_of_benefit="2026-03-15"))),
    "cycle with end and none": ("BW323", two(cycle(loss_of_benefit=DAY), cycle(censored=True))),
    "cycle without infusion": ("BW303", without(cycle(censored=True), "infusion")),
    "unknown form": ("BW330", form(instrument="phq99")),
    "form no id": ("BW310", form(instrument="PHQ-9")),
    "form no id, ahead": ("BW310", form(instrument="PHQ-9", date=LATER)),
    "form no id, in error": ("BW310", form(instrument="phq9\n", **WRONG)),
    "form of a long id": ("BW310", form(instrument="p" * 65, date=LATER)),
    "form without name": ("BW303", without(form(), "instrument")),
    "form without date": ("BW303", without(form(), "date")),
    "form without date, in error": ("BW303", without(form(**WRONG), "date")),
    "unknown scale": ("BW331", form(instrument="who5", scale="percnt")),
    "scale of a form with one": ("BW331", form(scale="percent")),
    "scale no id": ("BW310", form(scale="Percent", date=LATER)),
    "extra answer of another": ("BW332", form(instrument="who5", difficulty=1)),
    "total in quotes": ("BW304", form(total="9")),
    "total a truth": ("BW304", form(total=True)),
    "items in quotes": ("BW304", form(items="[1]")),
    "item in quotes": ("BW304", form(items=[1, "2"])),
    "item a truth": ("BW304", form(items=[1, True])),
    "time": ("BW305", form(time="later")),
    "version empty": ("BW310", form(version="")),
    "version with a bell": ("BW310", form(version="a\x07")),
    "version turned round": ("BW310", form(version="a\u202eb")),
    "version too long": ("BW310", form(version="x" * 65)),
    "id too long": ("BW310", form(id="\U0001d4b3" * 201)),
    "in error, a word": ("BW304", form(entered_in_error="yes")),
    "unknown key": ("BW302", form(tottal=9)),
    "unknown type": ("BW305", fact("weight")),
    "no type": ("BW303", without(fact("bp"), "type")),
    "fact without date": ("BW303", without(fact("bp"), "date")),
    "field of another type": ("BW302", fact("bp", q1=True)),
    "word of another type": ("BW305", fact("pregnancy", status="active")),
    "lab below nought": ("BW308", fact("lab", test="alt", value=-0.1)),
    "lab with no limit": ("BW308", fact("lab", test="alt", value=1, upper_limit=0)),
    "lab of nothing": ("BW303", fact("lab", value=1)),
    "days below nought": ("BW308", fact("urinary", duration_days=-1)),
    "answer in words": ("BW304", fact("cssrs", q1="yes")),
    "cleared nothing": ("BW303", fact("review", kind="hold_cleared")),
    "safety review of a hold": ("BW311", fact("review", kind="safety", hold="consent")),
    "unknown hold": ("BW337", fact("review", kind="hold_cleared", hold="nosuch")),
    "hold no id": ("BW310", fact("review", kind="hold_cleared", hold="No Such", date=LATER)),
    "own unknown": ("BW333", own("nosuch", 4)),
    "own not allowed": ("BW334", own("phq9.cut", 12)),
    "own too low": ("BW335", own("phq9.delta", 2)),
    "own too high": ("BW335", own("phq9.delta", 8.5)),
    "own not whole": ("BW336", own("phq9.delta", 4.5)),
    "own looser": ("BW338", own("bp_hold_systolic", 161)),
    "own in quotes": ("BW304", own("phq9.delta", "4")),
    "own without reason": ("BW303", without(own("phq9.delta", 4), "reason")),
    "own without reason said": ("BW310", own("phq9.delta", 4, reason="")),
    "own for a long reason": ("BW310", own("phq9.delta", 4, reason="x" * 2001)),
    "own twice": ("BW324", two(own("phq9.delta", 4), own("phq9.delta", 5))),
    "own twice, unknown": ("BW324", two(own("nosuch", 4, date=LATER), own("nosuch", 5, date=LATER))),
}
CASES = {**FINE, **{name: facts for name, (_, facts) in REFUSED.items()}}
for type in fact_types():  # each field that a type needs, left out
    node = fact_node(type)
    for name in node["required"]:
        if name not in ("type", "date"):
            CASES[f"{type} without {name}"] = fact(
                type,
                **{
                    other: (node["properties"][other].get("enum") or [1])[0]
                    for other in node["required"][2:]
                    if other != name
                },
            )


@pytest.fixture(scope="module")
def records() -> list[Plain]:
    return [{"as_of": DAY, "patient": name, **facts} for name, facts in CASES.items()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, records: list[Plain]) -> tuple[Tables, Loaded, list[Fault]]:
    tables = opened(ndjson_tables(tmp_path_factory.mktemp("checks") / "tables", records))
    con = database()
    found = loaded(con, tables, pack())
    return tables, found, told(con, tables, found.refused, most=10_000)


@cache
def of_rows() -> dict[str, list[str]]:
    """Return the codes with which the row engine refuses each case."""
    plain = [{"as_of": DAY, "patient": name, **facts} for name, facts in CASES.items()]
    read = read_all(pack(), plain, AS_OF.toordinal())
    return {
        patient: [one.code for one in error.diagnostics] for patient, error in read if isinstance(error, RecordError)
    }


def test_the_cases_are_what_they_say() -> None:
    assert {name: of_rows()[name][0] for name in REFUSED} == {name: code for name, (code, _) in REFUSED.items()}
    assert not FINE.keys() & of_rows().keys()
    assert len(CASES) > len(FINE) + len(REFUSED)


def test_exactly_those_are_refused_whom_the_row_engine_refuses(run: tuple[Tables, Loaded, list[Fault]]) -> None:
    refused = run[1].refused.patients.to_pyarrow()["patient"].to_pylist()
    assert sorted(refused) == sorted(of_rows())
    assert run[1].refused.count == len(of_rows())


def test_each_is_refused_for_a_reason_of_the_row_engine(run: tuple[Tables, Loaded, list[Fault]]) -> None:
    codes = {fault.patient: fault.code for fault in run[2]}
    assert {name: code for name, code in codes.items() if code not in of_rows()[str(name)]} == {}
    assert {name: codes[name] for name in REFUSED} == {name: code for name, (code, _) in REFUSED.items()}


def test_the_others_are_loaded_as_the_row_engine_reads_them(
    run: tuple[Tables, Loaded, list[Fault]], records: list[Plain]
) -> None:
    by_rows = cohort_of_records(database(), pack(), records, AS_OF.toordinal())
    assert contents(run[1].cohort) == contents(by_rows)
    assert run[1].cohort.own == by_rows.own == {"phq9.delta", "bp_hold_systolic"}


def test_a_fault_says_where(run: tuple[Tables, Loaded, list[Fault]], records: list[Plain]) -> None:
    forms = [record["patient"] for record in records for _ in record.get("assessments", ())]
    faults = {fault.patient: fault for fault in run[2]}
    assert faults["unknown scale"] == Fault(
        "unknown scale",
        "assessments",
        "assessments.ndjson",
        forms.index("unknown scale") + 1,
        "scale",
        "BW331",
    )
    assert faults["total in quotes"] == Fault(
        "total in quotes", "assessments", "assessments.ndjson", forms.index("total in quotes") + 1, "total", "BW304"
    )


def test_the_years_are_those_of_the_schema() -> None:
    dates = shape.validator_of_dates()
    days = (date(1899, 12, 31), FIRST, LAST)
    assert [dates.is_valid(day.isoformat()) for day in days] == [False, True, True]
    assert not dates.is_valid("2200-01-01")


def test_every_field_of_a_fact_has_one_kind() -> None:
    for type in fact_types():
        for name, node in fact_node(type)["properties"].items():
            if name in fact_fields():
                known = fact_fields()[name].node
                assert shape.resolve(node, None)["type"] == known["type"], (type, name)


def test_made_up_patients_are_loaded_as_the_row_engine_reads_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    records = made_up(200, seed=6)
    con = database()
    found = loaded(con, opened(ndjson_tables(tmp_path_factory.mktemp("made") / "tables", records)), pack())
    assert found.refused.count == 0
    assert contents(found.cohort) == contents(cohort_of_records(con, pack(), records, AS_OF.toordinal()))
