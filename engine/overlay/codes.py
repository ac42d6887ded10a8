"""The codes of overlays; docs/codes has a page for each."""

OVERLAY_CODES: dict[str, str] = {
    "BW220": "overlay for another pack",
    "BW221": "overlay for another version",
    "BW222": "overlay of an unknown parameter",
    "BW223": "overlay of what only a new version may change",
    "BW224": "overlay outside the allowed range",
    "BW225": "overlay that would loosen a hold or a safety trigger",
    "BW226": "what a site may not leave out",
    "BW227": "two entries of one overlay for the same",
}
