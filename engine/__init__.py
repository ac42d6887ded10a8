"""The engine's face: load a pack, evaluate a record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boosterwatch.engine.flow import evaluate
    from boosterwatch.engine.loaded import LoadedPack

__all__ = ["evaluate", "load_pack"]


def load_pack(reference: str, *, search: Sequence[Path] = ()) -> LoadedPack:
    """Return a pack ready to evaluate.

    `reference` is a folder, an id (its newest version), or `id@version`; `search` holds folders of packs that are
    looked through before the built-in ones. Raises PackError with every problem of the pack.
    """
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.engine.pack.open import compile_reference

    return LoadedPack(compile_reference(reference, search))


def __getattr__(name: str) -> Any:
    """Import `evaluate` when it is first asked for: a pack can be loaded without the rest of the flow."""
    if name != "evaluate":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from boosterwatch.engine.flow import evaluate

    return evaluate
