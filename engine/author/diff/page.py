"""A comparison as a page: what was broken, what was changed, who is affected, the patients, and the words.

`columns` is the width of each side in characters; without it the sides are left to the reader's window.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from boosterwatch.engine.author.diff.answers import RECOMMENDATION, in_words
from boosterwatch.engine.author.diff.bump import bump, bump_reasons
from boosterwatch.engine.author.diff.groups import Group, group_changes
from boosterwatch.engine.author.diff.model import Answer, Change, Difference, Example, Shift, Told, Verdict
from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.explain.names import Names, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir

COLUMNS = 34
_BUMPS = {
    "none": "nothing differs",
    "patch": "wording alone, a patch",
    "minor": "a minor change",
    "major": "a major change",
}
_EFFECTS = {"unproved": "not proved", "contract": "breaks the contract", "equal": "the same patients"}


def page_of(difference: Difference, old: ir.Pack, new: ir.Pack, columns: int | None = COLUMNS) -> Page:
    """Return the page of a comparison of these two packs."""
    names = Names(new), Names(old)
    return (
        *_face(difference),
        *_contract(difference, columns),
        *_changed(difference, names, columns),
        *_affected(difference, names),
        *_examples(difference, names),
        *_wording(difference, columns),
    )


def title_of(difference: Difference) -> str:
    """Return the title of the page."""
    old, new = difference.old, difference.new
    if old.id == new.id:
        return f"{old.id}: {old.version} to {new.version}"
    return f"{old.id}@{old.version} to {new.id}@{new.version}"


def _face(one: Difference) -> Iterator[Block]:
    asked = bump(one)
    yield Text(f"{title_of(one)}: {_BUMPS[asked]}", "strong")
    yield Pairs(
        (
            ("Old", f"{one.old.id}@{one.old.version}, {one.old.status}, {one.old.digest[:12]}"),
            ("New", f"{one.new.id}@{one.new.version}, {one.new.status}, {one.new.digest[:12]}"),
            ("Numbers of", one.as_of),
            ("Version", f"{asked}: {'; '.join(bump_reasons(one))}"),
        )
    )
    if asked == "patch":
        yield Text("Proved: every patient gets the same answers. What the rules mean is the same, part by part.")


# ---------------------------------------------------------------- changes


def _contract(one: Difference, columns: int | None) -> Iterator[Block]:
    broken = [change for change in one.changes if change.contract]
    if broken:
        yield Heading("Contract: those who use this pack must look")
        yield Items(tuple(f"{_what(change)}: {change.contract}" for change in broken))


def _what(change: Change) -> str:
    return f"{change.part} `{change.id}`"


def _changed(one: Difference, names: tuple[Names, Names], columns: int | None) -> Iterator[Block]:
    meant = [change for change in one.changes if change.how not in ("wording", "renamed") and change.fields]
    for heading, groups in group_changes([change for change in meant if change.part != "citation"], names):
        yield Heading(heading)
        yield _sides([row for group in groups for row in _rows(group, names, columns)])


def _rows(group: Group, names: tuple[Names, Names], columns: int | None) -> Iterator[tuple[str, ...]]:
    change = group.first
    more = f" and {len(group.others)} more alike" if group.others else ""
    effect = _EFFECTS.get(change.effect, change.effect)
    label = f"{group.title}{more}"
    noted = f"{change.how}, {effect}" if change.how in ("added", "removed") else effect
    if change.noted:
        noted = f"{noted} ({change.noted})" if not change.noted.startswith(noted) else change.noted
    yield from _wrapped((label, *_beside(change), noted), columns)


def _beside(change: Change) -> tuple[str, str]:
    """Return the two sides of a change; the names of the fields where there are several."""
    several = len(change.fields) > 1
    sides = []
    for side in ("old", "new"):
        parts = [(field.name, getattr(field, side)) for field in change.fields]
        lines = [f"{words(name)}: {text}" if several else text for name, text in parts if text]
        sides.append("\n".join(lines) or "-")
    return sides[0], sides[1]


def _sides(rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(("what", "old", "new", "effect"), tuple(rows))


def _wrapped(row: Sequence[str], columns: int | None) -> Iterator[tuple[str, ...]]:
    """Yield one row, or as many as its wrapped cells need."""
    if columns is None:
        yield tuple("; ".join(line.strip() for line in cell.split("\n")) for cell in row)
        return
    cells = [_wrap(cell, columns) for cell in row]
    for at in range(max(map(len, cells))):
        yield tuple(cell[at] if at < len(cell) else "" for cell in cells)


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        pad = " " * (len(line) - len(line.lstrip()))
        lines += textwrap.wrap(
            line.strip(), width, initial_indent=pad, subsequent_indent=f"{pad}  ", break_long_words=False
        ) or [""]
    return lines


# ---------------------------------------------------------------- who is affected


def _affected(one: Difference, names: tuple[Names, Names]) -> Iterator[Block]:
    if not one.shifts:
        if any(change.how != "wording" for change in one.changes) and one.proved:
            yield Heading("Who is affected")
            yield Text("Nobody: no sign, no recommendation and no notice is given to other patients. Proved.")
        return
    yield Heading("Who is affected")
    rows = [
        (_said(shift.answer, names), _verdict(one, shift, True), _verdict(one, shift, False)) for shift in one.shifts
    ]
    yield Table(("answer", "who gets it now", "who no longer gets it"), tuple(rows))
    unlike = sorted({name for shift in one.shifts for name in shift.unlike})
    if unlike:
        shown = joined([f"`{name}`" for name in unlike])
        yield Text(f"Not proved where it hangs on {shown}: the two versions work that out differently.", "quiet")


def _said(answer: Answer, names: tuple[Names, Names]) -> str:
    return in_words(answer, names[0])


def _verdict(one: Difference, shift: Shift, gained: bool) -> str:
    verdict: Verdict = shift.gained if gained else shift.lost
    number = one.shown(shift.answer, "gained" if gained else "lost")
    if number is not None:
        return f"example {number}"
    if verdict == "never":
        return "nobody"
    found = "no example found" if shift.sought else "no example sought"
    return f"possible, {found}" if verdict == "some" else f"not proved, {found}"


# ---------------------------------------------------------------- examples


def _examples(one: Difference, names: tuple[Names, Names]) -> Iterator[Block]:
    if one.examples:
        yield Heading("Examples, each evaluated by both engines under both versions")
    for number, example in enumerate(one.examples, 1):
        yield Heading(f"Example {number}, seen on {example.record['as_of']}", 3)
        yield Items(example.story)
        yield Pairs((("old", _told(example.old, names, example)), ("new", _told(example.new, names, example))))


def _told(told: Told, names: tuple[Names, Names], example: Example) -> str:
    reasons = dict(told.because)
    parts = []
    for answer in sorted(told.answers, key=lambda answer: answer.kind == RECOMMENDATION):
        if answer.kind != RECOMMENDATION:
            reason = reasons.get(answer, "")
            parts.append(f"{_said(answer, names)}.{f' {reason}' if reason else ''}")
    return " ".join((*parts, told.summary))


def _wording(one: Difference, columns: int | None) -> Iterator[Block]:
    changes = [change for change in one.changes if change.how == "wording" or change.part == "citation"]
    if changes:
        yield Heading("Wording")
        rows = [row for change in changes for row in _wrapped((_what(change), *_beside(change)), columns)]
        yield Table(("what", "old", "new"), tuple(rows))
