"""Which version of a pack answers for a day, and which may decide at all."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from boosterwatch import load_pack
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.find import find_pack
from boosterwatch.engine.pack.versions import Version, answers_from_to, find_in_force, version_in_force

PACK = "small-pack"
FOLDER = Path("unused")
Row = tuple[str, str, str]

OLD: Row = ("1.0.0", "active", "2020-01-01")
NEW: Row = ("1.1.0", "active", "2024-06-01")


def versions(*rows: Row) -> tuple[Version, ...]:
    return tuple(Version(PACK, number, FOLDER, status, effective) for number, status, effective in rows)


@pytest.mark.parametrize(
    ("rows", "on", "wanted"),
    [
        ((OLD, NEW), "2019-12-31", None),
        ((OLD, NEW), "2020-01-01", "1.0.0"),
        ((OLD, NEW), "2024-05-31", "1.0.0"),
        ((OLD, NEW), "2024-06-01", "1.1.0"),
        ((OLD, NEW), None, "1.1.0"),
        ((OLD, ("1.1.0", "draft", "2024-06-01")), "2025-01-01", "1.0.0"),
        ((OLD, ("1.1.0", "trial", "2024-06-01")), "2025-01-01", "1.0.0"),
        ((("1.0.0", "retired", "2020-01-01"), NEW), "2021-01-01", "1.0.0"),
        ((("1.0.0", "retired", "2020-01-01"), NEW), "2025-01-01", "1.1.0"),
        ((OLD, ("1.1.0", "retired", "2024-06-01")), "2024-05-31", "1.0.0"),
        ((OLD, ("1.1.0", "retired", "2024-06-01")), "2024-06-01", None),
        ((OLD, ("1.1.0", "retired", "2024-06-01")), None, None),
        ((("1.0.0", "draft", "2020-01-01"),), "2021-01-01", None),
        ((OLD, ("1.0.1", "active", "2020-01-01")), "2020-01-01", "1.0.1"),
        ((OLD, ("1.9.0", "active", "2021-01-01"), ("1.10.0", "active", "2021-01-01")), "2022-01-01", "1.10.0"),
    ],
)
def test_the_latest_to_begin_answers(rows: tuple[Row, ...], on: str | None, wanted: str | None) -> None:
    found = version_in_force(versions(*rows), None if on is None else date.fromisoformat(on))
    assert (found and found.number) == wanted


def test_days_without_a_gap() -> None:
    known = versions(OLD, NEW, ("1.2.0", "draft", "2024-07-01"), ("2.0.0", "active", "2025-01-01"))
    assert [answers_from_to(known, one) for one in known] == [
        ("2020-01-01", "2024-05-31"),
        ("2024-06-01", "2024-12-31"),
        None,
        ("2025-01-01", None),
    ]


# ---------------------------------------------------------------- on disk


def make(root: Path, rows: tuple[Row, ...]) -> list[Path]:
    """Write versions of the default pack, under another name, that differ in their faces only."""
    source = find_pack("ketamine-maintenance").folder
    for number, status, effective in rows:
        folder = root / PACK / number
        shutil.copytree(str(source), folder, ignore=shutil.ignore_patterns("compiled.json", "release.json", "cases"))
        face = (folder / "pack.yaml").read_text(encoding="utf-8")
        for old, new in (
            ("pack: ketamine-maintenance", f"pack: {PACK}"),
            ('version: "1.0.0"', f'version: "{number}"'),
            ("status: active", f"status: {status}"),
            ("effective: 2000-01-01", f"effective: {effective}"),
        ):
            assert face.count(old) == 1
            face = face.replace(old, new)
        (folder / "pack.yaml").write_text(face, encoding="utf-8")
    return [root]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    rows: tuple[Row, ...] = (OLD, NEW, ("1.2.0", "trial", "2025-01-01"), ("1.3.0", "draft", "2025-02-01"))
    return make(tmp_path_factory.mktemp("packs"), rows)


@pytest.mark.parametrize(
    ("on", "wanted"), [("2020-01-01", "1.0.0"), ("2024-05-31", "1.0.0"), ("2024-06-01", "1.1.0"), (None, "1.1.0")]
)
def test_an_id_means_the_version_of_the_day(search: list[Path], on: str | None, wanted: str) -> None:
    day = None if on is None else date.fromisoformat(on)
    assert load_pack(PACK, on=day, search=search).version == wanted


def test_a_named_version_means_itself(search: list[Path]) -> None:
    assert load_pack(f"{PACK}@1.0.0", on=date(2026, 1, 1), search=search).version == "1.0.0"
    assert load_pack(str(search[0] / PACK / "1.1.0"), on=date(2001, 1, 1)).version == "1.1.0"


TRIAL: Row = ("1.2.0", "trial", "2025-01-01")
DRAFT: Row = ("1.10.0", "draft", "2025-02-01")
GONE: Row = ("2.0.0", "retired", "2021-01-01")


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ((DRAFT,), "1.10.0"),
        ((OLD, NEW), "1.1.0"),
        ((OLD, NEW, TRIAL, DRAFT, GONE), "1.1.0"),
        ((OLD, ("1.9.0", "active", "2001-01-01"), DRAFT), "1.9.0"),  # by its number, not by the day it begins
        ((("1.9.0", "trial", "2020-01-01"), DRAFT), "1.10.0"),
        ((("1.0.0", "retired", "2020-01-01"), TRIAL), "1.2.0"),
    ],
    ids=str,
)
def test_to_the_tools_an_id_means_the_newest_that_may_decide(
    tmp_path: Path, rows: tuple[Row, ...], wanted: str
) -> None:
    assert find_pack(PACK, make(tmp_path, rows)).shown == f"{PACK}@{wanted}"


def test_a_face_that_cannot_be_read_does_not_decide(tmp_path: Path) -> None:
    search = make(tmp_path, (OLD, NEW))
    (tmp_path / PACK / "1.1.0" / "pack.yaml").write_text("pack: [", encoding="utf-8")
    assert find_pack(PACK, search).shown == f"{PACK}@1.0.0"
    (tmp_path / PACK / "1.0.0" / "pack.yaml").write_text("pack: [", encoding="utf-8")
    assert find_pack(PACK, search).shown == f"{PACK}@1.1.0"


def test_one_version_alone_is_found_without_its_face(tmp_path: Path) -> None:
    search = make(tmp_path, (DRAFT,))
    (tmp_path / PACK / "1.10.0" / "pack.yaml").write_bytes(b"\xff")
    assert find_pack(PACK, search).shown == f"{PACK}@1.10.0"
    assert find_in_force(PACK, date(2026, 1, 1), search).shown == f"{PACK}@1.10.0"


def test_before_the_first_version_nothing_answers(search: list[Path]) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(PACK, on=date(2019, 12, 31), search=search)
    assert str(caught.value) == (
        f"BW141 no version of `{PACK}` answers for 2019-12-31\n"
        f"  hint: `boosterwatch packs history {PACK}` tells which version answers when; `{PACK}@VERSION` names one"
    )


def test_nor_before_the_only_version(tmp_path: Path) -> None:
    search = make(tmp_path, (OLD,))
    assert load_pack(PACK, on=date(2020, 1, 1), search=search).version == "1.0.0"
    with pytest.raises(PackError, match="BW141 no version of `small-pack` answers for 2019-12-31"):
        load_pack(PACK, on=date(2019, 12, 31), search=search)


@pytest.mark.parametrize(
    ("version", "allowed", "says"),
    [
        ("1.2.0", ("shadow", "reading"), "a trial runs only in the shadow of an active version"),
        ("1.3.0", ("reading",), "a draft runs only its tests"),
    ],
)
def test_what_is_not_active_does_not_decide(
    search: list[Path], version: str, allowed: tuple[str, ...], says: str
) -> None:
    for purpose in ("decisions", "shadow", "reading"):
        if purpose in allowed:
            assert load_pack(f"{PACK}@{version}", purpose=purpose, search=search).version == version
            continue
        with pytest.raises(PackError) as caught:
            load_pack(f"{PACK}@{version}", purpose=purpose, search=search)
        assert [one.code for one in caught.value.diagnostics] == ["BW142"]
        assert says in str(caught.value)
