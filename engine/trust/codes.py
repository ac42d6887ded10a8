"""The codes of keys, keyrings and signatures; docs/codes has a page for each."""

TRUST_CODES: dict[str, str] = {
    "BW240": "file that holds no private key of ours",
    "BW241": "private key that is not protected",
    "BW242": "passphrase that does not open the key",
    "BW243": "the same key twice in a keyring",
    "BW244": "key of a keyring that cannot be used",
    "BW245": "key whose dates are out of order",
    "BW246": "policy that nobody can meet",
    "BW247": "file that is not a signature",
    "BW248": "signature of an unknown key",
    "BW249": "signature that does not fit",
    "BW250": "signature for another release",
    "BW251": "signature as what the key may not sign",
    "BW252": "key that was not valid when it signed",
    "BW253": "signature of a revoked key",
    "BW254": "signature at an impossible time",
    "BW255": "one approver twice",
    "BW256": "approval by an author",
    "BW257": "signatures that are missing",
    "BW258": "signature that has expired",
    "BW259": "withdrawn release",
}
