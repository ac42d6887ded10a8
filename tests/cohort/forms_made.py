"""Made-up forms, right and wrong in every way that the record checks look for, and a pack of odd instruments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from boosterwatch.engine.model import Assessment
from boosterwatch.engine.pack import ir
from boosterwatch.tests.packs.files import default_pack

Number = int | float
DAYS = (739_000, 739_001, 739_002, 739_030, 739_031)


@dataclass(frozen=True)
class Patient:
    """The infusion days and the forms of one patient, the forms in the order of the record."""

    infusions: tuple[int, ...]
    forms: tuple[Assessment, ...]


# ---------------------------------------------------------------- a pack of odd instruments


@cache
def odd_pack() -> ir.Pack:
    """Return a pack whose instruments are read in the ways that those of the packs in the tree are not."""
    pack = default_pack().ir
    like, part = pack.instruments[0], next(scale for scale in pack.scales if scale.part is not None)
    raw, share = ir.Method("raw", 0, 10, times=0.5), ir.Method("share", 0, 1, times=0.1)
    instruments = (
        replace(like, id="low", low=0, high=12, worse="low", items=ir.Items(3, 0, 4, blank="no_total")),
        replace(
            like,
            id="turned",
            low=0,
            high=20,
            items=ir.Items(5, 1, 5, reversed=(2, 5), domains=((1, 2), (3,), (4, 5)), method="raw"),
            methods=(raw, share),
        ),
        replace(like, id="bare", low=-3, high=3, items=None),
        replace(
            like,
            id="mean",
            low=0,
            high=5,
            whole=False,
            items=ir.Items(4, 0, 5, reversed=(1,)),
            methods=(raw, replace(share, usable=False)),
            unstated=ir.Unstated("share", ambiguous=(2, 4)),
        ),
        replace(
            like,
            id="settled",
            low=0,
            high=10,
            worse="low",
            items=ir.Items(2, 0, 9, method="raw"),
            methods=(replace(raw, low=0, high=18), replace(share, high=10, times=1)),
            unstated=ir.Unstated("share", ambiguous=(0, 9), items_settle=True),
        ),
        replace(
            like,
            id="unsettled",
            low=0,
            high=8,
            items=ir.Items(2, 0, 4, blank="no_total"),
            methods=(share, replace(raw, high=8, times=1)),
            unstated=ir.Unstated("raw", ambiguous=(6, 8), items_settle=True),
        ),
    )
    parts: tuple[tuple[str, tuple[str, int | str] | None, float, float], ...] = (
        ("low", None, 0, 12),
        ("low", ("item", 3), 0, 4),
        ("low", ("field", "ease"), 0, 3),
        ("low", ("field", "zest"), 1, 5),
        ("turned", ("item", 2), 1, 5),
        ("turned", ("field", "ease"), 0, 9),
        ("bare", ("item", 1), -3, 3),
        ("bare", None, -3, 3),
        ("mean", None, 0, 5),
        ("mean", ("item", 4), 0, 5),
        ("settled", ("item", 1), 0, 9),
    )
    scales = [
        replace(part, id=f"{of}_{place}", instrument=of, part=what, low=low, high=high)
        for place, (of, what, low, high) in enumerate(parts)
    ]
    return replace(pack, instruments=instruments, scales=tuple(scales))


# ---------------------------------------------------------------- forms


def random_patient(rng: random.Random, pack: ir.Pack) -> Patient:
    """Return a patient with few days and instruments, so that many forms are of one time."""
    infusions = tuple(sorted(rng.sample(DAYS, rng.choice((0, 1, 2)))))
    used = rng.sample(pack.instruments, min(len(pack.instruments), rng.choice((1, 2, 3))))
    forms: list[Assessment] = []
    for _ in range(rng.randrange(12)):
        if forms and rng.random() < 0.4:
            forms.append(_repeat(rng, pack, rng.choice(forms)))
        else:
            forms.append(_form(rng, pack, rng.choice(used)))
    return Patient(infusions, tuple(forms))


def tied_patient(rng: random.Random, pack: ir.Pack) -> Patient:
    """Return a patient with a few forms of one time and total, or all without one, that differ in their answers only."""
    instrument = rng.choice(pack.instruments)
    total = rng.choice((None, instrument.low + 1))
    method = instrument.methods[0].name if instrument.methods else None

    def tied() -> Assessment:
        items: tuple[Number | None, ...] | None = None
        if instrument.items is not None and rng.random() < 0.8:
            spec = instrument.items
            low = rng.choice((spec.low, spec.low, spec.low - 1))
            items = (*(rng.choice((None, low, spec.low + 1)) for _ in range(spec.count - 1)), None)
        extra = {name: min(answer, 2) for name, answer in _extra(rng, pack, instrument).items()}
        return Assessment(instrument.id, DAYS[0], "", total, items, extra, method)

    return Patient((), tuple(tied() for _ in range(rng.choice((2, 2, 3, 4)))))


def _form(rng: random.Random, pack: ir.Pack, instrument: ir.Instrument) -> Assessment:
    methods = [method.name for method in instrument.methods]
    items = None if rng.random() < 0.4 else _items(rng, instrument)
    return Assessment(
        instrument=instrument.id,
        day=rng.choice(DAYS),
        part="",
        total=_total(rng, instrument, items),
        items=items,
        extra=_extra(rng, pack, instrument),
        method=rng.choice(methods) if methods and rng.random() < 0.4 else rng.choice((*(None,) * 9, "unknown")),
        version=rng.choice((*(None,) * 12, instrument.id, "another")),
        after_infusion=rng.random() < 0.4,
    )


def _items(rng: random.Random, instrument: ir.Instrument) -> tuple[Number | None, ...]:
    spec = instrument.items or ir.Items(3, 0, 3)
    items: list[Number | None] = [rng.randint(spec.low, spec.high) for _ in range(spec.count)]
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        place = rng.randrange(spec.count)
        items[place] = rng.choice((None, None, spec.low - 1, spec.high + 1, 1.5, 2.0, 1e300, -1e300))
    match rng.randrange(20):
        case 0:
            items.append(0)
        case 1:
            items.pop()
        case 2:
            items = [None] * spec.count
        case 3:
            items = []
    return tuple(items)


def _total(rng: random.Random, instrument: ir.Instrument, items: Sequence[Number | None] | None) -> Number | None:
    low, high = instrument.low, instrument.high
    edges = [edge for method in instrument.methods for edge in (method.low, method.high)]
    if instrument.unstated and instrument.unstated.ambiguous:
        edges += instrument.unstated.ambiguous
    draw = rng.random()
    if items is not None and draw < 0.5:  # about what they add up to
        total = sum(item for item in items if item is not None and abs(item) < 100)
        return total * rng.choice((1, 1, 1, 0.5, 4)) + rng.choice((0, 0, 0, 1))
    if draw < 0.65:
        return None
    if draw < 0.8:
        return rng.choice((low - 1, low, high, high + 1, low + 0.5, 1e300, -1e300, float(high)))
    if edges and draw < 0.9:
        return rng.choice(edges) + rng.choice((-1, 0, 0, 1, 0.5))
    return rng.randint(int(low), int(min(high, low + 3)))


def _extra(rng: random.Random, pack: ir.Pack, instrument: ir.Instrument) -> dict[str, Number]:
    extra: dict[str, Number] = {}
    for scale in pack.scales:
        if scale.instrument == instrument.id and scale.part is not None and scale.part[0] == "field":
            choices = (scale.low, scale.low + 1, scale.high, scale.high + 1, scale.low - 1, 0.5, 2.0, 1e300)
            if rng.random() < 0.4:
                extra[str(scale.part[1])] = rng.choice(choices)
    return extra


def _repeat(rng: random.Random, pack: ir.Pack, form: Assessment) -> Assessment:
    """Return a second form of the same day: fuller, barer, of another total or at another time."""
    instrument = next(one for one in pack.instruments if one.id == form.instrument)
    match rng.randrange(8):
        case 0:
            return replace(form, items=None)
        case 1:
            return replace(form, total=(form.total or 0) + rng.choice((-1, 1)))
        case 2:
            return replace(form, extra=_extra(rng, pack, instrument))
        case 3:
            return replace(form, after_infusion=not form.after_infusion)
        case 4:
            return replace(form, items=_items(rng, instrument))
        case 5 if form.items:
            place = rng.randrange(len(form.items))
            return replace(form, items=(*form.items[:place], None, *form.items[place + 1 :]))
        case 6:
            return replace(form, total=None)
    return replace(form)
