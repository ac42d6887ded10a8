"""The codes of checking a log; docs/codes has a page for each."""

CHECK_CODES: dict[str, str] = {
    "BW520": "damaged store",
    "BW521": "entry in another form",
    "BW522": "missing entry",
    "BW523": "broken chain",
    "BW524": "column that differs from its entry",
    "BW525": "mark that differs from its entry",
    "BW526": "sealed part that differs from its entry",
    "BW527": "tile that differs from the entries",
    "BW528": "head that is not signed",
    "BW529": "head over other entries",
    "BW530": "entries and heads that do not fit",
    "BW531": "log of another name or key",
    "BW532": "log rewritten since an earlier head",
    "BW533": "log shorter than an earlier head",
    "BW534": "proof that does not hold",
    "BW535": "proof that cannot be read",
    "BW536": "earlier heads that cannot be used",
    "BW537": "public key that cannot be used",
    "BW538": "more problems than are shown",
    "BW539": "tables of another shape",
}
