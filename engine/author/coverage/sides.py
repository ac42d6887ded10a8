"""On which side of a parameter equality falls, for every place that reads one.

A parameter counts `from` its value on when a value equal to it is on the side of the greater ones (`>=`, `<`), and `to`
its value when it is on the side of the smaller ones (`<=`, `>`). With that, what a shift of the parameter changes tells
where the compared value lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from boosterwatch.engine.author.rehearse.reads import Use
from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.pack import ir

Counts = Literal["from", "to"]

OF_OPERATOR: Mapping[ir.Op, Counts] = {">=": "from", "<": "from", "<=": "to", ">": "to"}
OF_SETTING: Mapping[tuple[str, str], Counts] = {
    # the measure's kind and its setting: what is compared with the parameter
    ("assessable", "settle"): "from",  # days from the infusion to the score
    ("assessable", "fresh"): "to",  # days from the score to the date
    ("reason", "settle"): "from",
    ("reason", "fresh"): "to",
    ("previous", "from"): "from",  # days between two scores
    ("previous", "to"): "to",
    ("previous_change", "from"): "from",
    ("previous_change", "to"): "to",
    ("previous_interpretable", "from"): "from",
    ("previous_interpretable", "to"): "to",
    ("previous_interpretable", "settle"): "from",
    ("slope", "points"): "from",  # scores of a trend
    ("slope", "span"): "from",  # days that they span
    ("slope", "settle"): "from",
    ("fraction_lost", "smallest_gain"): "from",  # points gained
    ("response_fraction", "case_level"): "from",  # the baseline; `to` where a low score is worse
    ("latest_within", "within"): "to",  # days from the score to the date
    ("count", "younger_than"): "from",  # days from the event to the date
    ("individual_interval", "fraction"): "from",  # days since the infusion against the interval made of it
    ("individual_interval", "fallback"): "from",
    ("individual_interval", "least"): "from",
    ("individual_interval", "most"): "from",
    ("individual_interval", "needed"): "from",  # cycles observed
    ("individual_interval", "used"): "to",
}
OF_EVENT: Mapping[str, Counts] = {"within": "to", "not_preceded_by": "to"}  # days back from the date, from the event
OF_COURSE: Mapping[str, Counts] = {
    "gap_days": "from",  # days between two infusions
    "span_days": "to",  # days from the first infusion to the last
    "least": "from",  # infusions of a block
    "most": "to",
    "baseline_days": "to",  # days from the score to the induction
}
OF_SCHEDULE: Mapping[str, Counts] = {
    "until": "to",  # days since the induction
    "every": "to",  # days since the score, against the day that it makes due
}


def counts_of_rules(pack: ir.Pack, parameter: str) -> Iterator[Counts]:
    """Yield how the rules that name a parameter count it."""
    for rule in pack.rules:
        yield from _in(rule.when, parameter)


def _in(condition: ir.Condition, parameter: str) -> Iterator[Counts]:
    for leaf in leaves(condition):
        match leaf:
            case ir.AtLeast(count=count) if count == parameter:
                yield "from"
            case ir.Leaf(test=ir.Compare(op=op, right=right)) if parameter in right.names and right.kind != "measure":
                yield OF_OPERATOR[op]


def counts_of_use(pack: ir.Pack, parameter: str, use: Use) -> Iterator[Counts]:
    """Yield how a use before the rules counts a parameter."""
    match use.what:
        case "measure" if use.setting == "role_parameter":
            for rule in pack.rules:
                yield from _against(rule.when, use.name)
        case "measure" if use.setting == "where":
            yield from _in_where([m.where for m in pack.measures if m.name == use.name], parameter)
        case "measure":
            measure = next(one for one in pack.measures if one.name == use.name)
            yield _of_measure(pack, measure, use.setting)
        case "event" if use.setting == "where":
            yield from _in_where([event.where for event in pack.events if event.id == use.name], parameter)
        case "event":
            yield OF_EVENT[use.setting]
        case "check":
            yield from _in_where([check.keep for check in pack.fact_checks if check.fact == use.name], parameter)
        case "course":
            yield OF_COURSE[use.setting]
        case _:
            yield OF_SCHEDULE[use.setting]


def _of_measure(pack: ir.Pack, measure: ir.Measure, setting: str) -> Counts:
    counts = OF_SETTING[measure.kind, setting]
    if (measure.kind, setting) == ("response_fraction", "case_level"):
        low = any(scale.id == measure.scale and scale.worse == "low" for scale in pack.scales)
        return "to" if low else "from"
    return counts


def _in_where(conditions: list[ir.Condition | None], parameter: str) -> Iterator[Counts]:
    for condition in conditions:
        if condition is not None:
            yield from _in(condition, parameter)


def _against(condition: ir.Condition, measure: str) -> Iterator[Counts]:
    """Yield how comparisons with a measure on the right count it."""
    for leaf in leaves(condition):
        match leaf:
            case ir.Leaf(test=ir.Compare(op=op, right=right)) if right.kind == "measure" and measure in right.names:
                yield OF_OPERATOR[op]
