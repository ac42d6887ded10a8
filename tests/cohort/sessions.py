"""Sessions of Spark for tests: on two threads of this machine, stopped at the end; or the reason why there is none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest


def _missing() -> str:
    """Return what Spark lacks here, or nothing."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed"
    return "" if shutil.which("java") else "there is no Java, which Spark runs on"


MISSING = _missing()
needs_spark = pytest.mark.skipif(bool(MISSING), reason=MISSING or "Spark is there")


@contextmanager
def local_spark(master: str = "local[2]", **settings: str) -> Iterator[Any]:
    """Give a session of Spark on this machine, and stop it; `settings` are named with `_` for the dots."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        builder = SparkSession.builder.master(master).appName("tests")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.warehouse.dir": folder,
            **{name.replace("_", "."): value for name, value in settings.items()},
        }.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        try:
            yield session
        finally:
            session.stop()
