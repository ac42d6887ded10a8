"""What would change a decision, as a page for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boosterwatch.engine.author.what_if.find import Found, WhatIf
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Text
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

MOST_SHOWN = 3  # of each kind of change
_KINDS = ("points", "value", "days", "number")
_SURE = (
    "Each change was evaluated again by every engine there is, and one step less changes nothing. It says how the "
    "policy reads this record; whether anything should change is for a clinician."
)


def what_if_page(found: WhatIf, pack: ir.Pack) -> Page:
    """Return what would change the recommendation, the smallest changes first."""
    decision = found.decision
    blocks: list[Block] = [Text(decision.summary, "strong"), Heading("Facts that would change it")]
    blocks += _part(decision, found.facts, found.fact_pairs, _NO_FACT)
    blocks.append(Heading("Numbers of the policy that would change it"))
    blocks += _part(decision, found.numbers, found.number_pairs, _NO_NUMBER)
    named = f"{pack.id}@{pack.version}" if pack.site is None else f"{pack.id}@{pack.version}, overlay {pack.site.id}"
    anything = found.facts or found.numbers or found.fact_pairs or found.number_pairs
    sure = [Text(""), Text(_SURE, "quiet")] if anything else [Text("")]
    return (*blocks, *sure, Text(named, "quiet"))


_NO_FACT = (
    "No single score, value or date does within reach, and no two together that were tried: the newest scores over "
    "their whole scales, the numbers of the newest safety facts, and days of waiting, of the last infusion and of "
    "bookings."
)
_NO_NUMBER = "No single number does within its allowed range, and no two together that were tried."


def _part(decision: Decision, singles: Sequence[Found], pairs: Sequence[Found], nothing: str) -> Iterator[Block]:
    shown = list(_shown(singles)) or list(pairs)
    if not shown:
        yield Text(nothing, "plain", 1)
        return
    if not singles:
        yield Text("No single change does; these two together do:", "plain", 1)
    yield Items(tuple(sentence(decision, one) for one in shown))


def _shown(singles: Sequence[Found]) -> Iterator[Found]:
    """Yield the smallest changes of each kind."""
    for kind in _KINDS:
        yield from [one for one in singles if one.changes[0].kind == kind][:MOST_SHOWN]


def sentence(decision: Decision, found: Found) -> str:
    """Return one change, or two together, with the answer it gives and the one it replaces."""
    both = decision.recommendation == found.recommendation
    now = _answer(decision.recommendation, decision.urgency, told=both)
    then = _answer(found.recommendation, found.urgency, told=both)
    condition = " and ".join(change.says for change in found.changes)
    return f"If {condition}, the recommendation would be {then} instead of {now}."


def _answer(recommendation: str, urgency: str | None, *, told: bool) -> str:
    """Return a recommendation; its urgency too where that is what differs."""
    if not told:
        return f"`{words(recommendation)}`"
    return f"`{words(recommendation)}` ({words(urgency) if urgency else 'no urgency'})"


def what_if_data(found: WhatIf) -> dict[str, object]:
    """Return everything found as plain data; lists are sorted, the smallest change first."""
    decision = found.decision
    return {
        "schema": "boosterwatch/what-if/1",
        "pack": dict(decision.pack),
        "as_of": decision.as_of.isoformat(),
        "record_digest": decision.record_digest,
        "recommendation": decision.recommendation,
        "urgency": decision.urgency,
        "facts": [_data(decision, one) for one in found.facts],
        "numbers": [_data(decision, one) for one in found.numbers],
        "fact_pairs": [_data(decision, one) for one in found.fact_pairs],
        "number_pairs": [_data(decision, one) for one in found.number_pairs],
        "tried": dict(found.tried),
    }


def _data(decision: Decision, found: Found) -> dict[str, object]:
    return {
        "says": sentence(decision, found),
        "changes": [
            {
                "kind": change.kind,
                "name": change.name,
                "was": change.was,
                "now": change.now,
                "size": change.size,
                "unit": change.unit,
            }
            for change in found.changes
        ],
        "recommendation": found.recommendation,
        "urgency": found.urgency,
        "summary": found.summary,
    }
