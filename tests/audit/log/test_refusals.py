"""Every refusal as a person reads it."""

import pytest

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.codes import LOG_CODES
from boosterwatch.engine.audit.log.refusals import LogError, reason_of
from boosterwatch.engine.audit.log.stores import store_at

SHOWN = "audit.db"
RENDERED = {
    "BW500": (
        refusals.no_log(SHOWN),
        "BW500 there is no audit log at `audit.db`\n  hint: make one with `boosterwatch audit init`",
    ),
    "BW501": (
        refusals.older(SHOWN, "0001", "0002"),
        "BW501 the audit log at `audit.db` has version 0001; this program writes version 0002\n"
        "  hint: make a backup, then run `boosterwatch audit migrate`",
    ),
    "BW502": (
        refusals.newer(SHOWN, "0003", "0002"),
        "BW502 the audit log at `audit.db` has version 0003; this program knows versions up to 0002\n"
        "  hint: use the release of boosterwatch that wrote it, or a later one",
    ),
    "BW503": (
        refusals.busy(2.5),
        "BW503 the audit log had no room for the entry within 2.5 s; nothing was recorded\n"
        "  hint: try again later; if it goes on, the disk or the database is too slow",
    ),
    "BW504": (
        refusals.stopped(),
        "BW504 the audit log is closed; nothing was recorded\n  hint: open it again to go on",
    ),
    "BW505": (
        refusals.second_writer(SHOWN, "`audit.db.lock`", ", held by process 7"),
        "BW505 another writer has the audit log at `audit.db` open\n"
        "  hint: one process at a time may write: end it, or send entries through it; the lock is `audit.db.lock`, "
        "held by process 7",
    ),
    "BW506": (
        refusals.unknown(SHOWN, "disk I/O error"),
        "BW506 the entry may or may not be recorded: the audit log at `audit.db` failed in a commit: disk I/O error\n"
        "  hint: give no answer that needs it; ask again with the same request key",
    ),
    "BW507": (
        refusals.not_recorded(SHOWN, "database or disk is full"),
        "BW507 nothing was recorded: the audit log at `audit.db` cannot be written: database or disk is full\n"
        "  hint: mend the disk or the database; the log goes on by itself",
    ),
    "BW508": (
        refusals.damaged(SHOWN, "it has no signed head"),
        "BW508 the audit log at `audit.db` is damaged, and nothing is added to it: it has no signed head\n"
        "  hint: run `boosterwatch audit verify`; go on with a copy that verifies",
    ),
    "BW509": (
        refusals.other_keys(SHOWN, "its heads are signed with another key"),
        "BW509 these are not the keys of the audit log at `audit.db`: its heads are signed with another key\n"
        "  hint: use its own keys file",
    ),
    "BW510": (
        refusals.unreadable(SHOWN, "unable to open database file"),
        "BW510 the audit log at `audit.db` cannot be read: unable to open database file\n"
        "  hint: see that the file or the database is there, and run `boosterwatch audit verify`",
    ),
    "BW511": (
        refusals.other_request("018f"),
        "BW511 this request key already stands for the entry `018f`, which says something else\n"
        "  hint: a new question needs a new key; a repeated one must be the same in every part",
    ),
    "BW512": (
        refusals.used_id("018f"),
        "BW512 there is already an entry `018f`; nothing was recorded\n  hint: make a new id for each entry",
    ),
    "BW513": (
        refusals.bad_draft("`patient` is not text"),
        "BW513 this entry cannot be recorded: `patient` is not text\n"
        "  hint: see the keys of an entry in docs/audit-format.md",
    ),
    "BW514": (
        refusals.exists(SHOWN),
        "BW514 there is already something at `audit.db`\n  hint: choose another place; a log is never replaced",
    ),
    "BW515": (
        refusals.set_back(SHOWN, 9, "4"),
        "BW515 the audit log at `audit.db` held 9 entries, and now 4\n"
        "  hint: somebody put back an older copy: restore the right one and run `audit verify`",
    ),
    "BW516": (
        refusals.replaced(SHOWN),
        "BW516 another writer has taken over the audit log at `audit.db`; nothing was recorded\n"
        "  hint: send the entry through the other writer, or end it",
    ),
    "BW517": (
        refusals.other_process(),
        "BW517 the audit log was opened by another process; nothing was recorded\n"
        "  hint: open it in the process that writes, after the fork",
    ),
    "BW518": (
        refusals.bad_address("mysql://x", "only SQLite and PostgreSQL (psycopg) are known"),
        "BW518 `mysql://x` is no address of an audit log: only SQLite and PostgreSQL (psycopg) are known\n"
        "  hint: use `sqlite:///folder/audit.db` or `postgresql+psycopg://user@host/database`",
    ),
    "BW519": (
        refusals.not_durable(SHOWN, "`fsync` is off"),
        "BW519 the database at `audit.db` may lose what it has confirmed: `fsync` is off\n"
        "  hint: change the setting; an audit log is not kept there otherwise",
    ),
}


@pytest.mark.parametrize("code", LOG_CODES)
def test_refusals_are_rendered(code: str) -> None:
    error, text = RENDERED[code]
    assert str(error) == text
    assert error.code == code


def test_only_the_first_line_of_what_a_driver_says_is_shown() -> None:
    assert reason_of(ValueError("duplicate key.\nDETAIL:  Key (patient)=(canary)")) == "duplicate key"
    assert reason_of(ValueError()) == "ValueError"
    assert reason_of(PermissionError(13, "Permission denied", "audit.db.lock")) == "Permission denied"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("audit.db", "`audit.db` is no address of an audit log: it is no URL"),
        ("postgresql//me:secret@host", "`postgresql//me:secret@host` is no address of an audit log: it is no URL"),
        ("sqlite://", "`sqlite://` is no address of an audit log: it names no file"),
        ("sqlite:///:memory:", "`sqlite:///:memory:` is no address of an audit log: it names no file"),
        ("sqlite:///file:a.db", "`sqlite:///file:a.db` is no address of an audit log: it names no file"),
        (
            "sqlite:///a.db?mode=ro",
            "`sqlite:///a.db?mode=ro` is no address of an audit log: a SQLite log takes no options",
        ),
        (
            "mysql://me:secret@host/x",
            "`mysql://me:***@host/x` is no address of an audit log: only SQLite and PostgreSQL (psycopg) are known",
        ),
        (
            "sqlite+aiosqlite:///a.db",
            "`sqlite+aiosqlite:///a.db` is no address of an audit log: only SQLite and PostgreSQL (psycopg) are known",
        ),
    ],
)
def test_addresses_of_no_log(url: str, words: str) -> None:
    with pytest.raises(LogError) as caught:
        store_at(url)
    assert caught.value.diagnostics[0].message == words


def test_a_log_needs_its_folder(tmp_path: object) -> None:
    with pytest.raises(LogError, match=r"BW518 .* is no address of an audit log: No such file or directory"):
        store_at(f"sqlite:///{tmp_path}/missing/audit.db").prepare()


def test_a_password_is_never_shown() -> None:
    assert store_at("postgresql://me:secret@host/x").shown == "postgresql://me:***@host/x"


def test_the_code_of_a_refusal_is_that_of_its_first_problem() -> None:
    assert LogError(refusals.stopped().diagnostics).code == "BW504"
