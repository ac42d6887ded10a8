"""Bytes or a dict -> `Record`, or `RecordError` with every problem found.

The shape is checked by the compiled schema; only a record that fails it pays for finding out why. Scores
are taken as they are: whether they can be used is for the record checks.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from boosterwatch.engine.diagnostics import Diagnostic, InternalError, PackError, RecordError
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.document import RECORD_LIMITS, Document
from boosterwatch.engine.pack.load import load_document, load_json_document
from boosterwatch.engine.record import shape
from boosterwatch.engine.record.against import check_against_pack
from boosterwatch.engine.record.build import build_record
from boosterwatch.engine.record.faults import shape_faults
from boosterwatch.engine.record.impossible import impossible_faults
from boosterwatch.engine.record.plain import Plain, canonical, to_plain
from boosterwatch.engine.record.where import Where, shorten

__all__ = ["check_against_pack", "read_document", "read_record", "record_from_mapping"]

_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


def read_record(source: bytes, file: str) -> Record:
    """Return the record in a JSON or YAML text; `file` is only its name in messages."""
    return read_document(source, file)[0]


def read_document(source: bytes, file: str) -> tuple[Record, Document]:
    """Return the record and the document it was read from, which knows where everything stands."""
    load = load_json_document if _looks_like_json(source) else load_document
    try:
        document = load(source, file, RECORD_LIMITS)
    except PackError as error:
        raise RecordError(error.diagnostics) from None
    plain = Plain(document.data, canonical(document.data))
    return _read(plain, Where(document)), document


def record_from_mapping(data: Mapping[str, Any]) -> Record:
    """Return the record in a mapping; dates may be `datetime.date` or ISO text.

    The mapping is copied, so that a later change of it changes nothing.
    """
    where = Where()
    return _read(to_plain(data, where), where)


def _looks_like_json(source: bytes) -> bool:
    return source.lstrip(_BEFORE_JSON).startswith(b"{")


def _read(plain: Plain, where: Where) -> Record:
    if _is_sound(plain, where):
        with suppress(ValueError):  # a day that no calendar has
            return build_record(plain.data, hashlib.sha256(plain.text).hexdigest())
    problems = shorten(_everything_wrong(plain, where))
    if not problems:
        raise InternalError("a record was refused without a reason")
    raise RecordError(problems)


def _is_sound(plain: Plain, where: Where) -> bool:
    shaped = not plain.foreign and shape.validator().is_valid(plain.data)
    return shaped and not impossible_faults(plain.data, where)


def _everything_wrong(plain: Plain, where: Where) -> Iterator[Diagnostic]:
    yield from plain.foreign.values()
    yield from impossible_faults(plain.data, where)
    yield from shape_faults(plain.data, where, known=plain.foreign)
