"""Findings -> Decision: what the evaluators found, told in full. The rules have decided; nothing here weighs anything.

Flow: chain -> **decide** -> explain, audit. It reads no clock and no file, so the same inputs give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from operator import itemgetter, not_
from typing import cast

from boosterwatch import __version__
from boosterwatch.engine.decide.encode import Prepared
from boosterwatch.engine.decide.inputs import known
from boosterwatch.engine.decide.missing import missing
from boosterwatch.engine.decide.plan import RECOMMENDATION, Plan
from boosterwatch.engine.decide.scene import Scene
from boosterwatch.engine.decide.signs import sign_states
from boosterwatch.engine.decide.trace import BEATEN, Mark, Teller, Told
from boosterwatch.engine.decide.values import iso
from boosterwatch.engine.decide.words import Specials
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import (
    Activation,
    Agreement,
    Chosen,
    Decision,
    Measures,
    NotFired,
    Outcome,
    Record,
    Rejection,
    Scalar,
)
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import PerPack

NAME = "boosterwatch"
NO_RESPONSE = "unknown"
KEPT_CHOICES = 4
_ROW, _JSON = itemgetter(0), itemgetter(1)  # of a told rule


class Presenter:
    """Tells the decisions of one pack: its plan, and a teller for each choice of parameter values lately in force."""

    __slots__ = ("_like", "_tellers", "dates", "plan", "reported")

    def __init__(self, pack: ir.Pack) -> None:
        self.plan = Plan(pack)
        self._tellers: tuple[Teller, ...] = ()
        self._like: Teller | None = None
        self.reported = tuple(sorted(m.name for m in pack.measures if m.reported))
        self.dates = tuple(m.name for m in pack.measures if m.reported and m.dimension == "date")

    def teller(self, chosen: Mapping[str, Chosen]) -> Teller:
        """Return the teller for these parameter values; mappings are told apart by identity.

        One with a patient's own values serves that patient alone, so it is not kept for others. Whatever does not
        depend on those values is shared all the same.
        """
        for teller in self._tellers:
            if teller.chosen is chosen:
                return teller
        made = Teller(self.plan, chosen, like=self._like)
        if any(choice.layer == "patient" for choice in chosen.values()):
            self._like = self._like or made
        else:
            self._like = made
            self._tellers = (made, *self._tellers[: KEPT_CHOICES - 1])
        return made


_presenters: PerPack[Presenter] = PerPack(Presenter)


def decide(
    pack: ir.Pack,
    record: Record,
    measures: Measures,
    chosen: Mapping[str, Chosen],
    outcome: Outcome,
    agreement: Agreement,
    rejected: Sequence[Rejection],
) -> Decision:
    """Return the decision that an outcome is, with its trace.

    `chosen` is what `values_in_force` gave, `rejected` what the record checks refused. Raises InternalError when the
    outcome is not one of this pack.
    """
    presenter = _presenters.of(pack)
    try:
        scene = _tell(presenter, record, measures, chosen, outcome)
        return _decision(presenter, scene, agreement, rejected)
    except KeyError as problem:
        raise InternalError(f"{problem} was not found or derived; pack {pack.digest}") from problem


# ---------------------------------------------------------------- telling


def _tell(
    presenter: Presenter,
    record: Record,
    measures: Measures,
    chosen: Mapping[str, Chosen],
    outcome: Outcome,
) -> Scene:
    plan, teller = presenter.plan, presenter.teller(chosen)
    inputs, true = plan.wiring.gather(measures, outcome)
    winners = plan.wiring.winners(outcome)
    marks = _marks(plan, outcome, true, winners)
    scene = Scene(
        plan=plan,
        record=record,
        measures=measures,
        chosen=chosen,
        outcome=outcome,
        inputs=inputs,
        true=true,
        winners=winners,
        fired=frozenset(compress(plan.draws, outcome.truths)),
        told=teller.tell(marks, inputs),
    )
    _tell_late(scene, teller, marks)
    return scene


def _marks(plan: Plan, outcome: Outcome, true: Sequence[int], winners: Mapping[str, int | None]) -> list[Mark]:
    """Return the truths, with the true rows that lost their table marked as beaten."""
    marks: list[Mark] = list(outcome.truths)
    for at in true:
        table = plan.pack.rules[at].table
        if table is not None and winners[table] != at:
            marks[at] = BEATEN
    return marks


def _tell_late(scene: Scene, teller: Teller, marks: Sequence[Mark]) -> None:
    """Tell the rules whose sentence speaks of other rules, now that those are told."""
    specials = Specials(scene)
    for at in scene.true:
        if scene.told[at] is None:
            scene.told[at] = teller.tell_late(scene.plan.rules[at], marks[at], scene.inputs, specials.say)


# ---------------------------------------------------------------- the decision


def _decision(presenter: Presenter, scene: Scene, agreement: Agreement, rejected: Sequence[Rejection]) -> Decision:
    plan, record = scene.plan, scene.record
    row = _row(scene)
    rows = _rows(scene)
    return Decision(
        pack=pack_name(plan.pack),
        engine=engine_name(agreement),
        as_of=date.fromordinal(record.as_of),
        patient=record.patient,
        record_digest=record.digest,
        recommendation=scene.outcome.states[RECOMMENDATION],
        urgency=row.urgency if row is not None else None,
        summary=_summary(scene),
        signs=sign_states(scene),
        response=scene.outcome.states.get(plan.words.get("report.response", "response"), NO_RESPONSE),
        holds=scene.notices("hold"),
        cautions=scene.notices("caution"),
        flags=_flags(scene, row),
        next={key: _next(scene, f"next.{key}") for key in ("assessment_date", "review_date")},
        measures=_measures(presenter, scene.measures),
        trace=rows.trace,
        not_fired=rows.not_fired,
        missing=missing(scene),
        rejected=sorted_rejections((*record.rejected, *rejected)),
        notices=_notices(scene, row),
        prepared=rows,
    )


def pack_name(pack: ir.Pack) -> dict[str, str]:
    """Return how a decision names its pack."""
    name = {"id": pack.id, "version": pack.version, "digest": pack.digest}
    return name if pack.site is None else {**name, "overlay": pack.site.id, "overlay_digest": pack.site.digest}


def engine_name(agreement: Agreement) -> dict[str, object]:
    """Return how a decision names its engine, and whether its evaluators agreed (None: only one could run)."""
    named: dict[str, object] = {
        "name": NAME,
        "version": __version__,
        "agreement": agreement.agreed,
        "evaluators": agreement.evaluators,
    }
    return named if agreement.note is None else named | {"note": agreement.note}


def sorted_rejections(rejected: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Return the rejections by their place in the record, number by number."""
    return tuple(sorted(rejected, key=lambda one: (_place(one.part), one.code, one.reason)))


def _place(part: str) -> list[tuple[bool, int, str]]:
    pieces = re.split(r"(\d+)", part)
    return [(piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces]


def _rows(scene: Scene) -> Prepared:
    """Return the rules that fired and those that did not, each in the pack's order, with their JSON."""
    told = cast("list[Told]", scene.told)  # by now every rule has been
    fired = list(compress(told, scene.outcome.truths))
    missed = list(compress(told, map(not_, scene.outcome.truths)))
    return Prepared(
        trace=cast("tuple[Activation, ...]", tuple(map(_ROW, fired))),
        not_fired=cast("tuple[NotFired, ...]", tuple(map(_ROW, missed))),
        trace_json=list(map(_JSON, fired)),
        not_fired_json=list(map(_JSON, missed)),
    )


def _row(scene: Scene) -> ir.Recommendation | None:
    """Return the row of the recommendation table that won."""
    winner = scene.winners[RECOMMENDATION]
    return None if winner is None else scene.plan.recommendations[scene.plan.pack.rules[winner].id]


def _summary(scene: Scene) -> str:
    winner = scene.winners[RECOMMENDATION]
    return scene.because(winner) if winner is not None else "No row of the recommendations is true."


def _flags(scene: Scene, row: ir.Recommendation | None) -> tuple[str, ...]:
    drawn = scene.notices("flag")
    if row is None or not row.flags:
        return drawn
    return tuple(id for _, id in scene.plan.notice_ids["flag"] if id in drawn or id in row.flags)


def _next(scene: Scene, key: str) -> str | None:
    name = scene.plan.words.get(key)
    value = known(scene.inputs, name) if name is not None else None
    return iso(int(value)) if value is not None else None


def _measures(presenter: Presenter, measures: Measures) -> dict[str, Scalar | None]:
    """Return the measures that the pack reports, by name in alphabetical order; an unknown one is None."""
    names = presenter.reported
    found = dict(zip(names, map(measures.values.get, names), strict=True))
    for name in presenter.dates:
        day = found[name]
        found[name] = iso(int(day)) if day is not None else None
    return found


def _notices(scene: Scene, row: ir.Recommendation | None) -> dict[str, tuple[str, ...]]:
    """Return what goes with the decision: checklist, follow-up tasks of a treated patient, text for a crisis."""
    pack = scene.plan.pack
    treated = bool(scene.record.infusions or scene.record.induction)
    texts = [scene.plan.notices["trigger", id].patient_text for id in scene.notices("trigger")]
    return {
        "checklist": pack.checklist if row is not None and row.checklist else (),
        "tasks": pack.tasks if treated else (),
        "crisis": tuple(dict.fromkeys(text for text in texts if text is not None)),
    }
