"""The codes of the audited path: keys, vault, replay, erasure, responses; docs/codes has a page for each."""

AUDIT_CODES: dict[str, str] = {
    "BW540": "keys file that cannot be used",
    "BW541": "keys file that others can read",
    "BW542": "keys file already there",
    "BW543": "no vault of patients' keys",
    "BW544": "vault that does not answer",
    "BW545": "sealed part that does not open",
    "BW546": "content that was erased",
    "BW547": "no such decision in the audit log",
    "BW548": "reason that is no code",
    "BW549": "patient under legal hold",
    "BW550": "replay that differs",
    "BW551": "pack of a decision not found",
    "BW552": "patient's key lost",
    "BW553": "site changes without their text",
    "BW554": "decision kept as a digest only",
    "BW555": "nobody of that name in the audit log",
    "BW556": "stream with lines that were not evaluated",
    "BW557": "name that cannot be recorded",
}
