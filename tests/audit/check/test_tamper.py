"""A sample of flipped bytes of a store file: each is found, or changes nothing that is stored. `make tamper` takes all."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from boosterwatch.tests.audit.check import making, tamper

FLIPS = int(os.environ.get("BOOSTERWATCH_FLIPS", "150"))


@pytest.fixture(scope="module")
def data() -> bytes:
    """Give the bytes of a small store."""
    return tamper.store_bytes(12)


def offsets(data: bytes, count: int) -> list[int]:
    """Return places to flip, most of them where something is written."""
    random = Random(7)
    written = [at for at, byte in enumerate(data) if byte]
    empty = [at for at, byte in enumerate(data) if not byte]
    return random.sample(written, count * 4 // 5) + random.sample(empty, count // 5)


def test_our_verifier_misses_no_flip(data: bytes) -> None:
    outcome = tamper.flip(data, offsets(data, FLIPS), tamper.ours, seed=1)
    assert (outcome.missed, outcome.foreign) == ([], [])
    assert outcome.found > FLIPS // 2


# Of every byte of a store of 24 entries, the ones that a verifier once passed over or broke on: the number of a row that
# SQLite takes from its key, headers of rows after which a number reads as text, and names in the text of the schema.
IN_SCHEMA = (1935, 1937, 1957, 1958, 1959, 1962, 1963, 3640, 3642, 3792, 3793, 3797)
ONCE_MISSED = (*IN_SCHEMA, 16_339, 106_601, 107_080, 107_998, 109_073, 109_096, 110_751, 112_705)


@pytest.mark.parametrize("check", [tamper.ours, tamper.apart])
def test_what_was_once_missed_is_found(check: tamper.Check) -> None:
    outcome = tamper.flip(tamper.store_bytes(24), ONCE_MISSED, check, seed=1)
    assert (outcome.missed, outcome.foreign, outcome.found) == ([], [], len(ONCE_MISSED))


def test_the_independent_verifier_misses_no_flip(data: bytes) -> None:
    outcome = tamper.flip(data, offsets(data, FLIPS // 2), tamper.apart, seed=2)
    assert (outcome.missed, outcome.foreign) == ([], [])
    assert outcome.found > FLIPS // 4


def test_a_verifier_that_looks_at_nothing_is_caught(data: bytes) -> None:
    """The harness itself can fail: whoever calls every log whole has missed what reads differently."""
    outcome = tamper.flip(data, offsets(data, FLIPS), lambda _: True, seed=1)
    assert len(outcome.missed) > FLIPS // 2


def test_a_verifier_that_breaks_is_caught(data: bytes) -> None:
    calls = iter(range(10))

    def breaks(_: Path) -> bool:
        if next(calls):
            raise OverflowError
        return True

    outcome = tamper.flip(data, [100, 200], breaks, seed=1)
    assert [where.partition(":")[0] for where in outcome.foreign] == ["100", "200"]


@pytest.mark.parametrize("cut", [0, 1, 99, 100, 1024, 4095, 4096, 4097, 40_000, -4096, -1])
def test_a_file_that_ends_early_is_found(data: bytes, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "audit.db"
    path.write_bytes(data[:cut])
    assert not tamper.ours(path)
    path.write_bytes(data[:cut])
    assert not tamper.apart(path)


def test_every_page_of_nothing_is_found(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    for start in range(0, len(data), 4096):
        path.write_bytes(data[:start] + bytes(4096) + data[start + 4096 :])
        assert not tamper.ours(path), start
        assert not tamper.apart(path), start


def test_the_rows_of_the_store_are_read_through_every_index(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 12)
    with making.Database(url) as database:
        names = {name for (name,) in database.run("SELECT name FROM sqlite_schema WHERE tbl_name = 'entry'")}
    assert names - {"entry"} == tamper._INDEXES.keys()
