"""What happened, as a backtest needs it: infusions, recorded losses of benefit, and how long a patient was in view.

A loss is what the pack's own look back takes for one without evaluating anything: the record's entry for a cycle, else
its events of that kind. Or a clinic gives its own outcomes, and those alone count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.derive import open_history
from boosterwatch.engine.measures.events import happened, select
from boosterwatch.engine.measures.history import History, Moment
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping

_DAYS = {
    "infusions": ("day",),
    "reported": ("day",),
    "recorded": ("infusion", "loss"),
    "views": ("start", "last"),
}
SCHEMAS = {name: pa.schema({"patient": pa.string(), **dict.fromkeys(days, pa.int32())}) for name, days in _DAYS.items()}


@dataclass(frozen=True)
class Past:
    """What happened up to a day, in four tables; days are ordinals.

    infusions  patient, day: once each
    reported   patient, day: losses by an event
    recorded   patient, infusion, loss: the record's own entries for cycles; no loss: the cycle ended without one
    views      patient, start, last: from the first infusion to the last fact of any kind
    """

    infusions: pa.Table
    reported: pa.Table
    recorded: pa.Table
    views: pa.Table
    source: str = "record"


def past_of_records(pack: LoadedPack, records: Iterable[tuple[str, Mapping[str, Any]]], until: int) -> Past:
    """Return what plain records tell up to a day; those that the pack refuses tell nothing."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    day = date.fromordinal(until).isoformat()
    for patient, plain in records:
        try:
            record = record_from_mapping({**plain, "as_of": day})
            check_against_pack(record, pack.ir)
        except RecordError:
            continue
        _add(rows, pack, patient, record)
    return Past(**{name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in SCHEMAS.items()})


def _add(rows: dict[str, list[dict[str, Any]]], pack: LoadedPack, patient: str, record: Record) -> None:
    chosen = values_in_force(pack.ir, record.as_of, record.overrides)
    parameters = {name: choice.value for name, choice in chosen.items()}
    history = open_history(pack.plan, record, parameters)
    rows["infusions"] += [{"patient": patient, "day": day} for day in history.infusions]
    rows["reported"] += [{"patient": patient, "day": day} for day in _reported(pack, history, parameters)]
    rows["recorded"] += [
        {"patient": patient, "infusion": one.infusion, "loss": one.loss}
        for one in record.prior_cycles
        if one.loss is None or one.loss <= record.as_of
    ]
    if history.infusions:
        days = [history.infusions[-1], *(form.day for form in record.assessments), *(fact.day for fact in record.facts)]
        rows["views"].append({"patient": patient, "start": history.infusions[0], "last": max(days)})


def _reported(pack: LoadedPack, history: History, parameters: Mapping[str, int | float]) -> Iterator[int]:
    """Yield the days on which an event of the pack's look back counts, each once, as it counted on that day."""
    lookback = pack.ir.lookback
    now = Moment(history, parameters, history.record.as_of, before_infusion=False)
    found = {(day, id) for id in (lookback.events if lookback else ()) for day in happened(pack.plan.events, id, now)}
    given: set[int] = set()
    for day, id in sorted(found):
        then = Moment(history, parameters, day, before_infusion=True)
        if day not in given and day in select(pack.plan.events, id, then):
            given.add(day)
            yield day
