"""Plans: slices, order of dependencies, and what a plan refuses."""

from __future__ import annotations

import pytest

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.measures.plan import KINDS, OTHER_KINDS, SCALE_KINDS
from boosterwatch.tests.engine.measures.build import (
    LAST,
    PARAMETERS,
    SCORES,
    derived,
    event,
    form,
    make_pack,
    measure,
    record,
    value,
)

NOW = LAST + 50
FACTS = record(NOW, [form("plain", LAST + 20, 9), form("plain", LAST + 40, 20), form("gloom", LAST + 40, 5)])


def test_every_measure_has_a_value_or_a_reason() -> None:
    for facts in (FACTS, record(NOW), record(NOW, infusions=())):
        found = derived(facts)
        names = {one.name for one in SCORES.pack.measures}
        assert names == set(found.values) | set(found.reasons)
        assert not set(found.values) & set(found.reasons)


def test_a_slice_holds_what_was_asked_for_and_what_that_needs() -> None:
    plan = plan_measures(
        make_pack(
            (
                measure("span", "days_between", from_="main.date", to="first"),
                measure("first", "course_date", which="induction_first"),
                measure("main.date", "role", role="main", measure="latest_date"),
            )
        )
    )
    found = derived(FACTS, plan, names=frozenset({"span"}))
    scales = [f"{scale}.{name}" for scale in ("gloom", "clusters", "plain") for name in ("assessable", "latest_date")]
    needed = {
        "span",
        "first",
        "main.date",
        *scales,
        *(f"{s}.best_since_induction" for s in ("gloom", "clusters", "plain")),
    }
    assert set(found.values) | set(found.reasons) == needed
    whole = derived(FACTS, plan)
    assert {name: value(found, name) for name in needed} == {name: value(whole, name) for name in needed}


def test_what_is_handed_out_is_not_kept() -> None:
    history = open_history(SCORES, FACTS, PARAMETERS)
    names = frozenset({"plain.latest", "glow.latest"})
    first = derive_measures(SCORES, history, PARAMETERS, NOW, names=names)
    first.values.clear()  # type: ignore[attr-defined]
    first.reasons.clear()  # type: ignore[attr-defined]
    assert derive_measures(SCORES, history, PARAMETERS, NOW, names=names).values == {"plain.latest": 20}
    assert derive_measures(SCORES, history, PARAMETERS, NOW, names=names).reasons == {"glow.latest": "missing"}


def test_a_measure_that_reads_itself_is_refused() -> None:
    loop = (measure("one", "days_since", of="two"), measure("two", "days_since", of="one"))
    with pytest.raises(InternalError, match="depends on itself"):
        plan_measures(make_pack(loop))


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InternalError, match="no measure kind `mood`"):
        plan_measures(make_pack((measure("one", "mood"),)))


def test_kinds_are_told_apart() -> None:
    assert set(SCALE_KINDS) | set(OTHER_KINDS) == KINDS
    assert not set(SCALE_KINDS) & set(OTHER_KINDS)


def test_an_empty_history_answers() -> None:
    plan = plan_measures(make_pack((measure("any", "any_event", of="report"),), events=(event("report"),)))
    assert value(derived(record(NOW, infusions=()), plan), "any") is False
