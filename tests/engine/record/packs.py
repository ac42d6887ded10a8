"""A pack with just the names that a record can mention."""

from dataclasses import replace

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

HERE = Span("pack.yaml", 1, 1)


def instrument(name: str, *methods: str) -> ir.Instrument:
    """Return an instrument with these methods."""
    return ir.Instrument(
        id=name,
        name=name,
        short=name,
        low=0,
        high=27,
        whole=True,
        worse="high",
        items=None,
        methods=tuple(ir.Method(method, 0, 100) for method in methods),
        unstated=None,
        codes=(),
        licence="",
        cites=(),
        recall="",
        use="signs",
        span=HERE,
    )


def parameter(name: str, unit: str, allowed: tuple[float, float] | None, value: float = 1) -> ir.Parameter:
    """Return a parameter with one value."""
    values = (ir.DatedValue("2026-01-01", value, "clinic_policy"),)
    return ir.Parameter(name, "", unit, unit, values, HERE, allowed)


def notice(name: str, kind: str = "hold") -> ir.Notice:
    """Return a hold, or another notice."""
    held = ir.Notice(name, "hold", name, None, HERE)
    return held if kind == "hold" else replace(held, kind="caution")


def hold_rule() -> ir.Rule:
    """Return the rule of a hold that compares with a parameter; it is stricter when that is lower."""
    right = ir.Right("parameter", ("bp_hold_systolic",))
    when = ir.Leaf(ir.Compare("bp.systolic", ">=", right), "bp.systolic >= bp_hold_systolic", HERE)
    return ir.Rule("hold_blood_pressure", "hold", "blood_pressure", "", "hold:blood_pressure", when, "", 1, HERE)


def small_pack() -> ir.Pack:
    """Return a pack of three instruments, five parameters and two holds."""
    field = ("field", "difficulty")
    scale = ir.Scale("phq9_difficulty", "phq9", field, "g", "", "", 0, 3, "high", HERE)
    return ir.Pack(
        id="small",
        version="1.0.0",
        title="",
        status="draft",
        effective="2026-01-01",
        digest="0" * 64,
        about=(),
        citations=(),
        parameters=(
            parameter("gain_lost_probable", "fraction", (0.3, 0.75)),
            parameter("min_interval_days", "days", (7, 56)),
            parameter("phq9.delta", "points", (3, 8)),
            parameter("phq9.cut", "points", None),
            parameter("bp_hold_systolic", "mmHg", (140, 180), 160),
        ),
        instruments=(
            instrument("phq9"),
            instrument("who5", "percent", "raw"),
            instrument("pdss_sr"),
        ),
        scales=(scale,),
        roles=(),
        course=ir.Course("a", "b", "c", "d", "e"),
        schedule=ir.Schedule((), "a", "b", HERE),
        fact_checks=(),
        events=(),
        measures=(),
        rules=(hold_rule(),),
        tables=(),
        strata=(),
        lookback=None,
        signs=(),
        notices=(notice("blood_pressure"), notice("consent"), notice("alcohol", "caution")),
        recommendations=(),
    )
