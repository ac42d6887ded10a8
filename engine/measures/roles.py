"""Kinds of measures of a role: which scale stands for it in this patient, and that scale's measures.

The schedule of assessments is here too, because it follows the scale of a role.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from boosterwatch.engine.measures.history import Moment
from boosterwatch.engine.measures.setup import Kind, Maker, Setup, value_of
from boosterwatch.engine.measures.undefined import MISSING, Number
from boosterwatch.engine.model import Value
from boosterwatch.engine.pack import ir


def choose(role: ir.Role, moment: Moment) -> str:
    """Return the first scale that meets the first preference that any scale meets, else the first scale."""
    known = moment.chosen.get(role.id)
    if known is None:
        known = moment.chosen[role.id] = _choose(role, moment)
    return known


def _choose(role: ir.Role, moment: Moment) -> str:
    for preference in role.prefer:
        for scale in role.scales:
            value = moment.values.get(f"{scale}.{preference}")
            if value is not None and value is not False:
                return scale
    return role.scales[0]


def choice(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: the id of the chosen scale."""
    role = setup.roles[dict(measure.args)["role"]]
    return lambda moment: choose(role, moment)


def role_measure(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: a measure of the chosen scale."""
    args = dict(measure.args)
    role = setup.roles[args["role"]]
    names = {scale: f"{scale}.{args['measure']}" for scale in role.scales}
    return lambda moment: value_of(moment, names[choose(role, moment)])


def role_parameter(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: a parameter of the chosen scale's group."""
    args = dict(measure.args)
    role = setup.roles[args["role"]]
    names = {scale: f"{setup.scales[scale].group}.{args['parameter']}" for scale in role.scales}
    return lambda moment: moment.parameters[names[choose(role, moment)]]


# ---------------------------------------------------------------- the schedule


def scheduled_days(schedule: ir.Schedule, moment: Moment) -> Number:
    """Return how many days may pass between assessments at this point of the course."""
    if moment.course is None:
        return moment.parameters[schedule.unstarted]
    days = moment.at - moment.course.last
    for until, every in schedule.steps:
        if days <= moment.parameters[until]:
            return moment.parameters[every]
    return moment.parameters[schedule.otherwise]


def scheduled_interval(_measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: days between assessments."""
    return lambda moment: scheduled_days(setup.schedule, moment)


def due_date(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: when the role's next assessment is due."""
    role = setup.roles[dict(measure.args)["role"]]

    def run(moment: Moment) -> Value:
        track = moment.history.track(setup.scales[choose(role, moment)], setup.baseline_days)
        n = bisect_right(track.series.keys, moment.key) if track else 0
        last = track.series.keys[n - 1] >> 1 if track and n else None
        if moment.course is not None and (last is None or last <= moment.course.last):
            last = moment.course.last
        return MISSING if last is None else last + int(scheduled_days(setup.schedule, moment))

    return run


ROLE_KINDS: Mapping[str, Maker] = {
    "choice": choice,
    "role": role_measure,
    "role_parameter": role_parameter,
    "scheduled_interval": scheduled_interval,
    "due_date": due_date,
}
