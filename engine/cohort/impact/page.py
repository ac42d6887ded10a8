"""An impact as a page: what changes for whom, in numbers first and in patients last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from boosterwatch.engine.author.prose.amounts import with_unit
from boosterwatch.engine.cohort.impact.model import (
    POSITIVE,
    Alerts,
    Compared,
    Effect,
    Example,
    Group,
    Impact,
    Load,
    Sweep,
    Told,
)
from boosterwatch.engine.cohort.impact.sweep import count as count_of
from boosterwatch.engine.cohort.impact.told import Words, count, many, recommended, share, signed
from boosterwatch.engine.explain.names import Names, state_in_words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.budget import BUDGET

MOST_ROWS = 24
MOST_RULES = 4
_NUMBERS = ("old", "new", "change", "gained", "lost")
_NOTICES = ("hold", "caution", "flag")
_STATED = {"option": " (`--budget`)", "pack": f" (`{BUDGET}` of the new pack)", None: ""}


def title_of(impact: Impact) -> str:
    """Return the title of the page."""
    old, new = impact.old, impact.new
    if old["id"] == new["id"] and old["version"] != new["version"]:
        return f"{old['id']}: impact of {new['version']} in place of {old['version']}"
    return f"Impact of {new['id']}@{new['version']} in place of {old['id']}@{old['version']}"


def page_of(impact: Impact, old: ir.Pack, new: ir.Pack, captions: Sequence[str] = ()) -> Page:
    """Return the page of an impact of these two packs; `captions` stand where a document has its pictures."""
    told = Words(Names(old), Names(new))
    return (
        *_face(impact),
        *_recommendations(impact.compared, told, captions),
        *_signs(impact.compared, told),
        *_rest(impact.compared, told),
        *_groups(impact.groups, told),
        *(_alerts(impact.alerts) if impact.alerts is not None else ()),
        *(block for sweep in impact.sweeps for block in sweep_blocks(sweep, told, captions)),
        *_examples(impact, told),
    )


def _face(one: Impact) -> Iterator[Block]:
    compared = one.compared
    yield Text(title_of(one), "strong")
    rows = [(label, _pack(side)) for label, side in (("Old", one.old), ("New", one.new))]
    yield Pairs((*rows, ("As of", one.as_of), ("Patients", count(compared.patients))))
    part = share(compared.differing, compared.patients)
    if not compared.differing:
        yield Text("Nobody gets another answer.")
    else:
        verb = "gets" if compared.differing == 1 else "get"
        yield Text(f"{many(compared.differing, 'patient')} ({part}) {verb} another answer.", "strong")
    if compared.only_rules:
        verb = "gets" if compared.only_rules == 1 else "get"
        yield Text(f"{many(compared.only_rules, 'patient')} more {verb} the same answer for another reason.", "quiet")


def _pack(side: dict[str, str] | object) -> str:
    assert isinstance(side, dict), "packs are named by a mapping"
    overlay = f", overlay {side['overlay']}" if "overlay" in side else ""
    return f"{side['id']}@{side['version']}, {side['status']}, {side['digest'][:12]}{overlay}"


# ---------------------------------------------------------------- everybody


def _recommendations(compared: Compared, told: Words, captions: Sequence[str]) -> Iterator[Block]:
    yield Heading("Recommendations")
    found = [one for one in compared.effects if one.answer.what in ("refused", "recommendation")]
    yield _table(("recommendation",), [((told.answer(one.answer),), one) for one in found])
    yield from (Text(caption, "quiet") for caption in captions if caption.startswith("Recommendations"))
    if compared.moves:
        yield Heading("Who goes where", 3)
        rows = [(recommended(one.old), recommended(one.new), count(one.patients)) for one in compared.moves]
        yield from _cut(("from", "to", "patients"), rows, (2,))


def _signs(compared: Compared, told: Words) -> Iterator[Block]:
    yield Heading("Signs")
    found = [one for one in compared.effects if one.answer.what == "sign"]
    rows = [((told.title("sign", one.answer.id), state_in_words(one.answer.state)), one) for one in found]
    moved = [row for row in rows if row[1].gained or row[1].lost or row[1].answer.state in POSITIVE]
    yield _table(("sign", "state"), moved)
    if len(moved) < len(rows):
        yield Text("Other states are as before.", "quiet")


def _rest(compared: Compared, told: Words) -> Iterator[Block]:
    """Yield what changes of notices and responses, and the rules behind all of it."""
    yield Heading("Holds, cautions, flags, response")
    kinds = (*_NOTICES, "response")
    found = [one for one in compared.effects if one.answer.what in kinds and (one.gained or one.lost)]
    if found:
        yield _table(("notice",), [((told.answer(one.answer),), one) for one in found])
    else:
        yield Text("None of them changes for anybody.")
    rules = [one for one in compared.effects if one.answer.what == "rule" and (one.gained or one.lost)]
    if rules:
        yield Heading("Rules that fire for others than before")
        rules.sort(key=lambda one: -(one.gained + one.lost))
        yield from _cut(
            ("rule", "says", *_NUMBERS),
            [(one.answer.id, told.rule(one.answer.id), *_numbers(one)) for one in rules],
            tuple(range(2, 7)),
        )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], Effect]]) -> Table:
    cells = tuple((*first, *_numbers(one)) for first, one in rows)
    return Table((*heads, *_NUMBERS), cells, tuple(range(len(heads), len(heads) + len(_NUMBERS))))


def _numbers(one: Effect) -> tuple[str, ...]:
    return count(one.old), count(one.new), signed(one.new - one.old), count(one.gained), count(one.lost)


def _cut(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: tuple[int, ...]) -> Iterator[Block]:
    yield Table(heads, tuple(rows[:MOST_ROWS]), right)
    if len(rows) > MOST_ROWS:
        yield Text(f"and {count(len(rows) - MOST_ROWS)} more, which `--format json` lists", "quiet")


# ---------------------------------------------------------------- groups


def _groups(groups: Sequence[Group], told: Words) -> Iterator[Block]:
    if groups:
        yield Heading("By group")
    for column, members in groupby(groups, key=lambda one: one.column):
        yield from _column(column, list(members), told)


def _column(column: str, members: list[Group], told: Words) -> Iterator[Block]:
    name = column.replace("_", " ")
    yield Heading(f"By {name}", 3)
    rows = [
        (one.value, count(one.patients), count(one.differing), share(one.differing, one.patients), *_prompted(one))
        for one in members
    ]
    heads = (name, "patients", "another answer", "share", "prompts old", "prompts new")
    yield from _cut(heads, rows, (1, 2, 3, 4, 5))
    wanted = ("refused", "recommendation", "sign")
    moved = [
        (one.value, told.answer(effect.answer), *_numbers(effect))
        for one in members
        for effect in one.effects
        if effect.answer.what in wanted and (effect.gained or effect.lost)
    ]
    if moved:
        yield from _cut((name, "answer", *_NUMBERS), moved, tuple(range(2, 7)))


def _prompted(one: Group) -> tuple[str, str]:
    """Return how many patients have a prompt with an urgency, under both packs."""
    hurried = [effect for effect in one.effects if effect.answer.what == "recommendation" and effect.answer.state]
    return count(sum(effect.old for effect in hurried)), count(sum(effect.new for effect in hurried))


# ---------------------------------------------------------------- alerts


def _alerts(one: Alerts) -> Iterator[Block]:
    yield Heading("Alerts")
    whom = f"by {one.by.replace('_', ' ')}" if one.by else "sharing the patients evenly"
    weeks = "the week" if one.weeks == 1 else f"{one.weeks} weeks"
    yield Text(f"New prompts with an urgency in {weeks} up to the day; {many(one.clinicians, 'clinician')}, {whom}.")
    budget = (("over the budget", _over(one, one.old), _over(one, one.new)),) if one.budget is not None else ()
    rows = (
        ("alerts", count(one.old.alerts), count(one.new.alerts)),
        ("for each clinician and week", f"{one.old.per_week:.2f}", f"{one.new.per_week:.2f}"),
        ("busiest week of a clinician", _busiest(one.old), _busiest(one.new)),
        ("prompts standing on the day", count(one.old.standing), count(one.new.standing)),
        *budget,
    )
    yield Table(("", "old", "new"), rows, (1, 2))
    stated = _STATED[one.budget_from]
    if one.budget is None:
        yield Text(f"No budget is stated: give `--budget`, or state `{BUDGET}` in the new pack.", "quiet")
    elif one.new.over:
        clinicians = many(one.new.over, "clinician")
        yield Text(
            f"Over the budget of {one.budget:g} alerts for each clinician and week{stated}: {clinicians}.", "alert"
        )
    else:
        yield Text(f"Within the budget of {one.budget:g} alerts for each clinician and week{stated}.")


def _busiest(load: Load) -> str:
    return count(load.most) if load.busiest is None or not load.most else f"{count(load.most)} ({load.busiest})"


def _over(alerts: Alerts, load: Load) -> str:
    return f"{count(load.over)} of {count(alerts.clinicians)}"


# ---------------------------------------------------------------- sweeps


def sweep_blocks(sweep: Sweep, told: Words, captions: Sequence[str] = ()) -> Iterator[Block]:
    """Yield a sweep: recommendations and signs at each value, as two tables."""
    yield Heading(f"Sweep of {sweep.parameter}")
    now = "the old pack has none" if sweep.current is None else f"current {with_unit(sweep.current, sweep.unit)}"
    yield Text(f"{sweep.says}: {now}, proposed {with_unit(sweep.proposed, sweep.unit)}.")
    yield from (Text(caption, "quiet") for caption in captions if caption.startswith(f"{sweep.parameter}:"))
    asked = [one for one in sweep.answers if one.what == "recommendation"]
    heads = ("value", "", "prompts", "other than now", *(told.answer(one) for one in asked))
    rows = [
        (with_unit(step.value, sweep.unit), _marked(step.marks), count(step.prompted), count(step.changed),
         *(count(count_of(step, one)) for one in asked))
        for step in sweep.steps
    ]  # fmt: skip
    yield Table(heads, tuple(rows), (0, *range(2, len(heads))))
    yield from _sweep_signs(sweep, told)
    yield from _sweep_notes(sweep)


def _sweep_signs(sweep: Sweep, told: Words) -> Iterator[Block]:
    positive = [one for one in sweep.answers if one.what == "sign" and one.state in POSITIVE]
    if not positive:
        yield Text("No sign is positive for more or fewer patients at another value.", "quiet")
        return
    heads = ("value", "", *(told.answer(one) for one in positive))
    rows = [
        (with_unit(step.value, sweep.unit), _marked(step.marks), *(count(count_of(step, one)) for one in positive))
        for step in sweep.steps
    ]
    yield Table(heads, tuple(rows), (0, *range(2, len(heads))))


def _sweep_notes(sweep: Sweep) -> Iterator[Block]:
    if sweep.own:
        verb = "keeps" if sweep.own == 1 else "keep"
        yield Text(f"{many(sweep.own, 'patient')} {verb} a value of their own at every step.", "quiet")
    refused = [step for step in sweep.steps if step.refused and not step.marks]
    if refused:
        listed = ", ".join(with_unit(step.value, sweep.unit) for step in refused)
        yield Text(f"Only a new version of the pack may choose {listed}: {refused[0].refused}.", "quiet")


def _marked(marks: Sequence[str]) -> str:
    return ", ".join(marks)


# ---------------------------------------------------------------- patients


def _examples(impact: Impact, told: Words) -> Iterator[Block]:
    if not impact.examples:
        return
    yield Heading("Example patients")
    yield Text("Each stands for those who change in the same way. Evaluated again by the row engine.", "quiet")
    for number, one in enumerate(impact.examples, 1):
        yield from _example(number, one, told)
    if impact.unshown:
        shown = tuple(f"{side}: {told.answer(answer)}" for side, answer in impact.unshown)
        yield Heading("Not shown by any of them", 3)
        yield Items(shown)


def _example(number: int, one: Example, told: Words) -> Iterator[Block]:
    likes = "nobody else changes so" if one.alike == 1 else f"{many(one.alike - 1, 'other')} likewise"
    yield Heading(f"{number}. {one.patient} ({likes})", 3)
    yield Text("; ".join(f"{side} {told.answer(answer)}" for side, answer in one.shows))
    yield from _side("Old", one.old)
    yield from _side("New", one.new)


def _side(label: str, one: Told) -> Iterator[Block]:
    yield Text(f"{label}: {one.problem or one.summary}", "strong")
    rules = [f"{rule.because} ({rule.rule}, {rule.source})" for rule in one.fired[:MOST_RULES]]
    if len(one.fired) > MOST_RULES:
        rules.append(f"and {many(len(one.fired) - MOST_RULES, 'more rule')}")
    if rules:
        yield Items(tuple(rules), 1)
    if not one.agrees:
        yield Text("BW655 the row engine decides otherwise than these results say", "alert", 1)
