"""Problems of a scaffold. A code never changes its meaning; `docs/codes/<code>.md` explains it."""

NEW_CODES: dict[str, str] = {
    "BW418": "something is already there",
    "BW419": "name or range that cannot be used",
}
