"""Problems of an edit. A code never changes its meaning; `docs/codes/<code>.md` explains it."""

EDIT_CODES: dict[str, str] = {
    "BW410": "no such parameter",
    "BW411": "value that is not a number",
    "BW412": "value outside its allowed range",
    "BW413": "date that does not follow",
    "BW414": "no such citation",
    "BW415": "unknown basis",
    "BW416": "pack that is not edited in place",
    "BW417": "edit that would break the pack",
    "BW466": "edit of a released pack",
}
