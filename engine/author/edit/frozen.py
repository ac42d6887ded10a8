"""What every edit of a pack's folder asks first: is it released? Then it never changes, and a new version is needed."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack.manifest import is_released


def refuse_released(folder: Traversable, shown: str) -> None:
    """Raise PackError (BW466) when the folder that is to be edited is released; `shown` is what messages call it."""
    if is_released(folder):
        hint = f"edit a copy: `boosterwatch new version {shown} VERSION`"
        raise PackError((Diagnostic("BW466", f"`{shown}` is released, and a release never changes", None, hint),))
