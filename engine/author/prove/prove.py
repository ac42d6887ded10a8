"""The whole of `prove` without printing: each property asked, and each scene turned into a confirmed patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from boosterwatch.engine.author.prove.counter import Counter, find_counter
from boosterwatch.engine.author.prove.read import Promises
from boosterwatch.engine.author.prove.solve import Answer, Prover
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.layers import values_in_force

SCENES = 6  # tried for one property, until a patient is found


@dataclass(frozen=True, slots=True)
class Result:
    """An answer, and for a broken property the patients whom both engines confirmed; None when none was found."""

    answer: Answer
    counter: Counter | None = None

    @property
    def proved(self) -> bool:
        """Whether the property holds for every patient of the model."""
        return self.answer.verdict == "proved"


def prove(promises: Promises, at: int, near: Sequence[Mapping[str, Any]] = ()) -> Iterator[Result]:
    """Yield the result of each property, at the parameter values in force on the day `at`.

    `near` are records to look for patients near of, such as those of the pack's cases. Raises RecordError (BW340) when
    a parameter has no value on that day.
    """
    parameters = {name: choice.value for name, choice in values_in_force(promises.pack, at).items()}
    prover, loaded = Prover(promises.pack, parameters, at), LoadedPack(promises.pack)
    for which in promises.properties:
        answer = prover.ask(which)
        yield Result(answer, _counter(prover, loaded, answer, at, near) if answer.scenes else None)


def _counter(
    prover: Prover, loaded: LoadedPack, answer: Answer, at: int, near: Sequence[Mapping[str, Any]]
) -> Counter | None:
    for scenes in islice(chain([answer.scenes], prover.others(answer)), SCENES):
        found = find_counter(loaded, answer.of, scenes, at, near)
        if found is not None:
            return found
    return None
