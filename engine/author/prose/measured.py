"""What a pack measures, on a page: instruments and their scales, the course, and what is worked out from a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from boosterwatch.engine.author.prose.amounts import Amounts, exact, quoted
from boosterwatch.engine.author.prose.conditions import Conditions, in_one_line
from boosterwatch.engine.author.prose.phrases import Phrases
from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Items, Table, Text
from boosterwatch.engine.pack import ir

_MADE_UP = ("stands", "event_date", "fact_date", "role_parameter")  # the compiler makes these for a rule's own use
_CLOSE, _ENDLESS = 1e-6, 1e9
_FEW = 6  # scales up to this many are told by name
_BLANK = {"no_total": "with one answer blank there is no total", "total_stands": "a blank answer leaves a stated total"}


def instruments(pack: ir.Pack) -> Iterator[Block]:
    """Yield every instrument: range, direction, use, and how its total is read."""
    rows = tuple(
        (
            one.short,
            f"{exact(one.low)} to {exact(one.high)}",
            _worse(one.worse),
            words(one.use),
            one.recall or "-",
            one.name,
        )
        for one in pack.instruments
    )
    yield Table(("short", "range", "worse is", "used for", "covers", "name"), rows)
    yield Text("How each total is read, its codes, its licence and its sources:")
    yield Items(tuple(f"{one.short} ({one.id}): {'; '.join(_reading(one))}." for one in pack.instruments))


def _reading(one: ir.Instrument) -> Iterator[str]:
    yield "whole numbers" if one.whole else "fractions are allowed"
    if one.items is not None:
        yield from _items(one.items)
    for method in one.methods:
        times = f", times {exact(method.times)}" if method.times != 1 else ""
        use = "" if method.usable else ", not usable"
        yield f"method {quoted(method.name)} from {exact(method.low)} to {exact(method.high)}{times}{use}"
    if one.unstated is not None:
        yield from _unstated(one.unstated)
    if one.codes:
        yield f"codes {', '.join(f'{name} {code}' for name, code in one.codes)}"
    yield f"licence: {one.licence.rstrip('.')}"
    if one.cites:
        yield f"sources {', '.join(one.cites)}"


def _items(items: ir.Items) -> Iterator[str]:
    yield f"{items.count} items from {items.low} to {items.high}"
    if items.reversed:
        yield f"items {joined(list(map(str, items.reversed)))} are scored in reverse"
    if items.domains:
        domains = ", ".join("(" + ", ".join(map(str, domain)) + ")" for domain in items.domains)
        yield f"the total adds the highest answer of each of these groups of items: {domains}"
    if items.method is not None:
        yield f"the items add up by the method {quoted(items.method)}"
    yield _BLANK[items.blank]


def _unstated(unstated: ir.Unstated) -> Iterator[str]:
    yield f"a total without a method is read as {quoted(unstated.otherwise)}"
    if unstated.ambiguous is not None:
        settled = ", unless its items settle it" if unstated.items_settle else ""
        yield f"it is ambiguous {_between(*unstated.ambiguous)}{settled}"


def _between(low: float, high: float) -> str:
    """Return a range whose ends may be open: the compiler writes `above 5` as a little more than 5."""
    start = (
        f"from {exact(low)}" if low == round(low) or abs(low - round(low)) > _CLOSE else f"above {exact(round(low))}"
    )
    return start if high >= _ENDLESS else f"{start} to {exact(high)}"


def scales(pack: ir.Pack) -> Iterator[Block]:
    """Yield the answers that are followed as scales of their own."""
    rows = tuple(
        (
            scale.short,
            scale.says,
            f"{exact(scale.low)} to {exact(scale.high)}",
            _worse(scale.worse),
            scale.id,
            scale.group,
        )
        for scale in pack.scales
        if scale.part is not None
    )
    if rows:
        yield Text("Single answers that are followed over time as scales of their own:")
        yield Table(("answer", "about", "range", "worse is", "name", "numbers under"), rows)


def limits(pack: ir.Pack) -> Iterator[Block]:
    """Yield the numbers that several scales have, side by side."""
    groups: dict[str, dict[str, ir.Parameter]] = {}
    for parameter in pack.parameters:
        group, _, column = parameter.name.rpartition(".")
        if group:
            groups.setdefault(group, {})[column] = parameter
    counted = Counter(column for own in groups.values() for column in own)
    columns = [column for column, times in counted.items() if times > 1]
    if not columns:
        return
    yield Text("Numbers that several scales have; each is named by its row and its column:")
    amounts = Amounts(pack, {})
    rows = (
        (group, *(amounts.said(own[column].name) if column in own else "-" for column in columns))
        for group, own in groups.items()
        if any(column in own for column in columns)
    )
    yield Table(("numbers under", *columns), tuple(rows), tuple(range(1, len(columns) + 1)))


def _worse(direction: ir.Direction) -> str:
    return "higher" if direction == "high" else "lower"


def course(phrases: Phrases) -> Iterator[Block]:
    """Yield how a course of treatment and its baseline are found, and which scale stands for what."""
    value, names = phrases.amounts.value, phrases.pack.course
    yield Text(
        f"An induction is a run of at least {value(names.least)} infusions within {value(names.span_days)}, after "
        f"{value(names.gap_days)} without one; no more than {value(names.most)} infusions belong to it. A score can be "
        f"the baseline when it is at most {value(names.baseline_days)} older than the first infusion."
    )
    for role in phrases.pack.roles:
        yield Text(_role(role, phrases))


def _role(role: ir.Role, phrases: Phrases) -> str:
    scales = joined([phrases.scale(id) for id in role.scales])
    wanted = "; failing that, ".join(
        f"the first whose {quoted(words(name))} is known and not “no”" for name in role.prefer
    )
    chosen = f"{wanted}; failing that, the first of all" if wanted else "the first of them"
    return f"The {role.says} ({role.id}) is chosen from {scales}, in this order. It is {chosen}."


def measures(phrases: Phrases) -> Iterator[Block]:
    """Yield what is worked out from a record: first from each scale, then everything else."""
    scored: dict[tuple[str, str, str], list[ir.Measure]] = {}
    for measure in phrases.pack.measures:
        if measure.scale is not None:
            scored.setdefault(_pattern(measure, phrases), []).append(measure)
    if scored:
        yield Text("From the scores of a scale:")
        rows = tuple((*pattern, _for([one.scale or "" for one in found], phrases)) for pattern, found in scored.items())
        yield Table(("name", "what it is", "worked out as", "for"), rows)
    rest = [measure for measure in phrases.pack.measures if measure.scale is None and not _made_up(measure, phrases)]
    if rest:
        yield Text("From everything else:")
        yield Table(
            ("name", "what it is", "worked out as"), tuple((one.name, one.says, _how(one, phrases)) for one in rest)
        )


def _made_up(measure: ir.Measure, phrases: Phrases) -> bool:
    of_role = measure.kind == "role" and measure.name.partition(".")[0] in phrases.roles
    paired = measure.kind == "days_apart" and "~" in measure.name
    opened = measure.kind == "any_event" and measure.name.endswith(".open")
    return measure.kind in _MADE_UP or of_role or paired or opened


def _pattern(measure: ir.Measure, phrases: Phrases) -> tuple[str, str, str]:
    own = phrases.bind({measure.scale: "the scale"}) if measure.scale is not None else phrases
    return measure.name.partition(".")[2], measure.says, _how(measure, own)


def _for(ids: Sequence[str], phrases: Phrases) -> str:
    """Return the scales that have a measure; most measures are there for many, so those are counted."""
    every = {scale.id for scale in phrases.pack.scales}
    if set(ids) == every:
        return "every scale"
    return joined([phrases.scale(id) for id in ids]) if len(ids) <= _FEW else f"{len(ids)} scales"


def _how(measure: ir.Measure, phrases: Phrases) -> str:
    """Return kind and settings; names of numbers come with their values."""
    amounts = phrases.amounts
    settings = [
        f"{words(key)} {amounts.value(value) if value in amounts else quoted(words(value))}"
        for key, value in measure.args
    ]
    if measure.order:
        settings.append(f"on one day the first of these counts: {', '.join(map(words, measure.order))}")
    if measure.where is not None:
        settings.append(in_one_line(Conditions(phrases).tell(measure.where)))
    return words(measure.kind) + (f": {'; '.join(settings)}" if settings else "")
