"""A small made-up pack, compiled by hand, and one patient in it. No real instrument, sign or threshold.

Two questionnaires, `glim` (high is worse, three items) and `zorp` (low is worse, not whole). The sign `gloom` reads
both, the sign `spark` one item of `glim`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from boosterwatch.engine.chain.strata import stratify
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.decide import decide
from boosterwatch.engine.model import Agreement, Decision, Measures, Record, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide.parts import (
    compare,
    drawn,
    equals,
    here,
    instrument,
    measure,
    parameter,
    rule,
    scale,
    since,
    table,
)

DAY = date(2026, 3, 14).toordinal()
AGREED = Agreement(("reference", "durable_rules"), True)


PARAMETERS = (
    parameter(
        "glim.delta",
        "points",
        "points of glim",
        since("2020-01-01", 4),
        since("2026-01-01", 5, "grey-2001"),
        allowed=(3, 8),
    ),
    parameter("glim.cut", "points", "points of glim", since("2020-01-01", 10)),
    parameter("zorp.cut", "points", "points of zorp", since("2020-01-01", 40)),
    parameter("lost_share", "fraction", "fraction", since("2020-01-01", 0.5)),
    parameter("settle_days", "days", "days", since("2020-01-01", 14)),
    parameter("fresh_days", "days", "days", since("2020-01-01", 35)),
    parameter("baseline_days", "days", "days", since("2020-01-01", 28)),
    parameter("wait_days", "days", "days", since("2020-01-01", 21)),
    parameter("asked_days", "days", "days", since("2020-01-01", 30)),
    parameter("needed", "count", "count", since("2020-01-01", 2)),
)


REASONS = "one of assessable, missing, invalid, settling, stale, no_reference"


def of_scale(id: str) -> tuple[ir.Measure, ...]:
    """Return the measures of one scale."""
    points = f"points of {id.split('_')[0]}"
    return (
        measure(f"{id}.latest", "latest", points, id, reported=True),
        measure(f"{id}.latest_date", "latest_date", "date", id, reported=True),
        measure(f"{id}.best", "best", points, id),
        measure(f"{id}.change", "change", points, id, since="best"),
        measure(f"{id}.baseline", "baseline", points, id),
        measure(f"{id}.best_since_induction", "best_since_induction", points, id),
        measure(f"{id}.lost", "fraction_lost", "fraction", id, reported=True),
        measure(f"{id}.assessable", "assessable", "truth", id, settle="settle_days", fresh="fresh_days"),
        measure(f"{id}.reason", "reason", REASONS, id, settle="settle_days", fresh="fresh_days"),
    )


MEASURES = (
    *of_scale("glim"),
    *of_scale("glim_spark"),
    *of_scale("zorp"),
    measure("main", "choice", "one of glim, zorp", role="main", reported=True),
    measure("main.reason", "role", REASONS, role="main", measure="reason"),
    measure("last_infusion", "course_date", "date", which="last_infusion"),
    measure("days_since", "days_since", "days", of="last_infusion", reported=True),
    measure("due", "due_date", "date", role="main"),
    measure("colour", "latest_fact", "one of red, deep_blue", fact="colour", field="colour"),
    measure("asked", "any_event", "truth", of="asked"),
    measure("answered", "any_event", "truth", of="answered"),
)


def reading(id: str, *, gone: str) -> list[ir.Rule]:
    """Return the rows of a reading."""
    needs = equals(f"{id}.assessable", True)
    worse = compare(f"{id}.change", ">=", "glim.delta")
    far = ir.All((needs, worse, compare(f"{id}.lost", ">=", "lost_share")))
    return [
        rule(
            f"{id}_probable",
            "reading",
            id,
            far,
            f"{{{id}}} is {{{id}.latest}}, {{{id}.lost}} lost ({{lost_share}}).",
            state="probable",
            table=id,
        ),
        rule(
            f"{id}_possible",
            "reading",
            id,
            ir.All((needs, worse)),
            f"{{{id}}} rose by {{{id}.change}}.",
            state="possible",
            table=id,
        ),
        rule(f"{id}_absent", "reading", id, needs, gone, state="absent", table=id),
    ]


def sign(id: str, *scales: str) -> list[ir.Rule]:
    """Return the rows of a sign."""
    rows = [
        rule(
            f"{id}_{state}_by_{one}",
            "sign",
            id,
            drawn(f"{one}={state}"),
            f"{{{one}}} is {{{one}.latest}}.",
            state=state,
            table=id,
        )
        for state in ("probable", "possible")
        for one in scales
    ]
    some = ir.Any(tuple(equals(f"{one}.assessable", True) for one in scales))
    return [*rows, rule(f"{id}_absent", "sign", id, some, "Nothing returns.", state="absent", table=id)]


def recommend(id: str, state: str, when: ir.Condition, summary: str) -> ir.Rule:
    """Return a row of the recommendations."""
    return rule(
        f"recommend_{id}", "recommendation", "recommendation", when, summary, state=state, table="recommendation"
    )


READINGS = {id: reading(id, gone=f"{{{id}}} is calm.") for id in ("glim", "glim_spark", "zorp")}
SIGNS = {"gloom": sign("gloom", "glim", "zorp"), "spark": sign("spark", "glim_spark")}
RECOMMEND = [
    recommend("alarm", "look_now", drawn("trigger:alarm"), "Look now: {triggers}."),
    recommend("held", "wait", ir.Any((drawn("hold:red"), drawn("hold:blue"))), "Wait: {holds}; {signs}."),
    recommend(
        "talk",
        "talk",
        ir.All((drawn("gloom=probable"), compare("days_since", ">=", "wait_days"))),
        "Talk: {signs}, after {days_since} days.",
    ),
    recommend(
        "check",
        "check",
        ir.Any((drawn("gloom=probable"), drawn("finding:two"), drawn("flag:unasked"))),
        "Check: {concerns}.",
    ),
    recommend(
        "again", "again", ir.Any((equals("main.reason", "stale"), equals("main.reason", "missing"))), "Again: {gaps}."
    ),
    recommend("go_on", "go_on", ir.All(()), "go on, {signs}"),
]
NOTICE_RULES = [
    rule("alarm", "trigger", "alarm", compare("glim.latest", ">", "glim.cut"), "GLIM is {glim.latest}."),
    rule("hold_red", "hold", "red", equals("colour", "red"), "It is {colour}."),
    rule("hold_blue", "hold", "blue", equals("colour", "deep_blue"), "It is {colour}."),
    rule("caution_red", "caution", "red", equals("colour", "red"), "It is {colour}."),
    rule("flag_late", "flag", "late", compare("days_since", ">", "fresh_days"), "Late since {last_infusion}."),
    rule(
        "flag_unasked",
        "flag",
        "unasked",
        ir.All((ir.Not(equals("asked", True)), ir.Not(equals("answered", True)))),
        "Nobody asked in {asked_days} days.",
    ),
    rule(
        "two",
        "finding",
        "two",
        ir.AtLeast("needed", ("source:glim", "source:zorp"), "at least needed of sources", here(9)),
        "Both agree.",
    ),
    rule("source_glim", "source", "glim", ir.Any((drawn("glim=probable"), drawn("glim=possible"))), "{glim} counts."),
    rule("source_zorp", "source", "zorp", ir.Any((drawn("zorp=probable"), drawn("zorp=possible"))), "{zorp} counts."),
]
NOTICES = (
    ir.Notice("alarm", "trigger", "High score", "now", here(10), "Call somebody."),
    ir.Notice("red", "hold", "Red light", None, here(11)),
    ir.Notice("blue", "hold", "DEEP blue light", None, here(12)),
    ir.Notice("red", "caution", "A red light", None, here(13)),
    ir.Notice("late", "flag", "Late", None, here(14)),
    ir.Notice("skipped", "flag", "Skipped", None, here(15)),
    ir.Notice("unasked", "flag", "Nobody asked", None, here(16)),
)
ROWS = {
    "recommend_alarm": ir.Recommendation("recommend_alarm", "look_now", "now", "", (), False, here(20)),
    "recommend_held": ir.Recommendation("recommend_held", "wait", "soon", "", ("skipped",), False, here(21)),
    "recommend_talk": ir.Recommendation("recommend_talk", "talk", "soon", "", (), True, here(22)),
}


def build(rules: list[ir.Rule], tables: list[ir.Table], **parts: object) -> ir.Pack:
    """Return a pack with its rules in the order of their strata, as the compiler leaves them."""
    level = {rules[at].id: one.number for one in stratify(rules, tables) for at in one.rules}
    placed = sorted((replace(one, stratum=level[one.id]) for one in rules), key=lambda one: one.stratum)
    empty = ir.Pack(
        id="made-up", version="1.0.0", title="", status="draft", effective="2020-01-01", digest="0" * 64, about=(),
        citations=(), parameters=PARAMETERS, instruments=(), scales=(), roles=(),
        course=ir.Course("", "", "", "", "baseline_days"), schedule=ir.Schedule((), "", "", here(6)), fact_checks=(),
        events=(), measures=MEASURES, rules=tuple(placed), tables=tuple(tables), strata=stratify(placed, tables),
        lookback=None, signs=(), notices=(), recommendations=(),
    )  # fmt: skip
    return replace(empty, **parts)  # type: ignore[arg-type]


def made_up() -> ir.Pack:
    """Return the pack."""
    rules = [*NOTICE_RULES, *(row for rows in (*READINGS.values(), *SIGNS.values()) for row in rows), *RECOMMEND]
    tables = [table(id, "reading", rows, "cannot_assess") for id, rows in READINGS.items()]
    tables += [table(id, "sign", rows, "cannot_assess") for id, rows in SIGNS.items()]
    tables.append(table("recommendation", "recommendation", RECOMMEND, "go_on"))
    return build(
        rules,
        tables,
        instruments=(
            instrument("glim", "GLIM", whole=True, worse="high"),
            instrument("zorp", "Zorp", whole=False, worse="low"),
        ),
        scales=(
            scale("glim", "glim", "GLIM"),
            scale("glim_spark", "glim", "GLIM item 2", ("item", 2)),
            scale("zorp", "zorp", "Zorp"),
        ),
        roles=(ir.Role("main", ("glim", "zorp"), (), "main questionnaire", here(7)),),
        events=(
            ir.EventSet("asked", "answers", here(8), scale="glim_spark", within="asked_days"),
            ir.EventSet("answered", "screen", here(8), within="asked_days"),
        ),
        signs=(
            ir.Sign("gloom", "Gloom", "gloom returns", ("glim", "zorp"), (), (), here(8)),
            ir.Sign("spark", "Loss of spark", "spark goes", ("glim_spark",), (), (), here(8)),
        ),
        notices=NOTICES,
        recommendations=tuple(
            ROWS.get(row.id, ir.Recommendation(row.id, row.state, None, "", (), False, here(23))) for row in RECOMMEND
        ),
        words=(("next.assessment_date", "due"), ("next.review_date", "last_infusion"), ("fact.screen", "screening")),
        checklist=("Breathe",),
        tasks=("Look up",),
    )


# ---------------------------------------------------------------- the patient

WELL: dict[str, Scalar] = {
    "glim.latest": 9, "glim.latest_date": DAY - 1, "glim.best": 4, "glim.change": 5, "glim.baseline": 14,
    "glim.best_since_induction": 4, "glim.lost": 0.5, "glim.assessable": True, "glim.reason": "assessable",
    "glim_spark.latest": 1, "glim_spark.latest_date": DAY - 1, "glim_spark.best": 1, "glim_spark.change": 0,
    "glim_spark.baseline": 3, "glim_spark.best_since_induction": 1, "glim_spark.lost": 0.0,
    "glim_spark.assessable": True, "glim_spark.reason": "assessable",
    "zorp.assessable": False, "zorp.reason": "missing",
    "main": "glim", "main.reason": "assessable", "last_infusion": DAY - 57, "days_since": 57, "due": DAY + 13,
    "asked": True, "answered": False,
}  # fmt: skip


def measured(change: Mapping[str, Scalar | None] | None = None, **reasons: str) -> Measures:
    """Return the patient's measures: changed, or with None taken away. The reason is `missing` unless one is given."""
    values = {name: value for name, value in {**WELL, **(change or {})}.items() if value is not None}
    blank = {one.name: reasons.get(one.name.replace(".", "_"), "missing") for one in MEASURES if one.name not in values}
    return Measures(values, blank)


def record(**change: object) -> Record:
    """Return the patient's record."""
    plain = Record(
        as_of=DAY, patient="p-1", birth_date=None, sex=None, indications=(), induction=(DAY - 68, DAY - 57),
        infusions=(DAY - 68, DAY - 57), booked=(), prior_cycles=(), assessments=(), facts=(), overrides=(),
        rejected=(), digest="d" * 64,
    )  # fmt: skip
    return replace(plain, **change)  # type: ignore[arg-type]


def decided(measures: Measures, pack: ir.Pack | None = None, **change: object) -> Decision:
    """Return the decision about the patient."""
    pack, facts = pack or PACK, record(**change)
    chosen = values_in_force(pack, facts.as_of, facts.overrides)
    outcome = evaluate_slowly(pack, measures.values, {name: one.value for name, one in chosen.items()})
    return decide(pack, facts, measures, chosen, outcome, AGREED, ())


PACK = made_up()
