"""Spark: a run's work on a session that the caller configures. `docs/decisions/006-spark.md` tells of its traps.

pyspark is imported here and nowhere else. A run works in a session of its own beside the caller's: the same cluster,
but settings and names of its own, so nothing of the caller's changes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pyarrow as pa
from ibis import Schema
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.run.errors import RunFault, run_fault

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # an index beyond an array, or a division by zero, is null and not an error
    "spark.sql.legacy.sizeOfNull": "false",  # the length of no array is null, not -1
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
APP = "boosterwatch"


class SparkStage:
    """Keeps steps as checkpoints, which also end the growth of Spark's plans, and names them as temporary views.

    With a checkpoint directory set in the caller's context the steps survive the loss of an executor; without one they
    are kept on the executors, and a chunk that loses one is worked out again.
    """

    def __init__(self, con: BaseBackend) -> None:
        self._con = con
        self._session: SparkSession = con._session
        self._made: list[str] = []

    def keep(self, table: Table, name: str) -> Table:
        """Return the table worked out and stored, under a fresh name."""
        frame = typed_frame(self._con, table)
        lasting = self._lasting()
        return self._named(frame.checkpoint() if lasting else frame.localCheckpoint(), name, table.schema())

    def name(self, table: Table, name: str) -> Table:
        """Return the table under a fresh name, as a temporary view."""
        return self._named(typed_frame(self._con, table), name, table.schema())

    def forget(self) -> None:
        """Drop what was kept and named."""
        for name in self._made:
            self._session.catalog.dropTempView(name)
        self._made.clear()

    def _named(self, frame: DataFrame, name: str, schema: Schema) -> Table:
        fresh = f"{name}_{len(self._made) + 1}"
        frame.createOrReplaceTempView(fresh)
        self._made.append(fresh)
        return ops.DatabaseTable(name=fresh, schema=schema, source=self._con).to_expr()

    def _lasting(self) -> bool:
        """Return whether the caller's context has a place for checkpoints that all executors share."""
        try:
            return self._session.sparkContext.getCheckpointDir() is not None
        except Exception:  # a session over the network has no context to ask
            return self._session.conf.get("spark.checkpoint.dir", None) is not None


def frame_of(con: BaseBackend, table: Table) -> DataFrame:
    """Return an expression as a DataFrame of the session."""
    session: SparkSession = con._session
    return session.sql(_query(con, table))


def typed_frame(con: BaseBackend, table: Table) -> DataFrame:
    """Return an expression as a DataFrame, with every column of the type that Ibis takes it to have.

    Spark counts in shorter whole numbers than Ibis says; a union of two steps would be refused for it.
    """
    session: SparkSession = con._session
    types = {name: con.compiler.type_mapper.to_string(type) for name, type in table.schema().items()}
    columns = ", ".join(f"CAST(`{name}` AS {type}) AS `{name}`" for name, type in types.items())
    return session.sql(f"SELECT {columns} FROM ({_query(con, table)})")


def _query(con: BaseBackend, table: Table) -> str:
    """Return the query of an expression, whose small constant tables are handed over before.

    They go as Arrow; Ibis would send them through pandas.
    """
    session: SparkSession = con._session
    for constant in table.op().find(ops.InMemoryTable):
        rows = constant.data.to_pyarrow(constant.schema)
        session.createDataFrame(rows).createOrReplaceTempView(constant.name)
    query: str = con.compile(table.op().replace(_with_short_indexes).to_expr())
    return query


def _with_short_indexes(node: Any, changed: Any) -> Any:
    """Return a part of an expression with each index of an array as Spark wants it, which takes no long ones."""
    part = node.__recreate__(changed) if changed else node
    if isinstance(part, ops.ArrayIndex) and part.index.dtype.is_int64():
        return ops.ArrayIndex(part.arg, ops.Cast(part.index, to=dt.int32))
    return part


def arrow_of(con: BaseBackend, table: Table, schema: pa.Schema) -> pa.Table:
    """Return a table's rows under a schema.

    They come to this process once for each task that Spark counts as done, so a task tried again, or run twice at the
    same time, gives its rows once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark 4.0 calls what pandas 3 deprecates
        rows = frame_of(con, table).toArrow()
    return rows.select(schema.names).cast(schema)


def failures() -> tuple[type[Exception], ...]:
    """Return what pyspark raises when work that it was given does not come to an end."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def is_our_fault(error: Exception) -> bool:
    """Return whether Spark does not understand what it was given, which trying again does not change."""
    from pyspark.errors import AnalysisException

    return isinstance(error, AnalysisException)


# ---------------------------------------------------------------- sessions


@contextmanager
def spark_session(master: str | None = None, remote: str | None = None) -> Iterator[SparkSession]:
    """Give a session of Spark: that of the process or of the settings, or one of the master or remote named.

    A session that was there before is left running. Raises RunFault BW723 when there is none to be had, BW728 without
    pyspark.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise RunFault([run_fault("BW728", "pyspark is not installed", "install `boosterwatch[spark]`")]) from None
    active = SparkSession.getActiveSession()
    session = active if active is not None else _started(SparkSession, master, remote)
    try:
        yield session
    finally:
        if active is None:
            session.stop()


def _started(kind: Any, master: str | None, remote: str | None) -> SparkSession:
    builder = kind.builder.appName(APP).config("spark.ui.showConsoleProgress", "false")
    if remote is not None:
        builder = builder.remote(remote)
    elif master is not None:
        builder = builder.master(master)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as error:
        hint = "Spark 4.0 needs Java 17 or 21; `--spark-master local[2]` runs it on this machine alone"
        raise RunFault([run_fault("BW723", f"no session of Spark: {_first_line(error)}", hint)]) from None
    if remote is None:
        session.sparkContext.setLogLevel("ERROR")  # it is ours: its warnings are about plans that we chose
    return session


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def connect(session: SparkSession) -> BaseBackend:
    """Return Ibis on a session of its own beside the caller's, with the caller's settings and those that a run needs.

    A session over the network cannot give another; there the run's settings are set on the caller's.
    """
    own = session
    if hasattr(session, "newSession"):
        own = session.newSession()
        for name, value in session.conf.getAll.items():
            if name.startswith("spark.sql.") and own.conf.isModifiable(name):
                own.conf.set(name, value)
    for name, value in SETTINGS.items():
        own.conf.set(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ibis.pyspark.connect(own)
