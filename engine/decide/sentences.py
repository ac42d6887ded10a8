"""Sentences of the pack with values put in. Only `{name}` stands for something, and only for a name of the pack.

A few lines of parser and a closed list of names: text of a pack never reaches `str.format` or a template engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from boosterwatch.engine.decide.inputs import Inputs, known
from boosterwatch.engine.decide.readings import Parameters
from boosterwatch.engine.decide.values import spoken
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack import ir

SPECIALS = ("signs", "holds", "triggers", "concerns", "gaps")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence: a measure, a parameter, or a special that is put together for each decision."""

    kind: Literal["measure", "parameter", "special"]
    name: str
    dimension: str = ""
    words: Mapping[str, str] | None = None


Sentence = tuple[str | Slot, ...]


class Lexicon:
    """What a pack's placeholders stand for."""

    def __init__(self, pack: ir.Pack) -> None:
        self._pack = pack
        self._shorts = {scale.id: scale.short for scale in pack.scales}
        self._known: dict[str, str | Slot] = {
            **{one.name: Slot("parameter", one.name, one.dimension) for one in pack.parameters},
            **{one.name: self._measure(one) for one in pack.measures},
            **{f"{one.id}.says": one.says for one in pack.scales},
            **self._shorts,
            **{name: Slot("special", name) for name in SPECIALS},
        }

    def read(self, text: str, place: str) -> Sentence:
        """Return the sentence in pieces; `place` says whose it is, should it be broken."""
        try:
            return tuple(self._known[part[1]] if part[0] else part[1] for part in split(text))
        except (KeyError, ValueError) as problem:
            message = f"sentence of `{place}` has a bad placeholder: {problem}"
            raise InternalError(f"{message}; pack {self._pack.digest}") from None

    def _measure(self, measure: ir.Measure) -> Slot:
        words = self._shorts if measure.kind == "choice" else None
        return Slot("measure", measure.name, measure.dimension, words)


def split(text: str) -> list[tuple[bool, str]]:
    """Return the text as (is a name, text) pieces. Raises ValueError at a brace that belongs to no `{name}`.

    >>> split("{a.b} is high.")
    [(True, 'a.b'), (False, ' is high.')]
    """
    pieces: list[tuple[bool, str]] = []
    rest = text
    while rest:
        before, opened, rest = rest.partition("{")
        if "}" in before:
            raise ValueError("a brace that nothing opens")
        if before:
            pieces.append((False, before))
        if opened:
            name, closed, rest = rest.partition("}")
            if not closed or _NAME.fullmatch(name) is None:
                raise ValueError("no name between braces")
            pieces.append((True, name))
    return pieces


def render(sentence: Sentence, inputs: Inputs, parameters: Parameters, specials: Mapping[str, str]) -> str:
    """Return the sentence with its values in words."""
    words: list[str] = []
    for piece in sentence:
        if isinstance(piece, str):
            words.append(piece)
        elif piece.kind == "special":
            words.append(specials[piece.name])
        elif piece.kind == "parameter":
            words.append(spoken(parameters[piece.name].value, piece.dimension))
        else:
            words.append(_measured(piece, inputs))
    return "".join(words)


def one_sentence(text: str) -> str:
    """Return the text as a sentence: a capital first, a full stop at the end.

    >>> one_sentence("no sign")
    'No sign.'
    """
    trimmed = text.strip()
    if not trimmed:
        return ""
    stop = "" if trimmed.endswith((".", "!", "?")) else "."
    return trimmed[:1].upper() + trimmed[1:] + stop


def clause_of(sentence: str) -> str:
    """Return a sentence as it stands inside another: without its full stop.

    >>> clause_of("One is old. Two is not.")
    'One is old; Two is not'
    """
    return sentence.strip().removesuffix(".").replace(". ", "; ")


def _measured(slot: Slot, inputs: Inputs) -> str:
    value = known(inputs, slot.name)
    if slot.words is not None and isinstance(value, str):
        return slot.words.get(value, value)
    return spoken(value, slot.dimension)
