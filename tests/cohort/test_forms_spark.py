"""The record checks of forms on Spark: the same as for one record after the other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from boosterwatch.engine.cohort.columns.forms import read_forms
from boosterwatch.tests.cohort.forms_compare import cohort_of_patients, said_by_columns, said_by_rows
from boosterwatch.tests.cohort.forms_made import odd_pack, random_patient
from boosterwatch.tests.cohort.sessions import local_spark, needs_spark

pytestmark = [needs_spark, pytest.mark.filterwarnings("ignore")]


def test_messy_forms_are_checked_alike_on_spark(tmp_path: Path) -> None:
    from boosterwatch.engine.cohort.run.spark import SparkStage, connect

    pack, rng = odd_pack(), random.Random(20_250)
    patients = [random_patient(rng, pack) for _ in range(300)]
    with local_spark() as session:
        con = connect(session)
        stage = SparkStage(con)
        said = said_by_columns(pack, read_forms(pack, cohort_of_patients(con, pack, patients, tmp_path), stage))
    for name, wanted in said_by_rows(pack, patients).items():
        assert said[name] == wanted, name
