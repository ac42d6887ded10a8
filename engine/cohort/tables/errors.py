"""Problems with the tables of a cohort: those of a whole table, which end a run, and those of a row."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError

UNREADABLE = "row"  # stands for the column of a row that cannot be taken apart


class TablesError(DiagnosticError):
    """Tables that cannot be used, with every problem found."""


class Fault(NamedTuple):
    """Why a patient is refused: the first thing wrong with one row, counted from 1 in its file without the header."""

    patient: str | None
    table: str
    file: str
    row: int
    column: str
    code: str


FAULTS = pa.schema(
    {
        "patient": pa.string(),
        "table": pa.string(),
        "file": pa.string(),
        "row": pa.int64(),
        "column": pa.string(),
        "code": pa.string(),
    }
)


def problem(code: str, message: str, hint: str | None = None) -> TablesError:
    """Return one problem of a whole table, to be raised."""
    return TablesError([Diagnostic(code, message, None, hint)])


def unreadable(shown: str, error: Exception) -> TablesError:
    """Return the problem of a file that its reader gives up on, to be raised."""
    text = " ".join((str(error) or type(error).__name__).split())
    return problem("BW708", f"`{shown}` cannot be read: {text[:200]}")
