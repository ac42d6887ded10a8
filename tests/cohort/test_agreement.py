"""Columns and rows agree on every field of the results: on all cases of all packs, and on made-up patients.

`BOOSTERWATCH_COHORT` sets how many made-up patients each date is asked about (250 unless told).
"""

from __future__ import annotations

import os
from datetime import date

import pytest
from ibis.backends import BaseBackend

from boosterwatch.tests.cohort.people import VERSIONS, cases_of, differences, made_up, ready

PATIENTS = int(os.environ.get("BOOSTERWATCH_COHORT", "250"))
DATES = (date(2026, 3, 14), date(2026, 7, 1), date(2027, 2, 28))


@pytest.mark.parametrize("reference", VERSIONS)
def test_every_case_of_every_pack(reference: str, con: BaseBackend) -> None:
    cases = cases_of(reference, DATES[0])
    assert len(cases) > 15
    assert differences(con, ready(reference), cases, DATES[0]) == []


@pytest.mark.parametrize("as_of", DATES)
def test_made_up_patients(as_of: date, con: BaseBackend) -> None:
    people = made_up(PATIENTS, seed=as_of.toordinal())
    assert differences(con, ready(VERSIONS[0]), people, as_of) == []
