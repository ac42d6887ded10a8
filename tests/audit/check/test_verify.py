"""Whole logs are whole, on both databases and for both verifiers; what is told of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from boosterwatch.engine.audit.check import verify as verifying
from boosterwatch.engine.audit.check.earlier import Earlier
from boosterwatch.engine.audit.check.report import Checked, Report
from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER
from boosterwatch.tests.audit.log import databases

SIZES = [0, 1, 2, 255, 256, 257, 513]


def said(report: Report) -> list[str]:
    """Return the problems of a report as `code message`."""
    return [f"{problem.code} {problem.message}" for problem in report.problems]


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_log_is_whole(tmp_path: Path, size: int) -> None:
    url = making.make(tmp_path / "audit.db", size)
    report = verify(url, KEY)
    assert said(report) == []
    assert report.whole
    assert report.head is not None
    assert report.head.size == size
    made = list(making.entries(size))
    assert report.checked == Checked(
        entries=size,
        marks=sum(len(one.marks) for one in made),
        sealed=sum(one.blob is not None for one in made),
        sealed_bytes=sum(len(one.blob or b"") for one in made),
        tiles=size // 256,
        heads=len({*range(0, size + 1, 256), size}),
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_independent_verifier_says_so_too(tmp_path: Path, size: int) -> None:
    url = making.make(tmp_path / "audit.db", size)
    done = independent.run(tmp_path, "store", str(making.path_of(url)), "--key", KEY.line)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"whole: {size} entries of log test-log\n", "")


def test_a_whole_log_on_postgres_is_whole() -> None:
    with databases.schema() as url:
        making.fill(url, making.entries(300))
        report = verify(url, KEY)
        assert said(report) == []
        assert (report.checked.entries, report.checked.tiles, report.checked.heads) == (300, 1, 3)


def test_a_log_in_many_slices_is_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = making.make(tmp_path / "audit.db", 1100)
    whole = verify(url, KEY)
    monkeypatch.setattr(verifying, "SLICE", 256)
    assert verify(url, KEY) == whole


def test_other_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "SLICE", 256)
    url = making.make(tmp_path / "audit.db", 600)
    with making.Database(url) as database:
        database.run("UPDATE entry SET patient = 'other' WHERE seq = 500")
        database.run("UPDATE entry SET about = 'other' WHERE seq = 3")
        database.run("DROP INDEX entry_kind")
    report = verify(url, KEY, jobs=2)
    assert report == verify(url, KEY)
    assert said(report) == [
        "BW539 `entry_kind` in the database is not as a log has it",
        "BW524 entry 3: column `about` is not what the entry says",
        "BW524 entry 500: column `patient` is not what the entry says",
    ]


def test_a_broken_chain_between_slices_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "SLICE", 256)
    url = making.make(tmp_path / "audit.db", 600)
    with making.Database(url) as database:  # the last entry of the first slice is another, rows and all
        other = list(making.entries(256, seed=2))[255]
        database.run("DELETE FROM entry WHERE seq = 255")
        database.insert({"entry": [other.row]})
    assert "BW523 entry 256 does not follow entry 255: `previous` is another hash" in said(verify(url, KEY))


def test_a_report_is_told_as_data(tmp_path: Path) -> None:
    report = verify(making.make(tmp_path / "audit.db", 3), KEY)
    plain = orjson.loads(orjson.dumps(report.to_json()))
    assert plain["whole"] is True
    assert plain["problems"] == []
    assert plain["checked"]["entries"] == 3
    assert KEY.verify(plain["head"]["note"]).root.hex() == plain["head"]["root"]


def test_only_so_many_problems_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 120)
    with making.Database(url) as database:
        database.run("UPDATE entry SET recorded = 'x'")
    report = verify(url, KEY)
    assert (len(report.problems), report.total) == (50, 120)
    assert dict(report.counts) == {"BW524": 120}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "BW500"),
        (lambda path: path.write_bytes(b""), "BW500"),
        (lambda path: path.write_bytes(b"no database, but a text that is longer than a header" * 100), "BW510"),
    ],
    ids=["gone", "empty", "text"],
)
def test_where_there_is_no_log_nothing_is_verified(tmp_path: Path, spoil: Callable[[Path], object], code: str) -> None:
    url = making.make(tmp_path / "audit.db", 3)
    spoil(making.path_of(url))
    with pytest.raises(LogError) as caught:
        verify(url, KEY)
    assert caught.value.code == code


def test_verifying_goes_on_while_the_log_is_written(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 400)
    made = list(making.entries(1400))
    stop = threading.Event()

    def write() -> None:
        rows = making.Rows()
        for one in made[:400]:
            rows.add(one)
        rows.take()
        with making.Database(url) as database:
            for one in made[400:]:
                if stop.is_set():
                    return
                newest = rows.peaks.size
                rows.add(one)
                rows.end()
                tables = rows.take()
                database.run("BEGIN IMMEDIATE")
                for name, new in tables.items():
                    database.many(f"INSERT INTO {name} VALUES ({', '.join('?' * making.TABLES[name])})", new)
                if newest % 256:
                    database.run("DELETE FROM head WHERE size = ?", (newest,))
                database.run("COMMIT")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        sizes = []
        for _ in range(12):
            report = verify(url, KEY)
            assert said(report) == []
            sizes.append(report.checked.entries)
    finally:
        stop.set()
        thread.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] > 400


def test_a_head_of_every_size_is_compared(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 520)
    rows, heads = making.Rows(), []
    for one in making.entries(520):
        rows.add(one)
        heads.append(SIGNER.sign(rows.peaks.size, rows.peaks.root(), rows.chain))
    earlier = [Earlier(f"head {head.size}", head) for head in heads]
    report = verify(url, KEY, earlier=earlier)
    assert (said(report), report.checked.earlier) == ([], 520)
    wrong = [Earlier("it", SIGNER.sign(size, heads[0].root, heads[size - 1].chain)) for size in (2, 256, 300, 520)]
    assert said(verify(url, KEY, earlier=wrong)) == [
        f"BW532 it of size {size} was signed over other entries: the log was rewritten" for size in (2, 256, 300, 520)
    ]
