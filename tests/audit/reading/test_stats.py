"""The sums over entries, on entries made by hand."""

from __future__ import annotations

from typing import Any

from boosterwatch.engine.audit.reading.stats import Quiet, Stats


def decision(day: str, *rules: str, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    """Return what the sums read of a decision."""
    pack = {"id": "house", "version": version}
    return {"recorded": f"{day}T09:00:00.000000Z", "pack": pack, "recommendation": "wait", "rules": rules, **more}


def summed(*decisions: dict[str, Any]) -> Stats:
    """Return the sums over decisions."""
    stats = Stats()
    for one in decisions:
        stats.add_decision(one)
    return stats


def test_a_rule_is_counted_by_version() -> None:
    stats = summed(
        decision("2026-01-01", "a", "b", near=["c"]),
        decision("2026-01-02", "a", version="1.1.0"),
        decision("2026-01-03", "a"),
    )
    counts = {rule: (one.fired, one.near) for rule, one in stats.rules.items()}
    assert counts == {
        ("house", "1.0.0", "a"): (2, 0),
        ("house", "1.0.0", "b"): (1, 0),
        ("house", "1.0.0", "c"): (0, 1),
        ("house", "1.1.0", "a"): (1, 0),
    }


def test_a_rule_is_quiet_from_the_day_on_that_it_has_not_fired_for_so_long() -> None:
    stats = summed(decision("2026-01-01", "old", "both"), decision("2026-01-11", "both", version="2.0.0"))
    assert stats.quiet(11) == []
    assert stats.quiet(10) == [Quiet("house", "old", "2026-01-01", 1)]
    assert Stats().quiet(10) == []


def test_a_pack_that_does_not_decide_any_more_has_no_quiet_rules() -> None:
    other = decision("2026-06-01", "x") | {"pack": {"id": "other", "version": "1.0.0"}}
    assert summed(decision("2026-01-01", "old"), other).quiet(30) == []


def test_a_response_counts_for_every_rule_of_its_decision_and_reasons_only_when_it_was_not_followed() -> None:
    about = decision("2026-01-01", "a", "b")
    stats = summed(about)
    for kind, reason in (("accept", "agreed"), ("modify", "other_plan"), ("dismiss", "too_early")):
        stats.add_response({"response": kind, "reason": reason}, about)
    for rule in "ab":
        counts = stats.rules["house", "1.0.0", rule]
        assert dict(counts.responses) == {"accept": 1, "modify": 1, "dismiss": 1}
        assert dict(counts.reasons) == {"other_plan": 1, "too_early": 1}


def test_prompts_are_counted_by_patient_and_month_and_only_where_somebody_is_to_act() -> None:
    stats = summed(
        *(decision(f"2026-01-0{day}", urgency="now", patient="one") for day in range(1, 4)),
        decision("2026-02-01", urgency="now", patient="one"),
        decision("2026-01-01", urgency="now", patient="two"),
        decision("2026-01-01", patient="two"),
        decision("2026-01-01", urgency="now"),
    )
    assert stats.over(0) == [("one", "2026-01", 3), ("two", "2026-01", 1), ("one", "2026-02", 1)]
    assert (stats.over(2), stats.over(3), stats.nameless) == ([("one", "2026-01", 3)], [], 1)


def test_what_could_not_be_assessed_is_counted_by_sign_and_month() -> None:
    states = ("cannot_assess", "absent", "cannot_assess")
    stats = summed(*(decision(f"2026-01-0{at + 1}", signs={"mood": state}) for at, state in enumerate(states)))
    assert stats.signs == {("mood", "2026-01"): (2, 3)}
