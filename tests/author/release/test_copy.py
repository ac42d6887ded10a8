"""The draft of the next version: every byte of the old one but its number, status and approvals; nothing overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boosterwatch.engine.author.release import Copy, plan_copy, write_copy
from boosterwatch.engine.author.release.face import with_values
from boosterwatch.engine.pack.open import compile_reference, open_pack
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.tests.author.release.stage import content, draft, refusal, released

ROOT = Path(__file__).parents[3]


def copied(folder: str | Path, version: str, into: Path | None = None) -> Copy:
    return plan_copy(open_pack(str(folder)), version, into)


def test_a_copy_is_the_old_version_but_for_its_face(tmp_path: Path) -> None:
    folder = released(tmp_path)
    (folder / "signatures").mkdir()
    (folder / "signatures" / "approval.json").write_text("{}")
    (folder / "notes").mkdir(exist_ok=True)
    before = content(folder)
    write_copy(copied(folder, "0.2.0"))
    assert content(folder) == before
    after = content(tmp_path / "small-pack" / "0.2.0")
    left_out = {"release.json", "compiled.json", "signatures/approval.json"}
    assert after.keys() == before.keys() - left_out
    assert {name for name in after if after[name] != before[name]} == {FACE}
    lines = zip(before[FACE].decode().splitlines(), after[FACE].decode().splitlines(), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == [
        ('version: "0.1.0"', 'version: "0.2.0"'),
        ("status: active", "status: draft"),
    ]


def test_nothing_but_the_draft_is_left(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    write_copy(copied(folder, "0.2.0"))
    assert sorted(path.name for path in folder.parent.iterdir()) == ["0.1.0", "0.2.0"]
    assert (folder.parent / "0.2.0").stat().st_mode & 0o777 == 0o755


def test_a_copy_of_the_default_pack_keeps_every_comment_and_compiles_to_the_same_rules(tmp_path: Path) -> None:
    folder = ROOT / "rules" / "ketamine-maintenance" / "1.0.0"
    write_copy(copied("ketamine-maintenance@1.0.0", "9.0.0", tmp_path))
    made = tmp_path / "ketamine-maintenance" / "9.0.0"
    comments = [re.findall(r" #.*", (one / FACE).read_text(encoding="utf-8")) for one in (folder, made)]
    assert comments[0] == comments[1]
    old, new = compile_reference(str(folder)), compile_reference(str(made))
    assert (new.version, new.status) == ("9.0.0", "draft")
    assert (old.rules, old.parameters, old.measures) == (new.rules, new.parameters, new.measures)


def test_first_lines_lead_to_the_schemas_from_the_new_place(tmp_path: Path) -> None:
    write_copy(copied("quick-screen@1.0.0", "9.0.0", tmp_path / "somewhere" / "else"))
    made = tmp_path / "somewhere" / "else" / "quick-screen" / "9.0.0"
    assert open_pack(str(made)).problems == ()
    for file in made.rglob("*.yaml"):
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        assert (file.parent / first.partition("=")[2]).resolve().is_file(), first


def test_approvals_are_not_copied_and_the_version_before_is_named(tmp_path: Path) -> None:
    digest = "0" * 64
    folder = draft(
        tmp_path,
        "0.1.0",
        (
            "pack.yaml",
            "approved_by: []",
            f"approved_by:\n  - {{by: role:a, date: 2026-01-01, digest: '{digest}'}}  # ok",
        ),
        ("pack.yaml", "status: active", 'supersedes: "0.0.9"  # older\nstatus: active'),
    )
    write_copy(copied(folder, "0.2.0"))
    face = (tmp_path / "small-pack" / "0.2.0" / FACE).read_text()
    assert "approved_by:\n  []  # ok\n" in face
    assert 'supersedes: "0.1.0"  # older\n' in face
    assert digest not in face


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('version: "1.0.0"\n', 'version: "2.0.0"\n'),
        ("version: '1.0.0'   # why\n", 'version: "2.0.0"   # why\n'),
        ('# first\nversion:\n  "1.0.0"\ntitle: x\n', '# first\nversion:\n  "2.0.0"\ntitle: x\n'),
        ("title: x\n", "title: x\n"),
        ('title: "version: 1.0.0"\nversion: "1.0.0"', 'title: "version: 1.0.0"\nversion: "2.0.0"'),
    ],
    ids=["plain", "quotes and a comment", "a line of its own", "not there", "a text that looks like it"],
)
def test_one_value_is_exchanged_and_every_other_byte_stays(text: str, expected: str) -> None:
    assert with_values(text, {"version": '"2.0.0"'}) == expected


REFUSED = {
    "an older number": (
        "0.0.9",
        "BW469 0.0.9 does not come after 0.1.0\n  hint: a copy is the draft of a later version\n",
    ),
    "the same number": (
        "0.1.0",
        "BW469 0.1.0 does not come after 0.1.0\n  hint: a copy is the draft of a later version\n",
    ),
    "no number": ("next", "BW419 `next` is not a version\n  hint: a version is three numbers, such as 1.1.0\n"),
    "a way out of the folder": (
        "../0.2.0",
        "BW419 `../0.2.0` is not a version\n  hint: a version is three numbers, such as 1.1.0\n",
    ),
    "a folder that is there": (
        "0.3.0",
        "BW418 `ROOT/small-pack/0.3.0` is already there\n  hint: give another version; nothing is ever overwritten\n",
    ),
}


@pytest.mark.parametrize(("version", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path: Path, version: str, message: str) -> None:
    folder = draft(tmp_path)
    (folder.parent / "0.3.0").mkdir()
    assert refusal(tmp_path, lambda: copied(folder, version)) == message
    assert sorted(path.name for path in folder.parent.iterdir()) == ["0.1.0", "0.3.0"]


def test_a_pack_of_the_program_gets_no_new_version_there(tmp_path: Path) -> None:
    assert refusal(tmp_path, lambda: copied("quick-screen@1.0.0", "1.1.0")) == (
        "BW416 `quick-screen@1.0.0` comes with the program, and gets no new version there\n"
        "  hint: say where your packs are, such as `--into rules`\n"
    )


def test_a_pack_with_errors_is_not_copied(tmp_path: Path) -> None:
    folder = draft(tmp_path, "0.1.0", ("pack.yaml", "title: Small", "titel: Small"))
    assert refusal(tmp_path, lambda: copied(folder, "0.2.0")) == (
        "ROOT/small-pack/0.1.0/pack.yaml:6:1: BW103 unknown key `titel` in pack `small-pack`\n"
        "  hint: did you mean `title`?\n"
    )


def test_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    copy = copied(draft(tmp_path), "0.2.0")
    copy.folder.mkdir()
    (copy.folder / "mine.txt").write_text("mine")
    assert refusal(tmp_path, lambda: write_copy(copy)) == (
        "BW418 `ROOT/small-pack/0.2.0` is already there\n  hint: nothing was overwritten\n"
    )
    assert content(copy.folder) == {"mine.txt": b"mine"}
    assert sorted(path.name for path in copy.folder.parent.iterdir()) == ["0.1.0", "0.2.0"]
