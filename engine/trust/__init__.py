"""Who wrote, approved and released a pack: keys, keyrings, signatures, and what they must add up to.

Flow: release -> **sign, approve** -> verify -> bundle -> host. Nothing here reads a rule; what is signed is the digest
of a release. Imported only by what signs or verifies: it needs the library `cryptography`.
"""

from boosterwatch.engine.trust.approve import require_approval
from boosterwatch.engine.trust.envelope import Envelope, read_envelope, read_envelopes
from boosterwatch.engine.trust.keyring import read_keyring
from boosterwatch.engine.trust.model import Approved, Keyring, Signature, Statement

__all__ = [
    "Approved",
    "Envelope",
    "Keyring",
    "Signature",
    "Statement",
    "read_envelope",
    "read_envelopes",
    "read_keyring",
    "require_approval",
]
