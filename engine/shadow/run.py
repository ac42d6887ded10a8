"""The trial beside a decision. Nothing it does can reach the answer: it begins when that is made, and never raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb
from typing import Any

from boosterwatch.engine.decide.decision import pack_name
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.pack.versions import refuse_to_answer
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.engine.shadow.compare import Difference, differences

MAY_NOT = ("draft",)
ALONE = "the decision is that of the active pack, as it would be without a trial"


@dataclass(frozen=True, slots=True)
class Shadowed:
    """The decision of the active pack, wholly its own, and beside it what a trial made of the same record.

    `trial` names the trial as a decision names its pack; None when it could not be loaded. With a `problem` there is
    nothing to compare and `differences` is empty. `trial_decision` is None when the trial made none.
    """

    decision: Decision
    trial: Mapping[str, str] | None
    trial_decision: Decision | None
    differences: tuple[Difference, ...]
    problem: Diagnostic | None


def shadow(active: LoadedPack, trial: LoadedPack, record: Mapping[str, Any] | Record) -> Shadowed:
    """Return the active pack's decision about a record, with what the trial would have said.

    Raises RecordError when the active pack cannot use the record, and PackError (BW142) when it may not decide; the
    trial is not run then. Whatever happens to the trial is a `problem` of the result.
    """
    refuse_to_answer(active.ir, f"{active.id}@{active.version}", "decisions", bare=False, on=None)
    facts = record if isinstance(record, Record) else record_from_mapping(record)
    return beside(evaluate(active, facts), trial, facts)


def beside(decision: Decision, trial: LoadedPack, facts: Record) -> Shadowed:
    """Return a decision already made, with what the trial makes of the same record. Never raises for the trial.

    A host that must answer at once gives its answer first, and calls this afterwards.
    """
    named: Mapping[str, str] | None = None
    try:
        named = pack_name(trial.ir)
        return _run(decision, named, trial, facts)
    except DiagnosticError as error:
        codes = ", ".join(dict.fromkeys(problem.code for problem in error.diagnostics))
        problem = Diagnostic("BW492", f"the trial {_shown(named)} cannot use the record: {codes}", None, ALONE)
    except Exception as error:  # a trial may fail in any way, and the answer stands
        problem = Diagnostic("BW491", f"the trial {_shown(named)} failed: {_fault(error)}", None, ALONE)
    return Shadowed(decision, named, None, (), problem)


def _run(decision: Decision, named: Mapping[str, str], trial: LoadedPack, facts: Record) -> Shadowed:
    if trial.ir.status in MAY_NOT:
        return Shadowed(decision, named, None, (), may_not(_shown(named), trial.ir.status))
    if decision.error is not None:
        message = "the evaluators differ on the decision itself, so the trial was not run"
        return Shadowed(decision, named, None, (), Diagnostic("BW494", message, None, str(decision.error["message"])))
    found = evaluate(trial, facts)
    if found.error is not None:
        problem = Diagnostic("BW493", f"of the trial {_shown(named)} {found.error['message']}", None, ALONE)
        return Shadowed(decision, named, found, (), problem)
    return Shadowed(decision, named, found, differences(decision, found), None)


def may_not(shown: str, status: str) -> Diagnostic:
    """Return that a pack of this status may not run beside another."""
    message = f"{shown} is a {status} and may not run in the shadow of another"
    hint = f"a {status} runs only its tests; make it a `trial` through a release"
    return Diagnostic("BW490", message, None, hint)


def _shown(named: Mapping[str, str] | None) -> str:
    return "`?`" if named is None else f"`{named['id']}@{named['version']}`"


def _fault(error: Exception) -> str:
    """Return what an exception is and where it arose, never its words: they could hold a patient's values."""
    at = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {PurePath(at.filename).name}:{at.lineno}"
