"""The unknowns of a model, by a name that says what they mean.

Everything that decides what an unknown stands for is in its name: the thing, and a signature of the settings that it
is worked out with. So two models whose unknown has the same name speak of the same fact of the same patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from zlib import crc32

import z3

from boosterwatch.engine.diagnostics import Span


class Unknowns:
    """Makes the unknowns of one patient; `prefix` tells two patients apart. `all` has them by name without prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.all: dict[str, z3.ExprRef] = {}

    def truth(self, name: str) -> z3.BoolRef:
        """Return the unknown yes or no of this name."""
        return self._make(name, z3.Bool)

    def whole(self, name: str) -> z3.ArithRef:
        """Return the unknown whole number of this name."""
        return self._make(name, z3.Int)

    def number(self, name: str, *, whole: bool = False) -> z3.ArithRef:
        """Return the unknown number of this name, whole when so told."""
        return self._make(name, z3.Int if whole else z3.Real)

    def _make(self, name: str, make: Any) -> Any:
        known = self.all.get(name)
        if known is None:
            known = self.all[name] = make(f"{self._prefix}{name}")
        return known


def named(name: str, *settings: object) -> str:
    """Return the name with a short signature of everything it depends on, places in files left out."""
    return f"{name}#{crc32(repr([_plain(one) for one in settings]).encode()):08x}" if settings else name


def _plain(value: object) -> object:
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value))]
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(one)) for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return str(value)
