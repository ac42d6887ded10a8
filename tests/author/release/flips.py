"""A pack in memory in which one byte differs: cheap enough to try every byte of a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any

import pytest

from boosterwatch.engine.pack import compiled, drift, ir
from boosterwatch.engine.pack.compiled import compiled_bytes
from boosterwatch.engine.pack.find import Found, Source
from boosterwatch.engine.pack.open import compile_sources

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Memory(Traversable):
    """A folder, or a file of it, whose content is a mapping of names to bytes."""

    files: Files
    at: str = ""

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.at.rstrip("/").rpartition("/")[2]

    def iterdir(self) -> Iterator[Memory]:
        """Yield what is directly in this folder."""
        prefix = f"{self.at}/" if self.at else ""
        inside = {name[len(prefix) :].partition("/")[0] for name in self.files if name.startswith(prefix)}
        return (Memory(self.files, f"{prefix}{one}") for one in sorted(inside))

    def is_file(self) -> bool:
        """Return whether it is a file."""
        return self.at in self.files

    def is_dir(self) -> bool:
        """Return whether it is a folder."""
        return not self.is_file()

    def joinpath(self, *parts: Any) -> Memory:
        """Return what is below this folder."""
        return Memory(self.files, "/".join([self.at, *map(str, parts)] if self.at else list(map(str, parts))))

    def __truediv__(self, child: Any) -> Memory:
        return self.joinpath(child)

    def read_bytes(self) -> bytes:
        """Return the bytes of a file. Raises FileNotFoundError."""
        if self.at not in self.files:
            raise FileNotFoundError(self.at)
        return self.files[self.at]

    def read_text(self, encoding: str | None = None) -> str:
        """Return the text of a file."""
        return self.read_bytes().decode(encoding or "utf-8")

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Return a file to read from."""
        return BytesIO(self.read_bytes())


def flipped(files: Files, name: str, at: int, mask: int) -> Memory:
    """Return the files with some bits of one byte turned round."""
    data = bytearray(files[name])
    data[at] ^= mask
    return Memory({**files, name: bytes(data)})


@lru_cache(maxsize=4)
def _compiled(sources: tuple[Source, ...]) -> ir.Pack:
    return compile_sources(Found(Memory({}), "cached"), sources)


@lru_cache(maxsize=4)
def _kept(digest: str, sources: tuple[Source, ...]) -> bytes:
    return compiled_bytes(_compiled(sources), sources)


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Compile the same sources once only; whatever sources differ are compiled as ever."""
    patch.setattr(drift, "compile_sources", lambda found, sources: _compiled(tuple(sources)))
    patch.setattr(compiled, "compiled_bytes", lambda pack, sources: _kept(pack.digest, tuple(sources)))
    digest = compiled.compiler_digest()
    patch.setattr(compiled, "compiler_digest", lambda: digest)
