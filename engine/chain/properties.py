"""The properties of the wide facts that durable_rules is given: their names, places and the numbers they carry.

Every property is a whole number: nothing that the library parses, compares or stores is ever text, a fraction or
longer than 19 digits. Names are positional (`m3` a measure, `p0` a parameter), because the library tells names apart
by a 32-bit hash only; `refuse_collisions` checks the names of every ruleset.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from math import isfinite

from boosterwatch.engine.model import Scalar

ALWAYS = "w0"  # a property that is 1 in every fact, for clauses without a test
RESERVED = ("id", "sid", "$s", "$forward", "warm")
UNNAMED = -1  # the code of a text that no rule names
UNRECORDED = -2  # the code of an unknown category where a rule asks what is recorded


class DurableError(Exception):
    """durable_rules cannot be used, was given something outside its safe subset, or broke a promise."""


class Properties:
    """Names and places of properties, given out as clauses are made. A place is an index into the pieces of a fact."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.numbers: dict[str, str] = {}
        self.categories: dict[str, str] = {}
        self.knowns: dict[str, str] = {}
        self.recordeds: dict[str, str] = {}
        self.parameters: dict[tuple[str, ...], str] = {}
        self.atoms: dict[str, str] = {}
        self.totals: dict[tuple[str, ...], str] = {}
        self.codes: dict[str, dict[str | bool, int]] = {}
        self._new("w")

    def number(self, measure: str) -> str:
        """Return the property of a measure that rules compare; missing while it is unknown."""
        self._refuse_mixture(measure, {**self.categories, **self.recordeds})
        return self.numbers.get(measure) or self.numbers.setdefault(measure, self._new("m"))

    def category(self, measure: str) -> str:
        """Return the property of a measure that rules test for being something; missing while it is unknown."""
        self._refuse_mixture(measure, self.numbers)
        return self.categories.get(measure) or self.categories.setdefault(measure, self._new("m"))

    def recorded(self, measure: str) -> str:
        """Return the same, but with a code of its own for unknown."""
        self._refuse_mixture(measure, self.numbers)
        return self.recordeds.get(measure) or self.recordeds.setdefault(measure, self._new("r"))

    def code(self, measure: str, value: str | bool) -> int:
        """Return the number that stands for a text or truth of this measure."""
        codes = self.codes.setdefault(measure, {})
        return codes.setdefault(value, int(value) if isinstance(value, bool) else len(codes) + 2)

    def known(self, measure: str) -> str:
        """Return the property that is 1 while a measure is known, else 0."""
        return self.knowns.get(measure) or self.knowns.setdefault(measure, self._new("k"))

    def parameter(self, names: tuple[str, ...]) -> str:
        """Return the property of a parameter, or of a product of parameters."""
        return self.parameters.get(names) or self.parameters.setdefault(names, self._new("p"))

    def atom(self, atom: str) -> str:
        """Return the property that is 1 when an earlier stratum drew this atom, else 0."""
        return self.atoms.get(atom) or self.atoms.setdefault(atom, self._new("a"))

    def total(self, atoms: tuple[str, ...]) -> str:
        """Return the property that counts how many of these atoms were drawn."""
        return self.totals.get(atoms) or self.totals.setdefault(atoms, self._new("c"))

    def helper(self) -> str:
        """Return a new helper conclusion: 1, 0, or missing while it is unknown."""
        return self._new("h")

    def guard(self) -> str:
        """Return a new guard: there only when a rule may be unknown, so that its false rail is asked."""
        return self._new("g")

    def _new(self, letter: str) -> str:
        name = f"{letter}{len(self.places)}"
        self.places[name] = len(self.places)
        return name

    def _refuse_mixture(self, measure: str, others: dict[str, str]) -> None:
        if measure in others:
            raise DurableError(f"measure `{measure}` is compared as a number and as a category")


@lru_cache(maxsize=8192)
def stand_in(number: Scalar) -> str:
    """Return the digits of a whole number that orders exactly as `number` does among ints and floats.

    It is the bit pattern of the double, made negative for negative numbers. Sending decimals instead would trust the
    library's parser: it stops at the decimal point in a German locale and refuses `1e-05`.

    >>> stand_in(0), stand_in(5) == stand_in(5.0), int(stand_in(-3)) < int(stand_in(-2.5)) < 0
    ('0', True, True)
    """
    if isinstance(number, str):
        raise DurableError("text where a number belongs")
    try:
        double = float(number)
    except OverflowError as problem:
        raise DurableError("a whole number is too big to be exact") from problem
    if not isfinite(double) or double != number:
        raise DurableError("a number is not finite, or too big to be exact")
    (bits,) = _AS_INT.unpack(_AS_DOUBLE.pack(double))
    return str(bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF))


_AS_DOUBLE, _AS_INT = struct.Struct("<d"), struct.Struct("<q")


def refuse_collisions(names: Iterable[str]) -> None:
    """Raise when two names of one ruleset are the same to the library, which compares 32-bit hashes only."""
    seen: dict[int, str] = {}
    for name in dict.fromkeys((*RESERVED, *names)):
        other = seen.setdefault(name_hash(name), name)
        if other != name:
            raise DurableError(f"property names `{other}` and `{name}` have one hash")


def name_hash(name: str) -> int:
    """Return the library's hash of a name: FNV-1a over signed bytes.

    >>> name_hash("gad_emnydp") == name_hash("sleep_isngof")
    True
    """
    found = 2166136261
    for byte in name.encode():
        signed = byte if byte < 128 else byte | 0xFFFFFF00
        found = ((found ^ signed) * 16777619) & 0xFFFFFFFF
    return found
