"""All measures that are no scale's own: what is found of facts, events, courses and cycles, and what is made of it.

Flow: forms, courses -> measures of scales -> **other measures** -> rules. The column form of the second half of
`engine/measures/derive.py`. Everything looked up is joined to the moments once; then the measures are worked out in
levels, those of one level in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from ibis.expr.types import Table, Value

from boosterwatch.engine.cohort.columns.dates import DATE_COLUMNS, asks_of, attributes_read, rejected_tables
from boosterwatch.engine.cohort.columns.event_rows import Sources
from boosterwatch.engine.cohort.columns.events import Events, event_tables
from boosterwatch.engine.cohort.columns.facts import Facts, fact_tables
from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.interval import INTERVAL_COLUMNS
from boosterwatch.engine.cohort.columns.joins import attach
from boosterwatch.engine.cohort.columns.look import Look
from boosterwatch.engine.cohort.columns.roles import ROLE_COLUMNS, choose, chosen_column, roles_read
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.measures.facts import FACT_KINDS
from boosterwatch.engine.measures.plan import SCALE_KINDS, depends_on
from boosterwatch.engine.pack import ir

MAKERS: Mapping[str, Callable[[ir.Measure, Look], Value]] = {**DATE_COLUMNS, **ROLE_COLUMNS, **INTERVAL_COLUMNS}


def other_measures(
    pack: ir.Pack,
    cohort: Cohort,
    forms: Forms,
    moments: Table,
    scored: Table,
    parameters: Parameters,
    names: Set[str] | None,
    stage: Stage,
    cycles: Table | None = None,
) -> Table:
    """Return the moments with every measure: mid, pid, the patients' own parameters, and a column for each measure.

    `moments` is as `Courses.at` gives it, `scored` has `mid`, the measures of scales and `<scale>__newest_day` of the
    scales of a role with a due date. With `names`, those measures; what they are made from is there, or in nobody.
    `cycles` is what `observe_cycles` found; without it none are observed. Dates are ordinals.
    """
    asked = [one for one in pack.measures if one.kind not in SCALE_KINDS and (names is None or one.name in names)]
    of_moments = [*_found(pack, cohort, forms, moments, parameters, asked, stage), scored]
    of_patients = [*rejected_tables(asked, cohort, forms), *([] if cycles is None else [cycles])]
    read = attributes_read(asked)
    if read:
        of_patients.append(cohort.patients.select("pid", *read))
    known = attach(attach(moments, of_patients, "pid"), of_moments)
    made = _made(pack, known, asked, parameters)
    scales = [measure_column(one.name) for one in pack.measures if one.kind in SCALE_KINDS]
    kept = [column for column in scales if column in scored.columns]
    return made.select("mid", "pid", *parameters.columns(), *kept, *(measure_column(one.name) for one in asked))


def _found(
    pack: ir.Pack,
    cohort: Cohort,
    forms: Forms,
    moments: Table,
    parameters: Parameters,
    asked: Sequence[ir.Measure],
    stage: Stage,
) -> list[Table]:
    """Return what facts and events say at the moments, as tables with `mid`."""
    facts = Facts(pack, cohort, parameters, stage)
    events = Events({spec.id: spec for spec in pack.events}, Sources(facts, forms), parameters, stage)
    return [
        *fact_tables(facts, moments, [one for one in asked if one.kind in FACT_KINDS], stage),
        *event_tables(events, moments, asks_of(asked)),
    ]


def _made(pack: ir.Pack, known: Table, asked: Sequence[ir.Measure], parameters: Parameters) -> Table:
    """Return the table with the measures that are made of columns and of each other, level by level."""
    kinds = {one.name: one for one in pack.measures}
    look = Look(pack, kinds, parameters, known)
    roles = {chosen_column(id): choose(look.role(id), look) for id in roles_read(asked)}
    made = known.mutate(**roles) if roles else known
    for level in _levels(pack, [one for one in asked if one.kind in MAKERS]):
        look = Look(pack, kinds, parameters, made)
        made = made.mutate(**{measure_column(one.name): MAKERS[one.kind](one, look) for one in level})
    return made


def _levels(pack: ir.Pack, made: Sequence[ir.Measure]) -> list[list[ir.Measure]]:
    """Return the measures so that each comes in a later list than those it reads."""
    roles = {role.id: role for role in pack.roles}
    by_name = {one.name: one for one in made}
    numbers: dict[str, int] = {}

    def number(name: str) -> int:
        if name not in numbers:
            read = [other for other in depends_on(by_name[name], roles) if other in by_name]
            numbers[name] = max((number(other) + 1 for other in read), default=0)
        return numbers[name]

    levels: dict[int, list[ir.Measure]] = {}
    for one in made:
        levels.setdefault(number(one.name), []).append(one)
    return [levels[n] for n in sorted(levels)]
