"""A caller's own objects -> plain data, and the canonical bytes whose digest names the record.

An embedding service hands over dicts with dates, enumerations or other mappings in them. What is plain
already passes at the speed of orjson; everything else is unfolded with care, and refused by path when it
has no plain meaning.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from numbers import Integral, Real
from typing import Any, NoReturn
from uuid import UUID

import orjson

from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.pack.document import RECORD_LIMITS, Path
from boosterwatch.engine.record.where import Where

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_NULL = b"null"
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1  # what JSON writers keep whole
_HALF = re.compile("[\ud800-\udfff]")


def canonical(data: Any) -> bytes:
    """Return the canonical JSON: sorted keys, no spaces, UTF-8, dates as ISO text.

    >>> canonical({"b": 1, "a": date(2026, 3, 14)})
    b'{"a":"2026-03-14","b":1}'
    """
    return orjson.dumps(data, option=_OPTIONS)


@dataclass(frozen=True, slots=True)
class Plain:
    """Data of dict, list, str, int, float, bool and None only, and its canonical JSON.

    `foreign` holds by path what had no plain meaning and is None in `data`; with it there is no JSON.
    """

    data: Any
    text: bytes = b""
    foreign: Mapping[Path, Diagnostic] = field(default_factory=dict)


def to_plain(data: Any, where: Where) -> Plain:
    """Return a plain copy of `data`."""
    try:
        text = canonical(data)
    except TypeError:  # orjson.JSONEncodeError is one
        return _unfold(data, where)
    if _NULL in text and not _is_finite(data):
        return _unfold(data, where)
    return Plain(orjson.loads(text), text)


def _is_finite(data: Any) -> bool:
    """Say whether no number in the data is NaN or infinite, of which orjson makes a null."""
    try:
        json.dumps(data, allow_nan=False, default=str)
    except (ValueError, RecursionError):
        return False
    return True


def _unfold(data: Any, where: Where) -> Plain:
    unfolding = _Unfolding(where)
    copied = unfolding.copy(data, ())
    found = unfolding.found
    return Plain(copied, foreign=found) if found else Plain(copied, canonical(copied))


@dataclass(slots=True)
class _Unfolding:
    where: Where
    found: dict[Path, Diagnostic] = field(default_factory=dict)

    def copy(self, value: Any, path: Path) -> Any:
        """Return a plain copy of the value at `path`; None for what has no plain meaning."""
        match value:
            case None | bool():
                return value
            case Enum():
                return self.copy(value.value, path)
            case str() | UUID() | date():
                return self._text(value, path)
            case Integral() | Real():
                return self._number(value, path)
            case Mapping() | list() | tuple() if len(path) > RECORD_LIMITS.depth:
                self._too_deep(path)
            case Mapping():
                return self._mapping(value, path)
            case list() | tuple():
                return [self.copy(item, (*path, index)) for index, item in enumerate(value)]
        kind = type(value).__name__
        return self._refused("BW304", path, f"is of the type `{kind}`, which has no meaning here")

    def _mapping(self, value: Mapping[Any, Any], path: Path) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for key, item in value.items():
            name = key.value if isinstance(key, Enum) else key
            if not isinstance(name, str):
                self._refused("BW302", path, f"has a key that is not text: `{name!r:.40}`")
            elif _HALF.search(name):
                self._refused("BW302", path, "has a key with half a character (a lone surrogate)")
            else:
                copied[str(name)] = self.copy(item, (*path, str(name)))
        return copied

    def _text(self, value: str | UUID | date, path: Path) -> Any:
        text = value.isoformat() if isinstance(value, date) else str(value)
        if text.isascii() or not _HALF.search(text):
            return text
        return self._refused("BW310", path, "contains half a character (a lone surrogate)")

    def _number(self, value: Integral | Real, path: Path) -> Any:
        number = int(value) if isinstance(value, Integral) else float(value)
        if isinstance(number, float) and not math.isfinite(number):
            return self._refused("BW308", path, f"must be a finite number, not `{number}`")
        if isinstance(number, int) and not _SMALLEST <= number <= _LARGEST:
            return self._refused("BW308", path, "has too many digits")
        return number

    def _refused(self, code: str, path: Path, text: str) -> Any:
        """Note a problem and return None, which takes the place of the value."""
        message = f"{self.where.name(path)} {text}"
        self.found[path] = self.where.problem(code, message, path)
        return None

    def _too_deep(self, path: Path) -> NoReturn:
        """End here: what is nested without end may hold itself."""
        message = f"the record is nested deeper than {RECORD_LIMITS.depth} levels"
        hint = f"see {self.where.name(path[:2])}"
        raise RecordError([self.where.problem("BW309", message, path, hint)])
