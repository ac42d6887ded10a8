"""Every row attack is found: each column of each row changed, rows deleted, swapped, added, the tail cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER, Database, Row
from boosterwatch.tests.audit.log import databases

SMALL, LARGE = 8, 300
COLUMNS = {
    "entry": ("seq", *making.COLUMNS, "leaf", "body"),
    "sealed": ("seq", "blob"),
    "entry_mark": ("sort", "name", "seq"),
    "tile": ("level", "at", "root", "hashes"),
    "head": ("size", "note"),
    "log_info": ("one", "log", "public"),
    "log_version": ("version_num",),
}
KEYS = {"entry": 1, "sealed": 1, "entry_mark": 3, "tile": 2, "head": 1, "log_info": 1, "log_version": 1}
STEPS = {"entry_mark": 4}  # there are many, all alike
CODES = {
    "entry": {"BW521", "BW522", "BW524", "BW529"},
    "sealed": {"BW526"},
    "entry_mark": {"BW525"},
    "tile": {"BW527"},
    "head": {"BW528", "BW530"},
    "log_info": {"BW531"},
    "log_version": {"BW500", "BW502"},
}


# ---------------------------------------------------------------- a log, attacked and put back


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a small log."""
    if request.param == "sqlite":
        yield making.make(tmp_path / "audit.db", SMALL)
    else:
        with databases.schema() as url:
            making.fill(url, making.entries(SMALL))
            yield url


@pytest.fixture
def large(tmp_path: Path) -> str:
    """Give the address of a log that has a full tile."""
    return making.make(tmp_path / "audit.db", LARGE)


def found(url: str) -> list[str]:
    """Return the codes of everything that is wrong, from our verifier; the independent one must object too."""
    try:
        codes = [problem.code for problem in verify(url, KEY).problems]
    except DiagnosticError as error:
        codes = [problem.code for problem in error.diagnostics]
    if url.startswith("sqlite"):
        assert bool(codes) == bool(by_the_other(url))
    return codes


def by_the_other(url: str) -> list[str]:
    """Return what the independent verifier says is wrong."""
    module = independent.module()
    problems: list[str] = module.check_store(str(making.path_of(url)), module.read_key(KEY.line), [])[0]
    return problems


def others(value: Any, column: str) -> list[Any]:
    """Return other values for a cell."""
    match value:
        case None:
            return ["made up"]
        case int():
            return [value + 1_000_003, -value - 5] if column != "level" else [value + 3]
        case bytes():
            changed = bytearray(value)
            changed[len(value) // 2] ^= 4
            return [bytes(changed)]
        case str():
            return [f"{value}x"] + ([None] if column in making.COLUMNS[3:] else [])
    raise AssertionError(type(value))


def where(table: str) -> str:
    """Return the condition that picks a row by its key."""
    return " AND ".join(f"{name} = ?" for name in COLUMNS[table][: KEYS[table]])


def changes(database: Database, table: str, *, few: bool) -> Iterator[tuple[Row, str, Any, Any]]:
    """Yield every change of a cell as (key, column, old, new); `few` takes one row and one change of each cell."""
    names = COLUMNS[table]
    rows = database.run(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1")
    for row in rows[-1:] if few else rows[:: STEPS.get(table, 1)]:
        for name, value in zip(names, row, strict=True):
            if name != "one":  # a check of the table itself holds it to 1
                made = others(value, name)
                yield from ((row[: KEYS[table]], name, value, other) for other in (made[:1] if few else made))


def set_cell(database: Database, table: str, key: Row, column: str, value: Any) -> Row:
    """Change one cell; return the key of the row as it is now."""
    database.run(f"UPDATE {table} SET {column} = ? WHERE {where(table)}", (value, *key))
    names = COLUMNS[table][: KEYS[table]]
    return tuple(value if name == column else part for name, part in zip(names, key, strict=True))


@pytest.mark.parametrize("table", ["entry", "sealed", "entry_mark", "head", "log_info", "log_version"])
def test_each_column_of_each_row_changed_is_found(log: str, table: str) -> None:
    missed = []
    with Database(log) as database:
        for key, column, old, new in list(changes(database, table, few=not log.startswith("sqlite"))):
            now = set_cell(database, table, key, column, new)
            if not CODES[table] & set(found(log)):
                missed.append((key, column))
            set_cell(database, table, now, column, old)
    assert missed == []
    assert found(log) == []


def test_each_column_of_each_tile_and_head_changed_is_found(large: str) -> None:
    missed = []
    with Database(large) as database:
        for table in ("tile", "head"):
            for key, column, old, new in list(changes(database, table, few=False)):
                now = set_cell(database, table, key, column, new)
                if not CODES[table] & set(found(large)):
                    missed.append((table, key, column))
                set_cell(database, table, now, column, old)
    assert missed == []
    assert found(large) == []


@pytest.mark.parametrize("column", [*making.COLUMNS, "leaf"])
def test_a_changed_column_is_named_and_nothing_else(log: str, column: str) -> None:
    with Database(log) as database:
        ((old,),) = database.run(f"SELECT {column} FROM entry WHERE seq = 3")
        set_cell(database, "entry", (3,), column, others(old, column)[0])
    (problem,) = verify(log, KEY).problems
    assert f"{problem.code} {problem.message}" == f"BW524 entry 3: column `{column}` is not what the entry says"


@pytest.mark.parametrize("table", ["entry", "sealed", "entry_mark", "head", "log_info", "log_version"])
def test_each_row_deleted_is_found(log: str, table: str) -> None:
    missed = []
    with Database(log) as database:
        rows = database.run(f"SELECT * FROM {table} ORDER BY 1")
        for row in rows[:: STEPS.get(table, 1)] if log.startswith("sqlite") else rows[:1]:
            database.run(f"DELETE FROM {table} WHERE {where(table)}", row[: KEYS[table]])
            if not found(log):
                missed.append(row[: KEYS[table]])
            database.run(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    assert missed == []
    assert found(log) == []


def test_each_tile_and_head_deleted_is_found(large: str) -> None:
    with Database(large) as database:
        for table, count in (("tile", 1), ("head", 3)):
            rows = database.run(f"SELECT * FROM {table} ORDER BY 1")
            assert len(rows) == count
            for row in rows:
                database.run(f"DELETE FROM {table} WHERE {where(table)}", row[: KEYS[table]])
                assert CODES[table] & set(found(large)), row[:1]
                database.run(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    assert found(large) == []


SWAPS = {
    "two entries": ("entry", (3, 4), ("id", "recorded", "leaf", "body", "request", "patient", "recommendation")),
    "two bodies": ("entry", (3, 4), ("body",)),
    "two bodies with their leaves": ("entry", (3, 4), ("body", "leaf")),
    "two patients": ("entry", (3, 4), ("patient",)),
    "two sealed parts": ("sealed", (3, 4), ("blob",)),
    "two heads": ("head", (0, SMALL), ("note",)),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_swapped_rows_are_found(log: str, swap: str) -> None:
    table, (one, other), columns = SWAPS[swap]
    key = COLUMNS[table][0]
    with Database(log) as database:
        asked = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = ?"
        (first,), (second,) = database.run(asked, (one,)), database.run(asked, (other,))
        assert first != second
        database.run(f"UPDATE {table} SET {key} = 900 WHERE {key} = ?", (one,))  # ids are unique: out of the way
        if "id" in columns:
            database.run("UPDATE entry SET id = 'x', request = NULL WHERE seq = 900")
        for row, place in ((first, other), (second, 900)):
            sets = ", ".join(f"{name} = ?" for name in columns)
            database.run(f"UPDATE {table} SET {sets} WHERE {key} = ?", (*row, place))
        database.run(f"UPDATE {table} SET {key} = ? WHERE {key} = 900", (one,))
    assert CODES[table] & {*found(log)}


ADDED = {
    "a mark of a known name": ("entry_mark", ("flag", "flag_0", 5)),
    "a mark of a new name": ("entry_mark", ("rule", "made_up", 2)),
    "a mark of a new sort": ("entry_mark", ("made_up", "made_up", 2)),
    "a mark of no entry": ("entry_mark", ("flag", "flag_0", 77)),
    "a mark before the first entry": ("entry_mark", ("flag", "flag_0", -1)),
    "a sealed part": ("sealed", (5, b"made up")),
    "a sealed part of no entry": ("sealed", (77, b"made up")),
    "a tile": ("tile", (0, 0, bytes(32), bytes(8192))),
    "a tile far away": ("tile", (0, 9, bytes(32), bytes(8192))),
    "a tile of a level": ("tile", (1, 0, bytes(32), bytes(8192))),
    "a head": ("head", (5, "made up")),
    "a true head of another size": ("head", (5, SIGNER.sign(5, bytes(32), bytes(32)).note)),
}


@pytest.mark.parametrize("what", ADDED)
def test_added_rows_are_found(log: str, what: str) -> None:
    table, row = ADDED[what]
    with Database(log) as database:
        database.insert({table: [row]})
    assert CODES[table] & {*found(log)}


def test_entries_added_behind_the_last_head_are_found(log: str) -> None:
    more = list(making.entries(SMALL + 2))[SMALL:]
    with Database(log) as database:
        database.insert({"entry": [one.row for one in more], "entry_mark": more[0].marks + more[1].marks})
    assert "BW530" in found(log)
    assert f"BW530 no head covers entries {SMALL} to {SMALL + 1}" in [
        f"{problem.code} {problem.message}" for problem in verify(log, KEY).problems
    ]


def cut(url: str, size: int) -> None:
    """Cut off everything from a size on, heads included, as somebody with the database would."""
    with Database(url) as database:
        for table, column in (("entry_mark", "seq"), ("sealed", "seq"), ("entry", "seq")):
            database.run(f"DELETE FROM {table} WHERE {column} >= ?", (size,))
        database.run("DELETE FROM head WHERE size > ?", (size,))
        database.run("DELETE FROM tile WHERE (at + 1) * 256 > ?", (size,))


@pytest.mark.parametrize("size", [*range(1, SMALL)])
def test_a_tail_that_is_cut_off_is_found(log: str, size: int) -> None:
    cut(log, size)
    assert "BW530" in found(log)


def test_a_tail_that_is_cut_off_with_its_head_kept_is_found(log: str) -> None:
    with Database(log) as database:
        database.run("DELETE FROM entry WHERE seq >= 6")
        database.run("DELETE FROM sealed WHERE seq >= 6")
        database.run("DELETE FROM entry_mark WHERE seq >= 6")
    assert [f"{one.code} {one.message}" for one in verify(log, KEY).problems][:1] == [
        "BW522 entries 6 to 7 are missing"
    ]


FORGED = HeadSigner(SIGNER.log, bytes(32))


def test_a_log_that_was_written_anew_with_another_key_is_found(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", SMALL, signer=FORGED, seed=2)
    assert set(found(url)) == {"BW528", "BW531"}
    with Database(url) as database:  # nor does it help to name the right key
        database.run("UPDATE log_info SET public = ?", (KEY.public,))
    assert set(found(url)) == {"BW528"}


def test_a_log_of_another_name_is_found(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", SMALL, signer=HeadSigner("other-log", SIGNER.seed))
    assert {"BW521", "BW523", "BW528", "BW531"} <= set(found(url))


HIDING = {
    "a trigger": ["CREATE TRIGGER quiet AFTER INSERT ON entry BEGIN DELETE FROM entry WHERE seq = new.seq; END"],
    "a view": ["CREATE VIEW entries AS SELECT * FROM entry"],
    "a table": ["CREATE TABLE more (x)"],
    "an index less": ["DROP INDEX entry_kind"],
    "an index more": ["CREATE INDEX more ON entry (leaf)"],
    "a view in place of a table": [
        "ALTER TABLE sealed RENAME TO hidden",
        "CREATE VIEW sealed AS SELECT * FROM hidden",
    ],
    "a column more": ["ALTER TABLE head ADD COLUMN more TEXT"],
}


@pytest.mark.parametrize("what", HIDING)
def test_other_tables_are_found(tmp_path: Path, what: str) -> None:
    url = making.make(tmp_path / "audit.db", SMALL)
    with Database(url) as database:
        for statement in HIDING[what]:
            database.run(statement)
    assert "BW539" in [problem.code for problem in verify(url, KEY).problems]


HIDING_THERE = {
    "a trigger": [
        "CREATE FUNCTION quiet() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql",
        "CREATE TRIGGER quiet BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION quiet()",
    ],
    "a rule": ["CREATE RULE quiet AS ON INSERT TO entry DO INSTEAD NOTHING"],
    "row security": ["ALTER TABLE entry ENABLE ROW LEVEL SECURITY"],
    "a view in place of a table": [
        "ALTER TABLE sealed RENAME TO hidden",
        "CREATE VIEW sealed AS SELECT * FROM hidden",
    ],
    "an index less": ["DROP INDEX entry_kind"],
    "a column more": ["ALTER TABLE head ADD COLUMN more TEXT"],
    "another type": ["ALTER TABLE head ALTER COLUMN note TYPE varchar(100000)"],
}


@pytest.mark.parametrize("what", HIDING_THERE)
def test_other_tables_on_postgres_are_found(what: str) -> None:
    with databases.schema() as url:
        making.fill(url, making.entries(SMALL))
        with Database(url) as database:
            for statement in HIDING_THERE[what]:
                database.run(statement)
        assert "BW539" in [problem.code for problem in verify(url, KEY).problems]


BODIES: dict[str, tuple[bytes, Sequence[str]]] = {
    "no JSON": (b"{", ["entry 3 is not JSON"]),
    "a list": (b"[]", ["entry 3 is no JSON object"]),
    "a blank": (b'{ "a":1}', ["entry 3 is not in canonical form"]),
    "a key twice": (b'{"a":1,"a":1}', ["entry 3 is not in canonical form"]),
    "not UTF-8": (b'{"a":"\xff"}', ["entry 3 is not JSON"]),
}


@pytest.mark.parametrize("what", BODIES)
def test_what_is_no_entry_is_named(log: str, what: str) -> None:
    body, wanted = BODIES[what]
    with Database(log) as database:
        database.run("UPDATE entry SET body = ? WHERE seq = 3", (body,))
    said = [problem.message for problem in verify(log, KEY).problems if problem.code == "BW521"]
    assert said == wanted
    assert "BW529" in found(log)


def test_a_version_from_the_future_is_refused(log: str) -> None:
    with Database(log) as database:
        database.run("UPDATE log_version SET version_num = '9999'")
    with pytest.raises(LogError) as caught:
        verify(log, KEY)
    assert caught.value.code == "BW502"


def test_a_page_of_nothing_loses_its_entries_and_no_others(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", LARGE)
    path = making.path_of(url)
    data = path.read_bytes()
    start = data.index(b'"seq":150') // 4096 * 4096
    path.write_bytes(data[:start] + bytes(4096) + data[start + 4096 :])
    report = verify(url, KEY)
    messages = [problem.message for problem in report.problems]
    lost = [text for text in messages if text.startswith("entry ") and text.endswith("cannot be read: SQLITE_CORRUPT")]
    assert 1 <= len(lost) <= 5
    assert any(text.startswith("the database file ") for text in messages)
    assert report.counts["BW520"] == len(lost) + 1
    assert all(len(text) < 250 for text in messages)
