"""The text of one more case: a record, and what the pack decides about it today, for its author to confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.author.patients.written import case_text
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision

_CONFIRM = """\
# CONFIRM: what follows is what the policy decides today, not what is right. Correct every line, take away those that
# the case is not about, say under `why` why the answer is right, then delete this comment.
"""


def new_case_text(pack: LoadedPack, id: str, record: Mapping[str, Any], modeline: str) -> str:
    """Return the file of a case from a record, with the decision as its expectation. Raises RecordError."""
    decision = evaluate(pack, record)
    title = "Say here what this patient shows"
    text = case_text(id, title, "", record, _expected(decision)).partition("\n")[2]
    return f"{modeline}\n" + re.sub(r"(?m)^expect:", f"{_CONFIRM}expect:", text, count=1)


def empty_record(pack: LoadedPack, today: str) -> dict[str, Any]:
    """Return the record of a patient about whom nothing is known."""
    return {"as_of": today, "indications": [], "infusions": [], "assessments": [], "safety": []}


def _expected(decision: Decision) -> dict[str, Any]:
    """Return the parts of a decision that a case usually states."""
    return {
        "recommendation": decision.recommendation,
        "urgency": decision.urgency or "none",
        "signs": {id: state.state for id, state in decision.signs.items()},
        "holds": list(decision.holds),
        "cautions": list(decision.cautions),
        "flags": list(decision.flags),
    }
