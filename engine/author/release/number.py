"""The version number that a change asks for: the next one of its kind, no higher and no lower."""

from __future__ import annotations

from boosterwatch.engine.author.diff import Difference, bump, bump_reasons
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.manifest import Bump

_KINDS: dict[Bump, str] = {"patch": "words alone, a patch", "minor": "a minor change", "major": "a major change"}


def next_number(version: str, kind: Bump) -> str:
    """Return the number that follows a version for a change of this kind.

    >>> [next_number("1.4.2", kind) for kind in ("patch", "minor", "major")]
    ['1.4.3', '1.5.0', '2.0.0']
    """
    major, minor, patch = version_key(version)
    match kind:
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case _:
            return f"{major}.{minor}.{patch + 1}"


def honest_kind(difference: Difference) -> Bump:
    """Return the kind of a change whose version number tells it. Raises PackError (BW461) when the number lies."""
    asked = bump(difference)
    kind: Bump = "patch" if asked == "none" else asked  # the same to the byte is said anew, and says nothing new
    old, new = difference.old, difference.new
    expected = next_number(old.version, kind)
    if new.version != expected:
        reasons = "; ".join(bump_reasons(difference))
        message = f"`{new.id}` {new.version} should be {expected}: from {old.version} it is {_KINDS[kind]} ({reasons})"
        hint = f'call the folder `{expected}` and write `version: "{expected}"` in `pack.yaml`'
        raise PackError((Diagnostic("BW461", message, None, hint),))
    return kind
