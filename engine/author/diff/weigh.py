"""The effect of each change: what the rules that it reaches do, by proof, by example, or read off.

A number is weighed alone: the old pack with nothing but its new value. Everything else is weighed as it stands in the
whole new pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from boosterwatch.engine.author.diff.answers import RECOMMENDATION
from boosterwatch.engine.author.diff.direction import read_off
from boosterwatch.engine.author.diff.effects import Verdicts, effect_of, together
from boosterwatch.engine.author.diff.model import Change, Effect, Shift
from boosterwatch.engine.author.diff.touched import Reach
from boosterwatch.engine.author.diff.unlike import Made, Values, unlike_measures
from boosterwatch.engine.author.diff.verdicts import Prover

_BY_MEASURES = ("measure", "event", "instrument", "scale", "role", "course", "schedule", "lookback", "fact check")
_BY_ANSWERS = {"sign": ("sign",), "recommendation": (RECOMMENDATION,), "notice": (RECOMMENDATION,)}
_READ_OFF = "read off the comparisons; not proved"
_NOT_PROVED = "not proved"


class Weigher:
    """Weighs the changes between two packs."""

    def __init__(
        self, reach: Reach, prover: Prover | None, shifts: Sequence[Shift], numbers: tuple[Values, Values]
    ) -> None:
        self._reach, self._prover, self._shifts = reach, prover, shifts
        self._before, self._after = numbers

    def weigh(self, change: Change) -> Change:
        """Return the change with its effect; what is no change of meaning, or breaks a contract, stays as it is."""
        if change.how == "wording" or change.part in ("citation", "pack", "input", "budget"):
            return change
        effect, noted = self._effect(change)
        return replace(change, effect="contract" if change.contract else effect, noted=noted)

    def _effect(self, change: Change) -> tuple[Effect, str | None]:
        if change.part == "parameter":
            return self._parameter(change)
        if self._prover is None:
            return "unproved", _NOT_PROVED
        if change.part == "rule":
            return self._told([change.id], self._prover, self._reach)
        if change.part in _BY_MEASURES:
            return self._told(self._reach.readers((), self._reach.unlike_today), self._prover, self._reach)
        return self._by_answers(change)

    def _by_answers(self, change: Change) -> tuple[Effect, str | None]:
        """Return the effect of what no rule reads: the order of rows, an urgency, what a sign states.

        A notice that one version does not have is weighed by who gets it, one that both have by what it leads to.
        """
        if change.part == "notice" and change.how in ("added", "removed"):
            own = [one for one in self._shifts if f"{one.answer.kind}:{one.answer.id}" == change.id]
            return _named(together((one.gained, one.lost) for one in own), None)
        kinds = _BY_ANSWERS.get(change.part, ("sign", "class", RECOMMENDATION))
        whole = RECOMMENDATION in (change.id, kinds[0])  # the row that wins also raises its flags
        found = [
            (shift.gained, shift.lost)
            for shift in self._shifts
            if (shift.answer.kind in (RECOMMENDATION, "flag") if whole else shift.answer.id == change.id)
        ]
        return _named(together(found), None)

    # ------------------------------------------------------------ numbers

    def _parameter(self, change: Change) -> tuple[Effect, str | None]:
        name, before, after = change.id, self._before, self._after
        if name not in before or name not in after:
            return self._told_by_readers(name)
        if before[name] == after[name]:
            return "equal", "the same value on the day compared"
        if self._prover is None:
            found = read_off(self._reach.old, name, before[name], after[name])
            return (found, _READ_OFF) if found is not None else ("unproved", _NOT_PROVED)
        alone = Reach(self._reach.old, self._reach.old, before, {**before, name: after[name]})
        if self._reach.moved == {name} and self._reach.touched == alone.touched:
            return self._told(alone.readers([name], alone.unlike_today), self._prover, self._reach)
        prover = Prover(alone, before, {**before, name: after[name]})
        return self._told(alone.readers([name], alone.unlike_today), prover, alone)

    def _told_by_readers(self, name: str) -> tuple[Effect, str | None]:
        """Return the effect of a number that one version does not have: that of the rules which read it.

        A rule reads it by itself, or through a measure that is worked out with it.
        """
        if self._prover is None:
            return "unproved", _NOT_PROVED
        pack, values = (self._reach.new, self._after) if name in self._after else (self._reach.old, self._before)
        without = {other: value for other, value in values.items() if other != name}
        through = unlike_measures(Made(pack, values, lookback=False), Made(pack, without, lookback=False))
        return self._told(self._reach.readers([name], through), self._prover, self._reach)

    # ------------------------------------------------------------ rules

    def _told(self, ids: Iterable[str], prover: Prover, reach: Reach) -> tuple[Effect, str | None]:
        rules = sorted(ids)
        if not rules:
            return "equal", "no rule reads it"
        return _named(together(prover.rule(id) for id in rules), prover.apart(reach.unlike_in(_below(rules, reach))))


def _below(rules: Iterable[str], reach: Reach) -> frozenset[str]:
    return frozenset().union(*(reach.closure(id) for id in rules))


def _named(verdicts: Verdicts, unlike: tuple[str, ...] | None) -> tuple[Effect, str | None]:
    effect = effect_of(verdicts)
    if "perhaps" not in verdicts:
        return effect, None
    which = f": {_few(unlike)} worked out differently" if unlike else ""
    return effect, f"{_NOT_PROVED}{which}"


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    more = len(names) - 3
    return f"{shown} and {more} more are" if more > 0 else f"{shown} {'is' if len(names) == 1 else 'are'}"
