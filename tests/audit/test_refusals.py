"""Every refusal of the audited path, word for word; the codes are all used, and none of them quotes a patient."""

import pytest

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.codes import AUDIT_CODES
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.diagnostics import DiagnosticError

SAID = {
    errors.vault_failed("audit.keys.db", "disk I/O error"): (
        "BW544 the vault of patients' keys at `audit.keys.db` does not answer: disk I/O error\n"
        "  hint: mend the disk or the database; nothing was decided, and it goes on by itself"
    ),
    errors.lost_key("an-id"): (
        "BW552 the key that sealed the entry `an-id` is not in the vault\n"
        "  hint: no erasure is recorded: put the vault back from its own backup"
    ),
    errors.no_pack("quick-screen", "1.0.0", "0123456789abcdef"): (
        "BW551 no `quick-screen@1.0.0` with digest 0123456789ab can be found\n"
        "  hint: name the folder of packs or the bundle that has it with `--packs`"
    ),
    errors.no_overlay("north-clinic"): (
        "BW553 the changes of the site `north-clinic` came without their own text\n"
        "  hint: hand over the bytes of the overlay that was laid over the pack: a replay needs them"
    ),
    errors.no_vault("audit.keys.db", "is missing"): (
        "BW543 the vault of patients' keys at `audit.keys.db` is missing\n"
        "  hint: put it back from its own backup; it belongs beside its log, and without it nothing sealed can be read"
    ),
}


@pytest.mark.parametrize(("error", "text"), SAID.items(), ids=lambda one: getattr(one, "code", ""))
def test_a_refusal_says_what_is_wrong_and_what_to_do(error: AuditError, text: str) -> None:
    assert str(error) == text
    assert isinstance(error, DiagnosticError)
    assert error.code in AUDIT_CODES
