"""Record checks, before any rule: which forms and facts can be used, and why the others cannot.

Runs after a record is read and before measures are derived. What is rejected here stays in the record for the audit,
and safety events still read its answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.model import Assessment, Fact, Rejection
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import NO_EXTRA, Reader, Scored, form_key, read_form


class Checked(NamedTuple):
    """The comparable forms of a record by instrument, what was rejected, and since when (key) by code.

    Of two forms with the same total on one day only the fuller is here.
    """

    scored: Mapping[str, list[Scored]]
    rejected: list[Rejection]
    since: Mapping[str, int]


class Keep(NamedTuple):
    """A fact check made ready: facts for which `test` is not true are rejected with `code`."""

    test: Callable[[Fact], bool]
    code: str
    says: str


# ---------------------------------------------------------------- forms


def prepare_readers(instruments: Mapping[str, ir.Instrument], scales: Iterable[ir.Scale] = ()) -> dict[str, Reader]:
    """Return a reader for each instrument; the ranges of extra answers come from their scales."""
    fields: dict[str, dict[str, ir.Scale]] = defaultdict(dict)
    for scale in scales:
        if scale.part is not None and scale.part[0] == "field":
            fields[scale.instrument][str(scale.part[1])] = scale
    return {id: Reader(instrument, fields[id]) for id, instrument in instruments.items()}


def check_assessments(
    instruments: Mapping[str, ir.Instrument],
    assessments: Iterable[Assessment],
    infusion_days: frozenset[int],
    scales: Iterable[ir.Scale] = (),
) -> Checked:
    """Return the forms that can be compared and what of them can be used."""
    return check_forms(prepare_readers(instruments, scales), assessments, infusion_days)


def check_forms(
    readers: Mapping[str, Reader],
    assessments: Iterable[Assessment],
    infusion_days: frozenset[int],
) -> Checked:
    """Return the same from prepared readers. `after_infusion` is read on infusion days only."""
    scored: dict[str, list[Scored]] = {}
    rejected: list[Rejection] = []
    since: dict[str, int] = {}
    for form in assessments:
        reader = readers[form.instrument]
        key = form_key(form, infusion_days)
        faults: list[Rejection] = []
        if form.version is not None and form.version != reader.id:
            faults.append(_other_version(form))
        else:
            one = read_form(reader, form, key, faults)
            scored.setdefault(reader.id, []).append(one)
        for fault in faults:
            _note(fault, key, rejected, since)
    for id, forms in scored.items():
        for one in _settle_repeats(readers[id], forms):
            _note(_conflict(one.form), one.key, rejected, since)
    return Checked(scored, rejected, since)


def _note(fault: Rejection, key: int, rejected: list[Rejection], since: dict[str, int]) -> None:
    rejected.append(fault)
    since[fault.code] = min(key, since.get(fault.code, key))


def _other_version(form: Assessment) -> Rejection:
    reason = f"another version of `{form.instrument}` cannot be compared with it"
    return Rejection(form.part, "version_mismatch", reason)


def _conflict(form: Assessment) -> Rejection:
    reason = f"two totals of `{form.instrument}` on one day differ"
    return Rejection(form.part, "duplicate_conflict", reason)


# ---------------------------------------------------------------- two totals on one day


def _settle_repeats(reader: Reader, forms: list[Scored]) -> list[Scored]:
    """Return the forms whose totals of one day differ; of equal totals keep the fullest. Changes `forms`."""
    keys = [one.key for one in forms if one.total is not None]
    if len(set(keys)) == len(keys):
        return []
    by_key: dict[int, list[Scored]] = defaultdict(list)
    for one in forms:
        if one.total is not None:
            by_key[one.key].append(one)
    settled = [one for one in forms if one.total is None]
    conflicts: list[Scored] = []
    for same in by_key.values():
        if any(one.total != same[0].total for one in same):
            conflicts.extend(same)
        else:
            settled.append(max(same, key=lambda one: _fullness(reader, one)))
    forms[:] = settled + [Scored(c.form, c.key, None, (), NO_EXTRA, True) for c in conflicts]
    return conflicts


def _fullness(reader: Reader, one: Scored) -> tuple[object, ...]:
    """Return what the fullest of equal totals has most of; between equals the worse answers count.

    Between equals in that, too, the one with more extra answers that cannot be used: given badly is not left out.
    """
    sign = 1 if reader.instrument.worse == "high" else -1
    answers = [(item is not None, sign * (item or 0)) for item in one.items]
    extra = sorted((name, sign * answer) for name, answer in one.extra.items())
    stated = sorted(one.form.extra)
    return (sum(given for given, _ in answers), len(extra), answers, extra, len(stated), stated)


# ---------------------------------------------------------------- facts


def check_facts(
    keeps: Mapping[str, Sequence[Keep]], facts: Iterable[Fact]
) -> tuple[dict[str, list[Fact]], list[Rejection]]:
    """Return the usable facts by type, oldest first, and a rejection for each of the others."""
    usable: dict[str, list[Fact]] = {}
    rejected: list[Rejection] = []
    for fact in facts:
        for keep in keeps.get(fact.type, ()):
            if not keep.test(fact):
                rejected.append(Rejection(fact.part, keep.code, keep.says))
                break
        else:
            usable.setdefault(fact.type, []).append(fact)
    for same_type in usable.values():
        same_type.sort(key=lambda fact: fact.day)
    return usable, rejected
