"""A patient for a scene: built, or found near known records, climbed towards the scene, accepted, then made small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from boosterwatch.engine.author.patients.build import build_record
from boosterwatch.engine.author.patients.days import AS_OF
from boosterwatch.engine.author.patients.edits import grafts, moved_to, plain, steps
from boosterwatch.engine.author.patients.judge import Judge, is_usable
from boosterwatch.engine.author.patients.shrink import shrink
from boosterwatch.engine.author.patients.usual import parameters_of, usual_patients
from boosterwatch.engine.author.patients.wants import Scene
from boosterwatch.engine.loaded import LoadedPack

Record = dict[str, Any]
Accept = Callable[[Record], bool]
_MOST_QUESTIONS = 500
_MOST_DERIVED = 600
_CLIMBED = 4  # starting points that are climbed from
_NEAREST = 8  # known records that are looked at


def patient_for(
    loaded: LoadedPack, wanted: Scene, accept: Accept, *, near: Sequence[Mapping[str, Any]] = ()
) -> Record | None:
    """Return a small, realistic record that `accept` says yes to, built towards the wanted measures.

    `wanted` maps measures of the pack to values (None is undefined); what it does not name is free. `near` are records
    to start from as well. The same arguments give the same record. None when none was found within some hundred
    derivations and questions to `accept`; that is no proof that there is none.
    """
    search = _Search(loaded, wanted, accept)
    found = search.run(near)
    return None if found is None else shrink(found, search.accept)


class _Search:
    """One search: what was asked, and how much may still be."""

    def __init__(self, loaded: LoadedPack, wanted: Scene, accept: Accept) -> None:
        self.loaded, self.wanted = loaded, wanted
        self.judge = Judge(loaded, wanted)
        self.questions, self.derived = _MOST_QUESTIONS, _MOST_DERIVED
        self.asked: dict[str, bool] = {}
        self._accept = accept

    def accept(self, record: Record) -> bool:
        """Return what `accept` says, asked once for each record; a record that cannot be used is never asked about."""
        told = repr(record)
        if told not in self.asked:
            self.asked[told] = is_usable(self.loaded, record) and self._accept(record)
        return self.asked[told]

    def run(self, near: Sequence[Mapping[str, Any]]) -> Record | None:
        """Return the first record that is accepted."""
        built = build_record(self.loaded.ir, parameters_of(self.loaded.ir), self.wanted)
        if self.accept(built):
            return built
        starts = self._nearest([moved_to(plain(one), AS_OF) for one in near])
        found = self._first(starts)
        if found is not None:
            return found
        usual = usual_patients(self.loaded)
        if self.wanted:
            climbed = self._climb_all([built, *starts, *self._nearest(list(usual))[:_CLIMBED]], built)
            return climbed or self._first(usual_patients(self.loaded))
        return self._first(usual) or self._first(chain.from_iterable(steps(self.loaded.ir, one) for one in starts))

    def _first(self, records: Iterable[Record]) -> Record | None:
        for record in records:
            if self.questions <= 0:
                return None
            self.questions -= 1
            if self.accept(record):
                return record
        return None

    def _nearest(self, records: Sequence[Record]) -> list[Record]:
        """Return the records nearest to the scene, nearest first; as they come where nothing is wanted."""
        if not self.judge.wanted:
            return list(records)
        far = [(off, n) for n, record in enumerate(records) if (off := self.judge.off(record)) is not None]
        return [records[n] for _, n in sorted(far)[:_NEAREST]]

    # ------------------------------------------------------------ climbing

    def _climb_all(self, starts: Sequence[Record], built: Record) -> Record | None:
        ranked = [(off, n) for n, record in enumerate(starts) if (off := self.judge.off(record)) is not None]
        for _, n in sorted(ranked)[:_CLIMBED]:
            self.derived = _MOST_DERIVED // _CLIMBED
            found = self._climb(starts[n], built)
            if found is not None:
                return found
        return None

    def _climb(self, record: Record, built: Record) -> Record | None:
        """Return an accepted record on the way to the scene: every step comes nearer to it."""
        off = self.judge.off(record)
        while off is not None and self.derived > 0 and self.questions > 0:
            nearer = self._nearer(record, off, built)
            if nearer is None:
                return self._first(islice(steps(self.loaded.ir, record), 60))
            off, record = nearer
            found = self._first([record])
            if found is not None:
                return found
        return None

    def _nearer(self, record: Record, off: float, built: Record) -> tuple[float, Record] | None:
        """Return the first graft or step that comes nearer; None when none does."""
        for other in self._moves(record, built):
            self.derived -= 1
            if self.derived <= 0:
                return None
            now = self.judge.off(other)
            if now is not None and now < off - 1e-9:
                return now, other
        return None

    def _moves(self, record: Record, built: Record) -> Iterator[Record]:
        yield from grafts(record, built)
        yield from steps(self.loaded.ir, record)
