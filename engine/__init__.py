"""The engine's face: load a pack, evaluate a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boosterwatch.engine.flow import evaluate
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.engine.pack import ir
    from boosterwatch.engine.pack.review import Overdue, Review
    from boosterwatch.engine.pack.versions import Purpose

__all__ = ["evaluate", "load_pack"]


def load_pack(
    reference: str,
    *,
    on: date | None = None,
    purpose: Purpose = "decisions",
    overlay: Path | None = None,
    search: Sequence[Path] = (),
    today: date | None = None,
    overdue: Overdue | None = None,
) -> LoadedPack:
    """Return a pack ready to evaluate.

    `reference` is a folder, `id@version`, or an id, which means the version that answers for the day `on` (without
    one: the newest that answers). `overlay` is the file of a site's changes, laid over the pack. `search` holds
    folders of packs that are looked through before the built-in ones. Raises PackError with every problem of the pack
    or of the overlay, when no version answers (BW141), and when its status does not allow the `purpose` (BW142): a
    draft may only be read and tested, a trial only run in the shadow of another. Raises OSError when the overlay
    cannot be read.

    With `today` a pack that is to decide is asked for its review: after its day it is refused (BW143), unless `overdue`
    says why it decides all the same and who answers for that. Nobody asks it of a retired pack, nor of a version that
    another took the place of, which answers only for its own past. Without `today` nothing is asked.
    """
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.engine.pack.find import is_bare
    from boosterwatch.engine.pack.open import compile_found
    from boosterwatch.engine.pack.versions import find_in_force, refuse_to_answer

    found = find_in_force(reference, on, search)
    pack = compile_found(found)
    refuse_to_answer(pack, found.shown, purpose, bare=is_bare(reference), on=on)
    review = None
    if today is not None and purpose == "decisions":
        review = _review(reference, pack, found.shown, today, overdue, search)
    if overlay is None:
        return LoadedPack(pack, review)
    from boosterwatch.engine.overlay import lay_over, read_overlay

    return LoadedPack(lay_over(pack, read_overlay(overlay.read_bytes(), str(overlay))), review)


def _review(
    reference: str, pack: ir.Pack, shown: str, today: date, overdue: Overdue | None, search: Sequence[Path]
) -> Review | None:
    """Return how the review of a pack stands; None for a version that a bare id means only for its past."""
    from boosterwatch.engine.pack.find import is_bare
    from boosterwatch.engine.pack.review import ask_review, review_on
    from boosterwatch.engine.pack.versions import version_in_force, versions_of

    found = review_on(pack, today)
    if found is not None and found.left < 0 and is_bare(reference):
        now = version_in_force(versions_of(reference, search), today)
        if now is not None and now.number != pack.version:
            return None
    return ask_review(pack, shown, today, overdue)


def __getattr__(name: str) -> Any:
    """Import `evaluate` when it is first asked for: a pack can be loaded without the rest of the flow."""
    if name != "evaluate":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from boosterwatch.engine.flow import evaluate

    return evaluate
