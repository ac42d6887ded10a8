"""Where a host looks: a folder of bundles and withdrawals, or a callable of the embedder's that returns bytes.

What is offered is told apart by its first byte: an envelope is JSON, a bundle is not. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from boosterwatch.engine.host.archive import MAX_BYTES

BUNDLE, ENVELOPE = ".bundle", ".json"
_MOST_FILES = 200
Fetch = Callable[[], bytes | None]
Source = Path | Fetch


@dataclass(frozen=True, slots=True)
class Offer:
    """Bytes that a source gave, what to call them in messages, and their SHA-256."""

    data: bytes
    shown: str
    sha256: str

    @property
    def is_envelope(self) -> bool:
        """Whether these bytes could only be an envelope."""
        return self.data[:1] == b"{"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file of a folder that could not be read, and the system's words for it."""

    shown: str
    reason: str


def offer(data: bytes, shown: str) -> Offer:
    """Return bytes as an offer."""
    return Offer(data, shown, sha256(data).hexdigest())


def look(source: Source) -> tuple[Offer | Unreadable, ...]:
    """Return what a source offers now. Raises whatever a callable raises, OSError of a folder, TypeError."""
    if isinstance(source, Path):
        return tuple(_in_folder(source))
    data = source()
    if data is None:
        return ()
    if not isinstance(data, bytes):
        raise TypeError(f"the source returned {type(data).__name__}, not bytes or None")
    return (offer(data, "source"),)


def read_offer(path: Path) -> Offer | Unreadable | None:
    """Return a file's bytes, at most one more than a bundle may have; None when there is no such file."""
    try:
        if not path.is_file():  # nor a pipe, which would be waited for
            return None
        with path.open("rb") as file:
            return offer(file.read(MAX_BYTES + 1), path.name)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(path.name, (error.strerror or "it cannot be opened").lower())


def _in_folder(folder: Path) -> Iterator[Offer | Unreadable]:
    """Yield the bundles and envelopes of a folder by name; a half-copied one is offered like any other."""
    names = sorted(one.name for one in folder.iterdir() if one.suffix in (BUNDLE, ENVELOPE) and one.name[0] != ".")
    if len(names) > _MOST_FILES:
        raise OSError(0, f"it holds {len(names)} bundles and withdrawals, and at most {_MOST_FILES} are read")
    for name in names:
        found = read_offer(folder / name)
        if found is not None:
            yield found
