"""A log whose end does not fit its signed head takes nothing more, and says what is wrong."""

import pytest

from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.stores import store_at
from boosterwatch.engine.audit.log.writer import open_writer
from boosterwatch.tests.audit.log.drafts import SIGNER, Clock, check_whole, draft, writer

FLIP = {"sqlite": "CAST(replace(body, '{', '[') AS BLOB)", "postgresql": "set_byte(body, 0, 91)"}


def tamper(url: str, *statements: str) -> None:
    session = store_at(url).connect()
    if url.startswith("sqlite"):
        session.plain("PRAGMA foreign_keys=OFF")
    for statement in statements:
        session.plain(statement)
    session.close()


DAMAGES = {
    "no head": (["DELETE FROM head"], "it has no signed head"),
    "newest head gone": (
        ["DELETE FROM head WHERE size = 301"],
        "its newest head counts 256 entries, the last entry is number 300",
    ),
    "head moved": (["UPDATE head SET size = 302 WHERE size = 301"], "the head of size 301 stands at 302"),
    "head changed": (
        ["UPDATE head SET note = replace(note, '301', '300')"],
        "the signature of the head does not fit its text",
    ),
    "head that is none": (["UPDATE head SET note = 'x'"], "the text is no signed head of an audit log"),
    "last entry gone": (
        [
            "DELETE FROM entry_mark WHERE seq = 300",
            "DELETE FROM sealed WHERE seq = 300",
            "DELETE FROM entry WHERE seq = 300",
        ],
        "its newest head counts 301 entries, the last entry is number 299",
    ),
    "last entry changed": (
        ["UPDATE entry SET body = {flip} WHERE seq = 300"],
        "its last entry, number 300, is not the one that its newest head signs",
    ),
    "last entry replaced": (
        ["UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 1), leaf = (SELECT leaf FROM entry WHERE seq = 1) "
         "WHERE seq = 300"],
        "its last entry, number 300, is not the one that its newest head signs",
    ),
    "leaf changed": (
        ["UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = 1) WHERE seq = 270"],
        "its tree does not have the root that its newest head signs",
    ),
    "root of a tile changed": (
        ["UPDATE tile SET root = (SELECT leaf FROM entry WHERE seq = 1)"],
        "its tree does not have the root that its newest head signs",
    ),
    "tile gone": (["DELETE FROM tile"], "the tree lacks hashes of tile 0 of level 1"),
    "no name": (["DELETE FROM log_info"], "it does not say which log it is"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_end_takes_nothing_more(url: str, damage: str) -> None:
    with writer(url) as log:
        log.append([draft(b"sealed") for _ in range(299)])
        log.append([draft()])
        log.append([draft()])
    statements, words = DAMAGES[damage]
    tamper(url, *(one.replace("{flip}", FLIP[url.partition(":")[0].partition("+")[0]]) for one in statements))
    with pytest.raises(LogError) as caught:
        writer(url)
    assert caught.value.code == "BW508"
    assert caught.value.diagnostics[0].message.endswith(f"is damaged, and nothing is added to it: {words}")


def test_an_empty_log_with_another_chain_is_damaged(url: str) -> None:
    wrong = SIGNER.sign(0, EMPTY_ROOT, bytes(32)).note
    tamper(url, f"UPDATE head SET note = '{wrong}'")
    with pytest.raises(LogError, match="BW508"):
        writer(url)


@pytest.mark.parametrize(
    ("signer", "words"),
    [
        (HeadSigner("another-log", SIGNER.seed), "it is log `made-up-log`, the keys are of log `another-log`"),
        (HeadSigner("made-up-log", bytes(32)), "its heads are signed with another key"),
    ],
)
def test_a_log_takes_its_own_keys_only(url: str, signer: HeadSigner, words: str) -> None:
    with pytest.raises(LogError) as caught:
        open_writer(url, signer, Clock())
    assert caught.value.code == "BW509"
    assert caught.value.diagnostics[0].message.endswith(words)


def test_damage_while_the_log_is_open_is_found_when_it_is_opened_again(url: str) -> None:
    with writer(url) as log:
        log.append([draft(), draft()])
        tamper(url, "UPDATE writer SET fence = fence + 1", "DELETE FROM head WHERE size = 2")
        for _ in range(2):
            with pytest.raises(LogError) as caught:
                log.append([draft()])
            assert caught.value.code == "BW508"
        tamper(url, f"INSERT INTO head VALUES (2, '{log.head().note}')")
        log.append([draft()])
        check_whole(log)


def test_readers_name_what_they_cannot_read(url: str) -> None:
    reader = open_reader(url)
    tamper(url, "UPDATE head SET note = 'x'")
    with pytest.raises(LogError, match=r"BW510 .* cannot be read: the text is no signed head of an audit log"):
        reader.head()
    tamper(url, "DELETE FROM head", "DELETE FROM log_info")
    with pytest.raises(LogError, match=r"BW510 .* cannot be read: it has no signed head"):
        reader.size()
    with pytest.raises(LogError, match=r"BW510 .* cannot be read: it does not say which log it is"):
        _ = reader.log
    tamper(url, "DROP TABLE head")
    with pytest.raises(LogError, match=r"BW510 .* cannot be read: "):
        list(reader.heads())
    reader.close()


def test_two_logs_of_the_same_keys_are_told_apart_by_their_salts(
    url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = f"sqlite:///{tmp_path_factory.mktemp('other') / 'audit.db'}"
    create(other, SIGNER)
    one = draft()
    with writer(url) as first, writer(other) as second:
        assert first.append([one])[0].entry_sha256 != second.append([one])[0].entry_sha256
