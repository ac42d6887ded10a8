"""The codes of made-up patients; docs/codes has a page for each."""

SYNTH_CODES: dict[str, str] = {
    "BW770": "no such recipe of made-up patients",
    "BW771": "recipe that names what there is not",
    "BW772": "recipe whose numbers do not fit together",
    "BW773": "no such level of mistakes",
}
