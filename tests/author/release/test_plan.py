"""What a release is made of, what it writes, and everything that is refused before the gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from boosterwatch.engine.author.release import Planned, Task, Wish, plan_release, write_release
from boosterwatch.engine.author.release.number import next_number
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.manifest import Bump, Gate, read_manifest
from boosterwatch.tests.author.release.stage import (
    CHANGES,
    CONTRACT,
    PASSED,
    TODAY,
    VALUE,
    WORDS,
    content,
    draft,
    passing,
    plan,
    refusal,
    released,
)
from boosterwatch.tests.packs.small import SMALL


def test_a_release_adds_two_files_and_touches_no_other(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    before = content(folder)
    planned = plan(folder, first=True)
    assert content(folder) == before
    write_release(planned)
    after = content(folder)
    assert after.keys() - before.keys() == {"release.json", "compiled.json"}
    assert {name: after[name] for name in before} == before
    assert after["release.json"] == planned.manifest.data


def test_the_manifest_tells_what_was_released(tmp_path: Path) -> None:
    manifest = read_manifest(released(tmp_path), "small")
    assert manifest is not None
    assert (manifest.id, manifest.version, manifest.status) == ("small-pack", "0.1.0", "active")
    assert (manifest.effective, manifest.review_by, manifest.released) == ("2000-01-01", "2030-01-01", "2026-11-23")
    assert (manifest.previous, manifest.change.bump, manifest.checks) == (None, "first", PASSED)
    assert [one.name for one in manifest.files] == sorted(SMALL)
    assert manifest.changelog == "What changed"


def test_the_next_release_names_the_one_before_and_every_change(tmp_path: Path) -> None:
    first = read_manifest(released(tmp_path), "first")
    second = read_manifest(released(tmp_path, "0.2.0", VALUE), "second")
    assert first is not None
    assert second is not None
    assert second.previous is not None
    assert (second.previous.version, second.previous.digest) == ("0.1.0", first.digest)
    assert second.previous.manifest == first.sha256
    assert (second.change.bump, second.change.reasons) == ("minor", ("parameter `glow.delta` is changed",))
    assert second.change.summary[0] == (
        "parameter `glow.delta` changed (tighter): values 5 points from 2000-01-01, now 6 points from 2000-01-01"
    )


def test_the_same_draft_gives_the_same_release(tmp_path: Path) -> None:
    here, there = (plan(draft(tmp_path / name), first=True) for name in ("here", "there"))
    assert (here.manifest.data, here.compiled) == (there.manifest.data, there.compiled)


# ---------------------------------------------------------------- the number


TRUTHS = [("patch", "0.1.1"), ("minor", "0.2.0"), ("major", "1.0.0")]


@pytest.mark.parametrize("asked", ["0.1.1", "0.1.2", "0.2.0", "0.2.1", "0.3.0", "1.0.0", "1.0.1", "1.1.0", "2.0.0"])
@pytest.mark.parametrize(("kind", "honest"), TRUTHS)
def test_only_the_next_number_of_its_kind_is_honest(tmp_path: Path, kind: str, honest: str, asked: str) -> None:
    released(tmp_path)
    folder = draft(tmp_path, asked, CHANGES[kind])
    if asked == honest:
        assert plan(folder).manifest.change.bump == kind
    else:
        assert f"BW461 `small-pack` {asked} should be {honest}: from 0.1.0 " in refusal(tmp_path, lambda: plan(folder))


LIES = {
    "a change of a number called words": (
        ("0.1.1", VALUE),
        "BW461 `small-pack` 0.1.1 should be 0.2.0: from 0.1.0 it is a minor change "
        "(parameter `glow.delta` is changed)\n"
        '  hint: call the folder `0.2.0` and write `version: "0.2.0"` in `pack.yaml`\n',
    ),
    "words called a change of a number": (
        ("0.2.0", WORDS),
        "BW461 `small-pack` 0.2.0 should be 0.1.1: from 0.1.0 it is words alone, a patch "
        "(pack `small-pack` has other words)\n"
        '  hint: call the folder `0.1.1` and write `version: "0.1.1"` in `pack.yaml`\n',
    ),
    "a broken contract called a change of a number": (
        ("0.2.0", CONTRACT),
        "BW461 `small-pack` 0.2.0 should be 1.0.0: from 0.1.0 it is a major change "
        "(parameter `glow.delta`: values that a clinic or a patient's override could set are refused)\n"
        '  hint: call the folder `1.0.0` and write `version: "1.0.0"` in `pack.yaml`\n',
    ),
}


@pytest.mark.parametrize(("lie", "message"), LIES.values(), ids=LIES)
def test_a_number_that_lies_is_refused(tmp_path: Path, lie: tuple[str, tuple[str, str, str]], message: str) -> None:
    released(tmp_path)
    folder = draft(tmp_path, *lie)
    before = content(folder)
    assert refusal(tmp_path, lambda: plan(folder)) == message
    assert content(folder) == before


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [("1.9.9", "patch", "1.9.10"), ("1.9.9", "minor", "1.10.0"), ("9.9.9", "major", "10.0.0"), ("0.0.0", "patch", "0.0.1")],
)  # fmt: skip
def test_numbers_are_counted_not_spelt(version: str, kind: Bump, expected: str) -> None:
    assert next_number(version, kind) == expected


# ---------------------------------------------------------------- what is compared


def test_the_highest_released_version_below_is_the_one_before(tmp_path: Path) -> None:
    released(tmp_path)
    released(tmp_path, "0.2.0", VALUE)
    draft(tmp_path, "0.2.1", VALUE, WORDS)  # a draft is no version to compare with
    later = draft(tmp_path, "0.3.0", ("instruments/glow.yaml", "value: 5, basis", "value: 7, basis"))
    (later / "pack.yaml").write_text((later / "pack.yaml").read_text().replace("2026-12-01", "2027-01-01"))
    previous = plan(later).manifest.previous
    assert previous is not None
    assert previous.version == "0.2.0"


def test_an_unreleased_version_may_be_named_as_the_one_before(tmp_path: Path) -> None:
    before, folder = draft(tmp_path), draft(tmp_path, "0.2.0", VALUE)
    previous = plan(folder, previous=str(before)).manifest.previous
    assert previous is not None
    assert (previous.version, previous.manifest) == ("0.1.0", None)


def test_without_one_before_it_is_said_so(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    assert refusal(tmp_path, lambda: plan(folder)) == (
        "BW465 no version of `small-pack` below 0.1.0 is released, so there is none to compare with\n"
        "  hint: say `--first` if it is the first, or name the one before with `--previous`\n"
    )


def test_a_second_version_is_not_the_first(tmp_path: Path) -> None:
    released(tmp_path)
    folder = draft(tmp_path, "0.2.0", VALUE)
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == (
        "BW465 0.2.0 is not the first version of `small-pack`: `small-pack@0.1.0` is released\n"
        "  hint: leave `--first` out\n"
    )


def test_the_one_before_is_an_earlier_version_of_the_same_pack(tmp_path: Path) -> None:
    folder = draft(tmp_path, "0.2.0")
    message = "BW465 `{}` is {}, which is no version before small-pack@0.2.0\n"
    hint = "  hint: name an earlier version of the same pack\n"
    assert refusal(tmp_path, lambda: plan(folder, previous=str(folder))) == (
        message.format("ROOT/small-pack/0.2.0", "small-pack@0.2.0") + hint
    )
    assert refusal(tmp_path, lambda: plan(folder, previous="quick-screen@1.0.0")) == (
        message.format("quick-screen@1.0.0", "quick-screen@1.0.0") + hint
    )


def test_a_changed_release_is_nothing_to_compare_with(tmp_path: Path) -> None:
    face = released(tmp_path) / "pack.yaml"
    face.write_text(face.read_text().replace("owner: Nobody", "owner: Somebody"))
    folder = draft(tmp_path, "0.2.0", VALUE)
    assert refusal(tmp_path, lambda: plan(folder)) == (
        "BW237 `small-pack@0.1.0` is released and does not run: `pack.yaml` was changed after the release\n"
        "  hint: restore the folder as it was released, or copy it with `boosterwatch new version` and edit the copy\n"
    )


# ---------------------------------------------------------------- what cannot be released


def test_a_released_version_is_not_released_again(tmp_path: Path) -> None:
    folder = released(tmp_path)
    before = content(folder)
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == (
        "BW462 `ROOT/small-pack/0.1.0` is released already\n"
        "  hint: a release never changes; for the next one: "
        "`boosterwatch new version ROOT/small-pack/0.1.0 VERSION`\n"
    )
    assert content(folder) == before


def test_of_two_who_release_at_once_one_is_refused(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    first, second = plan(folder, first=True), plan(folder, first=True)
    write_release(first)
    before = content(folder)
    assert refusal(tmp_path, lambda: write_release(second)) == (
        "BW462 `ROOT/small-pack/0.1.0` was released by somebody else while the gates ran\n"
        "  hint: read its `release.json`\n"
    )
    assert content(folder) == before


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_only_what_is_active_or_on_trial_is_released(tmp_path: Path, status: str) -> None:
    folder = draft(tmp_path, status=status)
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == (
        f"BW463 a pack whose status is `{status}` is not released\n"
        "  hint: write `status: active` or `status: trial` in `pack.yaml`, and `effective` with its first day\n"
    )


def test_a_trial_is_released(tmp_path: Path) -> None:
    assert plan(draft(tmp_path, status="trial"), first=True).manifest.status == "trial"


@pytest.mark.parametrize("day", ["2000-01-01", "1999-12-31"])
def test_a_version_begins_after_the_one_before(tmp_path: Path, day: str) -> None:
    released(tmp_path)
    folder = draft(tmp_path, "0.2.0", VALUE)
    face = folder / "pack.yaml"
    face.write_text(face.read_text().replace("2026-12-01", day))
    assert refusal(tmp_path, lambda: plan(folder)) == (
        f"BW463 0.2.0 would begin on {day}, not after 0.1.0, which began on 2000-01-01\n"
        "  hint: write into `effective` the first day that it decides: decisions about days before it stay as they were\n"
    )
    face.write_text(face.read_text().replace(day, "2000-01-02"))
    assert plan(folder).manifest.effective == "2000-01-02"


def test_a_trial_between_two_versions_does_not_hide_when_the_first_began(tmp_path: Path) -> None:
    released(tmp_path)
    released(tmp_path, "0.2.0", VALUE, status="trial")
    folder = draft(tmp_path, "0.2.1", VALUE)
    face = folder / "pack.yaml"
    face.write_text(face.read_text().replace("2026-12-01", "2000-01-01"))
    assert "0.2.1 would begin on 2000-01-01, not after 0.1.0" in refusal(tmp_path, lambda: plan(folder))


NUMBERS = {
    "another number": ("0.2.0", "BW464 `pack.yaml` says version 0.1.0, not 0.2.0\n  hint: let both say the same\n"),
    "no number": ("v1", "BW464 `v1` is not a version\n  hint: a version is three numbers, such as 1.1.0\n"),
}


@pytest.mark.parametrize(("version", "message"), NUMBERS.values(), ids=NUMBERS)
def test_the_version_asked_for_is_that_of_the_face(tmp_path: Path, version: str, message: str) -> None:
    folder = draft(tmp_path)
    assert refusal(tmp_path, lambda: plan(folder, version, first=True)) == message


def test_the_folder_is_called_after_the_pack(tmp_path: Path) -> None:
    folder = draft(tmp_path).rename(tmp_path / "small-pack" / "newest")
    assert refusal(tmp_path, lambda: plan(folder, "0.1.0", first=True)) == (
        "BW464 the folder is `small-pack/newest`, and `pack.yaml` says small-pack 0.1.0\n"
        "  hint: call it `small-pack/0.1.0`: that is how a pack is found\n"
    )


FILES = {
    "a hidden file": (
        ".notes",
        "BW467 `ROOT/small-pack/0.1.0/.notes` cannot be in a release: its name\n"
        "  hint: call files by letters, digits, `_`, `-` and `.`, or take them out of the folder\n",
    ),
    "a blank": (
        "notes/my notes.txt",
        "BW467 `ROOT/small-pack/0.1.0/notes/my notes.txt` cannot be in a release: its name\n"
        "  hint: call files by letters, digits, `_`, `-` and `.`, or take them out of the folder\n",
    ),
    "capitals": (
        "Pack.yaml.txt",
        "BW467 `ROOT/small-pack/0.1.0/pack.yaml.txt` and `Pack.yaml.txt` differ in capitals only\n"
        "  hint: some disks take them for one file: rename one\n",
    ),
}


@pytest.mark.parametrize(("name", "message"), FILES.values(), ids=FILES)
def test_files_that_no_bundle_could_hold_are_refused(tmp_path: Path, name: str, message: str) -> None:
    folder = draft(tmp_path)
    for each in {name, name.lower()}:
        (folder / each).parent.mkdir(exist_ok=True)
        (folder / each).write_text("x")
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == message


def test_a_link_is_refused(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    (folder / "more.txt").symlink_to(tmp_path / "elsewhere.txt")
    (tmp_path / "elsewhere.txt").write_text("x")
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == (
        "BW467 `ROOT/small-pack/0.1.0/more.txt` is a link\n"
        "  hint: put the file itself here: what a link leads to is not frozen\n"
    )


def test_all_reasons_are_told_at_once(tmp_path: Path) -> None:
    folder = draft(tmp_path, status="draft").rename(tmp_path / "small-pack" / "0.9.0")
    (folder / ".notes").write_text("x")
    told = refusal(tmp_path, lambda: plan(folder, "0.1.0", first=True))
    assert [line[:5] for line in told.splitlines() if line.startswith("BW")] == ["BW463", "BW464", "BW467"]


def test_a_pack_with_errors_is_told_with_its_errors(tmp_path: Path) -> None:
    folder = draft(tmp_path, "0.1.0", ("pack.yaml", "title: Small", "titel: Small"))
    assert refusal(tmp_path, lambda: plan(folder, first=True)) == (
        "BW460 `check` refuses the release: 1 error\n"
        "  hint: see `boosterwatch check ROOT/small-pack/0.1.0`\n"
        "ROOT/small-pack/0.1.0/pack.yaml:6:1: BW103 unknown key `titel` in pack `small-pack`\n"
        "  hint: did you mean `title`?\n"
    )


# ---------------------------------------------------------------- while the gates run


def _plan_while(folder: Path, act: str) -> Planned:
    def gates(task: Task) -> tuple[Gate, ...]:
        match act:
            case "changed":
                face = folder / "pack.yaml"
                face.write_text(face.read_text().replace("owner: Nobody", "owner: Somebody"))
            case "added":
                (folder / "notes.txt").write_text("x")
            case "removed":
                (folder / "parameters.yaml").unlink()
        return PASSED

    return plan_release(Wish(str(folder), "0.1.0", "What changed", first=True), today=TODAY, gates=gates)


@pytest.mark.parametrize("act", ["changed", "added", "removed"])
def test_what_changes_while_the_gates_run_is_not_released(tmp_path: Path, act: str) -> None:
    folder = draft(tmp_path)
    assert refusal(tmp_path, lambda: _plan_while(folder, act)) == (
        "BW468 `ROOT/small-pack/0.1.0` changed while the gates ran\n  hint: run the release again\n"
    )
    assert _plan_while(draft(tmp_path / "again"), "nothing").manifest.checks == PASSED


def test_what_a_killed_write_left_behind_is_no_file_of_the_pack(tmp_path: Path) -> None:
    folder = draft(tmp_path)
    (folder / ".release.json.abcd1234.tmp").write_text("half")
    planned = plan(folder, first=True)
    write_release(planned)
    assert drift(folder, planned.manifest, "small") == ()
    assert plan_names(planned) == sorted(SMALL)


def plan_names(planned: Planned) -> list[str]:
    """Return the names of the files of a release."""
    return [one.name for one in planned.manifest.files]


def test_an_id_means_the_version_that_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = refusal(tmp_path, lambda: plan_release(Wish("quick-screen", "7.7.7", "x"), today=TODAY, gates=passing))
    assert said.startswith("BW140 pack `quick-screen` has no version 7.7.7\n")
