"""What the audited path refuses, in words. Never a patient's id or value: ids of entries and pseudonyms only."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError


class AuditError(DiagnosticError):
    """The audited path refused, or could not; `code` says which. Whoever gets one has no decision."""

    @property
    def code(self) -> str:
        """Return the code of the first problem; there is always one."""
        return self.diagnostics[0].code


def _refusal(code: str, message: str, hint: str | None) -> AuditError:
    return AuditError([Diagnostic(code, message, None, hint)])


# ---------------------------------------------------------------- keys


def bad_keys(shown: str, why: str) -> AuditError:
    """The keys file cannot be read, or is none."""
    hint = "`boosterwatch audit init` makes one; without the right one nothing sealed can be read"
    return _refusal("BW540", f"the keys file `{shown}` cannot be used: {why}", hint)


def open_keys(shown: str) -> AuditError:
    """Others than its owner may read or change the keys file."""
    return _refusal("BW541", f"others than its owner can read the keys file `{shown}`", f"run `chmod 600 {shown}`")


def keys_exist(shown: str) -> AuditError:
    """New keys were to be written where there is a file."""
    hint = "name another file: keys are never overwritten, because what they sealed could never be read again"
    return _refusal("BW542", f"there is already a file `{shown}`", hint)


def bad_name(what: str) -> AuditError:
    """The name of an actor, a tenant or a request cannot be recorded."""
    return _refusal("BW557", f"{what} must be 1 to 200 characters on one line", "give a role, an account or a short id")


# ---------------------------------------------------------------- vault


def no_vault(shown: str, why: str) -> AuditError:
    """The vault is not there, or is another log's."""
    hint = "put it back from its own backup; it belongs beside its log, and without it nothing sealed can be read"
    return _refusal("BW543", f"the vault of patients' keys at `{shown}` {why}", hint)


def vault_failed(shown: str, why: str) -> AuditError:
    """The vault's database failed."""
    hint = "mend the disk or the database; nothing was decided, and it goes on by itself"
    return _refusal("BW544", f"the vault of patients' keys at `{shown}` does not answer: {why}", hint)


def does_not_open(id: str) -> AuditError:
    """The ciphertext, its place or the key were changed."""
    hint = "`boosterwatch audit verify` tells whether the log is whole; the master key may be another"
    return _refusal("BW545", f"what is sealed with the entry `{id}` does not open", hint)


def erased(id: str) -> AuditError:
    """The key of the patient was destroyed."""
    return _refusal("BW546", f"the content of the entry `{id}` was erased", "that it was decided, and when, remains")


def lost_key(id: str) -> AuditError:
    """The key is not in the vault, and no erasure says why."""
    hint = "no erasure is recorded: put the vault back from its own backup"
    return _refusal("BW552", f"the key that sealed the entry `{id}` is not in the vault", hint)


# ---------------------------------------------------------------- decisions


def no_decision(id: str, why: str = "is not in the audit log") -> AuditError:
    """The id is unknown, or not that of a decision."""
    return _refusal("BW547", f"`{id}` {why}", "`boosterwatch audit list` shows the decisions")


def digest_only(id: str) -> AuditError:
    """Nothing was sealed with the entry."""
    hint = "the log was told to keep digests only, so the record must come from elsewhere"
    return _refusal("BW554", f"the entry `{id}` holds digests only", hint)


def no_pack(id: str, version: str, digest: str) -> AuditError:
    """No pack that can be found has the digest."""
    message = f"no `{id}@{version}` with digest {digest[:12]} can be found"
    return _refusal("BW551", message, "name the folder of packs or the bundle that has it with `--packs`")


def no_overlay(site: str) -> AuditError:
    """A pack with a site's changes came without the text of them, or with another text."""
    hint = "hand over the bytes of the overlay that was laid over the pack: a replay needs them"
    return _refusal("BW553", f"the changes of the site `{site}` came without their own text", hint)


def bad_reason(reason: str) -> AuditError:
    """The reason of a response is no code."""
    hint = "a reason is a code such as `too_early` or `clinic:own_word`; put everything else into the note"
    return _refusal("BW548", f"`{reason[:40]}` is no reason code", hint)


def long_note(most: int) -> AuditError:
    """The note of a response is too long."""
    return _refusal("BW557", f"the note must have at most {most} characters", "give what matters of it")


# ---------------------------------------------------------------- patients


def held(pseudonym: str, reason: str) -> AuditError:
    """A legal hold forbids the erasure."""
    message = f"the patient `{pseudonym}` is under legal hold (`{reason}`); nothing was erased"
    return _refusal("BW549", message, "`boosterwatch audit hold --release` lifts it")


def nobody(pseudonym: str) -> AuditError:
    """Nothing was ever sealed for the patient."""
    hint = "the id must be written as in the record; nothing was erased"
    return _refusal("BW555", f"the audit log has no key for the patient `{pseudonym}`", hint)
