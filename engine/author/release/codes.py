"""Refusals of a release, and of edits after it. A code never changes its meaning; docs/codes has a page for each."""

RELEASE_CODES: dict[str, str] = {
    "BW460": "gate that refuses the release",
    "BW461": "version number that lies about the change",
    "BW462": "version that is released already",
    "BW463": "status or date that cannot be released",
    "BW464": "version that is not the one of the folder",
    "BW465": "previous version that is missing, or is none",
    "BW467": "file that cannot be in a release",
    "BW468": "pack that changed while the gates ran",
    "BW469": "version that does not come after the one it is copied from",
    "BW498": "dated value that no case lies around",
}
