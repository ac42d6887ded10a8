"""What goes wrong in a run, as problems with a code."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError


class RunFault(DiagnosticError):
    """A run over a cohort that cannot go on, or cannot begin. What was finished of it stays for the next start."""


def run_fault(code: str, message: str, hint: str | None = None) -> Diagnostic:
    """Return a problem of a run; it has no place in a text."""
    return Diagnostic(code, message, None, hint)
