"""The cases of a pack, each kept as it came out, and asked what would come of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from boosterwatch.engine.author.cases import Case
from boosterwatch.engine.author.rehearse.chained import Chained
from boosterwatch.engine.author.rehearse.change import Change, changed, shifted
from boosterwatch.engine.author.rehearse.meets import Meets
from boosterwatch.engine.author.rehearse.reads import Touch, find_reads, reach, touched_by, touched_by_event
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.measures.cycles import observe_cycles
from boosterwatch.engine.measures.derive import Cycles, History, Plan, derive_measures, open_history, plan_measures
from boosterwatch.engine.model import Measures, Outcome, Record, Scalar, Truth
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping


class RehearsalError(Exception):
    """A case does not pass as it stands, so nothing can be learnt from its failing; `case` is its id."""

    def __init__(self, case: str) -> None:
        self.case = case
        super().__init__(f"case {case} does not pass")


@dataclass(frozen=True, slots=True)
class Scene:
    """Measures of one date, and what the rules made of them."""

    values: Mapping[str, Scalar]
    truths: Sequence[Truth]
    drawn: frozenset[str]


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation of one record: its cycles with the looks that found them, measures, and outcome."""

    history: History
    cycles: Cycles
    looks: tuple[Scene, ...]
    measures: Measures
    outcome: Outcome
    final: Scene


@dataclass(frozen=True, slots=True)
class Kept:
    """A case that passes, with everything worked out on the way. `own` are the parameters that its record sets."""

    case: Case
    record: Record
    parameters: Mapping[str, float]
    own: frozenset[str]
    run: Run

    def touched(self, touch: Touch) -> bool:
        """Return whether a use before the rules can concern this record."""
        if touch.instrument is not None:
            return any(form.instrument == touch.instrument for form in self.record.assessments)
        match touch.source:
            case None:
                return True
            case "infusions":
                return bool(self.record.infusions or self.record.induction)
            case "booked":
                return bool(self.record.booked)
            case source:
                return any(fact.type == source for fact in self.record.facts)


class Rehearsal:
    """Cases that pass, ready to be asked what a change would break. Cases marked `todo` are left out.

    Raises RehearsalError for a case that does not pass.
    """

    def __init__(self, pack: ir.Pack, cases: Iterable[Case]) -> None:
        self.pack = pack
        self.plan = plan_measures(pack)
        self.chained = Chained(pack)
        self.meets = Meets(pack)
        self.reads = find_reads(pack)
        self.kept = tuple(self._keep(case) for case in cases if not case.todo)
        self._lookback = frozenset(pack.lookback.rules) if pack.lookback else frozenset()
        self._reach: dict[tuple[object, ...], frozenset[str] | None] = {}

    def _keep(self, case: Case) -> Kept:
        try:
            kept = self.keep(case)
        except DiagnosticError:
            raise RehearsalError(case.id) from None
        if not self.passes(kept):
            raise RehearsalError(case.id)
        return kept

    def keep(self, case: Case, shifts: Mapping[str, float] | None = None) -> Kept:
        """Return another case as it comes out, whatever it expects; with `shifts`, under shifted parameters.

        Raises DiagnosticError when its record cannot be used.
        """
        record = record_from_mapping(case.record)
        check_against_pack(record, self.pack)
        chosen = values_in_force(self.pack, record.as_of, record.overrides)
        own = frozenset(name for name, choice in chosen.items() if choice.layer == "patient")
        parameters = {name: choice.value for name, choice in chosen.items()}
        for name, by in (shifts or {}).items():
            if name not in own:
                parameters[name] = shifted(parameters[name], by)
        return Kept(case, record, parameters, own, _run(self.plan, self.chained, record, parameters))

    def passes(self, kept: Kept) -> bool:
        """Return whether a kept case came out as it expects."""
        return self.meets.meets(kept.case.expect, self.chained, kept.run.outcome, kept.run.measures)

    # ------------------------------------------------------------ changes

    def broken_by(self, change: Change) -> Iterator[Kept]:
        """Yield the cases that would no longer pass, in their order."""
        chained = self.chained.exchange(change.rules, change.tables)
        plan = plan_measures(changed(self.pack, change)) if change.replans else self.plan
        touches = self._touches(change)
        rules = self._rules(change)
        for kept in self.kept:
            run = self._again(kept, change, chained, plan, rules, touches)
            if run is not None and not self.meets.meets(kept.case.expect, chained, *run):
                yield kept

    def _again(
        self,
        kept: Kept,
        change: Change,
        chained: Chained,
        plan: Plan,
        rules: Sequence[int],
        touches: Sequence[Touch],
    ) -> tuple[Outcome, Measures] | None:
        """Return what a case comes to under a change; None when it comes to the same."""
        moved = {name: by for name, by in change.parameters.items() if name not in kept.own}
        if change.parameters and not moved:
            return None
        parameters = kept.parameters
        if moved:
            parameters = {**parameters, **{name: shifted(parameters[name], by) for name, by in moved.items()}}
        measures, tables = kept.run.measures, change.tables
        if any(kept.touched(touch) for touch in touches):
            affected = self._affected(change)
            if affected is None:
                run = _run(plan, chained, kept.record, parameters)
                same = run.measures == measures and run.outcome == kept.run.outcome
                return None if same else (run.outcome, run.measures)
            measures = _patched(plan, kept, parameters, affected)
        earlier = [at for at in rules if at in self._lookback]
        if any(self._stirs(look, chained, parameters, earlier, tables) for look in kept.run.looks):
            measures = _with_cycles(plan, chained, kept, parameters)
        elif measures is kept.run.measures and not self._stirs(kept.run.final, chained, parameters, rules, tables):
            return None
        return chained.run(measures.values, parameters)[0], measures

    def _stirs(
        self,
        scene: Scene,
        chained: Chained,
        parameters: Mapping[str, float],
        rules: Iterable[int],
        tables: Mapping[str, ir.Table],
    ) -> bool:
        """Return whether a changed rule has another truth in the scene, or a changed table may have another winner."""
        values, truths, drawn = scene.values, scene.truths, scene.drawn
        if any(chained.tests[at](values, parameters, drawn) is not truths[at] for at in rules):
            return True
        return any(sum(bool(truths[at]) for at, _ in chained.rows[id]) > 1 for id in tables)

    def _affected(self, change: Change) -> frozenset[str] | None:
        """Return the measures that can differ; None when it may be any, or what was seen at earlier dates."""
        key = (*change.parameters, *change.events, *change.measures, len(change.checks))
        if key not in self._reach:
            measures = reach(self.pack, self.reads, change)
            earlier = self.plan.lookback
            self._reach[key] = None if measures is None or not measures.isdisjoint(earlier) else measures
        return self._reach[key]

    def _rules(self, change: Change) -> list[int]:
        read = (at for name in change.parameters for at in self.reads.rules.get(name, ()))
        return sorted({*change.rules, *read})

    def _touches(self, change: Change) -> list[Touch]:
        """Return which records must be measured again."""
        found = [use.touch for name in change.parameters for use in self.reads.uses.get(name, ())]
        found += [touched_by_event(self.pack, event) for event in change.events.values()]
        found += [touched_by(self.pack, measure) for measure in change.measures.values()]
        found += [Touch(source=check.fact) for check in change.checks.values()]
        return list(dict.fromkeys(found))


# ---------------------------------------------------------------- one evaluation


def _run(plan: Plan, chained: Chained, record: Record, parameters: Mapping[str, float]) -> Run:
    history = open_history(plan, record, parameters)
    looks: list[Scene] = []
    cycles = observe_cycles(plan, history, parameters, _watching(chained, parameters, looks))
    measures = derive_measures(plan, history, parameters, record.as_of, cycles=cycles)
    outcome, drawn = chained.run(measures.values, parameters)
    final = Scene(measures.values, outcome.truths, frozenset(drawn))
    return Run(history, cycles, tuple(looks), measures, outcome, final)


def _watching(chained: Chained, parameters: Mapping[str, float], looks: list[Scene]) -> Callable[[Measures], bool]:
    """Return what judges an earlier date, and keeps what it saw."""

    def lost_at(measures: Measures) -> bool:
        truths, drawn = chained.look(measures.values, parameters)
        looks.append(Scene(measures.values, truths, frozenset(drawn)))
        return not chained.losses.isdisjoint(drawn)

    return lost_at


def _with_cycles(plan: Plan, chained: Chained, kept: Kept, parameters: Mapping[str, float]) -> Measures:
    """Return the measures of a case whose earlier dates are judged otherwise."""
    history = open_history(plan, kept.record, parameters)
    cycles = observe_cycles(plan, history, parameters, _watching(chained, parameters, []))
    return derive_measures(plan, history, parameters, kept.record.as_of, cycles=cycles)


def _patched(plan: Plan, kept: Kept, parameters: Mapping[str, float], names: frozenset[str]) -> Measures:
    """Return the measures of a case with some derived again; the very same object when nothing differs."""
    history = open_history(plan, kept.record, parameters)
    fresh = derive_measures(plan, history, parameters, kept.record.as_of, names=names, cycles=kept.run.cycles)
    old = kept.run.measures
    if all(
        fresh.values.get(name) == old.values.get(name) and fresh.reasons.get(name) == old.reasons.get(name)
        for name in names
    ):
        return old
    values = {name: value for name, value in old.values.items() if name not in names}
    reasons = {name: reason for name, reason in old.reasons.items() if name not in names}
    values |= {name: fresh.values[name] for name in names if name in fresh.values}
    reasons |= {name: fresh.reasons[name] for name in names if name in fresh.reasons}
    return Measures(values, reasons)
