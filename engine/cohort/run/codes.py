"""The codes of runs over cohorts; docs/codes has a page for each."""

COHORT_RUN_CODES: dict[str, str] = {
    "BW620": "run that another process is writing",
    "BW621": "results that cannot be written",
    "BW622": "tables that changed during a run",
    "BW623": "no session of Spark",
    "BW624": "chunk that failed",
    "BW625": "chunk without one row for each patient",
    "BW626": "no such patient in the tables",
    "BW627": "patient about whom rows and columns differ",
    "BW628": "extra of a run that is not installed",
    "BW629": "patient who is refused",
    "BW630": "rows that were refused",
}
