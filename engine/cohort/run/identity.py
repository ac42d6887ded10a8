"""What a run is: its inputs, pack, day and engine, and the id that follows from them. Clock and names play no part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from boosterwatch import __version__
from boosterwatch.engine.loaded import LoadedPack

KEY = "boosterwatch."  # before every name that a run writes into a file's metadata


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides the results of a run. `inputs` has the digest of each table, by the table's name."""

    pack: str
    version: str
    digest: str
    as_of: date
    engine: str
    inputs: Mapping[str, str]
    overlay: str | None = None
    overlay_digest: str | None = None
    review: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The id of the run: the same for the same inputs, whoever starts it, however often and in whatever chunks.

        It hangs on the text of the program too, so that a run never goes on with chunks of another program's making.
        """
        stated = {**self._stated(), "inputs": dict(self.inputs), "program": digest_of_program()}
        return hashlib.sha256(canonical(stated)).hexdigest()[:32]

    def metadata(self) -> dict[str, str]:
        """Return what a file of results says of the run that made it; the same run says the same."""
        return {KEY + name: value for name, value in {**self._stated(), "run_id": self.run_id}.items()}

    def _stated(self) -> dict[str, str]:
        site = {"overlay": self.overlay, "overlay_digest": self.overlay_digest}
        return {
            "as_of": self.as_of.isoformat(),
            "engine": self.engine,
            "pack": self.pack,
            "pack_digest": self.digest,
            "pack_version": self.version,
            "version": __version__,
            **{name: value for name, value in site.items() if value is not None},
            **{f"review_{name}": value for name, value in self.review.items()},
        }


def identify(pack: LoadedPack, as_of: int, engine: str, inputs: Mapping[str, str]) -> Identity:
    """Return what a run over these inputs is."""
    recorded = pack.review.recorded if pack.review is not None else None
    site = pack.ir.site
    return Identity(
        pack=pack.id,
        version=pack.version,
        digest=pack.digest,
        as_of=date.fromordinal(as_of),
        engine=engine,
        inputs=inputs,
        overlay=site.id if site is not None else None,
        overlay_digest=site.digest if site is not None else None,
        review=dict(recorded or {}),
    )


@cache
def digest_of_program() -> str:
    """Return the digest of everything below `engine`, by name; a version number alone may lie while it is worked on."""
    engine = Path(__file__).parents[2]
    found = hashlib.sha256()
    for file in sorted(engine.rglob("*.py")):
        found.update(f"{file.relative_to(engine).as_posix()}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def digest_of_parts(digests: Sequence[str]) -> str:
    """Return the digest of a table in several files: that of the only file, or one of theirs in order."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def canonical(data: Mapping[str, object]) -> bytes:
    """Return one way of writing JSON: keys in order, no blanks, a line break at the end."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
