"""The codes of bundles and hosts; docs/codes has a page for each."""

BUNDLE_CODES: dict[str, str] = {
    "BW260": "bundle of a pack that is not released",
    "BW261": "bundle that is too big",
    "BW262": "file that is not a bundle",
    "BW263": "name that a bundle may not hold",
    "BW264": "entry that a bundle may not hold",
    "BW265": "changed bundle",
    "BW266": "bundle without a release",
    "BW267": "bundle whose files are not those of its release",
    "BW268": "bundle whose rules are not those of its release",
    "BW269": "older version than one already used",
    "BW270": "another release under a version already used",
    "BW271": "release that was withdrawn here",
    "BW272": "floor that cannot be trusted",
    "BW273": "floor that cannot be kept",
    "BW274": "approval that ends soon",
}

HOST_CODES: dict[str, str] = {
    "BW480": "host without a pack",
    "BW481": "record of a day before the version began",
    "BW482": "bundle of another pack",
    "BW483": "version that has not begun",
    "BW484": "source that failed",
    "BW485": "listener that failed",
    "BW486": "withdrawal that does not count",
    "BW487": "keyring that cannot be used",
    "BW488": "last known good that cannot be kept",
    "BW489": "host that failed",
}
