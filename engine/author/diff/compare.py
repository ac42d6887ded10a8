"""The whole comparison: align, find what changed, prove what follows, and show it with patients.

Flow: two loaded packs -> **Difference**. Without a solver the changes are told all the same, with the effects that
can be read off, and examples are looked for among the worked patients alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from boosterwatch.engine.author.diff.examples import Pair
from boosterwatch.engine.author.diff.gather import gather
from boosterwatch.engine.author.diff.inputs import required_inputs
from boosterwatch.engine.author.diff.model import Change, Difference, Face
from boosterwatch.engine.author.diff.rename import renamed
from boosterwatch.engine.author.diff.structure import changes
from boosterwatch.engine.author.diff.touched import Reach
from boosterwatch.engine.author.diff.verdicts import open_prover
from boosterwatch.engine.author.diff.weigh import Weigher
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force

Record = Mapping[str, Any]
Values = Mapping[str, float]
MOST = 40  # examples


def compare(
    old: LoadedPack, new: LoadedPack, *, as_of: date | None = None, near: Sequence[Record] = (), most: int = MOST
) -> Difference:
    """Return what two packs differ in.

    `as_of` is the day whose numbers are compared; without one, the newest day on which a number of either begins.
    `near` are records to look for examples among, and at most `most` examples are given; 0 looks for none. Raises
    RecordError (BW340) when a number of either pack has no value yet on that day.
    """
    before, renames = renamed(old.ir, new.ir)
    aligned = replace(old, ir=before) if renames else old
    found = (*renames, *changes(before, new.ir), *_inputs(before, new.ir))
    day = as_of or newest_day(before, new.ir)
    shell = Difference(_face(old.ir), _face(new.ir), day.isoformat(), found, (), (), True, tuple(_notes(old, new)))
    if all(change.effect == "wording" or change.part == "budget" for change in found):  # no answer depends on these
        return shell
    if old.id != new.id:
        return _side_by_side(shell, before, new.ir, day)
    return _weighed(shell, Pair(aligned, new), day, near, most)


def _side_by_side(shell: Difference, old: ir.Pack, new: ir.Pack, day: date) -> Difference:
    """Return the changes without proof and without examples: two policies have no patients to be held to each other."""
    before, after = _values(old, day), _values(new, day)
    weigher = Weigher(Reach(old, new, before, after), None, (), (before, after))
    return replace(shell, changes=tuple(map(weigher.weigh, shell.changes)), proved=False)


def _weighed(shell: Difference, pair: Pair, day: date, near: Sequence[Record], most: int) -> Difference:
    before, after = _values(pair.old.ir, day), _values(pair.new.ir, day)
    reach = Reach(pair.old.ir, pair.new.ir, before, after)
    prover, problems = open_prover(reach, before, after)
    shifts, examples = gather(pair, reach, prover, (before, after), day, near, most)
    weigher = Weigher(reach, prover, shifts, (before, after))
    weighed = tuple(map(weigher.weigh, shell.changes))
    problems = (*shell.problems, *problems, *(prover.problems if prover else ()))
    return replace(
        shell, changes=weighed, shifts=shifts, examples=examples, proved=prover is not None, problems=problems
    )


def newest_day(old: ir.Pack, new: ir.Pack) -> date:
    """Return the newest day on which a number of either pack begins; for packs without numbers, their own."""
    starts = [value.start for pack in (old, new) for one in pack.parameters for value in one.values]
    return date.fromisoformat(max(starts, default=max(old.effective, new.effective)))


def _values(pack: ir.Pack, day: date) -> Values:
    return {name: chosen.value for name, chosen in values_in_force(pack, day.toordinal()).items()}


def _inputs(old: ir.Pack, new: ir.Pack) -> Iterator[Change]:
    for name, rule in required_inputs(old, new):
        reason = f"the rule `{rule}` cannot be true without it"
        yield Change("input", name, "added", "contract", (), contract=reason)


def _face(pack: ir.Pack) -> Face:
    return Face(pack.id, pack.version, pack.status, pack.digest)


def _notes(old: LoadedPack, new: LoadedPack) -> Iterator[Diagnostic]:
    if old.id != new.id:
        message = f"`{old.id}` and `{new.id}` are different packs: told side by side, and nothing is proved"
        yield Diagnostic("BW441", message, None, "a new version of a pack keeps its id", "note")
