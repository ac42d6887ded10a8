"""Record checks: what of a form can be used, and why not the rest. Instruments are those of the toy pack."""

from __future__ import annotations

from typing import Any

import pytest

from boosterwatch.engine.model import Assessment, Rejection
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.checks import Checked, Keep, check_assessments, check_facts
from boosterwatch.engine.record.scoring import Scored
from boosterwatch.tests.engine.measures.build import DAY, INSTRUMENTS, SCALES, fact, form, instrument

NINE = (1, 2, 3, 0, 1, 2, 3, 0, 1)  # sums to 13
FIVE = (5, 4, 3, 2, 1)  # sums to 15, 60 percent


def check(*forms: Assessment, infusions: tuple[int, ...] = ()) -> Checked:
    return check_assessments(INSTRUMENTS, forms, frozenset(infusions), SCALES)


def one(id: str, total: float | None = None, **more: Any) -> tuple[Scored, list[tuple[str, str]]]:
    """Return the only form checked, and its rejections as (part after the record's, code)."""
    part = "assessments[3]"
    checked = check(form(id, DAY, total, part=part, **more))
    [scored] = checked.scored[id]
    return scored, [(found.part.removeprefix(part), found.code) for found in checked.rejected]


# ---------------------------------------------------------------- totals


@pytest.mark.parametrize(
    ("id", "total", "method", "wanted", "code"),
    [
        ("plain", -1, None, None, "invalid_score"),
        ("plain", 0, None, 0, None),
        ("plain", 60, None, 60, None),
        ("plain", 61, None, None, "invalid_score"),
        ("plain", 12.0, None, 12, None),
        ("plain", 12.5, None, None, "invalid_score"),
        ("plain", float("nan"), None, None, "invalid_score"),
        ("plain", 12, "percent", None, "unit_ambiguous"),
        ("calm", 1, None, 1, None),
        ("calm", 3.25, None, 3.25, None),
        ("calm", 5, None, 5, None),
        ("calm", 5.05, None, None, "invalid_score"),
        ("calm", 5.1, None, None, "unit_ambiguous"),
        ("calm", 0.5, None, None, "invalid_score"),
        ("glow", 0, "raw", 0, None),
        ("glow", 26, None, 26, None),
        ("glow", 25, None, None, "unit_ambiguous"),
        ("glow", 0, None, None, "unit_ambiguous"),
        ("glow", -1, None, None, "invalid_score"),
        ("glow", 101, None, None, "invalid_score"),
        ("glow", 25, "percent", 25, None),
        ("glow", 25, "raw", 100, None),
        ("glow", 26, "raw", None, "invalid_score"),
        ("glow", 6.5, "raw", None, "invalid_score"),
        ("glow", 25, "sum", None, "unit_ambiguous"),
        ("spark", 13, None, 13, None),
        ("spark", 14, None, None, "unit_ambiguous"),
        ("spark", 70, None, None, "unit_ambiguous"),
        ("spark", -1, None, None, "invalid_score"),
        ("spark", 14, "yes_no", 14, None),
        ("spark", 15, "yes_no", None, "invalid_score"),
        ("spark", 20, "sum", None, "unit_ambiguous"),
    ],
)
def test_a_total_is_read_on_its_method(
    id: str, total: float, method: str | None, wanted: float | None, code: str | None
) -> None:
    scored, rejected = one(id, total, method=method)
    assert (scored.total, type(scored.total)) == (wanted, type(wanted))
    assert rejected == ([] if code is None else [("", code)])
    assert scored.failed is (code is not None)


def test_a_form_that_gives_no_total_and_fails_no_check_is_no_record_of_one() -> None:
    scored, rejected = one("plain")
    assert (scored.total, scored.failed, rejected) == (None, False, [])
    scored, rejected = one("knots", items=(1, None, 2))
    assert (scored.total, scored.items, scored.failed, rejected) == (None, (1, None, 2), False, [])


def test_a_method_without_a_total_is_not_ambiguous() -> None:
    assert one("spark", method="sum")[1] == []


# ---------------------------------------------------------------- items


@pytest.mark.parametrize(
    ("id", "items", "wanted"),
    [
        ("gloom", NINE, 13),
        ("glow", FIVE, 60),
        ("clusters", (0, 2, 3, 1, 0, 0), 6),
        ("knots", (1, 1, 2), 6),
        ("knots", (1.0, 1.0, 2.0), 6),
    ],
)
def test_complete_items_give_the_total(id: str, items: tuple[float, ...], wanted: int) -> None:
    scored, rejected = one(id, items=items)
    assert (scored.total, type(scored.total), rejected) == (wanted, int, [])
    assert scored.items == items
    assert all(type(item) is int for item in scored.items)


def test_items_of_an_instrument_that_has_none_are_not_looked_at() -> None:
    scored, rejected = one("plain", 7, items=(9, 9))
    assert (scored.total, scored.items, rejected) == (7, (), [])
    assert one("plain", items=(9, 9))[0].total is None


@pytest.mark.parametrize("total", [13, None])
def test_a_blank_item_may_owe_no_total(total: int | None) -> None:
    items = (*NINE[:8], None)
    scored, rejected = one("gloom", total, items=items, extra={"burden": 2})
    assert (scored.total, scored.items, scored.extra) == (None, items, {"burden": 2})
    assert (scored.failed, rejected) == (True, [("", "invalid_score")])


def test_a_stated_total_may_stand_beside_a_blank_item() -> None:
    scored, rejected = one("knots", 7, items=(1, None, 2))
    assert (scored.total, scored.items, rejected) == (7, (1, None, 2), [])


@pytest.mark.parametrize("bad", [4, -1, 1.5])
@pytest.mark.parametrize("total", [13, None])
def test_an_item_out_of_range_rejects_the_total_and_that_item(bad: float, total: int | None) -> None:
    items = (*NINE[:2], bad, *NINE[3:])
    scored, rejected = one("gloom", total, items=items, extra={"burden": 1})
    assert scored.total is None
    assert scored.items == (*NINE[:2], None, *NINE[3:])
    assert scored.extra == {"burden": 1}
    assert rejected == [("", "invalid_score"), (".items[2]", "invalid_score")]


def test_items_that_are_all_out_of_range_leave_none_usable() -> None:
    assert one("gloom", items=(9,) * 9)[0].items == one("gloom", items=(None,) * 9)[0].items == ()


def test_items_are_counted_from_one_in_words_and_from_zero_in_places() -> None:
    [_, found] = check(form("gloom", DAY, 13, items=(*NINE[:2], 9, *NINE[3:]), part="assessments[3]")).rejected
    assert found.part == "assessments[3].items[2]"
    assert found.reason == "item 3 of `gloom` is out of range or not whole"


@pytest.mark.parametrize(
    ("total", "items"),
    [
        pytest.param(28, NINE, id="total out of range"),
        pytest.param(13, NINE[:8], id="too few items"),
        pytest.param(13, (*NINE, 0), id="too many items"),
        pytest.param(None, (), id="no items in the list"),
        pytest.param(14, NINE, id="sum differs"),
        pytest.param(13.5, NINE, id="fraction, so the sum differs"),
    ],
)
def test_what_rejects_total_items_and_extra_answers(total: float | None, items: tuple[int, ...]) -> None:
    scored, rejected = one("gloom", total, items=items, extra={"burden": 1})
    assert (scored.total, scored.items, scored.extra, scored.failed) == (None, (), {}, True)
    assert {part for part, _ in rejected} == {""}
    assert {code for _, code in rejected} == {"invalid_score"}


def test_a_total_that_is_not_whole_rejects_the_form_whatever_its_unit() -> None:
    scored, rejected = one("knots", 7.5, items=(1, None, 2))
    assert (scored.total, scored.items, scored.failed) == (None, (), True)
    assert rejected == one("glow", 7.5)[1] == one("spark", 20.5, method="sum")[1] == [("", "invalid_score")]


@pytest.mark.parametrize(
    ("total", "method", "wanted", "code"),
    [
        (15, None, 60, None),
        (60, None, 60, None),
        (20, None, None, "invalid_score"),
        (15, "raw", 60, None),
        (60, "percent", 60, None),
        (15, "percent", None, "invalid_score"),
        (61, None, None, "invalid_score"),
    ],
)
def test_complete_items_settle_the_unit(total: int, method: str | None, wanted: int | None, code: str | None) -> None:
    scored, rejected = one("glow", total, items=FIVE, method=method)
    assert scored.total == wanted
    assert rejected == ([] if code is None else [("", code)])
    assert scored.items == (() if code == "invalid_score" else FIVE)


def test_incomplete_items_do_not_settle_the_unit() -> None:
    scored, rejected = one("glow", 15, items=(5, 4, 3, 2, None))
    assert scored.total is None
    assert rejected == [("", "unit_ambiguous")]


@pytest.mark.parametrize(("items", "places"), [((5, 4, 3, 2, 6), ["", ".items[4]"]), ((1, 2), [""])])
def test_bad_items_are_told_before_an_unclear_unit(items: tuple[int, ...], places: list[str]) -> None:
    scored, rejected = one("glow", 15, items=items)
    assert scored.total is None
    assert rejected == [(place, "invalid_score") for place in places]


# ---------------------------------------------------------------- extra answers and versions


@pytest.mark.parametrize(
    ("answer", "usable"), [(-1, False), (0, True), (3, True), (4, False), (1.5, False), (2.0, True)]
)
def test_an_extra_answer_rejects_only_itself(answer: float, usable: bool) -> None:
    scored, rejected = one("gloom", 13, items=NINE, extra={"burden": answer})
    assert (scored.total, scored.items, scored.failed) == (13, NINE, False)
    assert scored.extra == ({"burden": answer} if usable else {})
    assert rejected == ([] if usable else [(".burden", "invalid_score")])


def test_a_bad_extra_answer_alone_is_no_record_of_a_total() -> None:
    scored, rejected = one("gloom", extra={"burden": 9})
    assert (scored.failed, rejected) == (False, [(".burden", "invalid_score")])


def test_another_version_counts_as_no_record() -> None:
    checked = check(form("gloom", DAY, 99, version="gloom_8", extra={"burden": 9}))
    assert checked.scored == {}
    assert [found.code for found in checked.rejected] == ["version_mismatch"]
    assert check(form("gloom", DAY, 9, version="gloom")).rejected == []


def test_since_tells_when_a_code_first_applies() -> None:
    checked = check(form("plain", DAY + 9, 99), form("plain", DAY, 99), form("plain", DAY + 4, 99, version="x"))
    assert checked.since == {"invalid_score": 2 * DAY, "version_mismatch": 2 * DAY + 8}


@pytest.mark.parametrize("id", ["gloom", "glow", "plain"])
def test_a_reason_is_one_line_without_values(id: str) -> None:
    for total in (97, 13):
        for items in (None, NINE, NINE[:8], (97,) * 9, FIVE):
            for found in check(form(id, DAY, total, items=items, extra={"burden": 97})).rejected:
                assert "97" not in found.reason
                assert found.reason == found.reason.strip(" .\n")
                assert found.reason[0] == "`" or found.reason[0].islower()


# ---------------------------------------------------------------- two totals on one day


def totals(checked: Checked, id: str = "plain") -> list[float | None]:
    return [scored.total for scored in checked.scored[id]]


def test_two_different_totals_on_a_day_are_both_rejected() -> None:
    checked = check(form("plain", DAY, 5, part="a"), form("plain", DAY, 6, part="b"), form("plain", DAY + 1, 7))
    assert sorted(totals(checked), key=str) == [7, None, None]
    assert {(found.part, found.code) for found in checked.rejected} == {
        ("a", "duplicate_conflict"),
        ("b", "duplicate_conflict"),
    }
    assert [scored.failed for scored in checked.scored["plain"]].count(True) == 2


def test_a_conflict_takes_every_total_of_the_day_with_its_items() -> None:
    forms = [form("gloom", DAY, 13, items=NINE, extra={"burden": 1}, part="a") for _ in range(2)]
    checked = check(*forms, form("gloom", DAY, 3, part="b"))
    assert all((s.total, s.items, s.extra) == (None, (), {}) for s in checked.scored["gloom"])
    assert len(checked.rejected) == 3


def test_a_rejected_total_is_not_in_conflict() -> None:
    checked = check(form("plain", DAY, 5), form("plain", DAY, 99), form("plain", DAY, 6, version="x"))
    assert totals(checked) == [5, None]
    assert sorted(found.code for found in checked.rejected) == ["invalid_score", "version_mismatch"]


def test_items_of_a_form_without_a_total_outlive_a_conflict() -> None:
    blank = (*NINE[:8], None)
    checked = check(form("gloom", DAY, 5), form("gloom", DAY, 6), form("gloom", DAY, items=blank))
    assert blank in [scored.items for scored in checked.scored["gloom"]]


@pytest.mark.parametrize(("infused", "used"), [(True, [5, 6]), (False, [None, None])])
def test_before_and_after_are_read_on_infusion_days_only(infused: bool, used: list[int | None]) -> None:
    forms = (form("plain", DAY, 5), form("plain", DAY, 6, after_infusion=True))
    assert totals(check(*forms, infusions=(DAY,) if infused else ())) == used


@pytest.mark.parametrize(("late", "infused", "key"), [(False, True, 0), (True, False, 0), (True, True, 1)])
def test_a_key_puts_a_form_after_the_infusion_of_its_day(late: bool, infused: bool, key: int) -> None:
    checked = check(form("plain", DAY, 5, after_infusion=late), infusions=(DAY,) if infused else ())
    assert checked.scored["plain"][0].key == 2 * DAY + key


def test_of_equal_totals_the_one_with_most_items_is_kept_without_a_flag() -> None:
    few, full = form("knots", DAY, 7, items=(1, None, None)), form("knots", DAY, 7, items=(4, 1, 0))
    for forms in ((few, full), (full, few), (form("knots", DAY, 7), full, few)):
        checked = check(*forms)
        assert [scored.form for scored in checked.scored["knots"]] == [full]
        assert checked.rejected == []


def test_equal_totals_are_equal_on_the_final_scale() -> None:
    checked = check(form("glow", DAY, 15, method="raw"), form("glow", DAY, 60, method="percent"))
    assert totals(checked, "glow") == [60]


def test_which_of_equal_totals_is_kept_does_not_depend_on_order() -> None:
    one_way, other = form("gloom", DAY, 13, items=NINE), form("gloom", DAY, 13, items=NINE[::-1])
    kept = [check(*forms).scored["gloom"][0].form for forms in ((one_way, other), (other, one_way))]
    assert kept[0] is kept[1] is one_way  # the worse answers count


# ---------------------------------------------------------------- facts


def test_facts_that_fail_a_check_are_rejected_with_its_code_and_the_others_sorted() -> None:
    keep = Keep(lambda found: found.fields.get("level") == "fine", "odd_level", "a level must be fine")
    facts = (fact("probe", DAY + 3, level="fine"), fact("probe", DAY, level="fine"), fact("probe", DAY + 1))
    usable, rejected = check_facts({"probe": [keep]}, (*facts, fact("other", DAY)))
    assert usable == {"probe": [facts[1], facts[0]], "other": [fact("other", DAY)]}
    assert rejected == [Rejection(facts[2].part, "odd_level", "a level must be fine")]


def test_a_total_that_the_items_do_not_give_a_method_for_stays_on_the_only_scale() -> None:
    lone = instrument("lone", high=6, items=ir.Items(2, 0, 3), unstated=ir.Unstated("only", (0, 2), items_settle=True))
    checked = check_assessments({"lone": lone}, [form("lone", DAY, 2, items=(1, 1))], frozenset())
    assert [scored.total for scored in checked.scored["lone"]] == [2]


def test_items_settle_the_unit_only_where_the_instrument_says_so() -> None:
    stubborn = instrument("stubborn", high=6, items=ir.Items(2, 0, 3), unstated=ir.Unstated("only", (0, 2)))
    checked = check_assessments({"stubborn": stubborn}, [form("stubborn", DAY, 2, items=(1, 1))], frozenset())
    assert [scored.total for scored in checked.scored["stubborn"]] == [None]
