"""Which mutants the cases notice: every one is noticed, proved to change nothing, waived, or a survivor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.lint.waivers import Waiver, waived
from boosterwatch.engine.author.mutate.mutants import Mutant, find_mutants
from boosterwatch.engine.author.mutate.same import Sameness
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.diagnostics import Diagnostic, RecordError, suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.pack.open import open_pack

MUTATE_CODES: dict[str, str] = {
    "BW420": "no case notices a change of the policy",
    "BW424": "nothing of this name is mutated",
}
SURVIVED = "BW420"
Status = Literal["noticed", "same", "waived", "survived"]
Advance = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: `by` is the first case that notices it, `waiver` what excuses a survivor."""

    mutant: Mutant
    status: Status
    by: str | None = None
    waiver: Waiver | None = None


def chosen_mutants(pack: ir.Pack, only: str | None) -> list[Mutant]:
    """Return the mutants of a pack, or those of one name. Raises RecordError (BW424) when there are none of it."""
    found = list(find_mutants(pack, only))
    if only is not None and not found:
        hint = suggest(only, {mutant.owner for mutant in find_mutants(pack)})
        raise RecordError((Diagnostic("BW424", f"nothing named `{only}` is mutated", None, hint),))
    return found


def judge(
    rehearsal: Rehearsal, mutants: Iterable[Mutant], as_of: date, excused: Collection[str] = ()
) -> Iterator[Verdict]:
    """Yield the verdict on each mutant, before waivers. Sameness is proved at the values in force on the day.

    What has a name in `excused` is not worth a proof: it survives until its waiver is looked at.
    """
    chosen = values_in_force(rehearsal.pack, as_of.toordinal())
    sameness = Sameness(rehearsal.pack, {name: choice.value for name, choice in chosen.items()})
    for mutant in mutants:
        breaking = next(rehearsal.broken_by(mutant.change), None)
        if breaking is not None:
            yield Verdict(mutant, "noticed", breaking.case.id)
        elif mutant.name not in excused and sameness.same(mutant.change):
            yield Verdict(mutant, "same")
        else:
            yield Verdict(mutant, "survived")


def excused_by(waivers: Sequence[Waiver], today: date) -> frozenset[str]:
    """Return the names of the changes that waivers in force accept."""
    return frozenset(one.at for one in waivers if one.code == SURVIVED and today <= one.expires)


def with_waivers(verdicts: Iterable[Verdict], waivers: Sequence[Waiver], today: date) -> Iterator[Verdict]:
    """Yield the verdicts with waived survivors marked."""
    for verdict in verdicts:
        excuse = waived(waivers, SURVIVED, verdict.mutant.name, today) if verdict.status == "survived" else None
        yield verdict if excuse is None else replace(verdict, status="waived", waiver=excuse)


def judge_in_processes(
    reference: str, mutants: Sequence[Mutant], as_of: date, excused: frozenset[str], jobs: int, advance: Advance
) -> list[Verdict]:
    """Return the verdicts in the order of the mutants, worked out by several processes.

    Each opens the pack by the reference for itself; the mutants must be those of that pack.
    """
    parts = [mutants[at::jobs] for at in range(jobs)]
    found: dict[str, Verdict] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for verdicts in pool.map(_judge_part, [reference] * jobs, parts, [as_of] * jobs, [excused] * jobs):
            for verdict in verdicts:
                found[verdict.mutant.name] = verdict
                advance()
    return [found[mutant.name] for mutant in mutants]


def _judge_part(reference: str, mutants: Sequence[Mutant], as_of: date, excused: frozenset[str]) -> list[Verdict]:
    opened = open_pack(reference)
    assert opened.pack is not None  # the caller has opened the same one
    return list(judge(Rehearsal(opened.pack, find_cases(opened)), mutants, as_of, excused))
