"""What the record checks make of the forms of patients, one by one and in columns, in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from boosterwatch.engine.cohort.columns.forms import Forms, given_column, part_column
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.measures.source import Source, given_answer, usable_answer
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.checks import Checked, check_forms, prepare_readers
from boosterwatch.engine.record.scoring import Scored, form_key, is_whole
from boosterwatch.tests.cohort.forms_made import Patient
from boosterwatch.tests.cohort.moments_tables import Row, cohort_of_rows

Rows = list[tuple[Any, ...]]
Said = dict[str, Rows]


def cohort_of_patients(con: BaseBackend, pack: ir.Pack, patients: Iterable[Patient], folder: Path) -> Cohort:
    """Return the patients' infusions and forms as a cohort; `row` counts the forms."""
    rows: dict[str, list[Row]] = {"infusions": [], "forms": []}
    for pid, patient in enumerate(patients):
        rows["infusions"] += [{"pid": pid, "day": day} for day in patient.infusions]
        for form in patient.forms:
            rows["forms"].append(
                {
                    "pid": pid,
                    "row": len(rows["forms"]),
                    "instrument": form.instrument,
                    "day": form.day,
                    "total": form.total,
                    "items": form.items,
                    "method": form.method,
                    "version": form.version,
                    "after": form.after_infusion,
                    **{f"extra__{name}": answer for name, answer in form.extra.items()},
                }
            )
    return cohort_of_rows(con, pack, rows, folder)


# ---------------------------------------------------------------- one by one


def said_by_rows(pack: ir.Pack, patients: Sequence[Patient]) -> Said:
    """Return what the row engine's checks say of every patient."""
    said: Said = {name: [] for name in ("scored", "parts", "faults", "answers", "readings")}
    readers = prepare_readers({one.id: one for one in pack.instruments}, pack.scales)
    row = 0
    for pid, patient in enumerate(patients):
        days = frozenset(patient.infusions)
        checked = check_forms(readers, patient.forms, days)
        rows = {id(form): row + place for place, form in enumerate(patient.forms)}
        _say_scored(said, pack, pid, checked, rows)
        said["faults"] += [(pid, code, key) for code, key in checked.since.items()]
        said["readings"] += _readings(pid, checked, rows)
        said["answers"] += _answers(pack, pid, patient, days)
        row += len(patient.forms)
    return {name: sorted(rows, key=repr) for name, rows in said.items()}


def _say_scored(said: Said, pack: ir.Pack, pid: int, checked: Checked, rows: dict[int, int]) -> None:
    for instrument, forms in checked.scored.items():
        for one in forms:
            row = rows[id(one.form)]
            known = (pid, row, instrument, one.key, _float(one.total), one.failed, bool(one.items))
            said["scored"].append(known)
            parts = _parts(pack, one)
            if one.items or any(given is not None for _, given in parts):
                said["parts"].append((*known, *(each for pair in parts for each in pair)))


def _parts(pack: ir.Pack, one: Scored) -> list[tuple[float | None, float | None]]:
    def read(scale: ir.Scale) -> tuple[float | None, float | None]:
        if scale.part is None or scale.instrument != one.form.instrument:
            return None, None
        return _float(usable_answer(one, scale.part)), _float(given_answer(one.form, scale.part))

    return [read(scale) for scale in pack.scales if scale.part is not None]


def _readings(pid: int, checked: Checked, rows: dict[int, int]) -> Iterable[tuple[Any, ...]]:
    """Yield which form answers are read from, at each key at which a form lies and the one after."""
    for instrument, forms in checked.scored.items():
        source = Source(instrument, forms)
        for key in sorted({one.key + later for one in forms for later in (0, 1)}):
            newest = source.newest_answers(key)
            if newest is not None:
                yield pid, instrument, key, rows[id(newest.form)]


def _answers(pack: ir.Pack, pid: int, patient: Patient, days: frozenset[int]) -> Iterable[tuple[Any, ...]]:
    """Yield every answer that is an event, as `events._given` does."""
    fractions = {instrument.id for instrument in pack.instruments if not instrument.whole}
    for scale in pack.scales:
        for form in patient.forms:
            answer = form.total if scale.part is None else given_answer(form, scale.part)
            if form.instrument != scale.instrument or answer is None or not scale.low <= answer <= scale.high:
                continue
            if is_whole(answer) or (scale.part is None and scale.instrument in fractions):
                key = form_key(form, days)
                yield scale.id, pid, key, key >> 1, float(answer)


def _float(number: float | None) -> float | None:
    return None if number is None else float(number)


# ---------------------------------------------------------------- in columns


def said_by_columns(pack: ir.Pack, forms: Forms) -> Said:
    """Return what the columns say, in the same words."""
    known = ("pid", "row", "instrument", "key", "total", "failed", "answered")
    parts = [scale.id for scale in pack.scales if scale.part is not None]
    pairs = [column for id in parts for column in (part_column(id), given_column(id))]
    numbers = {instrument.id: number for number, instrument in enumerate(pack.instruments)}
    scored, read = _rows(forms.scored), _rows(forms.parts)
    assert all(row["number"] == numbers[row["instrument"]] and row["day"] == row["key"] >> 1 for row in scored)
    said = {
        "scored": [tuple(row[name] for name in known) for row in scored],
        "parts": [tuple(row[name] for name in (*known, *pairs)) for row in read],
        "faults": [(row["pid"], row["code"], row["key"]) for row in _rows(forms.faults)],
        "readings": list(_read_from(scored, read)),
        "answers": [
            (scale.id, row["pid"], row["key"], row["day"], row["value"])
            for scale in pack.scales
            for row in _rows(forms.answers(scale.id))
        ],
    }
    return {name: sorted(rows, key=repr) for name, rows in said.items()}


def _rows(table: Any) -> list[Row]:
    found: list[Row] = table.to_pyarrow().to_pylist()
    return found


def _read_from(scored: list[Row], parts: list[Row]) -> Iterable[tuple[Any, ...]]:
    """Yield the form of the greatest `reading` among those that are not older than the newest total."""
    groups: dict[tuple[int, str], list[Row]] = {}
    answered: dict[tuple[int, str], list[Row]] = {}
    for row in scored:
        groups.setdefault((row["pid"], row["instrument"]), []).append(row)
    for row in parts:
        assert (row["reading"] is not None) is row["answered"]
        answered.setdefault((row["pid"], row["instrument"]), []).append(row)
    for (pid, instrument), rows in groups.items():
        for key in sorted({row["key"] + later for row in rows for later in (0, 1)}):
            oldest = max((row["key"] for row in rows if row["total"] is not None and row["key"] <= key), default=0)
            among = [
                row for row in answered.get((pid, instrument), ()) if row["answered"] and oldest <= row["key"] <= key
            ]
            if among:
                yield pid, instrument, key, max(among, key=lambda row: int(row["reading"]))["row"]
