"""Searching: every filter finds what a plain look at each entry finds, page by page, by an index on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Select

from boosterwatch.engine.audit.log.reader import SqlReader, open_reader
from boosterwatch.engine.audit.reading import search as searching
from boosterwatch.engine.audit.reading.search import (
    Filters,
    SearchError,
    checked_time,
    next_version_statement,
    search,
    span_statement,
    statements,
)
from boosterwatch.tests.audit.check.making import make

COUNT = 400
Says = Callable[[dict[str, Any]], bool]
_TIME = "2026-11-24T01:02"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlReader]:
    """Give a made-up log."""
    with closing(open_reader(make(tmp_path_factory.mktemp("log") / "audit.db", COUNT))) as found:
        yield found


def has(key: str, *names: str) -> Says:
    """Return whether an entry has all of these marks."""
    return lambda entry: set(names) <= set(entry.get(key, ()))


def is_(**values: str) -> Says:
    """Return whether an entry says these."""
    return lambda entry: all(entry.get(name) == value for name, value in values.items())


def packed(entry: dict[str, Any], version: str | None = None) -> bool:
    """Return whether an entry is about a version of the pack of the log."""
    pack = entry.get("pack", {})
    return pack.get("id") == "some-pack" and version in (None, pack["version"])


CASES: dict[str, tuple[Filters, Says]] = {
    "nothing": (Filters(), lambda entry: True),
    "kind": (Filters(kind="erasure"), is_(kind="erasure")),
    "patient": (Filters(patient="patient3"), is_(patient="patient3")),
    "patient and kind": (Filters(patient="patient3", kind="erasure"), is_(patient="patient3", kind="erasure")),
    "pack": (Filters(pack="some-pack"), packed),
    "pack and version": (Filters(pack="some-pack", version="1.2.0"), lambda entry: packed(entry, "1.2.0")),
    "version alone": (Filters(version="1.3.0"), lambda entry: packed(entry, "1.3.0")),
    "recommendation": (Filters(recommendation="wait"), is_(recommendation="wait")),
    "rule": (Filters(rule=("rule_number_7",)), has("rules", "rule_number_7")),
    "two rules": (Filters(rule=("rule_number_7", "rule_number_8")), has("rules", "rule_number_7", "rule_number_8")),
    "near": (Filters(near=("rule_number_7",)), has("near", "rule_number_7")),
    "flag": (Filters(flag=("späte_Meldung",)), has("flags", "späte_Meldung")),
    "hold": (Filters(hold=("none",)), lambda entry: False),
    "from": (Filters(start=_TIME), lambda entry: entry["recorded"] >= _TIME),
    "to": (Filters(end=_TIME), lambda entry: entry["recorded"][: len(_TIME)] <= _TIME),
    "minute": (Filters(start=_TIME, end=_TIME), lambda entry: entry["recorded"].startswith(_TIME)),
    "never": (Filters(start="2027"), lambda entry: False),
    "all": (
        Filters(kind="decision", pack="some-pack", flag=("flag_1",), recommendation="talk", end=_TIME, rule=("rule_number_3",)),
        lambda entry: (
            packed(entry) and has("flags", "flag_1")(entry) and entry["recommendation"] == "talk"
            and entry["recorded"][: len(_TIME)] <= _TIME and has("rules", "rule_number_3")(entry)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("page", [7, 10_000])
@pytest.mark.parametrize("case", CASES)
def test_a_filter_finds_what_a_look_at_every_entry_finds(
    reader: SqlReader, case: str, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PAGE", page)
    filters, says = CASES[case]
    expected = [one.seq for one in reader.entries() if says(one.entry())]
    assert [one.seq for one in search(reader, filters)] == expected
    assert [one.seq for one in search(reader, filters, after=100)] == [seq for seq in expected if seq > 100]
    assert bool(expected) is (case not in ("hold", "never"))


def test_entries_of_a_clock_that_was_set_back_are_found(reader: SqlReader) -> None:
    late = [one for one in reader.entries() if str(one.entry()["recorded"]).startswith("2026-11-24T01:00")]
    assert [one.seq for one in late] == list(range(60))
    filters = Filters(start="2026-11-24T01:00:30", end="2026-11-24T01:00:31")
    assert [one.seq for one in search(reader, filters)] == [30, 31]


def plan(reader: SqlReader, statement: Select[Any]) -> str:
    """Return how SQLite answers a statement."""
    text = str(statement.compile(dialect=reader._engine.dialect, compile_kwargs={"literal_binds": True}))
    return "; ".join(row[3] for row in reader.plain(f"EXPLAIN QUERY PLAN {text}"))


_MARK = "SEARCH entry_mark USING PRIMARY KEY (sort=? AND name=? AND seq>? AND seq<?); "
_MARKED = _MARK + "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"
INDEXES = {
    "nothing": "SEARCH entry USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
    "kind": "SEARCH entry USING INDEX entry_kind (kind=? AND seq>? AND seq<?)",
    "patient": "SEARCH entry USING INDEX entry_patient (patient=? AND seq>? AND seq<?)",
    "patient and kind": "SEARCH entry USING INDEX entry_patient (patient=? AND seq>? AND seq<?)",
    "pack": "SEARCH entry USING INDEX entry_pack (pack=? AND version=? AND seq>? AND seq<?)",
    "pack and version": "SEARCH entry USING INDEX entry_pack (pack=? AND version=? AND seq>? AND seq<?)",
    "recommendation": "SEARCH entry USING INDEX entry_recommendation (recommendation=? AND seq>? AND seq<?)",
    **dict.fromkeys(("rule", "near", "flag", "hold", "two rules", "all"), _MARKED),
}


@pytest.mark.parametrize("case", INDEXES)
def test_every_filter_walks_along_an_index_and_nothing_is_sorted(reader: SqlReader, case: str) -> None:
    plans = {plan(reader, one) for one in statements(reader, CASES[case][0], (3, 300))}
    assert {one[: len(INDEXES[case])] for one in plans} == {INDEXES[case]}
    assert not [one for one in plans if "SCAN" in one or "TEMP B-TREE" in one]


def test_times_and_versions_are_found_in_an_index_alone(reader: SqlReader) -> None:
    span = plan(reader, span_statement(Filters(start=_TIME, end=_TIME)))
    assert span == "SEARCH entry USING COVERING INDEX entry_recorded (recorded>? AND recorded<?)"
    version = plan(reader, next_version_statement("some-pack", "1.0.0"))
    assert version == "SEARCH entry USING COVERING INDEX entry_pack (pack=? AND version>?)"


def test_a_pack_of_very_many_versions_is_walked_once(reader: SqlReader, monkeypatch: pytest.MonkeyPatch) -> None:
    filters, says = CASES["pack"]
    assert len(statements(reader, filters, (0, COUNT))) == 4
    monkeypatch.setattr(searching, "MOST_VERSIONS", 2)
    assert len(statements(reader, filters, (0, COUNT))) == 1
    assert [one.seq for one in search(reader, filters)] == [one.seq for one in reader.entries() if says(one.entry())]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-1", "20261124", "2026-11-24T", "2026-11-24T01:02:03+01:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SearchError) as refused:
        checked_time(text)
    assert [(one.code, one.message, one.hint) for one in refused.value.diagnostics] == [
        ("BW560", f"`{text}` is no time", "give a beginning of a time in UTC: 2026, 2026-11-24, 2026-11-24T13:00")
    ]


def test_what_was_asked_for_is_said_for_the_record() -> None:
    asked = Filters(start="2026", rule=("one", "two"), patient="pseudonym")
    assert asked.said() == {"patient": "pseudonym", "rule": "one two", "start": "2026"}
