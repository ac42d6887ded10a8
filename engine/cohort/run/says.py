"""Rows that were refused, as a run reports them: file, row, column, code and, in words, what is wrong."""

from __future__ import annotations

from typing import Any

from ibis.backends import BaseBackend

from boosterwatch.engine.cohort.tables.chunks import Range
from boosterwatch.engine.cohort.tables.codes import COHORT_TABLE_CODES
from boosterwatch.engine.cohort.tables.errors import Fault
from boosterwatch.engine.cohort.tables.load import Refused, told
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.record.codes import RECORD_CODES

ALL = 2**31 - 1


def told_faults(con: BaseBackend, tables: Tables, refused: Refused, range: Range) -> list[dict[str, Any]]:
    """Return the rows at fault of a chunk, by patient.

    A value without a type counts as missing further on; of such a row only the first is told.
    """
    typeless = {_row(fault) for fault in tables.faults}
    known = set(tables.faults)
    found = told(con, tables, refused, range, most=ALL)
    return [said(fault) for fault in found if fault in known or _row(fault) not in typeless]


def _row(fault: Fault) -> tuple[str, str, int]:
    return fault.table, fault.file, fault.row


def said(fault: Fault) -> dict[str, Any]:
    """Return one row at fault; the message holds no value of the patient's."""
    says = {**RECORD_CODES, **COHORT_TABLE_CODES}[fault.code]
    message = f"row {fault.row} of `{fault.file}`, column `{fault.column}`: {says}"
    return {
        "patient": fault.patient,
        "table": fault.table,
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "code": fault.code,
        "message": message,
    }
