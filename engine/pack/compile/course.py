"""The course of treatment and the schedule of assessments: sections that a pack has once, and that name parameters."""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.declare import parameter_name, single
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tree import Node


def read_course(names: Names, roots: Sequence[Node], face: Node) -> ir.Course:
    """Return the parameters of course detection."""
    node = single(names, roots, "course")
    if node is None:
        hint = "add the section `course`: which parameters find an induction"
        names.report("BW215", "the pack has no `course`", face.span, hint)
        return ir.Course("", "", "", "", "")
    units = {"gap_days": "days", "span_days": "days", "least": "count", "most": "count", "baseline_days": "days"}
    return ir.Course(**{key: parameter_name(names, node[key], unit=unit) for key, unit in units.items()})


def read_schedule(names: Names, roots: Sequence[Node], face: Node) -> ir.Schedule:
    """Return the assessment schedule."""
    node = single(names, roots, "schedule")
    if node is None:
        hint = "add the section `schedule`: how often a course is assessed"
        names.report("BW215", "the pack has no `schedule`", face.span, hint)
        return ir.Schedule((), "", "", face.span)
    steps = tuple(
        (parameter_name(names, step["until"], unit="days"), parameter_name(names, step["every"], unit="days"))
        for step in node["steps"].elements()
    )
    otherwise = parameter_name(names, node["otherwise"], unit="days")
    return ir.Schedule(steps, otherwise, parameter_name(names, node["unstarted"], unit="days"), node.key_span)
