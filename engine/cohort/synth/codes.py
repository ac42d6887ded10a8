"""The codes of made-up patients; docs/codes has a page for each."""

SYNTH_CODES: dict[str, str] = {
    "BW670": "no such recipe of made-up patients",
    "BW671": "recipe that names what there is not",
    "BW672": "recipe whose numbers do not fit together",
    "BW673": "no such level of mistakes",
}
