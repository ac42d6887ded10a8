"""The statements of an evaluation, written once and carried out for every chunk of a run.

Ibis takes seconds to write them, however few the patients. For two chunks of a run they are the same when what the
chunks' tables are called and made of is, who has values of their own, and what the chunks have forms and facts of: that
is the key, worked out anew for each chunk. Statements that hang on anything else are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ibis import Schema
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.evaluate import evaluate_columns, present
from boosterwatch.engine.cohort.facts import Cohort, parameters_in_force
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.loaded import LoadedPack

ASKED_OF_A_CHUNK = 1  # the forms and facts that are present


@dataclass(frozen=True, slots=True)
class Plan:
    """Statements in order, and the table that the last of them makes."""

    statements: tuple[str, ...]
    name: str
    schema: Schema


class Plans:
    """Evaluates the chunks of one pack on one day; what was written for one serves the others."""

    def __init__(self, pack: LoadedPack, as_of: int) -> None:
        self._pack = pack
        self._as_of = as_of
        self._kept: dict[object, Plan] = {}
        self.written = 0

    def results(self, con: Backend, stage: DuckStage, cohort: Cohort) -> Table:
        """Return the results of a chunk; the stage is that with which its cohort was loaded."""
        key = _key(con, stage, cohort)
        plan = self._kept.get(key)
        if plan is not None:
            return stage.carry_out(plan.statements, plan.name, plan.schema)
        return self._write(con, stage, cohort, key)

    def _write(self, con: Backend, stage: DuckStage, cohort: Cohort, key: object) -> Table:
        before, asked, shared = len(stage.statements), stage.asked, stage.shared
        parameters = parameters_in_force(self._pack, cohort, self._as_of)
        results = stage.name(evaluate_columns(self._pack, cohort, self._as_of, parameters, stage), "results")
        self.written += 1
        if stage.asked - asked <= ASKED_OF_A_CHUNK and stage.shared == shared:
            self._kept[key] = Plan(tuple(stage.statements[before:]), results.get_name(), results.schema())
        return results


def _key(con: Backend, stage: DuckStage, cohort: Cohort) -> object:
    tables = [getattr(cohort, one.name) for one in fields(cohort) if one.name != "own"]
    made = tuple((con.compile(table), table.schema()) for table in tables)
    return len(stage.statements), made, cohort.own, present(cohort)
