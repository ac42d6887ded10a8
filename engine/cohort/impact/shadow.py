"""A trial in the shadow of the active pack over a cohort: who would have been answered otherwise, kept day by day.

The same words as a shadow run of one patient (`engine/shadow`): what differs, its id, the active side and the trial's.
Each day and pair of packs has its own file, so a day done again gives the same file, with the same bytes.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.impact.compare import MOVED, NEW, OLD
from boosterwatch.engine.cohort.impact.model import Impact
from boosterwatch.engine.cohort.impact.results import KINDS, ask, quoted, text
from boosterwatch.engine.cohort.names import SIGN
from boosterwatch.engine.durable_files import make_folder_durably, write_durably
from boosterwatch.engine.shadow.compare import DRAWN, NOT_DRAWN

SCHEMA = "boosterwatch/cohort-shadow/1"
COLUMNS = pa.schema(dict.fromkeys(("patient", "what", "id", "active", "trial"), pa.string()))
_ORDER = ("status", "recommendation", "urgency", "response", "sign", *KINDS.values())


def keep_differences(con: duckdb.DuckDBPyConnection, impact: Impact, folder: Path) -> Path:
    """Return the file in the folder that now holds what differs for whom; `compare` ran on this connection.

    Raises OSError when it cannot be written; a file that is there is then as it was.
    """
    metadata = {"schema": SCHEMA, "as_of": impact.as_of, "active": impact.old["digest"], "trial": impact.new["digest"]}
    for side, pack in (("active", impact.old), ("trial", impact.new)):
        metadata[f"{side}_pack"] = f"{pack['id']}@{pack['version']}"
        if "overlay_digest" in pack:
            metadata[f"{side}_overlay"] = pack["overlay_digest"]
    schema = COLUMNS.with_metadata({f"boosterwatch.{key}": value for key, value in metadata.items()})
    data = BytesIO()
    pq.write_table(differences(con).cast(schema), data)
    make_folder_durably(folder)
    file = folder / f"{impact.as_of}-{impact.old['digest'][:12]}-{impact.new['digest'][:12]}.parquet"
    write_durably(file, data.getvalue())
    return file


def differences(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return what differs, a row for each thing: by patient, then in the order of a decision, then by id."""
    columns = [{row[0] for row in ask(con, f"DESCRIBE {side}")} for side in (OLD, NEW)]
    signs = sorted(name for name in columns[0] | columns[1] if name.startswith(SIGN))
    parts = [_one(name, name, columns) for name in ("status", "recommendation", "urgency", "response")]
    parts += [_one(name, "sign", columns, name.removeprefix(SIGN)) for name in signs]
    kinds = ", ".join(map(text, KINDS.values()))
    sides = [f"CASE side WHEN '{side}' THEN '{DRAWN}' ELSE '{NOT_DRAWN}' END" for side in ("lost", "gained")]
    parts.append(f"SELECT patient, what, id, {sides[0]}, {sides[1]} FROM {MOVED} WHERE what IN ({kinds})")
    order = ", ".join(map(text, _ORDER))
    query = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY patient, list_position([{order}], what), id"
    found: pa.Table = con.sql(query).to_arrow_table()
    return found


def _one(column: str, what: str, columns: list[set[str]], id: str | None = None) -> str:
    """Return the query of who has another value of a column; a sign that one pack does not have is null there."""
    name = quoted(column)
    sides = [f"{side}.{name}" if column in known else "NULL" for side, known in zip("on", columns, strict=True)]
    said = "NULL" if id is None else text(id)
    return (
        f"SELECT patient, '{what}' AS what, {said} AS id, {sides[0]} AS active, {sides[1]} AS trial "
        f"FROM {OLD} o JOIN {NEW} n USING (patient) WHERE {sides[0]} IS DISTINCT FROM {sides[1]}"
    )
