"""Is the log whole? Everything that is stored, compared with what was signed; and proofs that others can check.

Flow: log -> **check** -> report, proof document, anchor file. Nothing here writes to a log. `docs/audit-format.md` is
the reference for every byte; `docs/verify_audit.py` checks the same with code of its own.
"""
