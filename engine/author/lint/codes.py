"""The codes of the lints and of waivers. A code never changes its meaning; `docs/codes/<code>.md` explains each one."""

LINT_CODES: dict[str, str] = {
    # 69x waivers
    "BW690": "waiver that has expired",
    "BW691": "waiver that waives nothing",
    "BW692": "waiver of an unknown code",
}
