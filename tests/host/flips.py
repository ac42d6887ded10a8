"""Flips single bytes of the quick screen's bundle, and of what was signed inside it; every one must be refused.

`python -m boosterwatch.tests.host.flips` flips every byte (a minute or two); the suite takes every so many of them.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.host import archive
from boosterwatch.engine.host.load import load_bundle
from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.tests.host.released import TODAY, Release, release
from boosterwatch.tests.trust.people import keyring


def flipped(data: bytes, at: int) -> bytes:
    """Return bytes with one of them changed, always in the same way."""
    changed = bytearray(data)
    changed[at] ^= random.Random(at).randrange(1, 256)
    return bytes(changed)


def is_refused(bundle: bytes) -> bool:
    """Return whether a bundle is refused with a code; any other error is raised."""
    try:
        load_bundle(bundle, "x.bundle", keyring(), TODAY)
    except PackError:
        return True
    return False


def missed_in_bundle(one: Release, step: int = 1) -> Iterator[int]:
    """Yield each place where a flipped byte of the bundle goes unnoticed, looking at every so many."""
    data = one.bundle()
    yield from (at for at in range(0, len(data), step) if not is_refused(flipped(data, at)))


def missed_in_file(one: Release, name: str, step: int = 1) -> Iterator[int]:
    """Yield the same for one file, put back into an archive without a fault, as only somebody who means it would."""
    whole = one.whole()
    for at in range(0, len(whole[name]), step):
        if not is_refused(archive.pack({**whole, name: flipped(whole[name], at)})):
            yield at


def signed_names(one: Release) -> list[str]:
    """Return the names of what nobody may change by a byte without being found out by a signature."""
    return sorted(name for name in one.whole() if name == FILE or name.startswith("signatures/"))


def main() -> int:
    """Flip every byte, and say how many went unnoticed."""
    one, begun = release(), time.monotonic()
    missed = [("bundle", at) for at in missed_in_bundle(one)]
    for name in signed_names(one):
        missed += [(name, at) for at in missed_in_file(one, name)]
    flips = len(one.bundle()) + sum(len(one.whole()[name]) for name in signed_names(one))
    print(f"{flips} bytes flipped in {time.monotonic() - begun:.0f} s, {len(missed)} unnoticed {missed[:10]}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
