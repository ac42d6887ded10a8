"""How each kind of score measure is said: `{}` is an amount, such as `at least 5 points`."""

from __future__ import annotations

COMPARED = {
    "latest": "is {}",
    "latest_within": "was {}",
    "age": "is {} old",
    "best": "had a best of {}",
    "baseline": "was {} at baseline",
    "best_since_induction": "had a best since induction of {}",
    "change_from_best": "is {} worse than its best",
    "change_from_baseline": "is {} worse than its baseline",
    "gain": "improved by {} from baseline to its best",
    "fraction_lost": "has given back {} of its gain",
    "response_fraction": "improved by {} of its baseline",
    "previous": "was {} at the visit before",
    "previous_change": "was {} worse than its own best at the visit before",
    "slope": "has a slope of {}",
}
LEVELS = ("latest", "latest_within", "best", "baseline", "best_since_induction", "previous")
KNOWN = {
    "latest": "latest valid score",
    "latest_within": "recent valid score",
    "latest_date": "latest scoring date",
    "age": "age in days",
    "best": "best score before the latest",
    "baseline": "baseline",
    "best_since_induction": "best score since induction",
    "change_from_best": "known change from its best",
    "change_from_baseline": "known change from its baseline",
    "gain": "known gain from baseline to its best",
    "fraction_lost": "known share of its gain given back",
    "response_fraction": "known improvement as a share of its baseline",
    "previous": "score of the visit before",
    "previous_change": "known change at the visit before",
    "slope": "known slope",
}
TRUE = {
    "assessable": "is assessable",
    "previous_interpretable": "had settled at the visit before",
    "newest_invalid": "failed a check in its newest record",
}
NEGATED = {
    "assessable": "is not assessable",
    "previous_interpretable": "had not settled at the visit before",
    "newest_invalid": "did not fail a check in its newest record",
}
