"""What is wrong with the shape of a pack: the codes that validating gives, besides BW103, unknown key.

A code never changes its meaning; `docs/codes/<code>.md` explains each one.
"""

VALIDATE_CODES: dict[str, str] = {
    # keys
    "BW150": "missing key",
    "BW151": "key that does not belong here",
    "BW152": "key that is not a name",
    # values
    "BW155": "value of the wrong type",
    "BW156": "word that is not one of the choices",
    "BW157": "text that is not written as it should be",
    "BW158": "no such day in the calendar",
    "BW159": "number out of bounds",
    "BW160": "empty list, mapping or text",
    "BW161": "doubled entry of a list",
    "BW162": "text that is too long",
    "BW163": "mapping that is not complete",
    # files
    "BW170": "first line that does not name the schema",
    "BW171": "first line that names another schema",
    "BW172": "file name that differs from the id",
    "BW173": "pack without pack.yaml",
    "BW174": "word of a timeline that means nothing",
}
