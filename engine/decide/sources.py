"""Where evidence could come from: which forms and facts a pack's signs and absence flags rest on.

Worked out once per pack from its measures; `missing` asks it about one patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from boosterwatch.engine.decide.clauses import Placed, Tree, clauses_of
from boosterwatch.engine.pack import ir

NEED_BASELINE = ("baseline", "gain", "fraction_lost", "response_fraction")  # kinds of measures, and a change since it


@dataclass(frozen=True, slots=True)
class Series:
    """One scale as a source: the measures that say how it stands, and the parameters of its windows.

    `since` is the measure of the best score since induction, or where the pack has none, of the latest score. Each name
    is None where the pack has no such thing.
    """

    scale: ir.Scale
    instrument: str
    since: str | None
    latest_date: str | None
    baseline: str | None
    settle: str | None
    fresh: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """An event that a flag misses: an answer on a scale, or a fact, at most `within` (a parameter) days old.

    `source` is the scale's instrument, or the type of fact.
    """

    source: str
    scale: str | None
    within: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """A measure that needs a baseline, its scale, and the rules that read it."""

    measure: str
    scale: str
    rules: tuple[int, ...]


class Sources:
    """What the evidence of a pack can come from."""

    __slots__ = ("absences", "instruments", "last_infusion", "order", "readers", "series")

    def __init__(self, pack: ir.Pack, trees: tuple[Tree, ...]) -> None:
        by_kind = {(m.scale, m.kind): m for m in pack.measures if m.scale is not None}
        self.series = {scale.id: _series(scale, by_kind) for scale in pack.scales}
        self.instruments = {one.id: one for one in pack.instruments}
        self.order = {one.id: at for at, one in enumerate(pack.instruments)}
        self.last_infusion = next((m.name for m in pack.measures if ("which", "last_infusion") in m.args), None)
        self.absences = _absences(pack, trees)
        self.readers = _readers(pack, trees)


def _series(scale: ir.Scale, by_kind: Mapping[tuple[str, str], ir.Measure]) -> Series:
    def name(kind: str) -> str | None:
        found = by_kind.get((scale.id, kind))
        return found.name if found is not None else None

    windows = by_kind.get((scale.id, "reason")) or by_kind.get((scale.id, "assessable"))
    args = dict(windows.args) if windows is not None else {}
    return Series(
        scale=scale,
        instrument=scale.instrument,
        since=name("best_since_induction") or name("latest"),
        latest_date=name("latest_date"),
        baseline=name("baseline"),
        settle=args.get("settle"),
        fresh=args.get("fresh"),
    )


def _absences(pack: ir.Pack, trees: tuple[Tree, ...]) -> dict[str, tuple[Event, ...]]:
    """Return the events whose absence alone raises a flag, by flag; any of them would settle it."""
    measures = {measure.name: measure for measure in pack.measures}
    events = {event.id: event for event in pack.events}
    found: dict[str, tuple[Event, ...]] = {}
    for rule, tree in zip(pack.rules, trees, strict=True):
        if rule.kind == "flag":
            names = [_absent_event(test, measures) for test in clauses_of(tree)]
            missed = [_event(pack, events[name]) for name in names if name is not None]
            if missed and len(missed) == len(names):
                found[rule.subject] = tuple(missed)
    return found


def _absent_event(test: Placed, measures: dict[str, ir.Measure]) -> str | None:
    """Return the event whose absence a clause states, None for any other clause."""
    match test.node:
        case ir.Leaf(ir.Equals(left, bool(wanted), negated)) if measures[left].kind == "any_event":
            happened = wanted is not (negated is not test.negated)
            return None if happened else dict(measures[left].args)["of"]
        case _:
            return None


def _event(pack: ir.Pack, event: ir.EventSet) -> Event:
    source = next((scale.instrument for scale in pack.scales if scale.id == event.scale), event.source)
    return Event(source, event.scale, event.within)


def _readers(pack: ir.Pack, trees: tuple[Tree, ...]) -> tuple[Reader, ...]:
    scales = {m.name: m.scale for m in pack.measures if m.kind in NEED_BASELINE or ("since", "baseline") in m.args}
    rules: dict[str, list[int]] = {}
    for at, name in _reads(trees):
        if name in scales:
            rules.setdefault(name, []).append(at)
    return tuple(
        Reader(name, scale, tuple(rules[name])) for name, scale in scales.items() if scale is not None and name in rules
    )


def _reads(trees: tuple[Tree, ...]) -> Iterator[tuple[int, str]]:
    for at, tree in enumerate(trees):
        for key in dict.fromkeys(key for test in clauses_of(tree) for key in test.keys):
            yield at, key
