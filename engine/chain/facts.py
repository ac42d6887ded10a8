"""Values and parameters as the pieces of JSON from which the wide facts are joined.

A piece is `"m3":4617315517961601024,` or nothing when the property is missing. Every property is encoded once for an
evaluation, whichever rulesets read it; those of the parameters only when a parameter changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boosterwatch.engine.chain.properties import (
    ALWAYS,
    UNNAMED,
    UNRECORDED,
    Properties,
    stand_in,
)
from boosterwatch.engine.model import Scalar


def piece(name: str, digits: int | str) -> str:
    """Return the JSON of one property.

    >>> piece("m3", 1)
    '"m3":1,'
    """
    return f'"{name}":{digits},'


class _Pieces(dict[Scalar, str]):
    """The pieces of one property by value, made as values turn up."""

    most = 1024  # then it starts afresh, so that memory stays bounded

    def __init__(self, start: str) -> None:
        super().__init__()
        self._start = start

    def __missing__(self, number: Scalar) -> str:
        if len(self) >= self.most:
            self.clear()
        made = self[number] = f"{self._start}{stand_in(number)},"
        return made


class _Codes(dict[Scalar, str]):
    """The pieces of one category: those of the texts that rules name, and one for all others."""

    def __init__(self, name: str, codes: Mapping[str | bool, int]) -> None:
        super().__init__({value: piece(name, code) for value, code in codes.items()})
        self._unnamed = piece(name, UNNAMED)

    def __missing__(self, value: Scalar) -> str:
        return self._unnamed


class Facts:
    """Fills in the pieces of a plan's facts; safe to share between threads."""

    def __init__(self, properties: Properties) -> None:
        self.places = places = properties.places
        self._parameters = properties.parameters
        self._needed: list[tuple[str, str, int, dict[Scalar, str]]] = [
            *((m, name, places[name], _Pieces(f'"{name}":')) for m, name in properties.numbers.items()),
            *((m, name, places[name], _Codes(name, properties.codes[m])) for m, name in properties.categories.items()),
        ]
        self._recordeds = [
            (m, places[name], _Codes(name, properties.codes[m])) for m, name in properties.recordeds.items()
        ]
        self._knowns = [(m, places[name], piece(name, 1)) for m, name in properties.knowns.items()]
        self._still = self._never_missing(properties)
        self._bound: tuple[object, Sequence[str]] = (None, ())

    def fill(self, values: Mapping[str, Scalar], parameters: Mapping[str, int | float]) -> tuple[list[str], list[str]]:
        """Return the pieces before any rule has run, and the properties that are missing."""
        pieces = list(self._with_parameters(parameters))
        missing = []
        get = values.get
        for measure, name, place, made in self._needed:
            value = get(measure)
            if value is None:
                missing.append(name)
            else:
                pieces[place] = made[value]
        for measure, place, codes in self._recordeds:
            if measure in values:
                pieces[place] = codes[values[measure]]
        for measure, place, one in self._knowns:
            if measure in values:
                pieces[place] = one
        return pieces, missing

    def _with_parameters(self, parameters: Mapping[str, int | float]) -> Sequence[str]:
        """Return the pieces that do not depend on values, made anew only for other parameters."""
        in_force = tuple([parameters[name] for names in self._parameters for name in names])
        bound, pieces = self._bound
        if bound != in_force:
            pieces = self._bind(parameters)
            self._bound = (in_force, pieces)
        return pieces

    def _bind(self, parameters: Mapping[str, int | float]) -> Sequence[str]:
        pieces = list(self._still)
        for names, name in self._parameters.items():
            product = parameters[names[0]]
            for other in names[1:]:
                product = product * parameters[other]
            pieces[self.places[name]] = piece(name, stand_in(product))
        return tuple(pieces)

    @staticmethod
    def _never_missing(properties: Properties) -> list[str]:
        """Return the pieces of a patient of whom nothing is known and nothing was drawn."""
        pieces = [""] * len(properties.places)
        for name in (*properties.atoms.values(), *properties.knowns.values()):
            pieces[properties.places[name]] = piece(name, 0)
        for name in properties.recordeds.values():
            pieces[properties.places[name]] = piece(name, UNRECORDED)
        pieces[properties.places[ALWAYS]] = piece(ALWAYS, 1)
        return pieces
