"""What a release says of its change: every difference from the version before, a line each, for who approves it."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.diff import Difference
from boosterwatch.engine.author.diff.answers import in_words
from boosterwatch.engine.author.diff.groups import Group, group_changes
from boosterwatch.engine.author.diff.model import Change, Shift, Verdict
from boosterwatch.engine.explain.names import Names
from boosterwatch.engine.pack import ir

_WHOM: dict[tuple[bool, bool], str] = {
    (True, True): "other patients",
    (True, False): "more patients",
    (False, True): "fewer patients",
    (False, False): "the same patients",
}


def summary_of(difference: Difference, old: ir.Pack, new: ir.Pack) -> tuple[str, ...]:
    """Return the changes of the text, then of the answers; what one line of a template changed alike is one line."""
    names = Names(new), Names(old)
    groups = [group for _, several in group_changes(difference.changes, names) for group in several]
    return (*map(_group, groups), *(_shift(shift, names[0]) for shift in difference.shifts))


def summary_of_first(pack: ir.Pack) -> tuple[str, ...]:
    """Return what a first version holds."""
    return (f"{len(pack.rules)} rules, {len(pack.parameters)} numbers, {len(pack.instruments)} instruments",)


def _group(group: Group) -> str:
    change = group.first
    more = f" and {len(group.others)} more alike" if group.others else ""
    name = f"{change.part} `{change.id}`{more}"
    effect = "" if change.effect in ("wording", "contract") or change.effect == change.how else f" ({change.effect})"
    told = "; ".join(_fields(change))
    return f"{name} {_how(change)}{effect}" + (f": {told}" if told else "")


def _how(change: Change) -> str:
    return "reads differently" if change.how == "wording" else change.how


def _fields(change: Change) -> Iterator[str]:
    """Yield what differs, the old before the new; what was added or removed as a whole has one side only."""
    whole = change.how in ("added", "removed")
    for field in change.fields:
        old, new = _line(field.old), _line(field.new)
        if old and new:
            yield f"{field.name} {old}, now {new}"
        elif whole and (old or new):
            yield old or new
        elif old or new:
            yield f"{field.name} {new} is new" if new else f"{field.name} {old} is gone"


def _line(text: str) -> str:
    """Return the lines of a field as one."""
    return " / ".join(line.strip() for line in text.split("\n"))


def _shift(shift: Shift, names: Names) -> str:
    """Return who gets an answer that did not before; "perhaps" where that is neither proved nor shown."""
    whom = _WHOM[shift.gained != "never", shift.lost != "never"]
    sure: tuple[Verdict, ...] = ("never", "some")
    perhaps = "" if shift.gained in sure and shift.lost in sure else "perhaps "
    return f"{in_words(shift.answer, names)}: {perhaps}{whom}"
