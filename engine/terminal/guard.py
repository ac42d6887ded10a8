"""From what went wrong to an exit code: 0 fine, 1 the pack or record has errors, 2 wrong usage, 3 our own fault.

Nobody sees a traceback, unless BOOSTERWATCH_DEBUG=1 asks for it, because its lines could hold patient values.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath

import click

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, InternalError
from boosterwatch.engine.terminal.streams import Form, report

FINE, ERRORS, USAGE, OURS = 0, 1, 2, 3
DEBUG = "BOOSTERWATCH_DEBUG"


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector still for one short command: it would find nothing and takes a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class SourcedError(DiagnosticError):
    """Problems with the texts they are in, so that the line can be shown."""

    def __init__(self, error: DiagnosticError, sources: Mapping[str, str]) -> None:
        super().__init__(error.diagnostics)
        self.sources = sources


class RunError(DiagnosticError):
    """A run that cannot give its answer, with one problem; `exit_code` says whose fault it is."""

    def __init__(self, code: str, message: str, hint: str | None = None, *, exit_code: int = ERRORS) -> None:
        super().__init__((Diagnostic(code, message, None, hint),))
        self.exit_code = exit_code


def run(body: Callable[[], int | None], form: Form) -> int:
    """Return the exit code of a command, with whatever went wrong reported."""
    try:
        return body() or FINE
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except DiagnosticError as error:
        sources = error.sources if isinstance(error, SourcedError) else {}
        report(error.diagnostics, sources, form)
        return error.exit_code if isinstance(error, RunError) else ERRORS
    except Exception as error:  # the last line of defence: a host or a shell script must see a code
        return _our_fault(error, form)


def _our_fault(error: Exception, form: Form) -> int:
    if os.environ.get(DEBUG) == "1":
        sys.excepthook(type(error), error, error.__traceback__)
    message = str(error) if isinstance(error, InternalError) else f"{type(error).__name__} {_place(error)}"
    text = f"internal error, our own fault: {' '.join(message.split())} ({DEBUG}=1 shows the traceback)"
    report([Diagnostic("BW401", text)], {}, form)
    return OURS


def _place(error: Exception) -> str:
    """Return where an error arose: file and line, never a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "at an unknown place"
    return f"at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
