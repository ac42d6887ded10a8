"""The chosen patients evaluated by the row engine under both packs: a sentence each, and the rules that differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import duckdb

from boosterwatch.engine.cohort.impact.choose import Alike, Kind
from boosterwatch.engine.cohort.impact.model import ORDER, Example, Fired, Told
from boosterwatch.engine.cohort.impact.results import Results, quoted
from boosterwatch.engine.cohort.names import sign_column
from boosterwatch.engine.cohort.results import REFUSED
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision

MOST = 12


class Records(Protocol):
    """Gives the plain records of some patients."""

    def __call__(self, patients: Collection[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Return each patient with the record."""


def tell_examples(
    con: duckdb.DuckDBPyConnection,
    chosen: Sequence[Alike],
    packs: tuple[LoadedPack, LoadedPack],
    results: tuple[Results, Results],
    records: Records,
    as_of: int,
) -> tuple[Example, ...]:
    """Return the examples in the order chosen, each evaluated anew by the row engine and held against its results."""
    plain = dict(records([one.patient for one in chosen]))
    rows = [_rows(con, side, [one.patient for one in chosen]) for side in results]
    found = []
    for one in chosen:
        day = {**plain[one.patient], "as_of": date.fromordinal(as_of).isoformat()}
        made = [_decide(pack, day) for pack in packs]
        told = [_told(made[at], made[1 - at], rows[at][one.patient], results[at].signs, packs[at]) for at in range(2)]
        found.append(Example(one.patient, _sorted(one.kinds), one.many, told[0], told[1]))
    return tuple(found)


def _sorted(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Return kinds of change by what they are about, what is lost before what is gained."""
    return tuple(sorted(kinds, key=_place))


def _place(kind: Kind) -> tuple[int, str, bool, str, str]:
    side, answer = kind
    of = answer.id if answer.what == "sign" else ""  # the two states of a sign stand together
    return ORDER.index(answer.what), of, side != "lost", answer.id, answer.state


def _rows(con: duckdb.DuckDBPyConnection, side: Results, patients: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = con.execute(f"SELECT * FROM {quoted(side.view)} WHERE patient IN (SELECT unnest(?))", [list(patients)])
    names = [column[0] for column in found.description or ()]
    return {row["patient"]: row for row in (dict(zip(names, values, strict=True)) for values in found.fetchall())}


def _decide(pack: LoadedPack, record: Mapping[str, Any]) -> Decision | RecordError:
    try:
        return evaluate(pack, record)
    except RecordError as error:
        return error


def _told(
    made: Decision | RecordError,
    other: Decision | RecordError,
    row: Mapping[str, Any],
    signs: Sequence[str],
    pack: LoadedPack,
) -> Told:
    if isinstance(made, RecordError):
        codes = ", ".join(dict.fromkeys(problem.code for problem in made.diagnostics))
        return Told(None, None, "", (), f"the record is refused: {codes}", row["status"] == REFUSED)
    also = set() if isinstance(other, RecordError) else {one.rule for one in other.trace}
    rules = {rule.id: rule for rule in pack.ir.rules}
    shown = [one for one in made.trace if one.rule not in also and rules[one.rule].kind != "recommendation"]
    fired = tuple(Fired(one.rule, one.because, one.source) for one in shown)
    agrees = _agrees(made, row, signs)
    return Told(made.recommendation, made.urgency, made.summary, fired, None, agrees)


def _agrees(made: Decision, row: Mapping[str, Any], signs: Sequence[str]) -> bool:
    """Return whether the results say of this patient what the row engine decides."""
    stated = (row["recommendation"], row["urgency"], row["response"], row["holds"], row["cautions"], row["flags"])
    found = (made.recommendation, made.urgency, made.response, *map(list, (made.holds, made.cautions, made.flags)))
    states = [(row[sign_column(sign)], made.signs[sign].state) for sign in signs]
    rules = row["fired"] == [one.rule for one in made.trace]
    return stated == found and rules and all(one == other for one, other in states)
