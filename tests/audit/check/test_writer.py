"""What the log's own writer stores is what docs/audit-format.md asks for: both verifiers call it whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from boosterwatch.engine.audit.check.entries import COLUMNS, SORTS
from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.log import derived
from boosterwatch.engine.audit.log.api import COMPLETED, Draft
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.writer import open_writer
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.log import databases, drafts


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a new log."""
    if request.param == "sqlite":
        yield databases.sqlite_at(tmp_path)
    else:
        with databases.schema() as place:
            yield place


def test_what_the_writer_stores_is_whole(url: str, tmp_path: Path) -> None:
    create(url, drafts.SIGNER)
    random = Random(1)
    with drafts.writer(url) as log:
        for count in (1, 1, 200, 53, 1, 1, 300, 7):
            log.append([drafts.draft(random.randbytes(90), about=None, note="späte\x01 Meldung") for _ in range(count)])
            report = verify(url, drafts.SIGNER.verifier)
            assert [f"{one.code} {one.message}" for one in report.problems] == []
            assert report.checked.entries == log.size()
            assert report.head == log.head()
    if url.startswith("sqlite"):
        done = independent.run(tmp_path, "store", str(making.path_of(url)), "--key", drafts.SIGNER.verifier.line)
        assert done.stdout == "whole: 564 entries of log made-up-log\n"


def test_the_rows_made_for_tests_are_those_of_the_writer(url: str) -> None:
    """The other tests stand on `making.Rows`; it must write what the writer writes."""
    create(url, making.SIGNER)
    made = list(making.entries(300))
    with making.Database(url) as database, open_writer(url, making.SIGNER, drafts.Clock()) as log:
        for one in made:
            said = {key: value for key, value in one.entry.items() if key not in COMPLETED}
            log.append([Draft(one.entry["id"], one.entry["kind"], said, one.blob)])
        stored = {name: database.run(f"SELECT * FROM {name} ORDER BY 1") for name in making.TABLES}
    rows = making.Rows()
    for row in stored["entry"]:
        entry = json.loads(row[-1])
        blob = dict(stored["sealed"]).get(row[0])
        rows.add(making.Made(entry, row[-1], row[-2], blob))
    rows.end()
    for name, wanted in rows.take().items():
        assert sorted(stored[name]) == sorted(wanted), name


def test_the_columns_and_marks_that_are_checked_are_those_that_are_written() -> None:
    assert COLUMNS == derived.COLUMNS
    assert dict(SORTS) == derived.SORTS
