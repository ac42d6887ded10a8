"""The codes of comparing results, of sweeps and of backtests; docs/codes has a page for each."""

IMPACT_CODES: dict[str, str] = {
    "BW647": "results that do not speak of the same patients",
    "BW648": "table that holds no results",
    "BW649": "parameter that cannot be swept",
    "BW653": "column that is not there to group by",
    "BW654": "groups that cannot be used",
    "BW655": "example that the row engine decides otherwise",
    "BW656": "alerts and budget that cannot be compared",
    "BW657": "dates that make no series",
    "BW658": "outcomes that cannot be used",
    "BW659": "nothing to look back on",
}
