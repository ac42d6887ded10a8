"""Observed cycles: where they begin and end, what ends them, and what the record's own entries change."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from boosterwatch.engine.measures.cycles import observe_cycles
from boosterwatch.engine.measures.derive import Cycle, derive_measures, open_history, plan_measures
from boosterwatch.engine.model import Assessment, Measures, Record
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import (
    INDUCTION,
    LAST,
    PARAMETERS,
    equals,
    event,
    fact,
    form,
    make_pack,
    measure,
    prior,
    record,
)
from boosterwatch.tests.engine.measures.naive import see
from boosterwatch.tests.engine.measures.strategies import patient

LOSS = event("loss", where=equals("kind", "loss"))
LOOKBACK = ir.Lookback((), ("loss",), (), ("plain.latest", "plain.change_from_best", "plain.assessable", "infused"))
PLAN = plan_measures(
    make_pack([measure("infused", "course_date", which="last_infusion")], events=(LOSS,), lookback=LOOKBACK)
)
NOW = LAST + 200


def worse(found: Measures) -> bool:
    """Return whether the plain score is assessable and 5 points worse than its best."""
    change = found.values.get("plain.change_from_best")
    return found.values["plain.assessable"] is True and isinstance(change, int) and change >= 5


def never(_found: Measures) -> bool:
    return False


def cycles(facts: Record, lost_at: Callable[[Measures], bool] = worse) -> list[tuple[int, int | None, bool, bool]]:
    """Return the cycles, their days counted from the end of the induction."""
    found = observe_cycles(PLAN, open_history(PLAN, facts, PARAMETERS), PARAMETERS, lost_at)
    return [(c.infusion - LAST, None if c.loss is None else c.loss - LAST, c.censored, c.recorded) for c in found]


def plain(*scores: tuple[int, int], **more: Any) -> list[Assessment]:
    return [form("plain", LAST + day, total, part=f"assessments[{day}]", **more) for day, total in scores]


def course(*boosters: int, forms: list[Assessment] | None = None, as_of: int = NOW, **more: Any) -> Record:
    infusions = (*INDUCTION, *(LAST + day for day in boosters))
    return record(as_of, forms or [], infusions=infusions, **more)


def reported(*when: int) -> dict[str, Any]:
    return {"facts": tuple(fact("report", LAST + day, kind="loss") for day in when)}


def test_without_a_finished_induction_there_are_no_cycles() -> None:
    assert cycles(record(NOW, infusions=())) == []
    assert cycles(record(INDUCTION[2], infusions=INDUCTION)) == []
    assert cycles(record(INDUCTION[3], infusions=INDUCTION)) == [(INDUCTION[3] - LAST, None, False, False)]
    assert cycles(record(LAST, induction=(INDUCTION[0], LAST + 9), infusions=())) == []


def test_cycles_begin_at_the_end_of_the_induction_and_at_every_later_infusion() -> None:
    assert cycles(course(60, 100)) == [(0, None, True, False), (60, None, True, False), (100, None, False, False)]


def test_the_first_date_at_which_it_holds_is_the_loss() -> None:
    forms = plain((20, 8), (40, 12), (50, 14), (55, 20))
    assert cycles(course(forms=forms)) == [(0, 50, False, False)]


def test_every_cycle_has_its_own_loss() -> None:
    forms = plain((20, 8), (50, 14), (80, 15), (95, 20), (120, 8), (130, 30))
    wanted = [(0, 50, False, False), (60, 80, False, False), (100, 130, False, False)]
    assert cycles(course(60, 100, forms=forms)) == wanted


def test_a_form_on_the_next_infusions_day_belongs_to_the_cycle_it_ends() -> None:
    forms = plain((20, 8), (60, 14))
    assert cycles(course(60, forms=forms)) == [(0, 60, False, False), (60, None, False, False)]


def test_a_form_after_that_infusion_does_not() -> None:
    forms = [*plain((20, 8)), *plain((60, 14), after_infusion=True)]
    assert cycles(course(60, forms=forms)) == [(0, None, True, False), (60, None, False, False)]


def test_a_form_after_the_infusion_is_looked_at_in_the_cycle_that_begins() -> None:
    seen: list[int] = []

    def note(found: Measures) -> bool:
        infused = found.values["infused"]
        assert isinstance(infused, int)
        seen.append(infused - LAST)
        return False

    cycles(course(60, forms=[*plain((20, 8)), *plain((60, 14), after_infusion=True)]), note)
    assert seen == [0, 60]


def test_any_comparable_form_is_a_date_to_look_at() -> None:
    forms = [*plain((20, 8), (50, 14)), form("glow", LAST + 66, 999), form("glow", LAST + 65, 9, version="glow_2")]
    facts = course(forms=forms)

    def stale_enough(found: Measures) -> bool:
        return found.values.get("plain.latest") == 14 and found.values["plain.assessable"] is True

    assert cycles(facts, stale_enough) == [(0, 50, False, False)]
    looks: list[Measures] = []

    def note(found: Measures) -> bool:
        looks.append(found)
        return False

    cycles(facts, note)
    assert len(looks) == 3


def test_a_reported_loss_ends_a_cycle_on_its_day() -> None:
    assert cycles(course(60, **reported(30, 45))) == [(0, 30, False, False), (60, None, False, False)]
    assert cycles(course(60, **reported(60)), never) == [(0, 60, False, False), (60, None, False, False)]
    assert cycles(course(60, **reported(61)), never) == [(0, None, True, False), (60, 61, False, False)]


def test_a_report_on_the_last_day_of_the_induction_belongs_to_no_cycle() -> None:
    assert cycles(course(**reported(0)), never) == [(0, None, False, False)]


def test_an_event_that_does_not_count_on_its_day_ends_nothing() -> None:
    withdrawn = replace(LOSS, closed_by=(("review", "on_or_after"),))
    plan = plan_measures(
        make_pack(events=(withdrawn, event("review", "review")), lookback=ir.Lookback((), ("loss",), (), ()))
    )
    facts = course(60, facts=(*reported(30, 45)["facts"], fact("review", LAST + 30)))
    found = observe_cycles(plan, open_history(plan, facts, PARAMETERS), PARAMETERS, never)
    assert found[0] == Cycle(LAST, LAST + 45, False, False)


def test_an_event_on_an_infusions_day_is_seen_before_that_infusion() -> None:
    closed = replace(LOSS, closed_by=(("infusion", "on_or_after"),))
    plan = plan_measures(
        make_pack(events=(closed, event("infusion", "infusions")), lookback=ir.Lookback((), ("loss",), (), ()))
    )
    history = open_history(plan, course(60, **reported(60)), PARAMETERS)
    assert observe_cycles(plan, history, PARAMETERS, never)[0] == Cycle(LAST, LAST + 60, False, False)


def test_the_current_cycle_counts_once_its_loss_is_dated() -> None:
    facts = course(60, forms=plain((20, 8), (80, 14)))
    assert cycles(replace(facts, as_of=LAST + 79, assessments=facts.assessments[:1]))[-1] == (60, None, False, False)
    assert cycles(replace(facts, as_of=LAST + 80))[-1] == (60, 80, False, False)


# ---------------------------------------------------------------- the record's own entries


def test_an_entry_overrides_what_is_derived() -> None:
    forms = plain((20, 8), (50, 14), (90, 20))
    entries = (prior(LAST, LAST + 33), prior(LAST + 60, None))
    assert cycles(course(60, forms=forms, prior_cycles=entries)) == [(0, 33, False, True), (60, None, True, True)]


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        pytest.param(prior(LAST + 61, LAST + 70), (60, 90, False, False), id="no infusion on that day"),
        pytest.param(prior(INDUCTION[1], LAST + 70), (60, 90, False, False), id="inside the induction"),
        pytest.param(prior(LAST + 60, NOW + 1), (60, 90, False, False), id="loss after as_of"),
        pytest.param(prior(LAST + 60, NOW), (60, 200, False, True), id="loss at as_of"),
        pytest.param(prior(NOW + 1, None), (60, 90, False, False), id="infusion after as_of"),
    ],
)
def test_entries_that_do_not_fit_are_ignored(entry: Any, wanted: tuple[int, int | None, bool, bool]) -> None:
    forms = plain((20, 8), (90, 14))
    assert cycles(course(60, forms=forms, prior_cycles=(entry,)))[-1] == wanted


def test_of_two_entries_the_earlier_loss_counts_in_either_order() -> None:
    entries = (prior(LAST, LAST + 50), prior(LAST, None), prior(LAST, LAST + 40))
    for order in (entries, entries[::-1]):
        assert cycles(course(prior_cycles=order)) == [(0, 40, False, True)]


def test_only_the_course_of_as_of_has_cycles() -> None:
    again = (LAST + 100, LAST + 102, LAST + 104, LAST + 106)
    facts = record(NOW, plain((20, 8), (50, 14)), infusions=(*INDUCTION, *again))
    assert cycles(facts) == [(106, None, False, False)]


def test_without_a_lookback_only_entries_count() -> None:
    plan = plan_measures(make_pack())
    facts = course(60, forms=plain((20, 8), (50, 14)), prior_cycles=(prior(LAST, LAST + 20),))
    found = observe_cycles(plan, open_history(plan, facts, PARAMETERS), PARAMETERS, worse)
    assert found == (Cycle(LAST, LAST + 20, False, True), Cycle(LAST + 60, None, False, False))


# ---------------------------------------------------------------- plainly


def plainly(facts: Record) -> list[Cycle]:
    """Return the cycles with every day of them looked at on the record as it was before that day's infusion."""
    induction = see(facts, facts.as_of).induction
    if induction is None:
        return []
    day_zero = induction[1]
    starts = [day_zero, *(day for day in facts.infusions if day > day_zero)]
    found = []
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else None
        loss = next((day for day in range(start + 1, (end or facts.as_of) + 1) if _lost(facts, day)), None)
        found.append(Cycle(start, loss, loss is None and end is not None, False))
    return found


def _lost(facts: Record, day: int) -> bool:
    known = tuple(
        one
        for one in facts.assessments
        if one.day < day or (one.day == day and not (one.after_infusion and day in facts.infusions))
    )
    if not any(one.day == day for one in known):
        return False
    then = replace(facts, as_of=day, assessments=known, infusions=tuple(i for i in facts.infusions if i < day))
    return worse(derive_measures(PLAN, open_history(PLAN, then, PARAMETERS), PARAMETERS, day))


@pytest.mark.parametrize("seed", range(40))
def test_cycles_as_they_would_have_been_seen(seed: int) -> None:
    facts = patient(seed)
    history = open_history(PLAN, facts, PARAMETERS)
    assert list(observe_cycles(PLAN, history, PARAMETERS, worse)) == plainly(facts)
    forms = list(facts.assessments)
    random.Random(seed).shuffle(forms)
    shuffled = open_history(PLAN, replace(facts, assessments=tuple(forms)), PARAMETERS)
    assert list(observe_cycles(PLAN, shuffled, PARAMETERS, worse)) == plainly(facts)
