"""The codes of runs over cohorts; docs/codes has a page for each."""

COHORT_RUN_CODES: dict[str, str] = {
    "BW720": "run that another process is writing",
    "BW721": "results that cannot be written",
    "BW722": "tables that changed during a run",
    "BW723": "no session of Spark",
    "BW724": "chunk that failed",
    "BW725": "chunk without one row for each patient",
    "BW726": "no such patient in the tables",
    "BW727": "patient about whom rows and columns differ",
    "BW728": "extra of a run that is not installed",
    "BW729": "patient who is refused",
    "BW730": "rows that were refused",
}
