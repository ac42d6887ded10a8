"""A comparison as plain data, for JSON: everything of it, nothing in words that a program would have to read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from boosterwatch.engine.author.diff.bump import bump, bump_reasons
from boosterwatch.engine.author.diff.model import Answer, Change, Difference, Example, Shift, Told
from boosterwatch.engine.diagnostics import Span, to_json


def data_of(difference: Difference) -> dict[str, Any]:
    """Return the comparison as mappings, lists and scalars."""
    return {
        "old": asdict(difference.old),
        "new": asdict(difference.new),
        "as_of": difference.as_of,
        "bump": bump(difference),
        "reasons": list(bump_reasons(difference)),
        "proved": difference.proved,
        "changes": [_change(one) for one in difference.changes],
        "shifts": [_shift(difference, one) for one in difference.shifts],
        "examples": [_example(one) for one in difference.examples],
        "problems": [to_json(one) for one in difference.problems],
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "part": one.part,
        "id": one.id,
        "how": one.how,
        "effect": one.effect,
        "contract": one.contract,
        "noted": one.noted,
        "fields": [asdict(field) for field in one.fields],
        "old_place": _place(one.old_span),
        "new_place": _place(one.new_span),
    }


def _place(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line}


def _answer(one: Answer) -> dict[str, str]:
    return {"kind": one.kind, "id": one.id, "state": one.state}


def _shift(difference: Difference, one: Shift) -> dict[str, Any]:
    return {
        "answer": _answer(one.answer),
        "gained": one.gained,
        "gained_example": difference.shown(one.answer, "gained"),
        "lost": one.lost,
        "lost_example": difference.shown(one.answer, "lost"),
        "unlike": list(one.unlike),
        "sought": one.sought,
    }


def _example(one: Example) -> dict[str, Any]:
    return {"record": dict(one.record), "story": list(one.story), "old": _told(one.old), "new": _told(one.new)}


def _told(one: Told) -> dict[str, Any]:
    return {
        "recommendation": one.recommendation,
        "urgency": one.urgency,
        "summary": one.summary,
        "answers": [_answer(answer) for answer in one.answers],
        "because": [{**_answer(answer), "text": text} for answer, text in one.because],
    }
