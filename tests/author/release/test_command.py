"""`release`, `packs verify`, `new version` on the command line: what each prints, and what each refuses."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from boosterwatch.engine.author.release import plan_release
from boosterwatch.engine.explain.page import Items
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.pack.manifest import read_manifest
from boosterwatch.engine.terminal import releasing
from boosterwatch.tests.author.lead import run
from boosterwatch.tests.author.release.stage import VALUE, content, draft, passing, released


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, where gates pass without looking."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(releasing, "plan_release", partial(plan_release, gates=passing))
    return tmp_path


# ---------------------------------------------------------------- release


def test_a_release_tells_what_passed_what_changed_and_what_comes_next(quick: Path) -> None:
    released(quick)
    draft(quick, "0.2.0", VALUE)
    result = run("release", "small-pack/0.2.0", "0.2.0", "--changelog", "A higher threshold")
    assert (result.exit_code, result.stderr) == (0, "")
    manifest = read_manifest(Path("small-pack/0.2.0"), "q")
    assert manifest is not None
    assert result.stdout == (
        "small-pack@0.2.0 is released.\n"
        "  Status         active, from 2026-12-01, review by 2030-01-01\n"
        "  Compared with  0.1.0, released\n"
        "  Change         minor: parameter `glow.delta` is changed\n"
        f"  Files          {len(manifest.files)}, {sum(one.bytes for one in manifest.files):,} bytes\n"
        f"  Digest         {manifest.digest}\n"
        f"  Prose          {manifest.prose}\n"
        f"  release.json   {manifest.sha256}\n"
        "\n"
        "Gates\n"
        "  gate      found\n"
        "  check     errors 0, warnings 0, notes 1, waived 0\n"
        "  test      cases 12, passed 12, todo 0\n"
        "  coverage  rules 9, sides of numbers 20, holes 0, waived 2\n"
        "  mutate    changes 50, noticed 40, without effect 9, waived 1, survived 0\n"
        "  prove     promises 3, proved 3, days with new numbers 1\n"
        "\n"
        "What changed\n" + to_text((Items(manifest.change.summary),)) + "\n"
        "Next\n"
        "Keep the folder in version control as it is. Its author signs, approvers read and approve, a\n"
        "releaser signs:\n"
        "\n"
        "  boosterwatch packs verify small-pack/0.2.0\n"
        "  boosterwatch prose small-pack/0.2.0 --format html --out prose.html\n"
        "  boosterwatch sign small-pack/0.2.0 --as author --key KEY --keyring KEYRING\n"
        "\n"
    )


def test_a_dry_run_writes_nothing(quick: Path) -> None:
    folder = draft(quick)
    before = content(folder)
    result = run("release", str(folder), "0.1.0", "--first", "--changelog", "x", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("small-pack@0.1.0 could be released; nothing was written.\n")
    assert "Next" not in result.stdout
    told = json.loads(
        run("release", str(folder), "0.1.0", "--first", "--changelog", "x", "--dry-run", "--format", "json").stdout
    )
    assert told["written"] is False
    assert content(folder) == before


@pytest.mark.parametrize("source", ["file", "-"])
def test_the_changelog_may_come_from_a_file(quick: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draft(quick)
    text = "\r\n- A first version.\r\n- “Good” words.\r\n\r\n".encode()
    Path("changes.md").write_bytes(text)
    from click.testing import CliRunner

    from boosterwatch.cli import main

    arguments = [
        "release",
        str(folder),
        "0.1.0",
        "--first",
        "--changelog-file",
        "changes.md" if source == "file" else "-",
    ]
    result = CliRunner().invoke(main, arguments, input=text)
    assert result.exit_code == 0
    manifest = read_manifest(folder, "q")
    assert manifest is not None
    assert manifest.changelog == "- A first version.\n- “Good” words."


CHANGELOGS = {
    "empty": (("--changelog", " "), "BW460 the changelog is empty\n"),
    "too long": (("--changelog", "x" * 20_001), "BW460 the changelog has 20001 characters\n"),
}
TELL = "  hint: tell those who use the pack what changed, in at most 20000 characters\n"


@pytest.mark.parametrize(("given", "message"), CHANGELOGS.values(), ids=CHANGELOGS)
def test_a_changelog_says_something_and_not_too_much(quick: Path, given: tuple[str, str], message: str) -> None:
    result = run("release", str(draft(quick)), "0.1.0", "--first", *given)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", message + TELL)


def test_a_changelog_that_cannot_be_read_is_told(quick: Path) -> None:
    folder = str(draft(quick))
    result = run("release", folder, "0.1.0", "--first", "--changelog-file", "none.md")
    assert (result.exit_code, result.stderr) == (1, "BW110 `none.md` cannot be read: no such file or directory\n")
    Path("latin.md").write_bytes("für alle".encode("latin-1"))
    result = run("release", folder, "0.1.0", "--first", "--changelog-file", "latin.md")
    assert (result.exit_code, result.stderr) == (1, "BW112 `latin.md` is not UTF-8 text\n")


USAGE = {
    "no changelog": ((), "say what changed, with either --changelog or --changelog-file"),
    "two changelogs": (
        ("--changelog", "x", "--changelog-file", "y"),
        "say what changed, with either --changelog or --changelog-file",
    ),
    "the first and one before": (
        ("--changelog", "x", "--first", "--previous", "a"),
        "--first says that there is no version before, and --previous names one",
    ),
}


@pytest.mark.parametrize(("given", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage(quick: Path, given: tuple[str, ...], message: str) -> None:
    result = run("release", str(draft(quick)), "0.1.0", *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"Error: {message}\n")


def test_a_refusal_shows_the_line_and_writes_nothing(quick: Path) -> None:
    folder = draft(quick, "0.1.0", ("pack.yaml", "title: Small", "titel: Small"))
    before = content(folder)
    result = run("release", "small-pack/0.1.0", "0.1.0", "--first", "--changelog", "x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "BW460 `check` refuses the release: 1 error\n"
        "  hint: see `boosterwatch check small-pack/0.1.0`\n"
        "small-pack/0.1.0/pack.yaml:6:1: BW103 unknown key `titel` in pack `small-pack`\n"
        "  | titel: Small\n"
        "  | ^\n"
        "  hint: did you mean `title`?\n"
    )
    assert content(folder) == before


def test_a_folder_that_cannot_be_written_is_told(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draft(quick)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("boosterwatch.engine.author.release.write.create_durably", full)
    result = run("release", "small-pack/0.1.0", "0.1.0", "--first", "--changelog", "x")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "BW404 `small-pack/0.1.0` cannot be written: no space left on device\n  hint: the pack is not released\n",
    )
    assert not (folder / "release.json").exists()


# ---------------------------------------------------------------- edits of a released pack


EDITS = {
    "set": ("set", "PACK", "glow.delta", "6", "--from", "2027-01-01", "--basis", "clinic_policy"),
    "new sign": ("new", "sign", "PACK", "bright"),
    "new instrument": ("new", "instrument", "PACK", "third"),
    "new case": ("new", "case", "PACK", "one"),
}


@pytest.mark.parametrize("arguments", EDITS.values(), ids=EDITS)
def test_a_released_pack_is_not_edited(quick: Path, arguments: tuple[str, ...]) -> None:
    folder = released(quick)
    before = content(folder)
    result = run(*(argument.replace("PACK", "small-pack/0.1.0") for argument in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "BW466 `small-pack/0.1.0` is released, and a release never changes\n"
        "  hint: edit a copy: `boosterwatch new version small-pack/0.1.0 VERSION`\n"
    )
    assert content(folder) == before


# ---------------------------------------------------------------- new version


def test_a_new_version_tells_where_it_is_and_can_be_edited(quick: Path) -> None:
    released(quick)
    result = run("new", "version", "small-pack/0.1.0", "0.2.0")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("small-pack/0.2.0 is there.\n  Copied from  small-pack@0.1.0\n")
    edited = run("set", "small-pack/0.2.0", "glow.delta", "6", "--from", "2027-01-01", "--basis", "clinic_policy")
    assert (edited.exit_code, edited.stderr) == (0, "")
    assert json.loads(run("new", "version", "small-pack/0.1.0", "0.3.0", "--format", "json").stdout) == {
        "pack": {"id": "small-pack", "version": "0.3.0"},
        "folder": "small-pack/0.3.0",
        "copied": "0.1.0",
        "files": sorted(content(Path("small-pack/0.3.0"))),
    }


def test_a_refused_copy_is_told_on_standard_error(quick: Path) -> None:
    released(quick)
    result = run("new", "version", "small-pack/0.1.0", "0.0.1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ("BW469 0.0.1 does not come after 0.1.0\n  hint: a copy is the draft of a later version\n")


def test_a_copy_that_cannot_be_written_is_told(quick: Path) -> None:
    released(quick)
    Path("file").write_text("x")
    result = run("new", "version", "small-pack/0.1.0", "0.2.0", "--into", "file")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "BW404 `file/small-pack/0.2.0` cannot be written: not a directory\n"


# ---------------------------------------------------------------- packs verify


def test_packs_verify_lists_drafts_and_names_the_changed_file(quick: Path) -> None:
    sha = [read_manifest(released(quick, version, *change), "q") for version, *change in (("0.1.0",), ("0.2.0", VALUE))]
    draft(quick, "0.3.0", VALUE)
    rows = [
        f"  {folder}  as released   {one.released}  {one.sha256[:16]}\n"
        for folder, one in zip(("small-pack/0.1.0", "small-pack/0.2.0"), sha, strict=True)
        if one is not None
    ]
    head = "  pack              state         released    release.json\n"
    last = "  small-pack/0.3.0  not released  -           -\n"
    result = run("packs", "verify", ".")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == head + "".join(rows) + last + "3 packs, 2 released, 0 changed since.\n"
    file = Path("small-pack/0.2.0/parameters.yaml")
    file.write_text(file.read_text().replace("value: 40", "value: 41"))
    result = run("packs", "verify", ".")
    assert result.exit_code == 1
    assert result.stderr.startswith("BW232 `small-pack/0.2.0/parameters.yaml` was changed after the release\n")
    assert result.stdout == head + rows[0] + rows[1].replace("as released", "changed    ") + last + (
        "3 packs, 2 released, 1 changed since.\n"
    )


def test_packs_verify_as_json(quick: Path) -> None:
    folder = released(quick)
    draft(quick, "0.2.0")
    (folder / "release.json").write_bytes(b"{}")
    result = run("packs", "verify", "small-pack/0.1.0", "small-pack/0.2.0", "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    first, second = json.loads(result.stdout)["packs"]
    assert (first["state"], first["manifest"], [one["code"] for one in first["problems"]]) == (
        "changed",
        None,
        ["BW231"],
    )
    assert second == {
        "folder": "small-pack/0.2.0",
        "state": "not released",
        "pack": None,
        "released": None,
        "manifest": None,
        "problems": [],
    }


def test_packs_verify_takes_ids_and_everything_there_is(quick: Path) -> None:
    for arguments in ((), ("quick-screen",), ("quick-screen@1.0.0",)):
        result = run("packs", "verify", *arguments)
        assert (result.exit_code, result.stderr) == (0, ""), arguments
        assert "quick-screen@1.0.0" in result.stdout
    result = run("packs", "verify", "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("BW140 there is no pack `nothing`\n")
    (quick / "empty").mkdir()
    result = run("packs", "verify", "empty")
    assert (result.exit_code, result.stderr) == (1, "BW140 `empty` is not a pack: it has no pack.yaml\n")
