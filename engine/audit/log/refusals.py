"""Everything the log refuses, each with its code, its words and what to do; no patient value is ever in them."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError


class LogError(DiagnosticError):
    """The log refused, or could not; `code` says which."""

    @property
    def code(self) -> str:
        """Return the code of the first problem; there is always one."""
        return self.diagnostics[0].code


def _refusal(code: str, message: str, hint: str) -> LogError:
    return LogError([Diagnostic(code, message, hint=hint)])


def no_log(shown: str) -> LogError:
    """There is no database, or one without the tables of a log."""
    return _refusal("BW500", f"there is no audit log at `{shown}`", "make one with `boosterwatch audit init`")


def older(shown: str, found: str, newest: str) -> LogError:
    """The tables are those of an earlier release."""
    message = f"the audit log at `{shown}` has version {found}; this program writes version {newest}"
    return _refusal("BW501", message, "make a backup, then run `boosterwatch audit migrate`")


def newer(shown: str, found: str, newest: str) -> LogError:
    """The tables are those of a later release, or of something else."""
    message = f"the audit log at `{shown}` has version {found}; this program knows versions up to {newest}"
    return _refusal("BW502", message, "use the release of boosterwatch that wrote it, or a later one")


def busy(seconds: float) -> LogError:
    """There was no room in the line for as long as the caller would wait."""
    message = f"the audit log had no room for the entry within {seconds:g} s; nothing was recorded"
    return _refusal("BW503", message, "try again later; if it goes on, the disk or the database is too slow")


def stopped() -> LogError:
    """The log takes no more entries."""
    return _refusal("BW504", "the audit log is closed; nothing was recorded", "open it again to go on")


def second_writer(shown: str, lock: str, holder: str) -> LogError:
    """Another writer holds the lock."""
    hint = f"one process at a time may write: end it, or send entries through it; the lock is {lock}{holder}"
    return _refusal("BW505", f"another writer has the audit log at `{shown}` open", hint)


def unknown(shown: str, reason: str) -> LogError:
    """A commit was sent, its outcome is not known, and the store cannot be asked now."""
    message = f"the entry may or may not be recorded: the audit log at `{shown}` failed in a commit: {reason}"
    return _refusal("BW506", message, "give no answer that needs it; ask again with the same request key")


def not_recorded(shown: str, reason: str) -> LogError:
    """The store failed, and the entry is certainly not in it."""
    message = f"nothing was recorded: the audit log at `{shown}` cannot be written: {reason}"
    return _refusal("BW507", message, "mend the disk or the database; the log goes on by itself")


def damaged(shown: str, what: str) -> LogError:
    """The end of the log does not fit its own signed head."""
    message = f"the audit log at `{shown}` is damaged, and nothing is added to it: {what}"
    return _refusal("BW508", message, "run `boosterwatch audit verify`; go on with a copy that verifies")


def other_keys(shown: str, what: str) -> LogError:
    """The keys belong to another log."""
    return _refusal("BW509", f"these are not the keys of the audit log at `{shown}`: {what}", "use its own keys file")


def unreadable(shown: str, reason: str) -> LogError:
    """The store does not answer, or with nonsense."""
    message = f"the audit log at `{shown}` cannot be read: {reason}"
    return _refusal("BW510", message, "see that the file or the database is there, and run `boosterwatch audit verify`")


def other_request(first: str) -> LogError:
    """The idempotency key stands for another entry; `first` is its id."""
    message = f"this request key already stands for the entry `{first}`, which says something else"
    return _refusal("BW511", message, "a new question needs a new key; a repeated one must be the same in every part")


def used_id(id_: str) -> LogError:
    """There is an entry with this id."""
    return _refusal("BW512", f"there is already an entry `{id_}`; nothing was recorded", "make a new id for each entry")


def bad_draft(what: str) -> LogError:
    """The draft has no place in the log."""
    return _refusal(
        "BW513", f"this entry cannot be recorded: {what}", "see the keys of an entry in docs/audit-format.md"
    )


def exists(shown: str) -> LogError:
    """A new log was to be made where there is something."""
    return _refusal(
        "BW514", f"there is already something at `{shown}`", "choose another place; a log is never replaced"
    )


def set_back(shown: str, acknowledged: int, found: str) -> LogError:
    """The store no longer holds what this process has acknowledged."""
    message = f"the audit log at `{shown}` held {acknowledged} entries, and now {found}"
    return _refusal("BW515", message, "somebody put back an older copy: restore the right one and run `audit verify`")


def replaced(shown: str) -> LogError:
    """Another writer has taken over; nothing of this one was recorded."""
    message = f"another writer has taken over the audit log at `{shown}`; nothing was recorded"
    return _refusal("BW516", message, "send the entry through the other writer, or end it")


def other_process() -> LogError:
    """The log was opened before a fork."""
    message = "the audit log was opened by another process; nothing was recorded"
    return _refusal("BW517", message, "open it in the process that writes, after the fork")


def bad_address(shown: str, what: str) -> LogError:
    """The address cannot be that of a log."""
    hint = "use `sqlite:///folder/audit.db` or `postgresql+psycopg://user@host/database`"
    return _refusal("BW518", f"`{shown}` is no address of an audit log: {what}", hint)


def not_durable(shown: str, setting: str) -> LogError:
    """The database is set up to confirm what is not on disk."""
    message = f"the database at `{shown}` may lose what it has confirmed: {setting}"
    return _refusal("BW519", message, "change the setting; an audit log is not kept there otherwise")


def reason_of(error: BaseException) -> str:
    """Return the first line of what a driver says: PostgreSQL adds values of the row in further lines."""
    said = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's error
    lines = str(getattr(said, "strerror", None) or said).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(said).__name__
