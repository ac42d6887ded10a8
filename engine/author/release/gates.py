"""The gates of a release, in order: check, test, coverage, mutate, prove. Each gives figures, or refuses with findings.

They are the tools that an author runs by hand, with nothing waved through: no warning, no failing case, no hole, no
survivor, no open promise, but for what a waiver in force accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.util import find_spec

from boosterwatch.engine.author.cases import find_cases, run_cases
from boosterwatch.engine.author.coverage.boundaries import SIDES
from boosterwatch.engine.author.coverage.report import boundaries_to_find, find_coverage
from boosterwatch.engine.author.lint.checked import PROVER, check_opened
from boosterwatch.engine.author.lint.waivers import read_waivers
from boosterwatch.engine.author.mutate.mutants import Mutant, find_mutants
from boosterwatch.engine.author.mutate.verdicts import (
    SURVIVED,
    Verdict,
    excused_by,
    judge,
    judge_in_processes,
    with_waivers,
)
from boosterwatch.engine.author.prove.read import Promises, read_properties
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.author.release.dated import untried
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.pack.manifest import Gate
from boosterwatch.engine.pack.open import Opened

Advance = Callable[[], None]
Watch = Callable[[str, int], AbstractContextManager[Advance]]


@contextmanager
def unwatched(what: str, total: int) -> Iterator[Advance]:
    """Show nothing while work is done."""
    yield lambda: None


@dataclass(frozen=True)
class Task:
    """A pack before its gates. `today` is for waivers and due dates; `watch` shows how far the work has come."""

    opened: Opened
    pack: ir.Pack
    today: date
    jobs: int = 1
    watch: Watch = unwatched

    @property
    def shown(self) -> str:
        """What commands and messages call the pack."""
        return self.opened.found.shown

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """The cases rehearsed, once for the gates that ask what a change would break; all of them must pass."""
        return Rehearsal(self.pack, find_cases(self.opened))

    @property
    def days(self) -> list[date]:
        """The days on which the numbers that the pack answers with change: its first, then each later one."""
        starts = {value.start for one in self.pack.parameters for value in one.values}
        later = {start for start in starts if start > self.pack.effective}
        return [date.fromisoformat(day) for day in sorted({self.pack.effective, *later})]


def run_gates(task: Task) -> tuple[Gate, ...]:
    """Return what each gate found, by name. Raises PackError (BW460 and the findings) at the first that refuses."""
    passed = [pass_gate(task) for pass_gate in GATES]
    return tuple(sorted(passed, key=lambda gate: gate.name))


def _gate(name: str, **figures: int) -> Gate:
    return Gate(name, tuple(sorted(figures.items())))


def refuse_broken(opened: Opened) -> ir.Pack:
    """Return the pack that was opened. Raises PackError (BW460) with its errors when it does not compile."""
    if opened.pack is not None:
        return opened.pack
    errors = [problem for problem in opened.problems if problem.level == "error"]
    raise _refused("check", _many(len(errors), "error", "errors"), f"check {opened.found.shown}", errors)


def _refused(gate: str, what: str, command: str, findings: Iterable[Diagnostic] = ()) -> PackError:
    """Return the refusal of a gate with what it found; `command` tells more about it."""
    first = Diagnostic("BW460", f"`{gate}` refuses the release: {what}", None, f"see `boosterwatch {command}`")
    return PackError((first, *findings))


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


# ---------------------------------------------------------------- check and test


def check(task: Task) -> Gate:
    """Pass a pack with no error and no warning but those waived."""
    checked = check_opened(task.opened, task.today)
    errors, warnings = checked.counts["error"], checked.counts["warning"]
    if not checked.sound(strict=True):
        what = f"{_many(errors, 'error', 'errors')}, {_many(warnings, 'warning', 'warnings')}"
        findings = [problem for problem in checked.problems if problem.level != "note"]
        raise _refused("check", what, f"check {task.shown} --strict", findings)
    return _gate("check", errors=0, warnings=0, notes=checked.counts["note"], waived=len(checked.waived))


def test(task: Task) -> Gate:
    """Pass a pack all of whose cases come out as expected; those marked `todo` may fail, and are counted."""
    results = run_cases(task.opened, LoadedPack(task.pack))
    failed = [one.case for one in results if one.status == "failed"]
    if failed:
        findings = [Diagnostic("BW423", f"case `{case.id}` does not pass", case.span) for case in failed]
        what = _many(len(failed), "case does not pass", "cases do not pass")
        raise _refused("test", what, f"test {task.shown}", findings)
    passed = sum(one.status != "todo" for one in results)
    return _gate("test", cases=len(results), passed=passed, todo=len(results) - passed)


# ---------------------------------------------------------------- coverage and mutate


def cover(task: Task) -> Gate:
    """Pass a pack whose cases make every rule true and lie on every side of every number, but for waived holes."""
    with task.watch("moving every number", boundaries_to_find(task.rehearsal)) as advance:
        coverage = find_coverage(task.rehearsal, read_waivers(task.opened), task.today, advance, offer=False)
    holes = coverage.open_holes
    if holes:
        findings = [task.opened.place(Diagnostic(hole.code, hole.says, hole.span)) for hole in holes]
        what = _many(len(holes), "hole without a waiver", "holes without a waiver")
        raise _refused("coverage", what, f"test {task.shown} --coverage", findings)
    days = {case.id: str(case.record["as_of"]) for case in find_cases(task.opened)}
    new = [task.opened.place(one) for one in untried(coverage.boundaries, days, task.pack.effective)]
    if new:
        what = _many(len(new), "dated value", "dated values") + " that no case lies around"
        raise _refused("coverage", what, f"test {task.shown} --coverage", new)
    asked = [cases for one in coverage.boundaries for side in SIDES if (cases := one.cases(side)) is not None]
    waived = len(coverage.holes)
    return _gate("coverage", rules=len(coverage.rules), sides=len(asked), holes=0, waived=waived)


def mutate(task: Task) -> Gate:
    """Pass a pack of which no small change goes unnoticed, but those proved to change nothing or waived."""
    mutants, waivers = list(find_mutants(task.pack)), read_waivers(task.opened)
    found = _judged(task, mutants, excused_by(waivers, task.today))
    verdicts = list(with_waivers(found, waivers, task.today))
    counts = {status: sum(one.status == status for one in verdicts) for status in ("noticed", "same", "waived")}
    survivors = [one.mutant for one in verdicts if one.status == "survived"]
    if survivors:
        findings = [task.opened.place(_survivor(mutant)) for mutant in survivors]
        what = _many(len(survivors), "change of the policy", "changes of the policy") + " that no case notices"
        raise _refused("mutate", what, f"mutate {task.shown}", findings)
    return _gate("mutate", changes=len(verdicts), survived=0, **counts)


def _judged(task: Task, mutants: Sequence[Mutant], excused: frozenset[str]) -> Sequence[Verdict]:
    day = task.days[-1]  # changes of numbers are changes of the newest ones
    with task.watch("changing the policy", len(mutants)) as advance:
        if task.jobs > 1:
            return judge_in_processes(task.shown, mutants, day, excused, task.jobs, advance)
        found = []
        for verdict in judge(task.rehearsal, mutants, day, excused):
            found.append(verdict)
            advance()
        return found


def _survivor(mutant: Mutant) -> Diagnostic:
    return Diagnostic(SURVIVED, f"nothing fails when {mutant.says}", mutant.span)


# ---------------------------------------------------------------- prove


def prove(task: Task) -> Gate:
    """Pass a pack whose every promise is proved, at all numbers with which it will answer from its first day on."""
    promises = _promises(task)
    with task.watch("proving", len(task.days) * len(promises.properties)) as advance:
        open_ = [one for day in task.days for one in _unproved(task, promises, day, advance)]
    if open_:
        what = _many(len(open_), "promise is not proved", "promises are not proved")
        raise _refused("prove", what, f"prove {task.shown}", open_)
    return _gate("prove", promises=len(promises.properties), proved=len(promises.properties), days=len(task.days))


def _promises(task: Task) -> Promises:
    """Return what a pack promises, at least one thing. Raises PackError when that cannot be read or proved at all."""
    if find_spec(PROVER) is None:
        message, hint = "proofs need z3, which is not installed", "pip install 'boosterwatch[prove]'"
        raise PackError((Diagnostic("BW430", message, None, hint),))
    promises = read_properties(task.opened)
    none = next((problem for problem in promises.problems if problem.code == "BW435"), None)
    if none is not None:
        raise PackError((Diagnostic("BW460", f"`prove` refuses the release: {none.message}", None, none.hint),))
    if promises.problems:
        what = _many(len(promises.problems), "promise cannot be read", "promises cannot be read")
        raise _refused("prove", what, f"prove {task.shown}", promises.problems)
    return promises


def _unproved(task: Task, promises: Promises, day: date, advance: Advance) -> Iterator[Diagnostic]:
    """Yield the promises that are not proved at the numbers of a day; no patient who breaks them is looked for."""
    from boosterwatch.engine.author.prove.solve import Prover  # late: z3 may not be installed

    at = day.toordinal()
    values = {name: choice.value for name, choice in values_in_force(promises.pack, at).items()}
    prover = Prover(promises.pack, values, at)
    for which in promises.properties:
        answer = prover.ask(which)
        advance()
        if answer.verdict != "proved":
            message = f"property `{which.id}` is {answer.verdict} at the numbers of {day}"
            yield task.opened.place(Diagnostic("BW460", message, which.span))


GATES: tuple[Callable[[Task], Gate], ...] = (check, test, cover, mutate, prove)
