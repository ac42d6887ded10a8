"""Lints of parameters that are points of a scale: inside the scale, and no finer than the scale can measure."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.pack import ir

CHANGES = ("change", "previous_change", "gain")  # kinds whose points are a difference of two scores
STEP_SETTINGS = ("smallest_gain",)


def steps_and_levels(context: Context) -> tuple[frozenset[str], frozenset[str]]:
    """Return which parameters are compared with changes, and which with scores; one may be both."""
    steps, levels = set[str](), set[str]()
    for condition in context.conditions():
        for leaf in leaves(condition):
            if isinstance(leaf, ir.Leaf) and isinstance(leaf.test, ir.Compare):
                (steps if _is_change(context, leaf.test.left) else levels).update(_compared(context, leaf.test.right))
    for measure in context.pack.measures:
        steps |= {value for key, value in measure.args if key in STEP_SETTINGS}
    return frozenset(steps), frozenset(levels)


def _is_change(context: Context, name: str) -> bool:
    return any(one.kind in CHANGES for one in context.behind(name))


def _compared(context: Context, right: ir.Right) -> tuple[str, ...]:
    return context.parameters_behind(right.names[0]) if right.kind == "measure" else right.names


def _limits(context: Context) -> Iterator[tuple[ir.Parameter, ir.Scale, float, float]]:
    """Yield every parameter in points with each of its scales, and from where to where it means something."""
    steps, levels = steps_and_levels(context)
    for parameter in context.pack.parameters:
        for scale in context.pack.scales:
            if parameter.dimension == f"points of {scale.group}":
                if parameter.name in steps:
                    yield parameter, scale, 0, scale.high - scale.low
                if parameter.name in levels:
                    yield parameter, scale, scale.low, scale.high


def _label(context: Context, scale: ir.Scale) -> str:
    """Return what to call a scale: its short name, or that of its group when it shares its points with others."""
    sharing = sum(one.group == scale.group for one in context.pack.scales)
    return scale.short if sharing == 1 else f"`{scale.group}`"


@lint(
    "BW601",
    "error",
    why="A threshold outside its scale is never reached, or always. A step is at most as wide as the scale.",
    bad="values: [{from: 2020-01-01, value: 31, basis: published, cite: author-2004}]  # of a scale from 0 to 30",
    good="values: [{from: 2020-01-01, value: 13, basis: published, cite: author-2004}]  # of a scale from 0 to 30",
)
def value_outside_scale(context: Context) -> Iterator[Finding]:
    """Yield every dated value that no score or change of its scale comes to."""
    for parameter, scale, low, high in _limits(context):
        for position, dated in enumerate(parameter.values):
            if not low <= dated.value <= high:
                span = context.value_span(parameter.name, position)
                of = _label(context, scale)
                message = f"`{parameter.name}` is {dated.value}, outside {low:g} to {high:g} of {of}"
                yield Finding(parameter.name, message, span, f"write a value from {low:g} to {high:g}")


@lint(
    "BW602",
    "error",
    why="Whatever the allowed range admits a clinic may set, so it must not admit what the scale does not have.",
    bad="allowed: 2 to 140  # a step of a scale from 0 to 100",
    good="allowed: 2 to 40  # a step of a scale from 0 to 100",
)
def allowed_wider_than_scale(context: Context) -> Iterator[Finding]:
    """Yield every allowed range that reaches beyond its scale."""
    for parameter, scale, low, high in _limits(context):
        if parameter.allowed is not None and not (low <= parameter.allowed[0] and parameter.allowed[1] <= high):
            of = _label(context, scale)
            message = f"the allowed range of `{parameter.name}` reaches beyond {low:g} to {high:g} of {of}"
            hint = f"keep it inside {low:g} to {high:g}"
            yield Finding(parameter.name, message, context.parameter_nodes[parameter.name]["allowed"].span, hint)


def _errors(context: Context) -> Iterator[tuple[ir.Parameter, float]]:
    """Yield every step of an instrument whose measurement error is known, with that error."""
    steps, _ = steps_and_levels(context)
    for id, root in context.forms.items():
        error = root["total"].get("error")
        if error is not None:
            for parameter in context.pack.parameters:
                if parameter.name in steps and parameter.dimension == f"points of {id}":
                    yield parameter, error.value["points"]


@lint(
    "BW603",
    "warning",
    why="A change within the measurement error happens to patients who have not changed: it is noise.",
    bad="values: [{from: 2020-01-01, value: 3, basis: published, cite: author-2004}]  # the total's error is 4 points",
    good="values: [{from: 2020-01-01, value: 5, basis: published, cite: author-2004}]  # the total's error is 4 points",
)
def step_below_error(context: Context) -> Iterator[Finding]:
    """Yield every step that is smaller than the error of its instrument."""
    for parameter, error in _errors(context):
        for position, dated in enumerate(parameter.values):
            if 0 < dated.value < error:
                message = f"the step `{parameter.name}` is {dated.value}, below the measurement error of {error:g}"
                span = context.value_span(parameter.name, position)
                yield Finding(parameter.name, message, span, f"write {error:g} or more")


@lint(
    "BW604",
    "note",
    why="A clinic may move this step below what the form can measure. Narrow the range, or know that you allow it.",
    bad="allowed: 3 to 9  # the total's error is 4 points",
    good="allowed: 4 to 9  # the total's error is 4 points",
)
def step_allowed_below_error(context: Context) -> Iterator[Finding]:
    """Yield every allowed range of a step that begins below the error of its instrument."""
    for parameter, error in _errors(context):
        if parameter.allowed is not None and parameter.allowed[0] < error:
            message = f"the step `{parameter.name}` may be set below the measurement error of {error:g}"
            span = context.parameter_nodes[parameter.name]["allowed"].span
            yield Finding(parameter.name, message, span, f"begin the range at {error:g}")


@lint(
    "BW605",
    "error",
    why="A step of zero is reached by a patient who has not changed at all.",
    bad="values: [{from: 2020-01-01, value: 0, basis: clinic_policy, cite: policy}]",
    good="values: [{from: 2020-01-01, value: 1, basis: clinic_policy, cite: policy}]",
)
def step_of_nothing(context: Context) -> Iterator[Finding]:
    """Yield every step of zero."""
    steps, _ = steps_and_levels(context)
    for parameter in context.pack.parameters:
        for position, dated in enumerate(parameter.values):
            if parameter.name in steps and dated.value == 0:
                message = f"the step `{parameter.name}` is zero: no change at all reaches it"
                span = context.value_span(parameter.name, position)
                yield Finding(parameter.name, message, span, "write more than zero")


NUMBERS = (
    value_outside_scale,
    allowed_wider_than_scale,
    step_below_error,
    step_allowed_below_error,
    step_of_nothing,
)
