"""A small pack with made-up instruments, and short ways to write records, for the tests of measures.

`gloom` has nine items, owes no total with a blank, and asks `burden` besides; `glow` is worse when low and comes as a
percentage or as a raw sum; `spark` has a method nobody can read; `clusters` sums the highest of each group; `knots`
reverses items; `calm` is a mean; `plain` has a total only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.measures.derive import History, Plan, derive_measures, open_history, plan_measures
from boosterwatch.engine.model import (
    Assessment,
    Fact,
    Measures,
    PriorCycle,
    Record,
    Rejection,
    Scalar,
    Undefined,
    Value,
)
from boosterwatch.engine.pack import ir

SPAN = Span("pack.yaml", 1, 1)
Number = int | float

# ---------------------------------------------------------------- instruments and scales


def instrument(
    id: str,
    low: float = 0,
    high: float = 27,
    worse: ir.Direction = "high",
    *,
    whole: bool = True,
    items: ir.Items | None = None,
    methods: tuple[ir.Method, ...] = (),
    unstated: ir.Unstated | None = None,
) -> ir.Instrument:
    """Return an instrument; what measures do not read is empty."""
    return ir.Instrument(
        id, id, id, low, high, whole, worse, items, methods, unstated, (), "", (), "", "signs", SPAN
    )  # fmt: skip


INSTRUMENTS = {
    one.id: one
    for one in (
        instrument("gloom", items=ir.Items(9, 0, 3, blank="no_total")),
        instrument(
            "glow",
            high=100,
            worse="low",
            items=ir.Items(5, 0, 5, method="raw"),
            methods=(ir.Method("percent", 0, 100), ir.Method("raw", 0, 25, times=4)),
            unstated=ir.Unstated("percent", (0, 25), items_settle=True),
        ),
        instrument(
            "spark",
            high=14,
            methods=(ir.Method("yes_no", 0, 14), ir.Method("sum", 14, 56, usable=False)),
            unstated=ir.Unstated("yes_no", (14, 1e9)),
        ),
        instrument("clusters", high=9, items=ir.Items(6, 0, 3, domains=((1, 2), (3,), (4, 5, 6)))),
        instrument("knots", high=12, items=ir.Items(3, 0, 4, reversed=(2,))),
        instrument("calm", 1, 5, "low", whole=False, unstated=ir.Unstated("mean", (5.1, 30))),
        instrument("plain", high=60),
    )
}


def scale(id: str, of: str, part: tuple[str, int | str] | None, low: float, high: float) -> ir.Scale:
    """Return a scale in its own group."""
    return ir.Scale(id, of, part, id, id, id, low, high, INSTRUMENTS[of].worse, SPAN)


SCALES = (
    *(scale(id, id, None, one.low, one.high) for id, one in INSTRUMENTS.items()),
    scale("gloom_first", "gloom", ("item", 1), 0, 3),
    scale("gloom_ninth", "gloom", ("item", 9), 0, 3),
    scale("gloom_burden", "gloom", ("field", "burden"), 0, 3),
)

PARAMETERS: Mapping[str, Number] = {
    "gap_days": 56,
    "span_days": 28,
    "least": 4,
    "most": 8,
    "baseline_days": 28,
    "settle": 14,
    "fresh": 35,
    "delta": 5,
    "case": 1,
    "from_days": 5,
    "to_days": 42,
    "points": 3,
    "span": 14,
    "recent": 90,
    "early_until": 28,
    "middle_until": 84,
    "early": 7,
    "middle": 14,
    "late": 28,
    "unstarted": 28,
    "fraction": 0.8,
    "fallback": 28,
    "review_least": 21,
    "review_most": 365,
    "needed": 2,
    "used": 3,
    "window": 28,
    "limit": 2,
    "half": 0.5,
    **{f"{one.id}.cut": 10 + n for n, one in enumerate(SCALES)},
}

# ---------------------------------------------------------------- measures

GAP = (("from", "from_days"), ("to", "to_days"))
WINDOWS = (("settle", "settle"), ("fresh", "fresh"))
SCORE: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "latest": ("latest", ()),
    "recent": ("latest_within", (("within", "recent"),)),
    "latest_date": ("latest_date", ()),
    "age": ("age", ()),
    "best": ("best", ()),
    "baseline": ("baseline", ()),
    "best_since_induction": ("best_since_induction", ()),
    "change_from_best": ("change", (("since", "best"),)),
    "change_from_baseline": ("change", (("since", "baseline"),)),
    "gain": ("gain", ()),
    "fraction_lost": ("fraction_lost", (("smallest_gain", "delta"),)),
    "response_fraction": ("response_fraction", (("case_level", "case"),)),
    "assessable": ("assessable", WINDOWS),
    "reason": ("reason", WINDOWS),
    "previous": ("previous", GAP),
    "previous_change": ("previous_change", GAP),
    "previous_interpretable": ("previous_interpretable", (*GAP, ("settle", "settle"))),
    "slope": ("slope", (("points", "points"), ("span", "span"), ("settle", "settle"))),
    "newest_invalid": ("newest_invalid", ()),
}


def measure(name: str, kind: str, scale: str | None = None, **more: Any) -> ir.Measure:
    """Return a measure; arguments that are not fields of a measure are its settings (`from_` stands for `from`)."""
    where, order = more.pop("where", None), more.pop("order", ())
    args = tuple((key.rstrip("_"), str(value)) for key, value in more.items())
    return ir.Measure(name, kind, "", name, SPAN, args, scale, where, order)


def score_measures() -> list[ir.Measure]:
    """Return every score kind of every scale, named `<scale>.<name>`."""
    return [
        ir.Measure(f"{one.id}.{name}", kind, "", name, SPAN, args, one.id)
        for one in SCALES
        for name, (kind, args) in SCORE.items()
    ]


ROLE = ir.Role("main", ("gloom", "clusters", "plain"), ("assessable", "best_since_induction"), "", SPAN)
SCHEDULE = ir.Schedule((("early_until", "early"), ("middle_until", "middle")), "late", "unstarted", SPAN)
COURSE = ir.Course("gap_days", "span_days", "least", "most", "baseline_days")


def make_pack(
    measures: Iterable[ir.Measure] = (),
    *,
    events: tuple[ir.EventSet, ...] = (),
    fact_checks: tuple[ir.FactCheck, ...] = (),
    lookback: ir.Lookback | None = None,
    course: ir.Course = COURSE,
) -> ir.Pack:
    """Return a pack with every score measure and these besides; it has no rules."""
    return ir.Pack(
        "toy", "1", "", "draft", "", "", (), (), (), tuple(INSTRUMENTS.values()), SCALES, (ROLE,), course, SCHEDULE,
        fact_checks, events, (*score_measures(), *measures), (), (), (), lookback, (), (), (),
    )  # fmt: skip


SCORES = plan_measures(make_pack())

# ---------------------------------------------------------------- conditions


def leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> ir.Leaf:
    """Return a clause without words."""
    return ir.Leaf(test, "", SPAN)


def compare(left: str, op: ir.Op, right: str, kind: Literal["parameter", "field"] = "parameter") -> ir.Leaf:
    """Return `left op right`."""
    return leaf(ir.Compare(left, op, ir.Right(kind, (right,))))


def equals(left: str, value: str | bool) -> ir.Leaf:
    """Return `left is value`."""
    return leaf(ir.Equals(left, value))


def event(id: str, source: str = "report", **filters: Any) -> ir.EventSet:
    """Return an event set."""
    return ir.EventSet(id, source, SPAN, **filters)


# ---------------------------------------------------------------- records

DAY = 738_000  # any day; tests count from it
INDUCTION = tuple(DAY + n for n in (0, 2, 4, 7, 9, 11))
LAST = INDUCTION[-1]


def form(instrument: str, day: int, total: Number | None = None, **more: Any) -> Assessment:
    """Return an assessment; `items` may be any sequence, and `part` is its day when not given."""
    items = more.pop("items", None)
    part = more.pop("part", f"assessments[{day}]")
    return Assessment(instrument, day, part, total, None if items is None else tuple(items), **more)


def fact(type: str, day: int, **fields: Scalar) -> Fact:
    """Return a safety fact."""
    return Fact(type, day, f"safety[{day}]", fields)


def record(as_of: int, forms: Sequence[Assessment] = (), **more: Any) -> Record:
    """Return a record with the usual induction unless `infusions` says otherwise."""
    rest: dict[str, Any] = {
        "patient": None,
        "birth_date": None,
        "sex": None,
        "indications": (),
        "induction": None,
        "infusions": INDUCTION,
        "booked": (),
        "prior_cycles": (),
        "facts": (),
        "overrides": (),
        "rejected": (),
        "digest": "",
    }
    return Record(as_of=as_of, assessments=tuple(forms), **{**rest, **more})


def prior(infusion: int, loss: int | None) -> PriorCycle:
    """Return a recorded outcome."""
    return PriorCycle(infusion, loss, f"prior_cycles[{infusion}]")


def rejection(part: str, code: str) -> Rejection:
    """Return a rejection."""
    return Rejection(part, code, "")


# ---------------------------------------------------------------- deriving


def derived(facts: Record, plan: Plan = SCORES, parameters: Mapping[str, Number] = PARAMETERS, **more: Any) -> Measures:
    """Return the measures of a record at its `as_of`."""
    history = open_history(plan, facts, parameters)
    return derive_measures(plan, history, parameters, facts.as_of, **more)


def value(measures: Measures, name: str) -> Value:
    """Return a measure's value, or why it has none."""
    assert (name in measures.values) is not (name in measures.reasons)
    found = measures.values.get(name)
    return Undefined(measures.reasons[name]) if found is None else found


def opened(facts: Record, plan: Plan = SCORES) -> History:
    """Return the record opened with the usual parameters."""
    return open_history(plan, facts, PARAMETERS)
