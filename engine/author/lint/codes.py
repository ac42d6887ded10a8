"""The codes of the lints and of waivers. A code never changes its meaning; `docs/codes/<code>.md` explains each one."""

LINT_CODES: dict[str, str] = {
    # 60x numbers
    "BW601": "value outside its scale",
    "BW602": "allowed range wider than the scale",
    "BW603": "step smaller than the measurement error",
    "BW604": "step that may be set below the measurement error",
    "BW605": "step of nothing",
    # 61x citations and dates of review
    "BW610": "number without a citation",
    "BW611": "citation that is old",
    "BW612": "citation without a year",
    "BW613": "rule that claims a source and names none",
    "BW614": "review that is past due",
    "BW615": "review that is due soon",
    # 62x signs
    "BW620": "missing data that does not read as missing",
    # 63x instruments
    "BW630": "self-harm item without a safety path",
    "BW631": "code whose check digit is wrong",
    "BW632": "code of something else",
    "BW633": "code used twice",
    # 64x rules
    "BW640": "one source counted as two",
    "BW641": "clauses that exclude each other",
    "BW642": "rule that can never be true",
    "BW643": "row behind one that is always true first",
    "BW644": "rule said twice",
    "BW645": "rules that contradict each other",
    "BW646": "row that always comes too late",
    # 65x recommendations
    "BW650": "recommendation that is never reached",
    "BW651": "booster-like recommendation during a hold",
    "BW652": "booster-like recommendation while a trigger is due now",
    # 66x names that nobody uses
    "BW660": "parameter that nobody uses",
    "BW661": "pattern that nobody uses",
    "BW662": "measure that nobody uses",
    "BW663": "citation that nobody uses",
    "BW664": "event that nobody uses",
    "BW665": "finding that nobody uses",
    # 67x sentences
    "BW670": "sentence that names no value",
    # 68x the run
    "BW680": "lints that were not run",
    # 69x waivers
    "BW690": "waiver that has expired",
    "BW691": "waiver that waives nothing",
    "BW692": "waiver of an unknown code",
}
