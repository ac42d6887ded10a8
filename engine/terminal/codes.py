"""Problems of a run rather than of a document. A code never changes its meaning; `docs/codes/<code>.md` explains it."""

RUN_CODES: dict[str, str] = {
    "BW401": "internal error",
    "BW402": "evaluators that differ",
    "BW403": "optional part that is not installed",
    "BW404": "file cannot be written",
}
