"""What is wrong with a record: the codes 3xx.

A code never changes its meaning; `docs/codes/<code>.md` explains each one. What is wrong with the text
itself (not UTF-8, a doubled key, a tab) has a 1xx code of the loader.
"""

RECORD_CODES: dict[str, str] = {
    # the shape
    "BW301": "record is not a mapping",
    "BW302": "unknown key in a record",
    "BW303": "missing key in a record",
    "BW304": "value of the wrong type",
    "BW305": "word that is not one of the choices",
    "BW306": "not a date",
    "BW307": "no such day in the calendar",
    "BW308": "number that cannot be used",
    "BW309": "record nested too deep",
    "BW310": "text that cannot be used",
    "BW311": "keys that exclude each other",
    # impossible facts
    "BW320": "induction ends before it begins",
    "BW321": "birth after the evaluation date",
    "BW322": "benefit lost before the infusion",
    "BW323": "two outcomes of one cycle",
    "BW324": "two values of one override",
    # against the pack
    "BW330": "unknown instrument",
    "BW331": "unknown scale of an instrument",
    "BW332": "answer that the instrument does not ask for",
    "BW333": "override of an unknown parameter",
    "BW334": "parameter that may not be overridden",
    "BW335": "override outside the allowed range",
    "BW336": "fraction where a whole number belongs",
    "BW337": "unknown hold",
    "BW338": "override that would loosen a hold or a safety trigger",
}
