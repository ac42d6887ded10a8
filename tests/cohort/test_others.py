"""Every measure that is no scale's own: in columns as the row engine derives it, now and at earlier dates."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.tests.cohort.moments_rows import (
    case_records,
    differences,
    looked,
    moments_of,
    open_all,
    random_records,
)
from boosterwatch.tests.packs.files import RULES

PACKS = ["ketamine-maintenance/1.1.0", "quick-screen/1.0.0"]


@pytest.mark.parametrize("name", PACKS)
def test_every_measure_of_every_case_and_of_random_patients(con: Backend, tmp_path: Path, name: str) -> None:
    """Now, and at dates on and beside what is recorded, before that day's infusions and after."""
    pack = load_pack(str(RULES / name), purpose="shadow")
    found = open_all(con, tmp_path, pack, [*case_records(pack), *random_records(pack.ir, 300, name)])
    looks = moments_of(found, random.Random(name), each=3)
    rows = looked(found, looks)
    wrong = list(differences(found, looks, rows))
    assert not wrong, (len(wrong), wrong[:8])
    said = {one.name for one in pack.ir.measures if len({row[measure_column(one.name)] for row in rows}) > 1}
    same = {one.name for one in pack.ir.measures} - said
    assert same <= {"observed_cycles", "depression"}  # nobody looked for cycles; the role has one scale
