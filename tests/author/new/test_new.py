"""`new pack|instrument|sign|case`: what is written passes `check` at once, and nothing is ever overwritten."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine.author.cases import run_cases
from boosterwatch.engine.author.new import new_pack
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.budget import budget_of
from boosterwatch.engine.pack.open import Opened, compile_reference, open_pack
from boosterwatch.tests.author.lead import run, small_pack

RECORD = {
    "as_of": "2026-03-01",
    "infusions": [f"2025-12-{day:02}" for day in (1, 3, 5, 8, 10, 12)],
    "assessments": [
        {"date": "2025-11-28", "instrument": "glow", "total": 22},
        {"date": "2026-01-10", "instrument": "glow", "total": 4},
        {"date": "2026-02-25", "instrument": "glow", "total": 18},
    ],
    "safety": [{"date": "2026-02-25", "type": "consent", "status": "withdrawn"}],
}


@pytest.fixture
def pack(tmp_path: Path) -> str:
    return str(small_pack(tmp_path / "small-pack" / "0.1.0"))


def opened(folder: str) -> Opened:
    found = open_pack(folder)
    assert found.problems == ()
    return found


def passed(folder: str) -> dict[str, str]:
    """Return how each case of a pack comes out."""
    found = opened(folder)
    assert found.pack is not None
    return {result.case.id: result.status for result in run_cases(found, LoadedPack(found.pack))}


def test_a_new_pack_is_sound_without_a_warning_and_its_cases_pass(tmp_path: Path) -> None:
    folder = str(tmp_path / "my-policy" / "0.1.0")
    result = run("new", "pack", folder, "--title", 'It\'s "ours": a policy')
    assert (result.exit_code, result.stderr) == (0, "")
    checked = json.loads(run("check", folder, "--format", "json").stdout)
    assert (checked["counts"]["error"], checked["counts"]["warning"]) == (0, 0)
    made = opened(folder).pack
    assert made is not None
    assert (made.id, made.version, made.title, made.status) == ("my-policy", "0.1.0", 'It\'s "ours": a policy', "draft")
    assert passed(folder) == dict.fromkeys(
        ("first_scale_delta_below", "first_scale_delta_at", "first_scale_half_lost"), "passed"
    )


def test_every_scaffold_goes_on_top_of_the_others(tmp_path: Path) -> None:
    folder = str(tmp_path / "my-policy" / "0.1.0")
    for arguments in (
        ("pack", folder),
        ("instrument", folder, "second_scale", "--range", "0-40", "--worse", "low"),
        ("sign", folder, "second_sign"),
        ("case", folder, "nobody"),
    ):
        result = run("new", *arguments)
        assert (result.exit_code, result.stderr) == (0, "")
    assert run("check", folder).exit_code == 0
    assert set(passed(folder).values()) == {"passed"}


@pytest.mark.parametrize(("day", "review"), [("2024-02-29", "2025-02-28"), ("2026-11-23", "2027-11-23")])
def test_the_review_of_a_new_pack_is_a_year_away(tmp_path: Path, day: str, review: str) -> None:
    made = new_pack(tmp_path / "policy", None, None, date.fromisoformat(day))
    assert f"review_by: {review} " in made.texts["pack.yaml"]
    assert (made.pack.version, made.pack.title) == ("0.1.0", "Policy")


def test_an_instrument_decides_nothing_until_its_author_lets_it(pack: str) -> None:
    before = opened(pack).pack
    assert run("new", "instrument", pack, "third", "--range", "1-5", "--worse", "low").exit_code == 0
    after = opened(pack).pack
    assert before is not None
    assert after is not None
    assert after.rules == before.rules
    added = next(one for one in after.instruments if one.id == "third")
    assert (added.low, added.high, added.worse, added.use) == (1, 5, "low", "display")
    text = (Path(pack) / "instruments" / "third.yaml").read_text()
    assert "#   third.delta:\n#     says: change\n#     unit: points\n" in text


def test_a_sign_reads_a_scale_that_no_other_sign_reads_or_those_that_are_named(pack: str) -> None:
    assert run("new", "sign", pack, "bright").exit_code == 0
    assert run("new", "sign", pack, "late", "--core", "ember", "--core", "glow").exit_code == 0
    signs = {sign.id: sign.core for sign in opened(pack).pack.signs}  # type: ignore[union-attr]
    assert signs == {"dim": ("glow", "glow_first"), "bright": ("glow",), "late": ("ember", "glow")}
    files = {file.name for file in (Path(pack) / "signs").iterdir()}
    assert files == {"dim.yaml", "2-bright.yaml", "3-late.yaml"}


def test_a_case_from_a_record_holds_what_the_pack_decides_and_asks_to_confirm_it(pack: str, tmp_path: Path) -> None:
    record = tmp_path / "patient.json"
    record.write_text(json.dumps(RECORD))
    result = run("new", "case", pack, "held", "--from", str(record))
    assert (result.exit_code, result.stderr) == (0, "")
    text = (Path(pack) / "cases" / "held.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../../../../schemas/case.schema.json\ncase: held\n")
    assert "# CONFIRM: what follows is what the policy decides today, not what is right." in text
    case = next(one for one in opened(pack).cases if one.file == "cases/held.yaml").data
    assert case["record"]["assessments"] == RECORD["assessments"]
    assert case["expect"]["recommendation"] == "look"
    assert case["expect"]["holds"] == ["consent"]
    assert passed(pack) == {"held": "passed"}


def test_the_first_line_is_that_of_the_pack(pack: str) -> None:
    for file in Path(pack).rglob("*.yaml"):
        file.write_text(file.read_text().replace("../schemas/", "../../elsewhere/"))
    assert run("new", "sign", pack, "bright").exit_code == 0
    first = (Path(pack) / "signs" / "2-bright.yaml").read_text().partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../../../../../elsewhere/part.schema.json"


REFUSED = {
    "a file that is there": (
        ("instrument", "PACK", "glow"),
        "BW418 `PACK/instruments/glow.yaml` is already there\n  hint: choose another id\n",
    ),
    "a folder that is not empty": (
        ("pack", "PACK"),
        "BW418 `PACK` is not an empty folder\n  hint: give a new one; nothing is ever overwritten\n",
    ),
    "a file for a folder": (
        ("pack", "PACK/pack.yaml"),
        "BW418 `PACK/pack.yaml` is not an empty folder\n  hint: give a new one; nothing is ever overwritten\n",
    ),
    "no id": (
        ("sign", "PACK", "Two Words"),
        "BW419 `Two Words` cannot be an id\n  hint: lower-case letters, digits and `_`, beginning with a letter\n",
    ),
    "a way out of the folder": (
        ("case", "PACK", "../case"),
        "BW419 `../case` cannot be an id\n  hint: lower-case letters, digits and `_`, beginning with a letter\n",
    ),
    "no id of a pack": (
        ("pack", "PACK/../0.2.0", "--id", "My Policy"),
        "BW419 `My Policy` cannot be the id of a pack\n"
        "  hint: lower-case letters, digits and `-`, beginning with a letter; give one with --id\n",
    ),
    "no range": (
        ("instrument", "PACK", "third", "--range", "9-9"),
        "BW419 `9-9` is not a range of totals\n  hint: write the lowest and the highest, such as 0-27\n",
    ),
    "no scale with a reading": (
        ("sign", "PACK", "bright", "--core", "emberr"),
        "BW419 `emberr` is no scale that the readings read\n  hint: did you mean `ember`?\n",
    ),
    "a pack of the program": (
        ("sign", "ketamine-maintenance@1.0.0", "bright"),
        "BW416 `ketamine-maintenance@1.0.0` comes with the program and gets no new parts\n"
        "  hint: copy its folder, and give the copy's folder here\n",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(pack: str, arguments: tuple[str, ...], message: str) -> None:
    before = {file: file.read_bytes() for file in Path(pack).parent.rglob("*.yaml")}
    result = run("new", *(argument.replace("PACK", pack) for argument in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.replace(pack, "PACK") == message
    assert {file: file.read_bytes() for file in Path(pack).parent.rglob("*.yaml")} == before


def test_an_id_that_the_pack_already_has_is_refused_by_the_compiler(pack: str) -> None:
    result = run("new", "sign", pack, "dim")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW206" in result.stderr
    assert not (Path(pack) / "signs" / "2-dim.yaml").exists()


def test_the_budget_of_a_new_pack_is_there_to_be_stated(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert run("new", "pack", str(folder), "--id", "my-policy").exit_code == 0
    face = folder / "pack.yaml"
    assert budget_of(compile_reference(str(folder))) is None
    face.write_text(face.read_text().replace("# alerts_per", "alerts_per"))
    assert budget_of(compile_reference(str(folder))) == 10
