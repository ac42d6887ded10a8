"""What happened, from the tables of a cohort: read in columns; only those who reported something, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from boosterwatch.engine.cohort.backtest.past import SCHEMAS, Past, past_of_records
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.cohort.run.duck import DuckStage, Limits, duckdb_session
from boosterwatch.engine.cohort.run.evaluate import MEMORY
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.layout import fact_types
from boosterwatch.engine.cohort.tables.load import load_cohort
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.loaded import LoadedPack


def past_of_tables(pack: LoadedPack, tables: Tables, until: int, outcomes: Path | None = None) -> Past:
    """Return what tables tell up to a day; patients who would be refused on that day tell nothing.

    With `outcomes` the losses are those of that file (columns patient and date) and no others. Raises ImpactError
    (BW658) for a file that holds none.
    """
    given = None if outcomes is None else read_outcomes(outcomes)
    with TemporaryDirectory(prefix="boosterwatch-") as folder:
        limits = Limits(MEMORY, Path(folder) / "spill")
        with duckdb_session(limits) as con:
            cohort = load_cohort(con, tables, pack, until, DuckStage(con)).cohort
            infusions = _named(cohort, cohort.infusions.select("pid", "day"), "infusions")
            views = _named(cohort, _views(cohort), "views")
            if given is not None:
                nothing = SCHEMAS["recorded"].empty_table()
                return Past(infusions, given.filter(_until(given, until)), nothing, views, str(outcomes))
            recorded = _named(cohort, cohort.cycles, "recorded")
            reporting = _reporting(pack, cohort)
    reported = SCHEMAS["reported"].empty_table()
    if reporting is None or reporting:
        records = ((id, record) for id, record in records_of(tables, reporting) if record is not None)
        reported = past_of_records(pack, records, until).reported
    return Past(infusions, reported, recorded, views)


def _until(given: pa.Table, until: int) -> Any:
    import pyarrow.compute as pc

    return pc.less_equal(given["day"], until)


def _named(cohort: Cohort, rows: Table, name: str) -> pa.Table:
    """Return rows with the id of the patient in place of the number."""
    joined = rows.join(cohort.patients.select("pid", "patient"), "pid")
    return joined.select(SCHEMAS[name].names).to_pyarrow().cast(SCHEMAS[name])


def _views(cohort: Cohort) -> Table:
    """Return from when to when each treated patient is in view."""
    days = ibis.union(*(table.select("pid", "day") for table in (cohort.infusions, cohort.forms, cohort.facts)))
    last = days.group_by("pid").aggregate(last=days.day.max())
    first = cohort.infusions.group_by("pid").aggregate(start=cohort.infusions.day.min())
    return first.join(last, "pid").select("pid", "start", "last")


def _reporting(pack: LoadedPack, cohort: Cohort) -> list[str] | None:
    """Return the patients who may have an event that the pack's look back takes for a loss; None: any of them may."""
    wanted = pack.ir.lookback.events if pack.ir.lookback is not None else ()
    sources = {event.source for event in pack.ir.events if event.id in wanted}
    if sources - set(fact_types()):
        return None
    facts = cohort.facts.filter(cohort.facts.type.isin(sorted(sources))) if sources else cohort.facts.limit(0)
    found = facts.select("pid").distinct().join(cohort.patients, "pid").select("patient").to_pyarrow()
    return sorted(found["patient"].to_pylist())


def read_outcomes(file: Path) -> pa.Table:
    """Return the losses in a CSV or Parquet file, as patients and days. Raises ImpactError (BW658)."""
    con = duckdb.connect()
    try:
        given = con.read_parquet(str(file)) if file.suffix == ".parquet" else con.read_csv(str(file), all_varchar=True)
        lacking = [name for name in ("patient", "date") if name not in given.columns]
        if lacking:
            raise _no_outcomes(file, f"it has no column `{lacking[0]}`")
        con.register("given", given.to_arrow_table())
        rows = con.execute("SELECT patient::VARCHAR, date::DATE FROM given").fetchall()
    except duckdb.Error as error:
        raise _no_outcomes(file, (str(error).splitlines()[0].partition(": ")[2] or "it cannot be read")) from None
    finally:
        con.close()
    return pa.Table.from_pylist(list(_days(file, rows)), schema=SCHEMAS["reported"])


def _days(file: Path, rows: list[tuple[Any, Any]]) -> Iterator[dict[str, object]]:
    for number, (patient, day) in enumerate(rows, 1):
        if patient is None or day is None:
            raise _no_outcomes(file, f"row {number} lacks its {'patient' if patient is None else 'date'}")
        yield {"patient": patient, "day": day.toordinal()}


def _no_outcomes(file: Path, fault: str) -> ImpactError:
    hint = "give a CSV or Parquet file with the columns `patient` and `date` (YYYY-MM-DD)"
    return ImpactError([Diagnostic("BW658", f"`{file}` holds no outcomes: {fault}", None, hint)])
