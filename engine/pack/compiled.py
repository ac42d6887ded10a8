"""The compiled form kept beside a pack, so that a cold start need not compile it again.

`compiled.json` is used only while every source file of the pack has the digest noted in it, the compiler is the one
that wrote it, and the pack it holds has the digest it claims; otherwise the pack is compiled from its sources,
silently. It holds nothing that the sources do not, and an edit of it can never run under the digest of the original.
`python -m boosterwatch.engine.pack.compiled PACK` writes it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import Source, find_pack, read_sources
from boosterwatch.engine.pack.ir_json import digest_of_plain, from_plain, to_plain

FILE = "compiled.json"
COMPILER = (
    "engine/pack/compile",
    "engine/pack/ir.py",
    "engine/pack/ir_json.py",
    "engine/pack/language.py",
    "engine/chain/conditions.py",
    "engine/chain/strata.py",
    "schemas/record.schema.json",
)


def read_compiled(folder: Traversable, sources: Sequence[Source]) -> ir.Pack | None:
    """Return the pack as compiled before, or None when there is no compiled form of exactly these sources."""
    try:
        kept: Any = orjson.loads(folder.joinpath(FILE).read_bytes())
        if kept["compiler"] == compiler_digest() and kept["sources"] == digests(sources):
            plain = kept["pack"]
            return from_plain(plain) if digest_of_plain(plain) == plain["digest"] else None
    except (OSError, ValueError, KeyError, TypeError):  # no file, or not one of ours: compile instead
        return None
    return None


def digests(sources: Sequence[Source]) -> dict[str, str]:
    """Return the SHA-256 of each source file by its name."""
    return {source.name: hashlib.sha256(source.data).hexdigest() for source in sources}


def compiler_digest() -> str:
    """Return the SHA-256 of everything that decides what a source compiles to: the compiler and the record's schema."""
    package = files("boosterwatch")
    parts = [package.joinpath(*part.split("/")) for part in COMPILER]
    parts += sorted((part for part in parts[0].iterdir() if part.name.endswith(".py")), key=lambda part: part.name)
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts[1:])).hexdigest()


def compiled_bytes(pack: ir.Pack, sources: Sequence[Source]) -> bytes:
    """Return what `compiled.json` holds for a pack and the sources it was compiled from."""
    kept = {"compiler": compiler_digest(), "sources": digests(sources), "pack": to_plain(pack)}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def main(reference: str) -> None:
    """Write `compiled.json` into the folder of a pack."""
    from boosterwatch.engine.pack.open import compile_sources  # only here: opening a pack reads this module

    found = find_pack(reference)
    sources = read_sources(found.folder, whole=False)
    Path(str(found.folder), FILE).write_bytes(compiled_bytes(compile_sources(found, sources), sources))


if __name__ == "__main__":
    main(sys.argv[1])
