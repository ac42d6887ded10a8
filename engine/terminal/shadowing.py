"""`evaluate --shadow`: a trial beside the answer, after it. Standard output and the exit code never hear of it."""

from __future__ import annotations

import os
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.pack.find import is_bare
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.pack.versions import versions_of
from boosterwatch.engine.shadow.log import append_line, line_of
from boosterwatch.engine.shadow.run import ALONE, Shadowed, beside, may_not
from boosterwatch.engine.shadow.told import told
from boosterwatch.engine.terminal.evaluating import Trial
from boosterwatch.engine.terminal.guard import SourcedError
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import Form, note, report


def run_trial(trial: Trial, decision: Decision, facts: Record, overlay: str | None, form: Form) -> None:
    """Say on standard error what a trial makes of a record that was decided, and write it into the log. Never raises.

    A site's overlay is laid over the trial too; where it does not fit, the trial cannot be loaded.
    """
    try:
        found = _found(trial, decision, facts, overlay, form)
        note(told(found))
        if trial.log is not None:
            _write(trial.log, found, form)
    except Exception as error:  # the answer is out: nothing may take it back
        report([Diagnostic("BW491", f"the trial failed: {type(error).__name__}", None, ALONE)], {}, form)


def _found(trial: Trial, decision: Decision, facts: Record, overlay: str | None, form: Form) -> Shadowed:
    try:
        return beside(decision, _loaded(trial.reference, overlay), facts)
    except DiagnosticError as error:
        refused = next((one for one in error.diagnostics if one.code in ("BW490", "BW497")), None)
        if refused is None:
            report(error.diagnostics, error.sources if isinstance(error, SourcedError) else {}, form)
            codes = ", ".join(dict.fromkeys(one.code for one in error.diagnostics))
            refused = Diagnostic("BW495", f"the trial `{trial.reference}` cannot be loaded: {codes}", None, ALONE)
        return Shadowed(decision, None, None, (), refused)


def _loaded(reference: str, overlay: str | None) -> LoadedPack:
    """Return a trial ready to run. Raises DiagnosticError, BW490 for a draft."""
    named = _newest_trial(reference) if is_bare(reference) else reference
    status = compile_reference(named).status
    if status == "draft":
        raise DiagnosticError((may_not(f"`{named}`", status),))
    return pack_of(named, purpose="shadow", overlay=overlay)


def _newest_trial(id: str) -> str:
    """Return the newest version of a pack that is a trial. Raises DiagnosticError when there is none (BW140, BW497)."""
    trials = [one for one in versions_of(id) if one.status == "trial"]
    if not trials:
        hint = f"name a version: `--shadow {id}@VERSION`, or a folder"
        raise DiagnosticError((Diagnostic("BW497", f"no version of `{id}` is a trial", None, hint),))
    return f"{id}@{trials[-1].number}"


def _write(log: str, found: Shadowed, form: Form) -> None:
    try:
        append_line(Path(log), line_of(found))
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        why = os.strerror(number).lower() if number else "not a file name"
        message = f"`{log}` cannot be written: {why}"
        report([Diagnostic("BW496", message, None, "this run of the trial is not in the log")], {}, form)
