"""The state of every sign with its reason and its sentence."""

from __future__ import annotations

from boosterwatch.engine.decide.readings import ASSESSABLE
from boosterwatch.engine.decide.scene import CANNOT, LEVELS, Scene
from boosterwatch.engine.decide.words import reasons_in_words
from boosterwatch.engine.model import SignState
from boosterwatch.engine.pack import ir

NOT_COUNTED = "not_counted"  # every core scale can be assessed, but none counts for this patient
NEAREST = ("no_reference", "stale", "settling", "invalid", "missing")  # to assessable, nearest first
RANKS = {reason: rank for rank, reason in enumerate(NEAREST)}


def sign_states(scene: Scene) -> dict[str, SignState]:
    """Return the state of every sign, in the pack's order."""
    return {sign.id: _state(scene, sign) for sign in scene.plan.pack.signs}


def core_reasons(scene: Scene, sign: ir.Sign) -> list[tuple[str, str]]:
    """Return (scale, reason) of the core scales that cannot be assessed, the nearest to assessable first."""
    reasons = [(scale, scene.inputs.get(name)) for scale, name in scene.plan.reasons[sign.id]]
    found = [(scale, str(reason)) for scale, reason in reasons if reason not in (None, ASSESSABLE)]
    return sorted(found, key=lambda pair: RANKS.get(pair[1], len(RANKS)))


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
        phrase = reasons_in_words(scene.plan, pairs) or "no scale that it reads counts for this patient"
        because = f"Cannot be assessed: {phrase}."
    return SignState(CANNOT, reason or (pairs[0][1] if pairs else NOT_COUNTED), because)


def _evidence(scene: Scene, sign: ir.Sign, winner: int) -> str:
    """Return the sentence of the row that won, then those of the other positive rows that rest on anything else."""
    sentences = [scene.because(winner)]
    seen = scene.basis(winner)
    for at in scene.plan.rows[sign.id]:
        if at != winner and scene.outcome.truths[at] and scene.plan.pack.rules[at].state in LEVELS:
            basis = scene.basis(at)
            if not basis <= seen:
                sentences.append(scene.because(at))
                seen |= basis
    return " ".join(dict.fromkeys(filter(None, sentences)))
