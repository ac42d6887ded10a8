"""Bundles: what is in one, who may make one, and every way in which one was changed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.host import archive
from boosterwatch.engine.host.bundle import build_bundle, open_bundle
from boosterwatch.engine.pack.find import Found
from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.engine.pack.open import compile_found
from boosterwatch.tests.host.released import SIGNERS, again, altered, entries, number, release
from boosterwatch.tests.trust.people import FIRST, LEAD

AGAIN = "  hint: get the file again from where it was made, or make it with `boosterwatch bundle PACK -o FILE`\n"
RESTORE = (
    "  hint: restore the folder as it was released, or copy it with `boosterwatch new version` and edit the copy\n"
)


def refusal(data: bytes) -> str:
    """Return everything that is said against a bundle."""
    with pytest.raises(PackError) as caught:
        open_bundle(data, "x.bundle")
    return render(caught.value.diagnostics, {})


# ---------------------------------------------------------------- made


def test_a_released_folder_becomes_one_file_and_comes_back(tmp_path: Path) -> None:
    one = release()
    data = build_bundle(one.write(tmp_path), "quick-screen@1.0.0")
    found = open_bundle(data, "x.bundle")
    assert data == one.bundle() == found.data
    assert found.manifest == one.manifest
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert {said.statement.person for said in found.envelopes} == {person.id for _, person in SIGNERS}
    assert set(archive.unpack(data)) == {*one.files, FILE, *one.signed(*SIGNERS)}


def test_the_pack_is_compiled_straight_from_the_bundle() -> None:
    found = open_bundle(release().bundle(), "x.bundle")
    assert compile_found(Found(found.folder, found.shown)).digest == release().manifest.digest


def test_the_compiled_form_and_what_a_killed_write_left_are_not_in_it(tmp_path: Path) -> None:
    one = release()
    folder = one.write(tmp_path)
    (folder / ".release.json.abcdefgh.tmp").write_bytes(b"half")
    (folder / "signatures" / ".approve.json.abcdefgh.tmp").write_bytes(b"half")
    assert build_bundle(folder, "x") == one.bundle()


def test_signatures_may_come_from_elsewhere(tmp_path: Path) -> None:
    one = release()
    envelopes = open_bundle(one.bundle(), "x.bundle").envelopes
    folder = one.write(tmp_path, ("author", LEAD))
    assert build_bundle(folder, "x", envelopes) == one.bundle()
    assert build_bundle(folder, "x") == one.bundle(("author", LEAD))


def not_made(folder: Path) -> str:
    """Return why a folder is not bundled."""
    with pytest.raises(PackError) as caught:
        build_bundle(folder, "mine")
    return render(caught.value.diagnostics, {})


def test_a_folder_that_is_not_released_is_not_bundled(tmp_path: Path) -> None:
    folder = release().write(tmp_path)
    (folder / FILE).unlink()
    assert not_made(folder) == (
        "BW260 `mine` is not released, so it cannot be bundled\n"
        "  hint: release it first: `boosterwatch release PACK VERSION`\n"
    )


def test_a_folder_that_was_changed_is_not_bundled(tmp_path: Path) -> None:
    folder = release().write(tmp_path)
    (folder / "pack.yaml").write_bytes((folder / "pack.yaml").read_bytes() + b"# more\n")
    (folder / "more.yaml").write_bytes(b"x: 1\n")
    (folder / "waivers.yaml").unlink()
    assert not_made(folder) == (
        f"BW232 `mine/pack.yaml` was changed after the release\n{RESTORE}"
        f"BW233 `mine/waivers.yaml` is missing\n{RESTORE}"
        f"BW234 `mine/more.yaml` was added after the release\n{RESTORE}"
    )


def test_a_folder_with_a_broken_signature_is_not_bundled(tmp_path: Path) -> None:
    folder = release().write(tmp_path)
    (folder / "signatures" / "note.txt").write_bytes(b"signed\n")
    assert not_made(folder) == (
        "mine/signatures/note.txt:1:1: BW247 this is not a signature of a release: it is not JSON\n"
        "  hint: remove it, or get the file as its signer wrote it\n"
    )


def test_a_folder_that_is_too_big_is_not_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = release().write(tmp_path)
    size = len(release().bundle())
    monkeypatch.setattr(archive, "MAX_BYTES", 100_000)
    assert not_made(folder) == (
        f"BW261 `mine` cannot be bundled: it would have {size} bytes; at most 100000 are allowed\n"
        "  hint: leave out of the pack what no rule needs\n"
    )


def test_file_names_that_are_twins_are_not_bundled(tmp_path: Path) -> None:
    one = release()
    files = {**one.files, "cases/Alone.yaml": one.files["cases/alone.yaml"]}
    folder = one.write(tmp_path)
    (folder / "cases" / "Alone.yaml").write_bytes(files["cases/Alone.yaml"])
    if len(list((folder / "cases").glob("[aA]lone.yaml"))) == 1:
        pytest.skip("this file system does not tell capitals apart")
    (folder / FILE).write_bytes(again(one.manifest, files=entries(files)).data)
    assert not_made(folder) == (
        "BW263 `mine` cannot be bundled: two files are called `cases/Alone.yaml` and `cases/alone.yaml`\n"
        "  hint: call files by letters, digits, `_`, `-` and `.`; capitals do not make another name\n"
    )


# ---------------------------------------------------------------- changed


def test_bytes_that_are_no_bundle() -> None:
    assert refusal(b"") == (
        "BW262 `x.bundle` is not a bundle of ours: it does not end as an archive does: cut short, or with something "
        f"behind it\n{AGAIN}"
    )


def test_a_file_that_is_too_big() -> None:
    assert refusal(bytes(archive.MAX_BYTES + 1)) == (
        f"BW261 `x.bundle` is not a bundle of ours: it has more than 16777216 bytes\n{AGAIN}"
    )


def test_a_name_that_leads_elsewhere() -> None:
    data = release().bundle().replace(b"cases/course.yaml", b"../../course.yaml")
    assert refusal(data) == (f"BW263 `x.bundle` is not a bundle of ours: a file is called `../../course.yaml`\n{AGAIN}")


def test_an_entry_that_is_a_link() -> None:
    plain, link = (0o100644 << 16).to_bytes(4, "little"), (0o120777 << 16).to_bytes(4, "little")
    assert refusal(release().bundle().replace(plain, link)) == (
        f"BW264 `x.bundle` is not a bundle of ours: `cases/alone.yaml` is a link\n{AGAIN}"
    )


def test_bytes_that_nobody_reads() -> None:
    day, other = b"\x00\x00\x21\x00", b"\x00\x00\x22\x00"  # the date of every entry
    assert refusal(release().bundle().replace(day, other)) == (
        f"BW265 `x.bundle` is not a bundle of ours: its bytes are not those that its content gives\n{AGAIN}"
    )


def test_a_bundle_without_a_manifest() -> None:
    assert refusal(archive.pack(release().files)) == (
        f"BW266 `x.bundle` holds no `release.json`, so it is no release\n{AGAIN}"
    )


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], object]:
    """Return the change that puts a file into a bundle."""
    return lambda files: files.update({name: data})


CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "changed": (put("safety.yaml", b"holds: {}\n"), f"BW267 in `x.bundle`, `safety.yaml` was changed after the release\n{AGAIN}"),
    "added": (put("more.yaml", b""), f"BW267 in `x.bundle`, `more.yaml` was added after the release\n{AGAIN}"),
    "missing": (lambda files: files.pop("safety.yaml"), f"BW267 in `x.bundle`, `safety.yaml` is missing\n{AGAIN}"),
    "compiled form": (put("compiled.json", b"{}"), f"BW267 in `x.bundle`, `compiled.json` was added after the release\n{AGAIN}"),
    "a second manifest": (
        put("release.json.yaml", b"{}"), f"BW267 in `x.bundle`, `release.json.yaml` was added after the release\n{AGAIN}"
    ),
    "swapped": (
        lambda files: files.update({"safety.yaml": files["readings.yaml"], "readings.yaml": files["safety.yaml"]}),
        f"BW267 in `x.bundle`, `readings.yaml` was changed after the release\n{AGAIN}"
        f"BW267 in `x.bundle`, `safety.yaml` was changed after the release\n{AGAIN}",
    ),
    "no signature": (
        put("signatures/note.json", b"{}"),
        "x.bundle/signatures/note.json:1:1: BW247 this is not a signature of a release: it has not the shape of "
        "envelope.schema.json\n  hint: remove it, or get the file as its signer wrote it\n",
    ),
    "folder of signatures": (
        put("signatures/more/note.json", b"{}"),
        "x.bundle/signatures/more:1:1: BW247 this is not a signature of a release: it is not a file\n"
        "  hint: remove it, or get the file as its signer wrote it\n",
    ),
    "no manifest": (
        put(FILE, b"{}"),
        "BW231 `x.bundle/release.json` cannot be read: it has not the shape of release.schema.json\n"
        "  hint: restore it as it was released; it is written by `boosterwatch release` alone\n",
    ),
    "manifest with another seal": (
        lambda files: files.update({FILE: files[FILE].replace(b"First release.", b"Other release.")}),
        "BW238 `x.bundle/release.json` was changed: its seal does not fit\n"
        "  hint: restore it as it was released; it is written by `boosterwatch release` alone\n",
    ),
    "manifest with other blanks": (
        lambda files: files.update({FILE: files[FILE].replace(b": 1,", b":  1,", 1)}),
        "BW230 `x.bundle/release.json` is not written as a release writes it\n"
        "  hint: restore it as it was released; it is written by `boosterwatch release` alone\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_content_changed_by_somebody_who_can_make_archives(change: str) -> None:
    do, words = CHANGES[change]
    assert refusal(altered(release(), do)) == words


def test_the_manifest_of_another_release() -> None:
    other = release("1.0.1", number(36)).manifest.data
    words = refusal(altered(release(), put(FILE, other)))
    assert words == (
        f"BW267 in `x.bundle`, `pack.yaml` was changed after the release\n{AGAIN}"
        f"BW267 in `x.bundle`, `parameters.yaml` was changed after the release\n{AGAIN}"
    )


# ---------------------------------------------------------------- anything at all


def test_no_content_raises_another_error() -> None:
    rng = random.Random(6)
    whole = release().whole()
    for _ in range(400):
        files = dict(whole)
        name = rng.choice([FILE, *(name for name in whole if name.startswith("signatures/")), rng.choice(list(whole))])
        data = bytearray(files[name])
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data) + 1)
            data[at : at + rng.randrange(3)] = rng.choice((b"", b"{", b'"', b"\\ud800", rng.randbytes(2), b"0" * 40))
        files[name] = bytes(data)
        if files != whole:
            with pytest.raises(PackError):
                open_bundle(archive.pack(files), "x.bundle")


def test_depth_does_not_break_the_reader() -> None:
    for deep in (b"[" * 5000, b'{"a":' * 2000 + b"1" + b"}" * 2000):
        with pytest.raises(PackError):
            open_bundle(altered(release(), put(FILE, deep)), "x.bundle")
        with pytest.raises(PackError):
            open_bundle(altered(release(), put(f"signatures/approve-{FIRST.key.id}.json", deep)), "x.bundle")
