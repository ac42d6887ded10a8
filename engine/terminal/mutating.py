"""`mutate`: small changes of a policy that no case notices, each with the sentence that it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.lint.waivers import read_waivers
from boosterwatch.engine.author.mutate.mutants import Mutant
from boosterwatch.engine.author.mutate.verdicts import (
    Status,
    Verdict,
    chosen_mutants,
    excused_by,
    judge,
    judge_in_processes,
    with_waivers,
)
from boosterwatch.engine.author.rehearse import Rehearsal, RehearsalError
from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Text
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page, report
from boosterwatch.engine.terminal.waiting import progress

_STATUSES: tuple[Status, ...] = ("noticed", "same", "waived", "survived")
_SAYS: dict[Status, str] = {
    "noticed": "noticed by a case",
    "same": "proved to change no answer",
    "waived": "accepted by a waiver",
    "survived": "noticed by no case",
}


def mutate(reference: str, only: str | None, jobs: int, form: Form, *, today: date) -> int:
    """Print what became of every mutant of a pack; survivors without a waiver are an error."""
    opened = open_pack(reference)
    if opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    mutants = chosen_mutants(opened.pack, only)
    waivers = read_waivers(opened)
    found = _judged(reference, opened, opened.pack, mutants, excused_by(waivers, today), jobs, today)
    verdicts = list(with_waivers(found, waivers, today))
    if form == "json":
        print_json(_data(opened.pack, opened, verdicts))
    else:
        print_page(tuple(_page(opened.pack, opened, verdicts)))
    return ERRORS if any(verdict.status == "survived" for verdict in verdicts) else FINE


def rehearsed(opened: Opened, pack: ir.Pack) -> Rehearsal:
    """Return the cases of a pack, rehearsed. Raises RecordError (BW423) when one does not pass."""
    try:
        return Rehearsal(pack, find_cases(opened))
    except RehearsalError as error:
        message = f"case `{error.case}` does not pass, so nothing can be learnt from its failing"
        hint = f"run `boosterwatch test {opened.found.shown}` first"
        raise RecordError((Diagnostic("BW423", message, None, hint),)) from None


def _judged(
    reference: str,
    opened: Opened,
    pack: ir.Pack,
    mutants: Sequence[Mutant],
    excused: frozenset[str],
    jobs: int,
    today: date,
) -> list[Verdict]:
    rehearsal = rehearsed(opened, pack)
    with progress("changing the policy", len(mutants)) as advance:
        if jobs > 1:
            return judge_in_processes(reference, mutants, today, excused, jobs, advance)
        found = []
        for verdict in judge(rehearsal, mutants, today, excused):
            found.append(verdict)
            advance()
        return found


def _page(pack: ir.Pack, opened: Opened, verdicts: Sequence[Verdict]) -> Iterator[Block]:
    counts = Counter(verdict.status for verdict in verdicts)
    survivors = [one for one in verdicts if one.status == "survived"]
    if survivors:
        yield Heading("Policy decisions that no case tests")
        yield from _listed(opened, survivors)
    excused = [one for one in verdicts if one.status == "waived"]
    if excused:
        yield Heading("Accepted")
        yield Items(tuple(_excused(one) for one in excused))
    yield Heading(f"Changes of {pack.id}@{pack.version}")
    rows = [(_SAYS[status], str(counts[status])) for status in _STATUSES]
    yield Pairs((*rows, ("all", str(len(verdicts)))))


def _listed(opened: Opened, survivors: Sequence[Verdict]) -> Page:
    return tuple(
        block
        for one in survivors
        for block in (
            Text(f"{_place(opened, one.mutant)}: BW420 {one.mutant.name}", "strong"),
            Text(f"Nothing fails when {one.mutant.says}.", "plain", 1),
        )
    )


def _excused(verdict: Verdict) -> str:
    waiver = verdict.waiver
    assert waiver is not None  # that is what made it so
    return f"{verdict.mutant.name}: {waiver.reason} ({waiver.by}, until {waiver.expires})"


def _place(opened: Opened, mutant: Mutant) -> str:
    return f"{opened.found.shown}/{mutant.span.file}:{mutant.span.line}"


def _data(pack: ir.Pack, opened: Opened, verdicts: Sequence[Verdict]) -> dict[str, object]:
    counts = Counter(verdict.status for verdict in verdicts)
    return {
        "pack": {"id": pack.id, "version": pack.version},
        "counts": {status: counts[status] for status in _STATUSES},
        "mutants": [
            {
                "name": one.mutant.name,
                "kind": one.mutant.kind,
                "of": one.mutant.owner,
                "says": one.mutant.says,
                "file": f"{opened.found.shown}/{one.mutant.span.file}",
                "line": one.mutant.span.line,
                "status": one.status,
                "case": one.by,
                "reason": one.waiver and one.waiver.reason,
            }
            for one in verdicts
        ],
    }
