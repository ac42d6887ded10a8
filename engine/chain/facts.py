"""Values and parameters as the pieces of JSON from which the wide facts are joined.

A piece is `"m3":4617315517961601024,` or nothing when the property is missing. Every property is encoded once for an
evaluation, whichever rulesets read it, and those of the parameters only when a parameter changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boosterwatch.engine.chain.plan import Chunk
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


class Pieces(dict[Scalar, str]):
    """The pieces of one property by value, made as values turn up."""

    most = 1024  # after so many it starts afresh, so that memory stays bounded

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
    """Makes the facts of a plan's chunks; safe to share between threads.

    The parameters of a chunk come first, as its head; then the pieces of everything else it reads.
    """

    def __init__(self, properties: Properties, chunks: Sequence[Chunk]) -> None:
        self.places = places = properties.places
        self._parameters = properties.parameters
        self._chunks = chunks
        self._needed: list[tuple[str, str, int, dict[Scalar, str]]] = [
            *((m, name, places[name], Pieces(f'"{name}":')) for m, name in properties.numbers.items()),
            *((m, name, places[name], _Codes(name, properties.codes[m])) for m, name in properties.categories.items()),
        ]
        self._recordeds = [
            (m, places[name], _Codes(name, properties.codes[m])) for m, name in properties.recordeds.items()
        ]
        self._knowns = [(m, places[name], piece(name, 1)) for m, name in properties.knowns.items()]
        self._unknown = _pieces_of_nobody(properties)
        self._bound: tuple[Sequence[int | float], Sequence[str]] = ((), ())

    def fill(self, values: Mapping[str, Scalar]) -> tuple[list[str], list[str]]:
        """Return the pieces before any rule has run, and the properties that are missing."""
        pieces = self._unknown.copy()
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

    def heads(self, parameters: Mapping[str, int | float]) -> Sequence[str]:
        """Return the head of every chunk's fact; they are kept until other parameters come."""
        in_force = [parameters[name] for names in self._parameters for name in names]
        bound, heads = self._bound
        if bound != in_force:
            products = {name: _product(parameters, names) for names, name in self._parameters.items()}
            made = {name: piece(name, stand_in(number)) for name, number in products.items()}
            heads = ["{" + "".join(made[name] for name in chunk.parameters) for chunk in self._chunks]
            self._bound = in_force, heads
        return heads


def _product(parameters: Mapping[str, int | float], names: Sequence[str]) -> int | float:
    product = parameters[names[0]]
    for name in names[1:]:
        product = product * parameters[name]
    return product


def _pieces_of_nobody(properties: Properties) -> list[str]:
    """Return the pieces of a patient of whom nothing is known and nothing was drawn."""
    pieces = [""] * len(properties.places)
    for name in (*properties.atoms.values(), *properties.knowns.values()):
        pieces[properties.places[name]] = piece(name, 0)
    for name in properties.recordeds.values():
        pieces[properties.places[name]] = piece(name, UNRECORDED)
    pieces[properties.places[ALWAYS]] = piece(ALWAYS, 1)
    return pieces
