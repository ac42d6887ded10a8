"""The whole flow for a chunk of patients: facts -> forms checked -> measures -> rules -> results, in columns.

The column form of `engine/flow.py`. Nothing here is clinical, and nothing is worked out patient by patient; what it
gives is held to the row engine on every field of the results.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import partial

import ibis
from ibis.expr.types import Table

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.cohort.columns.absent import closure, fixed_measures
from boosterwatch.engine.cohort.columns.conditions import Scene, is_true, joined
from boosterwatch.engine.cohort.columns.courses import Courses, find_courses
from boosterwatch.engine.cohort.columns.cycles import observe_cycles
from boosterwatch.engine.cohort.columns.forms import Forms, read_forms
from boosterwatch.engine.cohort.columns.others import other_measures
from boosterwatch.engine.cohort.columns.prospects import Prospects
from boosterwatch.engine.cohort.columns.refuse import refuse_uncompilable
from boosterwatch.engine.cohort.columns.results import measures_told, tell
from boosterwatch.engine.cohort.columns.rules import Fixed, conclude, drawn_any
from boosterwatch.engine.cohort.columns.scores import Scores, open_scores
from boosterwatch.engine.cohort.columns.scores_plan import plan_scores
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.interval import INTERVAL_KINDS
from boosterwatch.engine.measures.plan import SCALE_KINDS
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir


def evaluate_columns(pack: LoadedPack, cohort: Cohort, as_of: int, parameters: Parameters, stage: Stage) -> Table:
    """Return the results of a chunk of patients at a date, one row each, in no order.

    `parameters` are those in force on that date. Raises CohortError (BW666 to BW668) for what has no columns.
    """
    refuse_uncompilable(pack.ir)
    run = _open(pack, cohort, as_of, parameters, stage)
    measures = _measures(run, run.now, _read_now(pack.ir), _cycles(run, as_of))
    told = [measure_column(name) for name in measures_told(pack.ir) if name not in run.fixed]
    found = conclude(pack.ir, measures, parameters, stage, fixed=run.fixed, carry=["pid", *told])
    return tell(found, cohort.patients, run.fixed, as_of, stage)


@dataclass(frozen=True)
class _Run:
    """One evaluation under way: `now` are its moments, `fixed` the measures that are the same for the whole chunk."""

    pack: LoadedPack
    cohort: Cohort
    parameters: Parameters
    stage: Stage
    forms: Forms
    courses: Courses
    now: Table
    scores: Scores
    fixed: Fixed


def _open(pack: LoadedPack, cohort: Cohort, as_of: int, parameters: Parameters, stage: Stage) -> _Run:
    instruments, types = present(cohort)
    fixed = fixed_measures(pack, instruments, types, parameters, as_of)
    forms = read_forms(pack.ir, cohort, stage)
    courses = find_courses(pack.ir, cohort, parameters, stage)
    now = stage.keep(courses.now(as_of), "now")
    asked = closure(pack, _read_now(pack.ir) | pack.plan.lookback) - fixed.keys()
    scores = open_scores(pack.ir, forms, cohort, now, parameters, asked, stage)
    return _Run(pack, cohort, parameters, stage, forms, courses, now, scores, fixed)


def present(cohort: Cohort) -> tuple[frozenset[str], frozenset[str]]:
    """Return the instruments that some form is of, and the types of fact that there are."""
    forms = cohort.forms.select(name="instrument").distinct().mutate(form=ibis.literal(True))
    facts = cohort.facts.select(name="type").distinct().mutate(form=ibis.literal(False))
    found = forms.union(facts).to_pyarrow().to_pylist()
    instruments = frozenset(row["name"] for row in found if row["form"])
    return instruments, frozenset(row["name"] for row in found if not row["form"])


def _read_now(pack: ir.Pack) -> frozenset[str]:
    """Return the measures that the evaluation at its date reads."""
    return frozenset([*(name for rule in pack.rules for name in measures_read(rule.when)), *measures_told(pack)])


def _measures(run: _Run, moments: Table, names: Set[str], cycles: Table | None) -> Table:
    """Return the measures of moments, with `mid`, `pid` and the parameters that patients have their own values of."""
    pack, parameters, stage = run.pack.ir, run.parameters, run.stage
    wanted = closure(run.pack, names)
    asked = wanted - run.fixed.keys()
    scored = _with_fixed(run, run.scores.measures(moments, asked), wanted)
    return other_measures(pack, run.cohort, run.forms, moments, scored, parameters, asked, stage, cycles)


def _with_fixed(run: _Run, scored: Table, wanted: Set[str]) -> Table:
    """Return the measures of scales with those fixed that others are made from."""
    made = [one for one in run.pack.ir.measures if one.name in wanted and one.kind not in SCALE_KINDS]
    read = {name for one in made for name in closure(run.pack, {one.name}) - {one.name}}
    kinds = {one.name: one for one in run.pack.ir.measures}
    fixed = {name: run.fixed[name] for name in read & run.fixed.keys() if kinds[name].kind in SCALE_KINDS}
    return scored.mutate(**{measure_column(name): _column(value, kinds[name]) for name, value in fixed.items()})


def _column(value: Scalar | None, measure: ir.Measure) -> ibis.Value:
    if measure.dimension == "truth":
        return ibis.literal(value, type="boolean")
    if measure.dimension == "text" or measure.dimension.startswith("one of "):
        return ibis.literal(value, type="string")
    return ibis.literal(value, type="int64" if measure.dimension == "date" else "float64")


# ---------------------------------------------------------------- looking back


def _cycles(run: _Run, as_of: int) -> Table | None:
    """Return the observed cycles of the course; None where no measure is made from them."""
    if not any(measure.kind in INTERVAL_KINDS for measure in run.pack.ir.measures):
        return None
    pack, cohort, parameters = run.pack.ir, run.cohort, run.parameters
    ask = partial(_lost, run)
    return observe_cycles(pack, cohort, run.forms, run.courses, parameters, ask, run.stage, as_of=as_of)


def _lost(run: _Run, earlier: Table) -> Table:
    """Return mid and `lost`: whether the lookback finds a loss there; moments that cannot have one are left out."""
    pack, lookback = run.pack.ir, run.pack.ir.lookback
    assert lookback is not None, "asked only of a pack that looks back"
    measures = _measures(run, _worth_a_look(run, lookback, earlier), frozenset(lookback.measures), None)
    carry = ["mid"]
    found = conclude(pack, measures, run.parameters, run.stage, fixed=run.fixed, positions=lookback.rules, carry=carry)
    lost = drawn_any(found, lookback.atoms, lookback.rules)
    return found.table.select("mid", lost=ibis.literal(lost) if isinstance(lost, bool) else lost)


def _worth_a_look(run: _Run, lookback: ir.Lookback, earlier: Table) -> Table:
    """Return the moments at which a conclusion of the lookback may be drawn, as far as cheap measures tell."""
    pack, parameters = run.pack.ir, run.parameters
    cheap = frozenset(name for name in lookback.measures if name not in run.fixed and _is_cheap(pack, name))
    scored = run.scores.measures(earlier, cheap)
    if parameters.own:
        scored = scored.inner_join(earlier.select("mid", *parameters.columns()), "mid")
    scene = Scene(scored, parameters, run.fixed, lambda _: False)
    prospects = Prospects(pack, lookback.rules, scene, cheap)
    hopeful = is_true(joined([prospects.may_draw(atom) for atom in lookback.atoms], decisive=True))
    if isinstance(hopeful, bool):
        return earlier if hopeful else earlier.limit(0)
    left = run.stage.keep(scored.filter(hopeful).select("mid"), "hopeful")
    return run.stage.keep(earlier.semi_join(left, "mid"), "looked_at")


def _is_cheap(pack: ir.Pack, name: str) -> bool:
    """Return whether a measure reads the newest value of a scale and no others."""
    work = plan_scores(pack, {name})
    return bool(work.tracks) and not work.gathers
