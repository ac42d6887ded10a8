"""Any single changed byte of a bundle is noticed; `make flips` tries every byte, this every so many."""

from __future__ import annotations

import pytest

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.host import archive
from boosterwatch.engine.host.bundle import open_bundle
from boosterwatch.engine.host.load import load_bundle
from boosterwatch.tests.host.flips import flipped, is_refused, missed_in_bundle, missed_in_file, signed_names
from boosterwatch.tests.host.released import SIGNERS, TODAY, Release, again, entries, release
from boosterwatch.tests.trust.people import keyring


def test_the_bundle_itself_is_not_refused() -> None:
    assert not is_refused(release().bundle())


def test_a_byte_of_the_bundle() -> None:
    assert list(missed_in_bundle(release(), step=149)) == []


@pytest.mark.parametrize("name", signed_names(release()))
def test_a_byte_of_what_was_signed_in_an_archive_without_a_fault(name: str) -> None:
    assert list(missed_in_file(release(), name, step=11)) == []


@pytest.mark.parametrize("name", sorted(release().files))
def test_a_byte_of_a_file_in_an_archive_without_a_fault(name: str) -> None:
    whole = release().whole()
    for at in (0, len(whole[name]) // 2, len(whole[name]) - 1):
        with pytest.raises(PackError) as caught:
            open_bundle(archive.pack({**whole, name: flipped(whole[name], at)}), "x.bundle")
        assert [problem.message for problem in caught.value.diagnostics] == [
            f"in `x.bundle`, `{name}` was changed after the release"
        ]


def test_a_byte_of_a_file_with_a_manifest_to_match() -> None:
    """Who can write archives can also write the manifest; only the signatures then tell."""
    one = release()
    files = {**one.files, "waivers.yaml": flipped(one.files["waivers.yaml"], 2000)}
    forged = Release(files, again(one.manifest, files=entries(files)))
    whole = {**forged.whole(), **one.signed(*SIGNERS)}
    with pytest.raises(PackError) as caught:
        load_bundle(archive.pack(whole), "x.bundle", keyring(), TODAY)
    assert {problem.code for problem in caught.value.diagnostics} == {"BW250", "BW257"}
