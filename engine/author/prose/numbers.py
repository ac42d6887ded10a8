"""Numbers, sources and the times of assessment, on a page."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.prose.amounts import quoted, span, with_unit
from boosterwatch.engine.author.prose.phrases import Phrases
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Heading, Items, Pairs, Table, Text
from boosterwatch.engine.pack import ir


def numbers(pack: ir.Pack) -> Iterator[Block]:
    """Yield every number with all its values."""
    yield Text(
        "A number without an allowed range changes only with a new version of this policy; within its range a clinic "
        "or a patient's own override may move it."
    )
    rows = tuple(row for parameter in pack.parameters for row in _rows(parameter))
    yield Table(("number", "value", "allowed", "from", "basis", "source", "what it is"), rows)


def _rows(parameter: ir.Parameter) -> Iterator[tuple[str, ...]]:
    allowed = "-"
    if parameter.allowed is not None:
        allowed = span(*parameter.allowed, parameter.unit)
    for value in parameter.values:
        said = with_unit(value.value, parameter.unit) + (" times" if parameter.unit == "times" else "")
        about = f"{parameter.says} ({value.note})" if value.note else parameter.says
        sources = ", ".join(value.cites) or "-"
        yield parameter.name, said, allowed, value.start, words(value.basis), sources, about


def citations(pack: ir.Pack) -> Iterator[Block]:
    """Yield the sources by the names that numbers and rules cite."""
    if not pack.citations:
        yield Text("This policy cites no source.")
        return
    yield Items(tuple(f"{one.id}: {one.text}{f' ({one.link})' if one.link else ''}" for one in pack.citations))


def schedule(phrases: Phrases) -> Iterator[Block]:
    """Yield how often a course is assessed, and when a cycle's relief counts as lost."""
    value, plan = phrases.amounts.value, phrases.pack.schedule
    steps = [f"every {value(every)} until {value(until)} after the induction" for until, every in plan.steps]
    then = f"then every {value(plan.otherwise)}" if steps else f"every {value(plan.otherwise)}"
    yield Text(
        f"An assessment is due {', '.join([*steps, then])}; without an induction, every {value(plan.unstarted)}."
    )
    for measure in phrases.pack.measures:
        if measure.kind == "individual_interval":
            yield Text(_interval(measure, phrases))
    yield from _lookback(phrases)


def _interval(measure: ir.Measure, phrases: Phrases) -> str:
    said = {key: phrases.amounts.value(name) for key, name in measure.args}
    return (
        f"The patient's own interval ({measure.name}) is {said['fraction']} of the usual length of the last "
        f"{said['used']} cycles that ended in a dated loss of benefit. With fewer than {said['needed']} such cycles it "
        f"is {said['fallback']}. It is never less than {said['least']} and never more than {said['most']}."
    )


def _lookback(phrases: Phrases) -> Iterator[Block]:
    lookback = phrases.pack.lookback
    if lookback is None:
        return
    reasons = [str(phrases.drawn(atom)) for atom in lookback.atoms]
    reasons += [f"the event {quoted(words(event))} happened" for event in lookback.events]
    yield Text(
        "A cycle ends in a loss of benefit on the first day on which one of these is so; signs are judged at "
        "assessments:"
    )
    yield Items(tuple(reasons))


def other_words(pack: ir.Pack) -> Iterator[Block]:
    """Yield the texts and names that a decision shows beside the rules."""
    if pack.words:
        yield Heading("Names and texts of a decision", 3)
        yield Pairs(pack.words)


def about(pack: ir.Pack) -> Pairs:
    """Return what the pack says of itself, with its digest."""
    told = tuple((words(key).capitalize(), text) for key, text in pack.about if text)
    named = ("Policy", f"{pack.id} {pack.version}, {pack.status}, in force from {pack.effective}")
    return Pairs((named, *told, ("Digest", pack.digest)))


def statement(pack: ir.Pack) -> Text:
    """Return what an approver puts a name to."""
    policy = f"{quoted(pack.title)}, version {pack.version}"
    return Text(f"This text and the digest {pack.digest} are what an approver of {policy}, signs.", "strong")
