"""`set`: what is refused, in whole messages, what is written, and that nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boosterwatch.engine.author.edit import Wish, plan_edit, write
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.author.lead import run, small_pack

GLOW = "instruments/glow.yaml"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return small_pack(tmp_path / "small-pack" / "0.1.0")


def texts(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_new_value_is_one_line_more_and_the_old_one_stays(pack: Path) -> None:
    before = texts(pack)
    result = run(
        "set", str(pack), "window", "30", "--from", "2026-03-01", "--basis", "clinic_policy", "--note", "audit"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    after = texts(pack)
    assert {name for name in after if after[name] != before.get(name)} == {"parameters.yaml"}
    values = open_pack(str(pack)).pack.parameters  # type: ignore[union-attr]
    window = next(one for one in values if one.name == "window")
    assert [(one.start, one.value, one.basis, one.note) for one in window.values] == [
        ("2000-01-01", 28, "published", None),
        ("2026-03-01", 30, "clinic_policy", "audit"),
    ]


def test_what_is_printed(pack: Path) -> None:
    result = run("set", str(pack), "adult", "21", "--from", "2026-03-01", "--basis", "recalled", "--dry-run")
    assert result.stdout.replace(str(pack), "PACK") == (
        "adult: 21 years from 2026-03-01 on, 18 years before (nothing was written).\n"
        "\n"
        "--- parameters.yaml\n"
        "+++ parameters.yaml\n"
        "@@ -9,2 +9,2 @@\n"
        "   pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 150, basis: published}]}\n"
        "-  adult: {says: age, unit: years, values: [{from: 2000-01-01, value: 18, basis: published}]}\n"
        "+  adult: {says: age, unit: years, values: [{from: 2000-01-01, value: 18, basis: published}, "
        "{from: 2026-03-01, value: 21, basis: recalled}]}\n"
        "\n"
        "Next\n"
        "  boosterwatch check PACK\n"
        "  boosterwatch test PACK\n"
        "  boosterwatch test PACK --coverage\n"
        "  boosterwatch mutate PACK\n"
        "  boosterwatch prove PACK\n"
        "  boosterwatch prose PACK\n"
    )


def test_a_dry_run_writes_nothing_and_says_so(pack: Path) -> None:
    before = texts(pack)
    wish = ("window", "30", "--from", "2026-03-01", "--basis", "published", "--dry-run", "--format", "json")
    answer = json.loads(run("set", str(pack), *wish).stdout)
    assert texts(pack) == before
    digests = answer.pop("digest")
    assert digests["before"] != digests["after"]
    assert answer == {
        "parameter": "window",
        "before": {"value": 28, "from": "2000-01-01"},
        "after": {"value": 30, "from": "2026-03-01", "basis": "published", "cites": [], "note": None},
        "file": "parameters.yaml",
        "line": 7,
        "written": False,
    }


def test_the_digest_told_is_that_of_the_written_pack(pack: Path) -> None:
    wish = ("window", "30", "--from", "2026-03-01", "--basis", "published", "--format", "json")
    answer = json.loads(run("set", str(pack), *wish).stdout)
    written = open_pack(str(pack)).pack
    assert written is not None
    assert answer["digest"]["after"] == written.digest


def test_a_second_edit_comes_after_the_first(pack: Path) -> None:
    for year, value in (("2026", "30"), ("2027", "31")):
        arguments = ("window", value, "--from", f"{year}-01-01", "--basis", "published")
        assert run("set", str(pack), *arguments).exit_code == 0
    opened = open_pack(str(pack)).pack
    assert opened is not None
    window = next(one for one in opened.parameters if one.name == "window")
    assert [one.value for one in window.values] == [28, 30, 31]


@pytest.mark.parametrize(
    ("value", "fine"),
    [("1.99", False), ("2", True), ("9", True), ("9.01", False)],
    ids=["below", "low", "high", "above"],
)
def test_the_ends_of_the_allowed_range(pack: Path, value: str, fine: bool) -> None:
    result = run("set", str(pack), "glow.delta", value, "--from", "2026-03-01", "--basis", "published")
    assert result.exit_code == (0 if fine else 1)
    assert (f"value: {value}," in (pack / GLOW).read_text()) == fine


@pytest.mark.parametrize(
    ("start", "fine"),
    [("1999-12-31", False), ("2000-01-01", False), ("2000-01-02", True)],
    ids=["below", "at", "above"],
)
def test_the_day_must_be_later_than_the_newest(pack: Path, start: str, fine: bool) -> None:
    result = run("set", str(pack), "window", "30", "--from", start, "--basis", "published")
    assert result.exit_code == (0 if fine else 1)


REFUSED = {
    "unknown parameter": (
        ("glow.delt", "6", "--from", "2026-03-01", "--basis", "published"),
        "BW410 there is no parameter `glow.delt`\n  hint: did you mean `glow.delta`?\n",
    ),
    "nothing like it": (
        ("xyz", "6", "--from", "2026-03-01", "--basis", "published"),
        "BW410 there is no parameter `xyz`\n  hint: `boosterwatch packs show` lists every number\n",
    ),
    "no number": (
        ("window", "1e2", "--from", "2026-03-01", "--basis", "published"),
        "BW411 `1e2` is not a number\n  hint: write a plain number with a point, such as 6 or 0.5\n",
    ),
    "out of range": (
        ("window", "61", "--from", "2026-03-01", "--basis", "published"),
        "PACK/parameters.yaml:7:3: BW412 `window` may be 5 to 60 days, not 61\n"
        "  |   window: {says: window, unit: days, allowed: 5 to 60, values: [{from: 2000-01-01, value: 28, basis:...\n"
        "  |   ^\n"
        "  hint: a wider range is a change of the policy itself: edit `allowed`\n",
    ),
    "no date": (
        ("window", "30", "--from", "2026-02-30", "--basis", "published"),
        "BW413 `2026-02-30` is not a date\n  hint: write it as year-month-day, such as 2026-03-01\n",
    ),
    "unknown source": (
        ("window", "30", "--from", "2026-03-01", "--basis", "published", "--cite", "somebody-2001"),
        "BW414 there is no citation `somebody-2001`\n  hint: add the source to the pack's citations first\n",
    ),
    "unknown basis": (
        ("window", "30", "--from", "2026-03-01", "--basis", "publishd"),
        "BW415 `publishd` is no basis\n  hint: did you mean `published`?\n",
    ),
    "several at once": (
        ("window", "x", "--from", "soon", "--basis", "hearsay"),
        "BW411 `x` is not a number\n  hint: write a plain number with a point, such as 6 or 0.5\n"
        "BW413 `soon` is not a date\n  hint: write it as year-month-day, such as 2026-03-01\n"
        "BW415 `hearsay` is no basis\n  hint: it is one of published, recalled, clinic_policy\n",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(pack: Path, arguments: tuple[str, ...], message: str) -> None:
    before = texts(pack)
    result = run("set", str(pack), *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.replace(str(pack), "PACK") == message
    assert texts(pack) == before


def test_a_value_that_breaks_the_pack_is_shown_where_it_would_stand(pack: Path) -> None:
    before = texts(pack)
    result = run("set", str(pack), "window", "30.5", "--from", "2026-03-01", "--basis", "published")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "BW417 with this value of `window` the pack would have errors; nothing was written\n"
    )
    assert "BW210 `window` is counted in whole days" in result.stderr
    assert "value: 30.5" in result.stderr
    assert texts(pack) == before


def test_a_pack_that_comes_with_the_program_is_not_edited() -> None:
    result = run("set", "ketamine-maintenance@1.0.0", "grace", "8", "--from", "2026-03-01", "--basis", "published")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "BW416 `ketamine-maintenance@1.0.0` comes with the program and is not edited in place\n"
        "  hint: copy its folder, edit the copy, and give the copy's folder here\n"
    )


def test_a_broken_pack_is_reported_and_left_alone(pack: Path) -> None:
    (pack / GLOW).write_text((pack / GLOW).read_text().replace("use: signs", "use: sings"))
    with pytest.raises(PackError) as caught:
        plan_edit(open_pack(str(pack)), Wish("window", "30", "2026-03-01", "published"))
    assert [one.code for one in caught.value.diagnostics] == ["BW156"]


def test_a_folder_that_cannot_be_written_leaves_the_old_file(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = texts(pack)
    monkeypatch.setattr("os.fsync", full)
    result = run("set", str(pack), "window", "30", "--from", "2026-03-01", "--basis", "published")
    assert (result.exit_code, result.stderr) == (
        1,
        "BW404 `parameters.yaml` cannot be written: no space left on device\n",
    )
    assert texts(pack) == before


def test_the_permissions_of_the_file_stay(pack: Path) -> None:
    file = pack / "parameters.yaml"
    file.chmod(0o640)
    write(pack, plan_edit(open_pack(str(pack)), Wish("window", "30", "2026-03-01", "published")))
    assert file.stat().st_mode & 0o777 == 0o640
