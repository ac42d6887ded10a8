"""The codes of a comparison: what it could not do, and what the reader should know."""

DIFF_CODES: dict[str, str] = {
    "BW440": "no solver to prove with",
    "BW441": "packs of different ids are compared",
    "BW442": "the solver gave no answer",
}
