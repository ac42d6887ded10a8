"""The codes of reading a log; docs/codes has a page for each."""

READING_CODES: dict[str, str] = {
    "BW560": "time that cannot be read",
}
