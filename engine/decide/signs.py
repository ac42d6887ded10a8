"""The state of every sign with its reason and its sentence."""

from __future__ import annotations

from boosterwatch.engine.decide.clauses import Test
from boosterwatch.engine.decide.inputs import known
from boosterwatch.engine.decide.readings import ASSESSABLE
from boosterwatch.engine.decide.scene import CANNOT, LEVELS, Scene
from boosterwatch.engine.decide.words import reasons_in_words
from boosterwatch.engine.model import SignState
from boosterwatch.engine.pack import ir

NEAREST = ("no_reference", "stale", "settling", "invalid", "missing")  # to assessable, nearest first


def sign_states(scene: Scene) -> dict[str, SignState]:
    """Return the state of every sign, in the pack's order."""
    return {sign.id: _state(scene, sign) for sign in scene.plan.pack.signs}


def core_reasons(scene: Scene, sign: ir.Sign) -> list[tuple[str, str]]:
    """Return (scale, reason) of the core scales that cannot be assessed, the nearest to assessable first."""
    found = [
        (scale, str(reason))
        for scale in sign.core
        if (reason := _reason(scene, scale)) is not None and reason != ASSESSABLE
    ]
    return sorted(found, key=lambda pair: _rank(pair[1]))


def own_reason(scene: Scene, sign: ir.Sign) -> str | None:
    """Return the reason that the row which won the sign's table states itself."""
    winner = scene.winners[sign.id]
    return None if winner is None else dict(sign.reasons).get(scene.plan.pack.rules[winner].id)


def _state(scene: Scene, sign: ir.Sign) -> SignState:
    state = scene.outcome.states[sign.id]
    if state == CANNOT:
        return _cannot(scene, sign)
    winner = scene.winners[sign.id]
    if winner is None:
        return SignState(state, None, "")
    because = _evidence(scene, sign, winner) if state in LEVELS else scene.because(winner)
    return SignState(state, None, because)


def _cannot(scene: Scene, sign: ir.Sign) -> SignState:
    winner, reason = scene.winners[sign.id], own_reason(scene, sign)
    because = scene.because(winner) if winner is not None else ""
    pairs = core_reasons(scene, sign)
    if not because:
        phrase = reasons_in_words(scene.plan, pairs) or "nothing to judge it by"
        because = f"Cannot be assessed: {phrase}."
    return SignState(CANNOT, reason or (pairs[0][1] if pairs else None), because)


def _evidence(scene: Scene, sign: ir.Sign, winner: int) -> str:
    """Return the sentence of the row that won, then those of the other positive rows that rest on anything else."""
    sentences = [scene.because(winner)]
    seen = _rests_on(scene, winner)
    for at in scene.plan.rows[sign.id]:
        if at != winner and scene.outcome.truths[at] and scene.plan.pack.rules[at].state in LEVELS:
            basis = _rests_on(scene, at)
            if not basis <= seen:
                sentences.append(scene.because(at))
                seen |= basis
    return " ".join(dict.fromkeys(filter(None, sentences)))


def _rests_on(scene: Scene, at: int) -> set[str]:
    told = scene.told[at]
    return {_basis(test) for test in told.support if not test.negated} if told is not None else set()


def _basis(test: Test) -> str:
    return test.level.table if test.level is not None else test.text


def _reason(scene: Scene, scale: str) -> object:
    name = f"{scale}.reason"
    return known(scene.inputs, name) if name in scene.inputs else None


def _rank(reason: str) -> int:
    return NEAREST.index(reason) if reason in NEAREST else len(NEAREST)
