"""The version that a release is compared with: the highest released one below it, unless the author names another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import VERSION, Found, find_pack, list_packs, version_key
from boosterwatch.engine.pack.manifest import Previous, is_released, read_manifest
from boosterwatch.engine.pack.open import compile_found


def find_previous(
    pack: ir.Pack, folder: Path, wish: str | None, *, first: bool, search: Sequence[Path] = ()
) -> Found | None:
    """Return the version before the one in a folder; None when it is the first.

    `wish` names the version as the author gave it. Without it the released versions beside the folder count, else
    those of the folders in `search` and of the program. Raises PackError (BW465) when there is none and `first` does
    not say so, when there is one although `first` says there is none, and when `wish` is no earlier version.
    """
    if wish is not None:
        return _wished(pack, wish, search)
    found = max(earlier_releases(pack, folder, search), key=_number, default=None)
    if first and found is not None:
        message = f"{pack.version} is not the first version of `{pack.id}`: `{found.shown}` is released"
        raise _refused(message, "leave `--first` out")
    if not first and found is None:
        message = f"no version of `{pack.id}` below {pack.version} is released, so there is none to compare with"
        raise _refused(message, "say `--first` if it is the first, or name the one before with `--previous`")
    return found


def earlier_releases(pack: ir.Pack, folder: Path, search: Sequence[Path] = ()) -> list[Found]:
    """Return the released versions below the one in a folder: those beside it; only when there are none, others."""
    return list(_beside(pack, folder)) or list(_elsewhere(pack, search))


def refuse_early(pack: ir.Pack, previous: ir.Pack, folder: Path, search: Sequence[Path] = ()) -> None:
    """Raise PackError (BW463) when a version that is to decide begins on or before the first day of an earlier one.

    The earlier one would then never have answered, and decisions about past days would be told as made under this one.
    """
    if pack.status != "active":
        return
    started = [(previous.effective, previous.version)] if previous.status == "active" else []
    for found in earlier_releases(pack, folder, search):
        manifest = read_manifest(found.folder, found.shown)
        if manifest is not None and manifest.status == "active":
            started.append((manifest.effective, manifest.version))
    day, version = max(started, default=("", ""))
    if started and pack.effective <= day:
        message = f"{pack.version} would begin on {pack.effective}, not after {version}, which began on {day}"
        hint = "write into `effective` the first day that it decides: decisions about days before it stay as they were"
        raise PackError((Diagnostic("BW463", message, None, hint),))


def previous_of(found: Found, pack: ir.Pack) -> Previous:
    """Return what a manifest says of the version before. Raises PackError when its own manifest cannot be read."""
    manifest = read_manifest(found.folder, found.shown)
    return Previous(pack.version, pack.digest, None if manifest is None else manifest.sha256)


def released_elsewhere(pack: ir.Pack, folder: Path, search: Sequence[Path] = ()) -> Found | None:
    """Return another folder in which the same version of the same pack is released already; None for none."""
    here = folder.resolve()
    for id, version, other in list_packs(search):
        known = isinstance(other, Path) and other.resolve() == here
        if (id, version) == (pack.id, pack.version) and not known and is_released(other):
            return Found(other, str(other))
    return None


def _wished(pack: ir.Pack, wish: str, search: Sequence[Path]) -> Found:
    found = find_pack(wish, search)
    other = compile_found(found)
    if other.id != pack.id or version_key(other.version) >= version_key(pack.version):
        message = f"`{wish}` is {other.id}@{other.version}, which is no version before {pack.id}@{pack.version}"
        raise _refused(message, "name an earlier version of the same pack")
    return found


def _beside(pack: ir.Pack, folder: Path) -> Iterator[Found]:
    for other in folder.resolve().parent.iterdir():
        if VERSION.fullmatch(other.name) and _counts(other, pack):
            yield Found(other, f"{pack.id}@{other.name}")


def _elsewhere(pack: ir.Pack, search: Sequence[Path]) -> Iterator[Found]:
    for id, version, folder in list_packs(search):
        if id == pack.id and _counts(folder, pack):
            yield Found(folder, f"{id}@{version}")


def _counts(folder: Traversable, pack: ir.Pack) -> bool:
    return version_key(folder.name) < version_key(pack.version) and is_released(folder)


def _number(found: Found) -> tuple[int, ...]:
    return version_key(found.folder.name)


def _refused(message: str, hint: str) -> PackError:
    return PackError((Diagnostic("BW465", message, None, hint),))
