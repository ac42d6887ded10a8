"""The codes of what a pack says: references, types, values. `docs/codes/` has a page for each."""

COMPILE_CODES: dict[str, str] = {
    "BW201": "unknown name",
    "BW202": "clause that cannot be read",
    "BW203": "number in a clause",
    "BW204": "values that do not compare",
    "BW205": "rules or measures that wait for each other",
    "BW206": "declared twice",
    "BW207": "word that a value never takes",
    "BW209": "unknown pattern",
    "BW210": "value outside what is allowed",
    "BW211": "dates out of order",
    "BW213": "measure without a setting",
    "BW215": "incomplete pack",
    "BW216": "range that cannot be read",
}
