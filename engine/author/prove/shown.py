"""Results as a page and as JSON: the table of properties, and each counter-example as a short story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boosterwatch.engine.author.diff.story import tell
from boosterwatch.engine.author.prove.counter import Counter
from boosterwatch.engine.author.prove.prove import Result
from boosterwatch.engine.author.prove.replay import Replay
from boosterwatch.engine.author.symbolic import Scene
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir

NO_RECORD = "not proved: the model finds a scene that no record was found for"
SAYS = {"proved": "proved", "undecided": "not proved: z3 gave up", "refused": "refused"}


def to_page(named: str, on: str, results: Sequence[Result]) -> Page:
    """Return the table of properties and the story of every failure."""
    rows = tuple((one.answer.of.says, _said(one), f"{one.answer.seconds:.2f}") for one in results)
    failures = (block for one in results if not one.proved for block in _failure(one))
    return (
        Heading(f"Properties of {named}"),
        Text(f"Over every patient within the ranges of the measures, at the values in force on {on}.", "quiet"),
        Table(("property", "answer", "seconds"), rows, (2,)),
        *failures,
    )


def _said(one: Result) -> str:
    if one.answer.verdict != "broken":
        return SAYS[one.answer.verdict]
    if one.answer.unreached:
        return "broken"
    return "counter-example" if one.counter is not None else NO_RECORD


def _failure(one: Result) -> Iterator[Block]:
    answer = one.answer
    yield Heading(f"{answer.of.id}: {answer.of.says}")
    if answer.why is not None:
        yield Text(answer.why)
    if answer.unreached:
        yield Text("No patient makes these rules true, or these rows win:")
        yield Items(tuple(f"{rule.id} ({rule.span.file}:{rule.span.line})" for rule in answer.unreached))
    if one.counter is not None:
        yield from _story(one.counter)
    elif answer.scenes:
        yield Text(NO_RECORD)
        for scene in answer.scenes:
            yield Pairs(tuple((name, str(value)) for name, value in _told(scene).items()))


def _told(scene: Scene) -> dict[str, Any]:
    """Return what a scene shows, without what is undefined or no."""
    return {name: value for name, value in scene.items() if value is not None and value is not False}


def _story(counter: Counter) -> Iterator[Block]:
    before, after = counter.patients[0], counter.patients[-1]
    told = tell(before.record, before.pack)
    yield Text("This patient breaks it; both engines say so." if before is after else "Of this patient, first:")
    yield Items(told)
    yield from _decision(before)
    if before is not after:
        again = tell(after.record, after.pack)
        yield Text("and then, with all else the same:")
        gone = tuple(f"without: {line}" for line in told if line not in again)
        yield Items((*gone, *(line for line in again if line not in told)))
        yield from _decision(after)


def _decision(patient: Replay) -> Iterator[Block]:
    decision = patient.decision
    yield Text(f"{decision.recommendation}: {decision.summary}", "strong", 1)
    signs = ", ".join(
        f"{_title(patient.pack, id)} {sign.state.replace('_', ' ')}" for id, sign in decision.signs.items()
    )
    yield Text(f"signs: {signs}", "quiet", 1)
    if decision.holds:
        yield Text(f"holds: {', '.join(decision.holds)}", "quiet", 1)


def _title(pack: ir.Pack, sign: str) -> str:
    return next(one.title for one in pack.signs if one.id == sign).lower()


# ---------------------------------------------------------------- JSON


def to_data(pack: ir.Pack, on: str, results: Sequence[Result]) -> dict[str, object]:
    """Return the results as one JSON document."""
    return {
        "pack": {"id": pack.id, "version": pack.version, "digest": pack.digest},
        "as_of": on,
        "proved": all(one.proved for one in results),
        "properties": [_property(one) for one in results],
    }


def _property(one: Result) -> dict[str, object]:
    answer = one.answer
    return {
        "property": answer.of.id,
        "says": answer.of.says,
        "verdict": answer.verdict,
        "seconds": round(answer.seconds, 3),
        "why": answer.why,
        "exceptions": [exempt.reason for exempt in answer.of.exceptions],
        "unreached": [{"rule": rule.id, "file": rule.span.file, "line": rule.span.line} for rule in answer.unreached],
        "scenes": [_told(scene) for scene in answer.scenes],
        "patients": [] if one.counter is None else [_patient(each) for each in one.counter.patients],
    }


def _patient(each: Replay) -> Mapping[str, object]:
    decision = each.decision
    return {
        "record": each.record,
        "recommendation": decision.recommendation,
        "signs": {id: sign.state for id, sign in decision.signs.items()},
        "holds": decision.holds,
    }
