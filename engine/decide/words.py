"""The specials of a recommendation's sentence: signs, holds, triggers, concerns and gaps, in words.

Everything clinical in them comes from the pack: titles, sentences, names of scales. The words for the engine's own
reasons stand here, and a pack may replace each with its word `reason.<reason>`.
"""

from __future__ import annotations

from collections.abc import Iterable

from boosterwatch.engine.decide.clauses import Placed
from boosterwatch.engine.decide.inputs import known
from boosterwatch.engine.decide.plan import Plan
from boosterwatch.engine.decide.scene import CANNOT, LEVELS, NOT_APPLICABLE, Scene
from boosterwatch.engine.decide.sentences import clause_of
from boosterwatch.engine.decide.values import joined, lower_first
from boosterwatch.engine.pack import ir

PER_ROW = ("concerns", "gaps")  # what these stand for depends on what made their row true

REASONS = {
    "missing": "no score to judge",
    "invalid": "no valid score",
    "settling": "too early after the last infusion",
    "stale": "score too old",
    "no_reference": "no earlier score since induction to compare with",
    "no_baseline": "no baseline from before induction",
    "no_induction": "no induction on record",
}


class Specials:
    """The specials of one decision; those that are the same for every sentence are put together once."""

    __slots__ = ("_said", "_scene")

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._said: dict[str, str] = {}

    def say(self, name: str, support: tuple[Placed, ...]) -> str:
        """Return what a special stands for; `support` is the clauses that made its row true."""
        if name in PER_ROW:
            return "; ".join(dict.fromkeys(_matters(self._scene, support))) or "nothing in particular"
        if name not in self._said:
            self._said[name] = _say(self._scene, name)
        return self._said[name]


def _say(scene: Scene, name: str) -> str:
    match name:
        case "signs":
            return signs_in_words(scene)
        case "holds":
            return joined(_titles(scene, "hold")) or "no hold"
        case _:
            return joined(_titles(scene, "trigger")) or "no trigger"


def signs_in_words(scene: Scene) -> str:
    """Return the signs that are positive, and how many could not be assessed."""
    states = {sign: scene.outcome.states[sign.id] for sign in scene.plan.pack.signs}
    positive = [f"{lower_first(s.title)} {state}" for s, state in states.items() if state in LEVELS]
    blank = sum(state == CANNOT for state in states.values())
    assessed = sum(state not in (CANNOT, NOT_APPLICABLE) for state in states.values())
    if not blank:
        return ", ".join(positive) or "no sign"
    cannot = f"{blank} {'sign' if blank == 1 else 'signs'} cannot be assessed"
    if not positive and assessed:
        return f"no sign among the {assessed} assessed, {cannot}"
    return ", ".join((*positive, cannot))


def reason_in_words(plan: Plan, reason: str) -> str:
    """Return a reason as a clinician says it."""
    own = plan.words.get(f"reason.{reason}")
    return own if own is not None else REASONS.get(reason, reason.replace("_", " "))


def reasons_in_words(plan: Plan, reasons: Iterable[tuple[str, str]]) -> str:
    """Return (scale, reason) pairs as one phrase, the scales of one reason together."""
    scales: dict[str, list[str]] = {}
    for scale, reason in reasons:
        scales.setdefault(reason, []).append(plan.scales[scale].short)
    return ", ".join(f"{joined(shorts)} ({reason_in_words(plan, reason)})" for reason, shorts in scales.items())


def _titles(scene: Scene, kind: str) -> list[str]:
    notices = scene.plan.notices
    return [lower_first(notices[kind, id].title) for id in scene.notices(kind)]


def _matters(scene: Scene, support: tuple[Placed, ...]) -> list[str]:
    """Return what the clauses that made a row true say; what must not hold is no matter of its own."""
    return [_matter(scene, test) for test in support if not test.negated]


def _matter(scene: Scene, test: Placed) -> str:
    if isinstance(test.node, ir.AtLeast):
        return test.text
    match test.node.test:
        case ir.Drawn(atom):
            return _level(scene, test) if test.level is not None else _conclusion(scene, atom)
        case ir.Equals(left, wanted):
            return _measured(scene, test, left, wanted)
        case _:
            return test.text


def _level(scene: Scene, test: Placed) -> str:
    """Return the state of a sign or scale in words."""
    plan, level = scene.plan, test.level
    if level is None:
        return test.text
    state = level.state.replace("_", " ")
    if level.table in plan.signs:
        return f"{lower_first(plan.signs[level.table].title)} {state}"
    scale = plan.scales.get(level.table)
    return f"{scale.short} {state}" if scale is not None else test.text.replace("_", " ")


def _conclusion(scene: Scene, atom: str) -> str:
    """Return a notice by its title, any other conclusion by the sentence of the first rule that drew it."""
    plan = scene.plan
    for at in plan.drawers.get(atom, ()):
        if scene.outcome.truths[at]:
            rule = plan.pack.rules[at]
            notice = plan.notices.get((rule.kind, rule.subject))
            text = notice.title if notice is not None else clause_of(scene.because(at))
            return lower_first(text) or rule.subject.replace("_", " ")
    return atom


def _measured(scene: Scene, test: Placed, name: str, wanted: str | bool) -> str:
    """Return a truth or a reason, and the scale that it is about."""
    plan = scene.plan
    measure = plan.measures[name]
    scale, source = _about(scene, measure)
    if source.kind == "reason" and isinstance(wanted, str):
        says = reason_in_words(plan, wanted)
    elif wanted is True:
        says = source.says
    else:
        return test.text
    return f"{scale.short} ({says})" if scale is not None else lower_first(says)


def _about(scene: Scene, measure: ir.Measure) -> tuple[ir.Scale | None, ir.Measure]:
    """Return the scale that a measure is about, and the measure of that scale: for a role, those now chosen."""
    plan = scene.plan
    if measure.scale is not None:
        return plan.scales[measure.scale], measure
    args = dict(measure.args)
    chosen = known(scene.inputs, args["role"]) if measure.kind == "role" else None
    source = plan.measures.get(f"{chosen}.{args.get('measure')}")
    if source is None or source.scale is None:
        return None, measure
    return plan.scales[source.scale], source
