"""The codes of shadow runs; docs/codes has a page for each."""

SHADOW_CODES: dict[str, str] = {
    "BW490": "pack that may not run in the shadow of another",
    "BW491": "trial that failed",
    "BW492": "record that the trial cannot use",
    "BW493": "trial whose evaluators differ",
    "BW494": "nothing to compare a trial with",
    "BW495": "trial that cannot be loaded",
    "BW496": "log of shadow runs that cannot be written",
    "BW497": "pack without a trial",
}
