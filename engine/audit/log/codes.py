"""The codes of the log; docs/codes has a page for each."""

LOG_CODES: dict[str, str] = {
    "BW500": "no audit log here",
    "BW501": "audit log of an older version",
    "BW502": "audit log of a newer version",
    "BW503": "audit log busy",
    "BW504": "audit log stopped",
    "BW505": "second writer of an audit log",
    "BW506": "entry that may or may not be recorded",
    "BW507": "entry not recorded",
    "BW508": "damaged audit log",
    "BW509": "keys of another audit log",
    "BW510": "audit log that cannot be read",
    "BW511": "request key used for something else",
    "BW512": "entry id used before",
    "BW513": "entry that cannot be recorded",
    "BW514": "audit log already there",
    "BW515": "audit log set back",
    "BW516": "writer replaced by another",
    "BW517": "audit log of another process",
    "BW518": "address of no audit log",
    "BW519": "database that may lose what it confirms",
}
