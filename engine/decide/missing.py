"""The shortest list of data that would settle what is unknown: which forms and facts, and from when on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from boosterwatch.engine.decide.cover import smallest_cover
from boosterwatch.engine.decide.inputs import UNKNOWN, known
from boosterwatch.engine.decide.scene import CANNOT, Scene
from boosterwatch.engine.decide.signs import own_reason
from boosterwatch.engine.decide.sources import Event, Series
from boosterwatch.engine.decide.values import iso, joined
from boosterwatch.engine.model import Missing
from boosterwatch.engine.pack import ir

NO_BASELINE = "no_baseline"
NO_INDUCTION = "no_induction"


@dataclass(frozen=True, slots=True)
class Want:
    """One thing to settle, and what of each source would settle it: scales of an instrument, or an event."""

    id: str
    scales: tuple[Series, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(slots=True)
class Offer:
    """What one source, an instrument or a type of fact, could settle: a bit for each want, and what it is read for."""

    source: str
    mask: int = 0
    scales: list[Series] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def missing(scene: Scene) -> tuple[Missing, ...]:
    """Return what to obtain: the induction first, then forms and facts, then the baselines that were never given."""
    wants = [*_wanted_signs(scene), *_wanted_flags(scene)]
    if not wants:
        return tuple(_baselines(scene))
    return (*_induction(scene, wants), *_to_obtain(scene, wants), *_baselines(scene))


def _wanted_signs(scene: Scene) -> Iterator[Want]:
    """Yield the signs that a form could settle. Where the pack gives a reason of its own, a baseline is needed too."""
    series = scene.plan.sources.series
    for sign in scene.plan.pack.signs:
        if scene.outcome.states[sign.id] == CANNOT:
            own = own_reason(scene, sign)
            with_baseline = _with_baseline(scene, sign) if own is not None else ()
            if with_baseline or own != NO_BASELINE:
                yield Want(sign.id, tuple(series[scale] for scale in with_baseline or sign.core))


def _wanted_flags(scene: Scene) -> Iterator[Want]:
    for flag, events in scene.plan.sources.absences.items():
        if ("flag", flag) in scene.fired:
            yield Want(flag, events=events)


# ---------------------------------------------------------------- the induction


def _induction(scene: Scene, wants: Sequence[Want]) -> Iterator[Missing]:
    """Yield the induction when signs wait for it: without one there is no best score to compare with."""
    waiting = tuple(
        want.id
        for want in wants
        if any(NO_INDUCTION in (_why(scene, one.since), _why(scene, one.baseline)) for one in want.scales)
    )
    if waiting:
        yield Missing("the dates of the induction, first and last infusion", waiting)


# ---------------------------------------------------------------- forms and facts


def _to_obtain(scene: Scene, wants: Sequence[Want]) -> Iterator[Missing]:
    """Yield the fewest forms and facts that settle all wants together, the most useful first."""
    offers = _offers(scene, wants)
    masks = tuple(offer.mask for offer in offers)
    for at in sorted(
        smallest_cover(masks, tuple(_forms(scene, one) for one in offers)), key=lambda at: -masks[at].bit_count()
    ):
        settles = tuple(want.id for bit, want in enumerate(wants) if masks[at] >> bit & 1)
        yield Missing(_need(scene, offers[at]), settles)


def _offers(scene: Scene, wants: Sequence[Want]) -> list[Offer]:
    """Return what each source could settle: instruments in the pack's order, then types of facts."""
    order = scene.plan.sources.order
    offers: dict[str, Offer] = {}
    for bit, want in enumerate(wants):
        for series in want.scales:
            offer = offers.setdefault(series.instrument, Offer(series.instrument))
            offer.mask |= 1 << bit
            offer.scales.append(series)
        for event in want.events:
            offer = offers.setdefault(event.source, Offer(event.source))
            offer.mask |= 1 << bit
            offer.events.append(event)
    return sorted(offers.values(), key=lambda one: (order.get(one.source, len(order)), one.source))


def _forms(scene: Scene, offer: Offer) -> int:
    """Return how many forms it takes: two where there is no earlier score to compare with."""
    return 2 if any(_why(scene, one.since) is not None for one in offer.scales) else 1


def _need(scene: Scene, offer: Offer) -> str:
    """Return what to obtain from one source, and from when on it counts."""
    as_of = scene.record.as_of
    begin = iso(max((*_event_days(scene, offer.events), *_form_days(scene, offer.scales)), default=as_of))
    instrument = scene.plan.sources.instruments.get(offer.source)
    if instrument is None:
        name = scene.plan.words.get(f"fact.{offer.source}", f"`{offer.source}` record")
        return f"one {name}, dated on or after {begin}"
    form = _form(scene, instrument, offer)
    if _forms(scene, offer) == 1:
        return f"one {form}, dated on or after {begin}"
    return f"two {form}, on different days after the induction, the later dated on or after {begin}"


def _form(scene: Scene, instrument: ir.Instrument, offer: Offer) -> str:
    """Return the name of a form with the parts of it that are needed."""
    needed = [one.scale for one in offer.scales]
    needed += [scene.plan.scales[event.scale] for event in offer.events if event.scale is not None]
    parts = [scale.part for scale in needed if scale.part is not None]
    words = ["all items"] if any(kind == "item" for kind, _ in parts) else []
    extras = dict.fromkeys(str(name) for kind, name in parts if kind == "field")
    words += [f"its {name.replace('_', ' ')} answer" for name in extras]
    return f"{instrument.short} with {joined(words)}" if words else instrument.short


# ---------------------------------------------------------------- from when on


def _event_days(scene: Scene, events: Sequence[Event]) -> Iterator[int]:
    for event in events:
        if event.within is not None:
            yield scene.record.as_of - int(scene.chosen[event.within].value)


def _form_days(scene: Scene, scales: Sequence[Series]) -> Iterator[int]:
    """Yield the days before which a form would not do: not settled, not fresh, or no newer than the one there is."""
    last = _last_infusion(scene)
    for one in scales:
        if one.settle is not None and last is not None:
            yield last + int(scene.chosen[one.settle].value)
        if one.fresh is not None:
            yield scene.record.as_of - int(scene.chosen[one.fresh].value)
        latest = _day(scene, one.latest_date)
        if latest is not None:
            yield latest + 1


def _last_infusion(scene: Scene) -> int | None:
    name = scene.plan.sources.last_infusion
    return _day(scene, name) if name is not None else max(scene.record.infusions, default=None)


def _day(scene: Scene, name: str | None) -> int | None:
    value = known(scene.inputs, name) if name is not None and name in scene.inputs else None
    return value if isinstance(value, int) else None


def _why(scene: Scene, name: str | None) -> str | None:
    """Return why a measure has no value; None when it has one, or when the pack has no such measure."""
    value = scene.inputs.get(name) if name is not None else None
    return value[1:] if isinstance(value, str) and value.startswith(UNKNOWN) else None


# ---------------------------------------------------------------- baselines


def _baselines(scene: Scene) -> Iterator[Missing]:
    """Yield the baselines that were never given: of any one core scale for a sign, of every scale in use for rules."""
    for sign in scene.plan.pack.signs:
        waiting = _waiting_for_baseline(scene, sign)
        if waiting:
            yield Missing(_baseline_need(scene, waiting, "or"), (sign.id,))
    scales: dict[str, None] = {}
    rules: dict[str, None] = {}
    for reader in scene.plan.sources.readers:
        if _why(scene, reader.measure) == NO_BASELINE and _in_use(scene, reader.scale):
            unknown = [at for at in reader.rules if scene.outcome.truths[at] is None]
            if unknown:
                scales[reader.scale] = None
                rules.update({scene.plan.pack.rules[at].id: None for at in unknown})
    if rules:
        yield Missing(_baseline_need(scene, list(scales), "and"), tuple(rules))


def _in_use(scene: Scene, scale: str) -> bool:
    """Return whether the scale was scored in this course: only then is its baseline missed."""
    since = scene.plan.sources.series[scale].since
    return since is not None and since in scene.inputs and _why(scene, since) is None


def _waiting_for_baseline(scene: Scene, sign: ir.Sign) -> list[str]:
    """Return the scales without a baseline of a sign that waits for one and has none."""
    if scene.outcome.states[sign.id] != CANNOT or own_reason(scene, sign) is None:
        return []
    if _with_baseline(scene, sign):
        return []
    series = scene.plan.sources.series
    return [scale for scale in sign.core if _why(scene, series[scale].baseline) == NO_BASELINE]


def _with_baseline(scene: Scene, sign: ir.Sign) -> tuple[str, ...]:
    series = scene.plan.sources.series
    names = [(scale, series[scale].baseline) for scale in sign.core]
    return tuple(
        scale for scale, name in names if name is not None and name in scene.inputs and _why(scene, name) is None
    )


def _baseline_need(scene: Scene, scales: list[str], word: str) -> str:
    shorts = joined([scene.plan.scales[scale].short for scale in scales], word)
    days = scene.chosen[scene.plan.pack.course.baseline_days].value
    return (
        f"the baseline of {shorts}, from the {days} days up to the first infusion of the induction; "
        "it cannot be obtained any more, so enter it if it was taken"
    )
