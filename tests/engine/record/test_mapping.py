"""Records from a caller's own objects: what is understood, and what is refused in which words."""

import math
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from boosterwatch.engine.diagnostics import RecordError, render
from boosterwatch.engine.model import Record
from boosterwatch.engine.record.read import record_from_mapping

DAY = date(2026, 3, 14)


class Sex(StrEnum):
    FEMALE = "female"


class Word(str, Enum):  # noqa: UP042 - its hash is that of its name, unlike a StrEnum's
    PHQ9 = "phq9"


def form(**more: Any) -> dict[str, Any]:
    return {"instrument": "phq9", "date": DAY, **more}


def read(*forms: Any, **facts: Any) -> Record:
    return record_from_mapping({"as_of": DAY, "assessments": list(forms), **facts})


def complaints(*forms: Any, **facts: Any) -> str:
    with pytest.raises(RecordError) as caught:
        read(*forms, **facts)
    return render(caught.value.diagnostics, {})


# ---------------------------------------------------------------- understood


def test_dates_may_be_dates() -> None:
    text = {"instrument": "phq9", "date": "2026-03-14"}
    assert read(form()) == record_from_mapping({"as_of": "2026-03-14", "assessments": [text]})


def test_mappings_and_tuples_may_be_of_any_kind() -> None:
    odd = MappingProxyType({"as_of": DAY, "assessments": (OrderedDict(form(items=(1, 2))),)})
    assert record_from_mapping(odd) == read(form(items=[1, 2]))


def test_words_may_be_enumerations() -> None:
    record = read(form(instrument=Word.PHQ9), sex=Sex.FEMALE)
    assert (record.sex, type(record.sex)) == ("female", str)
    assert type(record.assessments[0].instrument) is str


def test_a_blank_item_stays_blank_beside_dates() -> None:
    assert read(form(items=[1, None])).assessments[0].items == (1, None)


def test_an_id_may_be_a_uuid() -> None:
    patient = UUID("00000000-0000-0000-0000-000000000001")
    assert read(patient=patient).patient == str(patient)


def test_a_later_change_of_the_mapping_changes_nothing() -> None:
    items = [1, 2, 3]
    fact = {"type": "bp", "date": DAY, "systolic": 120}
    record = read(form(items=items), safety=[fact])
    items[0], fact["systolic"] = 3, 220
    assert record.assessments[0].items == (1, 2, 3)
    assert record.facts[0].fields == {"systolic": 120}


# ---------------------------------------------------------------- refused

REFUSED: list[tuple[dict[Any, Any], str]] = [
    (
        {"total": "12"},
        'BW304 `assessments[0].total` must be a number, not the text `"12"`\n  hint: write it without quotes: `12`\n',
    ),
    ({"total": "abc"}, 'BW304 `assessments[0].total` must be a number, not the text `"abc"`\n'),
    ({"total": math.nan}, "BW308 `assessments[0].total` must be a finite number, not `nan`\n"),
    ({"total": -math.inf}, "BW308 `assessments[0].total` must be a finite number, not `-inf`\n"),
    (
        {"items": [1, math.nan]},
        "BW308 `assessments[0].items[1]` must be a finite number, not `nan`\n",
    ),
    (
        {"total": True},
        "BW304 `assessments[0].total` must be a number, not the truth value `true`\n",
    ),
    (
        {"items": [False]},
        "BW304 `assessments[0].items[0]` must be a number or null, not the truth value `false`\n",
    ),
    (
        {"total": None},
        "BW304 `assessments[0].total` must be a number, not null\n  hint: leave it out when there is no value\n",
    ),
    ({"total": 10**30}, "BW308 `assessments[0].total` has too many digits\n"),
    (
        {"total": Decimal(9)},
        "BW304 `assessments[0].total` is of the type `Decimal`, which has no meaning here\n",
    ),
    (
        {"items": {1, 2}},
        "BW304 `assessments[0].items` is of the type `set`, which has no meaning here\n",
    ),
    (
        {"total": DAY},
        'BW304 `assessments[0].total` must be a number, not the text `"2026-03-14"`\n',
    ),
    (
        {"date": datetime(2026, 3, 14, tzinfo=UTC)},
        "BW306 `assessments[0].date` must be a date without a time of day,"
        " not `2026-03-14T00:00:00+00:00`\n"
        "  hint: write the calendar date: `2026-03-14`\n",
    ),
    (
        {"date": "2026-02-30"},
        "BW307 `assessments[0].date` is not a calendar date: `2026-02-30`\n"
        "  hint: the last day of that month is 2026-02-28\n",
    ),
    (
        {"totl": 9},
        "BW302 unknown key `totl` in `assessments[0]`\n  hint: did you mean `total`?\n",
    ),
    ({7: 9}, "BW302 `assessments[0]` has a key that is not text: `7`\n"),
    (
        {"version": "\ud800"},
        "BW310 `assessments[0].version` contains half a character (a lone surrogate)\n",
    ),
    (
        {"\ud800": 1},
        "BW302 `assessments[0]` has a key with half a character (a lone surrogate)\n",
    ),
    (
        {"version": "a\0"},
        "BW310 `assessments[0].version` contains a control character\n  hint: delete it\n",
    ),
]


@pytest.mark.parametrize(("more", "expected"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_what_is_refused(more: dict[Any, Any], expected: str) -> None:
    assert complaints(form() | more) == expected


@pytest.mark.parametrize("data", [None, [], "text", 7, DAY, {1, 2}, b"as_of"], ids=str)
def test_a_record_is_a_mapping(data: Any) -> None:
    with pytest.raises(RecordError) as caught:
        record_from_mapping(data)
    assert len(caught.value.diagnostics) == 1


def test_a_record_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {"as_of": DAY}
    endless.update({str(number): endless for number in range(50)})
    with pytest.raises(RecordError) as caught:
        record_from_mapping(endless)
    assert [each.code for each in caught.value.diagnostics] == ["BW309"]


def test_all_problems_are_told_at_once() -> None:
    text = complaints(
        form(total=math.nan),
        form(total="9"),
        form(date="2026-02-30"),
        birth_date=date(2027, 1, 1),
        induction={"first": DAY, "last": date(2026, 1, 1)},
    )
    codes = [line.split()[0] for line in text.splitlines() if line.startswith("BW")]
    assert codes == ["BW304", "BW307", "BW308", "BW320", "BW321"]


SECRETS = {"patient": 4711, "by": 4711, "reason": 4711, "id": 4711}


def test_messages_never_repeat_private_values_or_other_scores() -> None:
    override = {"parameter": "p", "value": 4711, "date": DAY}
    override |= {key: SECRETS[key] for key in ("by", "reason")}
    text = complaints(
        form(total="x", items=[4711, 4711], id=4711),
        patient=4711,
        overrides=[override],
        safety=[{"type": "bp", "date": DAY, "systolic": 4711, "diastolc": 4711}],
    )
    assert text.count("BW") == 6
    assert "4711" not in text
