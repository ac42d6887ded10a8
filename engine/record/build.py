"""Plain data of the right shape -> `Record`: withdrawn facts dropped, facts after `as_of` set aside, the rest in order.

Dates are compared as text here: ISO dates sort as they follow each other. Every date is still turned into
an ordinal, which fails with ValueError on a day that no calendar has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from boosterwatch.engine.model import (
    Assessment,
    Fact,
    Override,
    PriorCycle,
    Record,
    Rejection,
)
from boosterwatch.engine.record.plain import canonical
from boosterwatch.engine.record.shape import answers

Entry = dict[str, Any]
Row = tuple[str, str, int, Entry]  # date, kind, place in the record, content
_NOT_CONTENT = frozenset({"type", "date", "entered_in_error"})
_date, _new = date.fromisoformat, object.__new__
_FUTURE, _NOT_YET = "future_dated", "not_yet"


def build_record(data: Entry, digest: str) -> Record:
    """Return the record; raise ValueError when a date is not in the calendar."""
    cut = _Cut(data["as_of"])
    born = data.get("birth_date")
    return Record(
        as_of=_day(cut.as_of),
        patient=data.get("patient"),
        birth_date=None if born is None else _date(born),
        sex=data.get("sex"),
        indications=tuple(sorted(set(data.get("indications", ())))),
        induction=_induction(data.get("induction"), cut),
        infusions=_infusions(data.get("infusions", ()), cut),
        booked=_booked(data.get("booked", ()), cut),
        assessments=_assessments(data, cut),
        facts=_facts(data, cut),
        prior_cycles=_prior_cycles(data, cut),
        overrides=_overrides(data, cut),
        rejected=tuple(cut.rejected),
        digest=digest,
    )


@dataclass(slots=True)
class _Cut:
    """The evaluation date, and what lies beyond it."""

    as_of: str
    rejected: list[Rejection] = field(default_factory=list)

    def reject(self, text: str, part: str, code: str) -> None:
        """Note a part that is dated after `as_of`."""
        _day(text)
        self.rejected.append(Rejection(part, code, f"dated {text}, after {self.as_of}"))

    def rows(self, data: Entry, name: str, kind: str, code: str) -> list[Row]:
        """Return the entries of a list that count, in an order that is that of their content."""
        rows: list[Row] = []
        for index, entry in enumerate(data.get(name, ())):
            if entry.get("entered_in_error"):
                continue
            text = entry["date"]
            if text <= self.as_of:
                rows.append((text, entry[kind], index, entry))
            else:
                self.reject(text, f"{name}[{index}]", code)
        rows.sort()  # the place in the record is unique: contents are never compared
        return rows if _are_apart(rows) else sorted(rows, key=_by_content)


def _are_apart(rows: list[Row]) -> bool:
    return len({(text, kind) for text, kind, _, _ in rows}) == len(rows)


def _by_content(row: Row) -> tuple[str, str, bytes]:
    return row[0], row[1], canonical(row[3])


def _day(text: str) -> int:
    return _date(text).toordinal()


def _induction(marked: Entry | None, cut: _Cut) -> tuple[int, int] | None:
    if marked is None or marked.get("entered_in_error"):
        return None
    days = _day(marked["first"]), _day(marked["last"])
    if marked["first"] <= cut.as_of:
        return days
    cut.reject(marked["first"], "induction", _FUTURE)
    return None


def _infusions(dates: list[str], cut: _Cut) -> tuple[int, ...]:
    for index, text in enumerate(dates):
        if text > cut.as_of:
            cut.reject(text, f"infusions[{index}]", _FUTURE)
    return tuple(sorted({_day(text) for text in dates if text <= cut.as_of}))


def _booked(dates: list[str], cut: _Cut) -> tuple[int, ...]:
    """Return the bookings that still lie ahead, that of `as_of` included."""
    planned = {(text, _day(text)) for text in dates}
    return tuple(sorted(day for text, day in planned if text >= cut.as_of))


def _slots(cls: type) -> Iterator[Callable[[object, object], None]]:
    return (cls.__dict__[each.name].__set__ for each in fields(cls))


# A frozen dataclass fills its fields through `object.__setattr__`, which would be a third of the time that a
# record takes; its slots are filled directly here, once, before anybody else sees the object.
(
    _put_instrument, _put_day, _put_part, _put_total, _put_items,
    _put_extra, _put_method, _put_version, _put_after, _put_id,
) = _slots(Assessment)  # fmt: skip


def _assessments(data: Entry, cut: _Cut) -> tuple[Assessment, ...]:
    extra = answers()
    rows = cut.rows(data, "assessments", "instrument", _FUTURE)
    return tuple([_assessment(row, extra) for row in rows])


def _assessment(row: Row, extra: tuple[str, ...]) -> Assessment:
    text, instrument, index, entry = row
    value, form = entry.get, _new(Assessment)
    items = value("items")
    _put_instrument(form, instrument)
    _put_day(form, _date(text).toordinal())
    _put_part(form, f"assessments[{index}]")
    _put_total(form, value("total"))
    _put_items(form, None if items is None else tuple(items))
    _put_extra(form, {key: entry[key] for key in extra if key in entry})
    _put_method(form, value("scale"))
    _put_version(form, value("version"))
    _put_after(form, value("time") == "after_infusion")
    _put_id(form, value("id"))
    return form


def _facts(data: Entry, cut: _Cut) -> tuple[Fact, ...]:
    return tuple(
        Fact(kind, _day(text), f"safety[{index}]", _fields(entry))
        for text, kind, index, entry in cut.rows(data, "safety", "type", _FUTURE)
    )


def _fields(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if key not in _NOT_CONTENT}


def _prior_cycles(data: Entry, cut: _Cut) -> tuple[PriorCycle, ...]:
    cycles = sorted(_cycles_so_far(data, cut), key=lambda cycle: (cycle.infusion, cycle.part))
    return tuple(cycles)


def _cycles_so_far(data: Entry, cut: _Cut) -> Iterator[PriorCycle]:
    for index, entry in enumerate(data.get("prior_cycles", ())):
        if entry.get("entered_in_error"):
            continue
        infusion, loss = entry["infusion"], entry.get("loss_of_benefit")
        part = f"prior_cycles[{index}]"
        days = _day(infusion), None if loss is None else _day(loss)
        if (loss or infusion) <= cut.as_of:
            yield PriorCycle(*days, part)
        else:
            cut.reject(loss or infusion, part, _NOT_YET)


def _overrides(data: Entry, cut: _Cut) -> tuple[Override, ...]:
    return tuple(
        Override(
            entry["parameter"],
            entry["value"],
            entry["reason"],
            entry["by"],
            _day(text),
            f"overrides[{index}]",
        )
        for text, _, index, entry in cut.rows(data, "overrides", "parameter", _NOT_YET)
    )
