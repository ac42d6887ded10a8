"""Who is affected: each answer that a difference reaches, who gains and loses it, and a patient for each.

Patients come from three places: the worked ones at hand, made small; scenes of the solver made into records; and
worked ones with a day moved. Every one is evaluated under both packs before it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from boosterwatch.engine.author.diff.answers import CLASS, RECOMMENDATION, answers_possible
from boosterwatch.engine.author.diff.effects import Verdicts
from boosterwatch.engine.author.diff.examples import Answered, Given, Pair, answered
from boosterwatch.engine.author.diff.graft import grafts
from boosterwatch.engine.author.diff.model import Answer, Example, Shift, Verdict
from boosterwatch.engine.author.diff.moved import same_numbers
from boosterwatch.engine.author.diff.search import numbers_beside, search
from boosterwatch.engine.author.diff.touched import Reach
from boosterwatch.engine.author.diff.unlike import Values
from boosterwatch.engine.author.diff.verdicts import Prover
from boosterwatch.engine.author.patients import patient_for
from boosterwatch.engine.author.patients.edits import plain
from boosterwatch.engine.author.patients.shrink import shrink
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.explain.names import NOTICE_KINDS

Record = Mapping[str, Any]
Wanted = tuple[Answer, bool]  # an answer, and whether it is gained
_UNPROVED: Verdicts = ("perhaps", "perhaps")
_ALWAYS = ("sign", RECOMMENDATION)
_NEAR = 8  # worked patients that a search starts from


def gather(
    pair: Pair,
    reach: Reach,
    prover: Prover | None,
    numbers: tuple[Values, Values],
    day: date,
    near: Sequence[Record],
    most: int,
) -> tuple[tuple[Shift, ...], tuple[Example, ...]]:
    """Return who gains and loses what, and the patients that show it.

    Raises InternalError when a patient shows what the solver has excluded.
    """
    verdicts = _verdicts(reach, prover)
    at_hand = [
        same_numbers(plain(record), day, pair.old.ir, pair.new.ir) for record in near if not record.get("overrides")
    ]
    pool = _Pool(pair, verdicts, _direct(reach), most)
    known = answered(pair, at_hand)
    for one in known:
        pool.check(one.lost, one.gained)
    _from_records(pool, [one for one in known if one.lost or one.gained])
    _from_grafts(pool, known)
    if prover is not None:
        _from_scenes(pool, prover, day, known)
    if pool.open() and (not pool.examples or prover is None or prover.apart(sorted(reach.unlike_today))):
        _from_search(pool, at_hand, numbers_beside(*numbers, sorted(reach.moved)))
    return tuple(_shift(one, found, pool, reach, prover) for one, found in verdicts.items()), tuple(pool.examples)


def _verdicts(reach: Reach, prover: Prover | None) -> dict[Answer, Verdicts]:
    """Return the verdicts about every answer that may be given to others than before, signs of both versions only."""
    signs = [{sign.id for sign in pack.signs} for pack in (reach.old, reach.new)]
    found: dict[Answer, Verdicts] = {}
    for answer in dict.fromkeys((*answers_possible(reach.new), *answers_possible(reach.old))):
        one_sided = answer.kind == "sign" and answer.id in signs[0] ^ signs[1]
        if not one_sided and reach.reaches(answer):
            verdicts = prover.answer(answer) if prover is not None else _UNPROVED
            if verdicts != ("never", "never"):
                found[answer] = verdicts
    return found


def _direct(reach: Reach) -> frozenset[Answer]:
    """Return the notices and classes whose own rules are touched, and the flags that a touched row raises."""
    rules = [rule for rule in (*reach.old.rules, *reach.new.rules) if rule.id in reach.touched]
    found = {Answer(rule.kind, rule.subject, rule.state) for rule in rules if rule.kind in (*NOTICE_KINDS, CLASS)}
    rows = [one for pack in (reach.old, reach.new) for one in pack.recommendations if one.rule in reach.touched]
    return frozenset(found | {Answer("flag", id) for row in rows for id in row.flags})


def _shift(answer: Answer, verdicts: Verdicts, pool: _Pool, reach: Reach, prover: Prover | None) -> Shift:
    gained, lost = (
        _shown(one, (answer, side) in pool.shown) for one, side in zip(verdicts, (True, False), strict=True)
    )
    unlike = reach.unlike_below(answer) if "perhaps" in (gained, lost) else ()
    sought = pool.seeks(answer) and pool.most > 0
    return Shift(answer, gained, lost, unlike if prover is None else prover.apart(unlike), sought)


def _shown(verdict: Verdict, shown: bool) -> Verdict:
    return "some" if shown else verdict


# ---------------------------------------------------------------- the patients found so far


@dataclass
class _Pool:
    """Collects examples until each answer that somebody may gain or lose is shown once."""

    pair: Pair
    verdicts: Mapping[Answer, Verdicts]
    direct: frozenset[Answer]
    most: int
    examples: list[Example] = field(default_factory=list)
    shown: set[Wanted] = field(default_factory=set)

    def open(self) -> list[Wanted]:
        """Return what no example shows yet; a notice needs one where its own rule was changed."""
        if len(self.examples) >= self.most:
            return []
        sides = [
            (answer, side)
            for answer, verdicts in self.verdicts.items()
            if self.seeks(answer)
            for verdict, side in zip(verdicts, (True, False), strict=True)
            if verdict != "never"
        ]
        return [one for one in sides if one not in self.shown]

    def seeks(self, answer: Answer) -> bool:
        """Return whether examples of an answer are looked for."""
        return answer.kind in _ALWAYS or answer in self.direct

    def add(self, record: Record, wanted: Wanted) -> None:
        """Keep a patient who shows what is wanted under a full evaluation, unless there are enough."""
        if len(self.examples) >= self.most:
            return
        example = self.pair.example(record)
        if example is None:
            return
        sides = _sides(example.lost, example.gained)
        if wanted not in sides:
            raise InternalError(f"an example does not show what it was found for; pack {self.pair.new.digest}")
        self.check(example.lost, example.gained)
        self.examples.append(example)
        self.shown |= sides

    def add_small(self, record: Record, wanted: Wanted) -> None:
        """Keep a patient who shows what is wanted, without the facts that it does not take."""
        self.add(shrink(plain(record), lambda fewer: self.shows(fewer, wanted)), wanted)

    def shows(self, record: Record, wanted: Wanted) -> bool:
        """Return whether both packs answer a record, and differ in what is wanted."""
        differ = self.pair.differ(record)
        return differ is not None and wanted in _sides(*differ)

    def check(self, lost: Given, gained: Given) -> None:
        """Raise InternalError when somebody gains or loses what was proved that nobody does."""
        for answer, side in _sides(lost, gained):
            verdicts = self.verdicts.get(answer)
            known = verdicts is not None or answer.kind == "sign"
            if not known or (verdicts is not None and verdicts[0 if side else 1] == "never"):
                name = f"{answer.kind} {answer.id} {answer.state}".strip()
                raise InternalError(f"a patient shows what was proved impossible: {name}; pack {self.pair.new.digest}")


def _sides(lost: Given, gained: Given) -> set[Wanted]:
    return {(one, False) for one in lost} | {(one, True) for one in gained}


# ---------------------------------------------------------------- where they come from


def _from_records(pool: _Pool, known: Sequence[Answered]) -> None:
    for wanted in pool.open():
        if wanted in pool.open():
            record = next((one.record for one in known if wanted in _sides(one.lost, one.gained)), None)
            if record is not None:
                pool.add_small(record, wanted)


def _from_grafts(pool: _Pool, known: Sequence[Answered]) -> None:
    for wanted in pool.open():
        answer, gained = wanted
        if wanted in pool.open():
            bases = [one.record for one in known if answer in (one.after if gained else one.before)]
            examples = [example.record for example in pool.examples]
            found = next((one for one in grafts(bases[:_NEAR], examples) if pool.shows(one, wanted)), None)
            if found is not None:
                pool.add_small(found, wanted)


def _from_scenes(pool: _Pool, prover: Prover, day: date, known: Sequence[Answered]) -> None:
    pair = pool.pair
    for wanted in pool.open():
        if wanted in pool.shown or len(pool.examples) >= pool.most:
            continue
        answer, gained = wanted
        scene = prover.scene(answer, gained=gained)
        if scene is None:
            continue
        near = [one.record for one in known if answer in (one.after if gained else one.before)]
        drawn_by = pair.new if gained else pair.old
        found = patient_for(drawn_by, scene, _accepts(pool, wanted, day), near=near[:_NEAR])
        if found is not None:
            pool.add(same_numbers(found, day, pair.old.ir, pair.new.ir), wanted)


def _accepts(pool: _Pool, wanted: Wanted, day: date) -> Any:
    packs = pool.pair.old.ir, pool.pair.new.ir
    return lambda record: pool.shows(same_numbers(record, day, *packs), wanted)


def _from_search(pool: _Pool, near: Sequence[Record], beside: Sequence[float]) -> None:
    left = set(pool.open())
    for record, lost, gained in search(pool.pair, near, beside):
        found = left & _sides(lost, gained)
        if found:
            pool.add_small(record, min(found))
            left = set(pool.open())
        if not left:
            return
