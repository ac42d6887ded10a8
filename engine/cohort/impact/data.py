"""An impact as one JSON document; the same impact gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from boosterwatch.engine.cohort.impact.model import Alerts, Effect, Example, Group, Impact, Load, Move, Sweep, Told

SCHEMA = "boosterwatch/impact/1"
Plain = dict[str, object]


def data_of(impact: Impact) -> Plain:
    """Return the impact as a JSON object."""
    compared = impact.compared
    return {
        "schema": SCHEMA,
        "old": dict(impact.old),
        "new": dict(impact.new),
        "as_of": impact.as_of,
        "patients": compared.patients,
        "differing": compared.differing,
        "only_rules": compared.only_rules,
        "moves": [_move(one) for one in compared.moves],
        "answers": effects_data(compared.effects),
        "groups": [_group(one) for one in impact.groups],
        "alerts": None if impact.alerts is None else _alerts(impact.alerts),
        "examples": [_example(one) for one in impact.examples],
        "not_shown": [{"side": side, **answer.to_plain()} for side, answer in impact.unshown],
        "sweeps": [sweep_data(one) for one in impact.sweeps],
    }


def effects_data(effects: Iterable[Effect]) -> list[Plain]:
    """Return answers with how many patients have them, gain them and lose them."""
    return [
        {**one.answer.to_plain(), "old": one.old, "new": one.new, "gained": one.gained, "lost": one.lost}
        for one in effects
    ]


def _move(one: Move) -> Plain:
    return {"old": _recommended(one.old), "new": _recommended(one.new), "patients": one.patients}


def _recommended(pair: tuple[str, str] | None) -> Mapping[str, str | None] | None:
    """Return a recommendation; None for a patient who is refused."""
    return None if pair is None else {"recommendation": pair[0], "urgency": pair[1] or None}


def _group(one: Group) -> Plain:
    counts = {"patients": one.patients, "differing": one.differing}
    return {"column": one.column, "value": one.value, **counts, "answers": effects_data(one.effects)}


def _alerts(one: Alerts) -> Plain:
    return {
        "weeks": one.weeks,
        "clinicians": one.clinicians,
        "by": one.by,
        "budget": one.budget,
        "budget_from": one.budget_from,
        "old": _load(one.old),
        "new": _load(one.new),
    }


def _load(one: Load) -> Plain:
    kinds = [
        {"recommendation": recommendation, "urgency": urgency, "alerts": many}
        for recommendation, urgency, many in one.by_recommendation
    ]
    return {
        "alerts": one.alerts,
        "standing": one.standing,
        "per_clinician_week": one.per_week,
        "most": one.most,
        "busiest": one.busiest,
        "over_budget": one.over,
        "kinds": kinds,
    }


def _example(one: Example) -> Plain:
    shows = [{"side": side, **answer.to_plain()} for side, answer in one.shows]
    return {"patient": one.patient, "alike": one.alike, "shows": shows, "old": _told(one.old), "new": _told(one.new)}


def _told(one: Told) -> Plain:
    fired = [{"rule": rule.rule, "because": rule.because, "source": rule.source} for rule in one.fired]
    return {
        "recommendation": one.recommendation,
        "urgency": one.urgency,
        "summary": one.summary,
        "fires_alone": fired,
        "problem": one.problem,
        "row_engine_agrees": one.agrees,
    }


def sweep_data(one: Sweep) -> Plain:
    """Return a sweep: each value with how many patients have each answer."""
    return {
        "parameter": one.parameter,
        "unit": one.unit,
        "current": one.current,
        "proposed": one.proposed,
        "patients": one.patients,
        "own_value": one.own,
        "values": [
            {
                "value": step.value,
                "marks": list(step.marks),
                "prompted": step.prompted,
                "changed": step.changed,
                "refused": step.refused,
                "answers": [
                    {**answer.to_plain(), "patients": many}
                    for answer, many in sorted(step.counts.items(), key=lambda pair: tuple(pair[0].to_plain().values()))
                ],
            }
            for step in one.steps
        ],
    }
