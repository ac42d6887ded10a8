"""What a log alone cannot show: wiped, set back, cut at a head, rewritten by whoever has the key. Heads kept outside can."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from boosterwatch.engine.audit.check.anchor import AnchorError, anchor, signed_head
from boosterwatch.engine.audit.check.earlier import Earlier, EarlierError, notes_in, read_earlier
from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.check.report import Report
from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.diagnostics import render
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER


def anchor_of(url: str, file: Path) -> None:
    """Anchor the newest head of a log."""
    reader = open_reader(url)
    try:
        anchor(reader, KEY, file)
    finally:
        reader.close()


def with_anchor(url: str, file: Path) -> list[str]:
    """Return the problems of a log that is held against an anchor file; the independent verifier must agree."""
    problems = Problems()
    earlier = read_earlier(file.read_text(encoding="utf-8"), file.name, KEY, problems)
    report: Report = verify(url, KEY, earlier=earlier, problems=problems)
    done = independent.run(file.parent, "store", str(making.path_of(url)), "--key", KEY.line, "--anchor", str(file))
    assert done.returncode == (0 if report.whole else 1), done.stdout
    return [f"{problem.code} {problem.message}" for problem in report.problems]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give the address of a log that is about to be attacked."""
    return making.make(tmp_path / "audit.db", 300)


@pytest.fixture
def anchors(tmp_path: Path, url: str) -> Path:
    """Give a file with the head of size 200, anchored earlier, and that of 300."""
    file = tmp_path / "anchors.txt"
    anchor_of(making.make(tmp_path / "earlier.db", 200), file)
    anchor_of(url, file)
    return file


def test_a_log_that_goes_on_is_whole(url: str, anchors: Path) -> None:
    assert with_anchor(url, anchors) == []


def test_a_wiped_log_is_found_with_the_anchor_and_not_claimed_to_be_without(url: str, anchors: Path) -> None:
    making.path_of(url).unlink()
    making.make(making.path_of(url), 0)
    assert verify(url, KEY).whole
    assert with_anchor(url, anchors) == [
        "BW533 head 1 of `anchors.txt` covers 200 entries, and there are 0: entries 0 to 199 missing",
        "BW533 head 2 of `anchors.txt` covers 300 entries, and there are 0: entries 0 to 299 missing",
    ]


def test_an_older_copy_put_back_is_found_with_the_anchor_and_not_without(url: str, anchors: Path) -> None:
    shutil.copy(anchors.parent / "earlier.db", making.path_of(url))
    assert verify(url, KEY).whole
    assert with_anchor(url, anchors) == [
        "BW533 head 2 of `anchors.txt` covers 300 entries, and there are 200: entries 200 to 299 missing"
    ]


def test_a_log_that_was_filled_up_again_is_found_with_the_anchor_and_not_without(url: str, anchors: Path) -> None:
    making.path_of(url).unlink()
    making.make(making.path_of(url), 400, seed=2)  # by somebody who has the signing key
    assert verify(url, KEY).whole
    assert with_anchor(url, anchors) == [
        "BW532 head 1 of `anchors.txt` of size 200 was signed over other entries: the log was rewritten",
        "BW532 head 2 of `anchors.txt` of size 300 was signed over other entries: the log was rewritten",
    ]


def test_a_tail_cut_exactly_at_a_signed_head_is_found_with_the_anchor_and_not_without(url: str, anchors: Path) -> None:
    with making.Database(url) as database:
        for table in ("entry_mark", "sealed", "entry"):
            database.run(f"DELETE FROM {table} WHERE seq >= 256")
        database.run("DELETE FROM head WHERE size > 256")
    assert verify(url, KEY).whole
    assert with_anchor(url, anchors) == [
        "BW533 head 2 of `anchors.txt` covers 300 entries, and there are 256: entries 256 to 299 missing"
    ]


def test_what_is_behind_a_missing_entry_cannot_be_compared(url: str, anchors: Path) -> None:
    with making.Database(url) as database:
        database.run("DELETE FROM entry WHERE seq = 250")
    assert [problem for problem in with_anchor(url, anchors) if problem.startswith("BW532")] == [
        "BW532 head 2 of `anchors.txt` of size 300 cannot be compared: entry 250 is missing"
    ]


# ---------------------------------------------------------------- the file


def test_an_anchor_file_is_appended_to_and_never_rewritten(tmp_path: Path, url: str) -> None:
    file = tmp_path / "anchors.txt"
    anchor_of(making.make(tmp_path / "earlier.db", 200), file)
    first = file.read_bytes()
    anchor_of(url, file)
    anchor_of(url, file)  # the same head again: nothing to add
    now = file.read_bytes()
    assert now.startswith(first + b"\n")
    assert [KEY.verify(note).size for note in notes_in(now.decode())] == [200, 300]


def test_a_log_that_does_not_continue_the_file_is_not_anchored(tmp_path: Path, url: str, anchors: Path) -> None:
    before = anchors.read_bytes()
    for other, message in (
        (making.make(tmp_path / "short.db", 250), "the log has 250 entries; the newest head in the file covers 300"),
        (making.make(tmp_path / "other.db", 350, seed=2), "the log does not continue the head of size 300 in the file"),
    ):
        with pytest.raises(AnchorError) as caught:
            anchor_of(other, anchors)
        assert render(caught.value.diagnostics, {}) == (
            f"{'BW533' if 'has' in message else 'BW532'} {message}\n  hint: nothing was anchored: keep the file, run "
            "`boosterwatch audit verify --anchor` and find out what happened\n"
        )
    assert anchors.read_bytes() == before


def test_heads_of_another_key_are_not_anchored(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 3, signer=HeadSigner(SIGNER.log, bytes(32)))
    reader = open_reader(url)
    with pytest.raises(AnchorError) as caught:
        signed_head(reader, KEY)
    reader.close()
    assert str(caught.value).splitlines()[0] == (
        "BW528 the newest head does not count: the head is signed with another key"
    )


def test_a_damaged_tree_is_not_anchored(url: str, anchors: Path) -> None:
    with making.Database(url) as database:
        database.run("DELETE FROM tile")
    anchors.write_text(anchors.read_text().split("\n\nboosterwatch", 1)[0] + "\n", encoding="utf-8")
    with pytest.raises(AnchorError) as caught:
        anchor_of(url, anchors)
    assert caught.value.diagnostics[0].code == "BW527"


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(EarlierError) as caught:
        anchor_of(url, tmp_path)
    assert str(caught.value) == (
        f"BW536 the heads in `{tmp_path}` cannot be used: is a directory\n"
        "  hint: name a file of signed heads: `boosterwatch audit anchor` makes one"
    )
    file = tmp_path / "list.txt"
    file.write_bytes(b"\xff")
    with pytest.raises(EarlierError, match="it is no text"):
        anchor_of(url, file)


NOTE = SIGNER.sign(3, bytes(32), bytes(32)).note
PIECES = {
    "nothing": ("", ["`it` holds no head"]),
    "one": (NOTE, []),
    "two": (f"{NOTE}\n{NOTE}", []),
    "two without a line between": (NOTE + NOTE, []),
    "lines of another system": (NOTE.replace("\n", "\r\n"), []),
    "half a head": (
        f"{NOTE}\n{NOTE[:40]}",
        ["head 2 of `it` cannot be used: the text is no signed head of an audit log"],
    ),
    "a remark": (
        f"{NOTE}\nkept in the safe\n",
        ["head 2 of `it` cannot be used: the text is no signed head of an audit log"],
    ),
    "another key": (
        HeadSigner(SIGNER.log, bytes(32)).sign(3, bytes(32), bytes(32)).note,
        ["the head in `it` cannot be used: the head is signed with another key"],
    ),
    "another log": (
        HeadSigner("other", SIGNER.seed).sign(3, bytes(32), bytes(32)).note,
        [
            "the head in `it` cannot be used: the head is of `boosterwatch/audit/other`, not of"
            " `boosterwatch/audit/test-log`"
        ],
    ),
    "a changed size": (
        NOTE.replace("\n3\n", "\n4\n"),
        ["the head in `it` cannot be used: the signature of the head does not fit its text"],
    ),
}


@pytest.mark.parametrize("what", PIECES)
def test_every_part_of_a_file_of_heads_counts(what: str) -> None:
    text, wanted = PIECES[what]
    problems = Problems()
    found = read_earlier(text, "it", KEY, problems)
    assert [problem.message for problem in problems.found] == wanted
    assert {problem.code for problem in problems.found} <= {"BW536"}
    good = {"nothing": 0, "two": 2, "two without a line between": 2, "another key": 0, "another log": 0}
    assert found == [Earlier(one.what, KEY.verify(NOTE)) for one in found]
    assert len(found) == good.get(what, 0 if what == "a changed size" else 1)
    notes = list(independent.module().notes_in(text.replace("\r\n", "\n")))  # as Python reads a text file
    assert [note.strip() for note in notes] == [note.strip() for note in notes_in(text)]
