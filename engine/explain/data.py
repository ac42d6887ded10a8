"""An explanation as plain data, for programs: the same rows as the text, by rule."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from boosterwatch.engine.decide.encode import activation_json, not_fired_json_of
from boosterwatch.engine.explain.chain import Chain
from boosterwatch.engine.explain.which import rules_of
from boosterwatch.engine.model import Activation, Decision, NotFired
from boosterwatch.engine.pack import ir


def explain_data(decision: Decision, pack: ir.Pack, *, why: str | None, why_not: str | None) -> dict[str, object]:
    """Return the rows that answer a question; without one, those that the recommendation and the signs rest on."""
    chain = Chain(decision, pack)
    answer: dict[str, object] = {
        "pack": dict(sorted(decision.pack.items())) | _review(decision),
        "as_of": decision.as_of.isoformat(),
        "recommendation": decision.recommendation,
        "summary": decision.summary,
    }
    if why is None and why_not is None:
        return answer | {"rules": _chain_rows(chain)}
    rules = [] if why is None else rules_of(decision, pack, why, fired=True)
    rules += [] if why_not is None else rules_of(decision, pack, why_not, fired=False)
    return answer | {"rules": [_row(chain, rule) for rule in rules]}


def _review(decision: Decision) -> dict[str, object]:
    return {} if decision.review is None else {"review": dict(decision.review)}


def _chain_rows(chain: Chain) -> list[Mapping[str, object]]:
    seen: set[str] = set()
    winner = chain.winner()
    starts = [winner] if winner is not None else []
    steps = [step for row in (*starts, *chain.winners_of("sign")) for step in chain.steps(row, seen)]
    return [_row(chain, step.row.rule) for step in steps if not step.repeated]


def _row(chain: Chain, rule: str) -> Mapping[str, object]:
    fired, unfired = chain.fired.get(rule), chain.unfired.get(rule)
    if fired is not None:
        return {"fired": True, **_fired(fired), "rests_on": [row.rule for row in chain.below(fired)]}
    if unfired is not None:
        return {"fired": False, **_unfired(unfired), "waits_for": [row.rule for row in chain.stopped_by(unfired)]}
    return {"fired": None, "rule": rule}


def _fired(row: Activation) -> dict[str, object]:
    plain: dict[str, object] = orjson.loads(activation_json(row))
    return plain


def _unfired(row: NotFired) -> dict[str, object]:
    plain: dict[str, object] = orjson.loads(not_fired_json_of(row))
    return plain
