"""The preceding visit of the same cycle, and the slope of the current cycle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.model import Assessment, Measures, Undefined, Value
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import (
    INDUCTION,
    LAST,
    PARAMETERS,
    SCORES,
    SPAN,
    derived,
    form,
    make_pack,
    record,
    value,
)

NO_PRECEDING, TOO_FEW = Undefined("no_preceding"), Undefined("too_few")
NOW = LAST + 80
GOOD = form("plain", LAST + 15, 8)


def at(day: int, *forms: Assessment, boosters: tuple[int, ...] = ()) -> Measures:
    return derived(record(day, forms, infusions=(*INDUCTION, *boosters)))


def of(measures: Measures, name: str) -> Value:
    return value(measures, f"plain.{name}")


@pytest.mark.parametrize(
    ("gap", "wanted"),
    [(4, NO_PRECEDING), (5, 20), (6, 20), (41, 20), (42, 20), (43, NO_PRECEDING)],
)
def test_the_preceding_visit_lies_in_a_window(gap: int, wanted: Value) -> None:
    assert of(at(NOW, form("plain", NOW - gap, 20), form("plain", NOW, 25)), "previous") == wanted


def test_the_preceding_visit_is_the_latest_that_fits() -> None:
    forms = [form("plain", NOW - gap, 20 + gap) for gap in (3, 9, 6, 30)]
    assert of(at(NOW, *forms, form("plain", NOW, 25)), "previous") == 26


@pytest.mark.parametrize(("since", "wanted"), [(-1, NO_PRECEDING), (0, NO_PRECEDING), (1, 20)])
def test_the_preceding_visit_lies_in_the_same_cycle(since: int, wanted: Value) -> None:
    booster = NOW - 20
    forms = (form("plain", booster + since, 20), form("plain", NOW, 25))
    assert of(at(NOW, *forms, boosters=(booster,)), "previous") == wanted


def test_a_form_after_the_infusion_belongs_to_the_next_cycle() -> None:
    booster = NOW - 20
    late = form("plain", booster, 20, after_infusion=True)
    assert of(at(NOW, late, form("plain", NOW, 25), boosters=(booster,)), "previous") == 20


def test_the_cycle_is_that_of_the_latest_score_not_of_the_date() -> None:
    found = at(NOW, form("plain", NOW - 30, 20), form("plain", NOW - 20, 25), boosters=(NOW - 20,))
    assert of(found, "previous") == 20
    assert of(found, "previous_interpretable") is True


@pytest.mark.parametrize(("days", "wanted"), [(13, False), (14, True), (15, True)])
def test_the_preceding_visit_has_settled(days: int, wanted: bool) -> None:
    booster = NOW - 40
    forms = (GOOD, form("plain", booster + days, 20), form("plain", booster + days + 10, 25))
    assert of(at(NOW, *forms, boosters=(booster,)), "previous_interpretable") is wanted


def test_the_preceding_visit_has_its_own_best() -> None:
    forms = [GOOD, form("plain", NOW - 10, 20), form("plain", NOW - 3, 2), form("plain", NOW, 25)]
    assert of(at(NOW, *forms), "previous_change") == 12
    assert of(at(NOW, *forms[1:]), "previous_change") == Undefined("no_reference")


def test_there_is_no_visit_before_nothing() -> None:
    assert of(at(NOW), "previous") == of(at(NOW, GOOD), "previous_interpretable") == NO_PRECEDING


def test_without_infusions_visits_share_one_cycle() -> None:
    found = derived(record(NOW, [form("plain", NOW - 10, 20), form("plain", NOW, 25)], infusions=()))
    assert (of(found, "previous"), of(found, "previous_interpretable")) == (20, True)
    assert of(found, "slope") == TOO_FEW


def test_windows_asked_of_one_look_do_not_mix() -> None:
    asked = {
        "wide": ("previous", (("from", "from_days"), ("to", "recent"))),
        "near": ("previous", (("from", "delta_days"), ("to", "recent"))),
        "old": ("reason", (("settle", "settle"), ("fresh", "recent"))),
        "long": ("reason", (("settle", "recent"), ("fresh", "recent"))),
    }
    more = [ir.Measure(f"plain.{name}", kind, "", "", SPAN, args, "plain") for name, (kind, args) in asked.items()]
    facts = record(NOW + 40, [GOOD, form("plain", NOW - 50, 20), form("plain", NOW - 2, 22), form("plain", NOW, 25)])
    found = derived(facts, plan_measures(make_pack(more)), {**PARAMETERS, "delta_days": 1})
    assert (of(found, "previous"), of(found, "wide"), of(found, "near")) == (NO_PRECEDING, 20, 22)
    assert (of(found, "reason"), of(found, "old"), of(found, "long")) == ("stale", "assessable", "missing")


def test_windows_asked_in_turn_do_not_mix() -> None:
    facts = record(NOW, [form("plain", NOW - 50, 20), form("plain", NOW, 25)])
    history = open_history(SCORES, facts, PARAMETERS)
    assert of(derive_measures(SCORES, history, PARAMETERS, NOW), "previous") == NO_PRECEDING
    wide = {**PARAMETERS, "to_days": 60}
    assert of(derive_measures(SCORES, history, wide, NOW), "previous") == 20


# ---------------------------------------------------------------- the slope


def rising(*days: int) -> list[Assessment]:
    return [form("plain", LAST + day, 10 + n * 2) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ((20, 34), TOO_FEW),
        ((20, 27, 33), TOO_FEW),
        ((20, 27, 34), 2.0),
        ((20, 27, 34, 41), 2.0),
        ((13, 20, 27), TOO_FEW),
        ((14, 21, 28), 2.0),
    ],
)
def test_a_slope_needs_points_and_a_span(days: tuple[int, ...], wanted: Value) -> None:
    assert of(at(NOW, *rising(*days)), "slope") == wanted


def test_the_slope_is_of_the_current_cycle() -> None:
    forms = rising(20, 27, 34)
    assert of(at(NOW, *forms, boosters=(NOW - 40,)), "slope") == TOO_FEW
    later = [form("plain", NOW - 26 + 10 * n, 30 - 5 * n) for n in range(3)]
    assert of(at(NOW, *forms, *later, boosters=(NOW - 40,)), "slope") == pytest.approx(-3.5)


def test_the_slope_of_a_scale_that_is_worse_when_low_is_positive_when_it_falls() -> None:
    forms = [form("glow", LAST + 20 + 7 * n, 80 - 4 * n, method="percent") for n in range(3)]
    assert value(at(NOW, *forms), "glow.slope") == 4.0


def test_without_any_waiting_the_form_before_the_infusion_is_not_of_its_cycle() -> None:
    booster, parameters = NOW - 28, {**PARAMETERS, "settle": 0}
    scores = [form("plain", booster + 14 * n, 10 + 4 * n) for n in range(3)]
    facts = record(NOW, scores, infusions=(*INDUCTION, booster))
    assert of(derived(facts, parameters=parameters), "slope") == TOO_FEW
    facts = record(NOW, [replace(scores[0], after_infusion=True), *scores[1:]], infusions=(*INDUCTION, booster))
    assert of(derived(facts, parameters=parameters), "slope") == 2.0


def test_points_of_one_day_have_no_slope() -> None:
    forms = [form("gloom", LAST + 20, items=(n, *[None] * 8), part=str(n)) for n in range(3)]
    facts = record(NOW, forms)
    assert value(derived(facts, parameters={**PARAMETERS, "span": 0}), "gloom_first.slope") == TOO_FEW
