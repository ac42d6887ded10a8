"""What a measure's maker may look up in the pack while the plan is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from boosterwatch.engine.measures.events import Events
from boosterwatch.engine.measures.history import Moment
from boosterwatch.engine.measures.undefined import BY_REASON
from boosterwatch.engine.model import Value
from boosterwatch.engine.pack import ir

Kind = Callable[[Moment], Value]


class Setup(NamedTuple):
    """The scales, roles, events and schedule that kinds refer to by id."""

    scales: Mapping[str, ir.Scale]
    roles: Mapping[str, ir.Role]
    events: Events
    schedule: ir.Schedule
    baseline_days: str


Maker = Callable[[ir.Measure, Setup], Kind]


def value_of(moment: Moment, name: str) -> Value:
    """Return a measure derived before."""
    value = moment.values.get(name)
    return BY_REASON[moment.reasons[name]] if value is None else value
