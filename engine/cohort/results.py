"""The results of a cohort: one row per patient, the same columns whichever engine worked them out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.names import measure_column, reason_column, sign_column
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

DECIDED, REFUSED = "decided", "refused"
LISTS = ("holds", "cautions", "flags", "fired")
NEXT = {"next_assessment": "assessment_date", "next_review": "review_date"}


def result_schema(pack: ir.Pack) -> pa.Schema:
    """Return the columns of the results of a pack."""
    columns: dict[str, pa.DataType] = {"patient": pa.string(), "as_of": pa.date32(), "status": pa.string()}
    columns |= dict.fromkeys(("recommendation", "urgency", "response"), pa.string())
    for sign in pack.signs:
        columns |= {sign_column(sign.id): pa.string(), reason_column(sign.id): pa.string()}
    columns |= dict.fromkeys(LISTS, pa.list_(pa.string()))
    columns |= {measure_column(one.name): measure_type(one) for one in reported(pack)}
    return pa.schema(columns | dict.fromkeys(NEXT, pa.date32()))


def reported(pack: ir.Pack) -> list[ir.Measure]:
    """Return the measures that a decision reports, in its order."""
    return sorted((measure for measure in pack.measures if measure.reported), key=lambda measure: measure.name)


def measure_type(measure: ir.Measure) -> pa.DataType:
    """Return what the column of a measure holds."""
    if measure.dimension == "date":
        return pa.date32()
    if measure.dimension == "truth":
        return pa.bool_()
    return pa.string() if measure.dimension.startswith("one of ") else pa.float64()


def result_of(pack: ir.Pack, patient: str, decision: Decision) -> dict[str, Any]:
    """Return a decision as a row of the results."""
    row: dict[str, Any] = {"patient": patient, "as_of": decision.as_of, "status": DECIDED}
    row |= {"recommendation": decision.recommendation, "urgency": decision.urgency, "response": decision.response}
    for id, sign in decision.signs.items():
        row |= {sign_column(id): sign.state, reason_column(id): sign.reason}
    row |= {"holds": decision.holds, "cautions": decision.cautions, "flags": decision.flags}
    row["fired"] = [activation.rule for activation in decision.trace]
    for measure in reported(pack):
        value = decision.measures[measure.name]
        if isinstance(value, str) and measure.dimension == "date":
            row[measure_column(measure.name)] = date.fromisoformat(value)
        else:
            row[measure_column(measure.name)] = value
    for column, key in NEXT.items():
        text = decision.next[key]
        row[column] = None if text is None else date.fromisoformat(text)
    return row


def refused(patient: str, as_of: int) -> dict[str, Any]:
    """Return the row of a patient who is refused; everything else about them is null."""
    return {"patient": patient, "as_of": date.fromordinal(as_of), "status": REFUSED}
