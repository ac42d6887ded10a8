"""Why `keys`, `sign`, `approve`, `verify` and `withdraw` refuse; docs/codes has a page for each."""

SIGNING_CODES: dict[str, str] = {
    "BW470": "pack that is not released",
    "BW471": "prose that is worded otherwise than it was released",
    "BW472": "key that may not sign this",
    "BW473": "signed or withdrawn already",
    "BW474": "author who would approve",
    "BW475": "not confirmed",
    "BW476": "passphrase that cannot be used",
    "BW477": "file that is never overwritten",
    "BW478": "signature that would not hold for a day",
    "BW479": "signature without a meaning",
}
