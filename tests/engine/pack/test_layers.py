"""Values in force: by date, then the patient's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from boosterwatch.engine.diagnostics import InternalError, RecordError
from boosterwatch.engine.model import Override
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import LAYER_CODES, PerPack, values_in_force
from boosterwatch.tests.decide.made_up import DAY, PACK

CHANGE = date(2026, 1, 1).toordinal()
FIRST = date(2020, 1, 1).toordinal()


def own(value: float, day: int = DAY, parameter: str = "glim.delta") -> Override:
    """Return a patient's own value."""
    return Override(parameter, value, "sensitive", "Dr A", day, "overrides[0]")


@pytest.mark.parametrize(
    ("as_of", "value", "start"),
    [
        (CHANGE - 1, 4, "2020-01-01"),
        (CHANGE, 5, "2026-01-01"),
        (CHANGE + 1, 5, "2026-01-01"),
        (FIRST, 4, "2020-01-01"),
    ],
)
def test_the_last_value_begun_is_in_force(as_of: int, value: int, start: str) -> None:
    chosen = values_in_force(PACK, as_of)["glim.delta"]
    assert (chosen.value, chosen.start, chosen.layer) == (value, start, "pack")


def test_basis_and_citation_come_with_the_value() -> None:
    chosen = values_in_force(PACK, DAY)["glim.delta"]
    assert (chosen.basis, chosen.cites) == ("published", ("grey-2001",))


def test_every_parameter_has_a_value() -> None:
    assert list(values_in_force(PACK, DAY)) == [one.name for one in PACK.parameters]


def test_before_the_first_value_there_is_none() -> None:
    with pytest.raises(RecordError) as caught:
        values_in_force(PACK, FIRST - 1)
    problems = caught.value.diagnostics
    assert len(problems) == len(PACK.parameters)
    assert problems[0].code in LAYER_CODES
    found = {one.message: one.hint for one in problems}
    assert found["no value of `glim.delta` is in force on 2019-12-31"] == "its first value begins on 2020-01-01"


def test_a_parameter_without_any_value_says_so() -> None:
    bare = tuple(replace(one, values=()) if one.name == "needed" else one for one in PACK.parameters)
    with pytest.raises(RecordError) as caught:
        values_in_force(replace(PACK, parameters=bare), DAY)
    assert [one.hint for one in caught.value.diagnostics] == ["it has no value at all"]


def test_the_order_of_dated_values_does_not_matter() -> None:
    turned = tuple(replace(one, values=one.values[::-1]) for one in PACK.parameters)
    assert values_in_force(replace(PACK, parameters=turned), DAY) == values_in_force(PACK, DAY)


def test_days_of_one_period_share_their_values() -> None:
    assert values_in_force(PACK, CHANGE) is values_in_force(PACK, DAY)
    before = values_in_force(PACK, CHANGE - 1)
    assert {name for name, one in values_in_force(PACK, DAY).items() if before[name] is not one} == {"glim.delta"}


def test_packs_of_one_digest_are_told_apart() -> None:
    other = replace(PACK, parameters=PACK.parameters[:1])
    assert other.digest == PACK.digest
    assert len(values_in_force(PACK, DAY)) > len(values_in_force(other, DAY)) == 1


# ---------------------------------------------------------------- the patient's own


def test_a_patients_own_value_wins_and_says_whose_it_is() -> None:
    chosen = values_in_force(PACK, DAY, [own(6, DAY - 10)])["glim.delta"]
    assert (chosen.value, chosen.start, chosen.layer) == (6, "2026-03-04", "patient")
    assert (chosen.basis, chosen.note, chosen.cites) == ("clinician", "sensitive (Dr A)", ())


def test_the_shared_values_are_left_alone() -> None:
    shared = values_in_force(PACK, DAY)
    mine = values_in_force(PACK, DAY, [own(6)])
    assert shared["glim.delta"].value == 5
    assert {name for name in shared if mine[name] is not shared[name]} == {"glim.delta"}


@pytest.mark.parametrize(
    ("overrides", "value"),
    [
        ([own(6, DAY - 9), own(7, DAY - 8)], 7),
        ([own(7, DAY - 8), own(6, DAY - 9)], 7),
        ([own(6, DAY), own(7, DAY + 1)], 6),  # not yet
        ([own(7, DAY + 1)], 5),
    ],
)
def test_the_newest_that_has_begun_counts(overrides: list[Override], value: int) -> None:
    assert values_in_force(PACK, DAY, overrides)["glim.delta"].value == value


@pytest.mark.parametrize("value", [3, 8])
def test_the_ends_of_the_allowed_range_are_inside(value: int) -> None:
    assert values_in_force(PACK, DAY, [own(value)])["glim.delta"].value == value


@pytest.mark.parametrize("override", [own(2.9), own(8.1), own(5, parameter="needed"), own(5, parameter="unheard_of")])
def test_an_override_that_should_have_been_refused_is_our_own_fault(override: Override) -> None:
    with pytest.raises(InternalError, match=f"`{override.parameter}` was not refused; pack {PACK.digest}"):
        values_in_force(PACK, DAY, [override])


def test_what_belongs_to_a_pack_is_made_once_and_bounded() -> None:
    made: list[str] = []

    def make(pack: ir.Pack) -> int:
        made.append(pack.id)
        return len(made)

    per_pack = PerPack(make, most=2)
    packs = [replace(PACK, id=str(number)) for number in range(3)]
    assert [per_pack.of(packs[at]) for at in (0, 0, 1, 2, 2)] == [1, 1, 2, 3, 3]
    assert made == ["0", "1", "2"]
