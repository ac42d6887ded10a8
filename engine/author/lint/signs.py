"""Lints of signs: a patient about whom nothing is known has no state of any sign but `cannot_assess`."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.pack.compile.tables import CANNOT
from boosterwatch.engine.record.read import record_from_mapping


@lint(
    "BW620",
    "error",
    why="Nothing on record is not an all-clear. The rows of `otherwise` need one that is `cannot_assess` for a patient "
    "about whom nothing is known.",
    bad="  - {id: no_score, state: not_applicable, because: Nothing was scored.}",
    good="  - {id: no_score, state: cannot_assess, reason: missing, because: Nothing was scored.}",
)
def missing_data_reads_as_something(context: Context) -> Iterator[Finding]:
    """Yield every sign and reading that comes to a state for a record without any fact."""
    states = _states_of_nobody(context)
    for table in context.pack.tables:
        if table.kind in ("sign", "reading") and states[table.id] != CANNOT:
            message = f"`{table.id}` is {states[table.id]} for a patient with nothing on record"
            yield Finding(table.id, message, table.span, f"make it {CANNOT} when its data are missing")


def _states_of_nobody(context: Context) -> dict[str, str]:
    """Return the state of every table for a record that holds nothing but its date."""
    record = record_from_mapping({"as_of": context.today.isoformat(), "patient": "nobody"})
    plan = plan_measures(context.pack)
    history = open_history(plan, record, context.values)
    measures = derive_measures(plan, history, context.values, record.as_of)
    return dict(evaluate_slowly(context.pack, measures.values, context.values).states)


SIGNS = (missing_data_reads_as_something,)
