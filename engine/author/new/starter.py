"""A small whole pack to begin with: the files under `starter_pack/`, with the new pack's own name, title and dates.

The folder is a valid pack by itself, so what an author starts from is checked and tested like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from boosterwatch.engine.pack.find import read_sources

_SCHEMAS = re.compile(r"\A(# yaml-language-server: \$schema=(?:\.\./)*?)\.\./\.\./\.\./\.\./schemas/")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 -]*[A-Za-z0-9]")


def starter_texts(id: str, version: str, title: str, today: date, schemas: str) -> dict[str, str]:
    """Return the files of the new pack by name, the face first; `schemas` is the way from its folder to the schemas."""
    own = dict(_own(id, version, title, today))
    texts: dict[str, str] = {}
    for source in read_sources(files(__package__).joinpath("starter_pack")):
        text = source.data.decode()
        for old, new in own.items():
            text = text.replace(old, new)
        texts[source.name] = _SCHEMAS.sub(lambda head: f"{head.group(1)}{schemas}", text)
    return texts


def _own(id: str, version: str, title: str, today: date) -> Iterator[tuple[str, str]]:
    """Yield what the starter says and what the new pack says in its place."""
    review = today.replace(year=today.year + 1, day=min(today.day, 28) if today.month == 2 else today.day)
    yield "pack: starter-pack\n", f"pack: {id}\n"
    yield 'version: "0.1.0"\n', f'version: "{version}"\n'
    yield "effective: 2000-01-01 ", f"effective: {today.isoformat()} "
    yield "review_by: 2100-01-01 ", f"review_by: {review.isoformat()} "
    yield "title: Starter pack\n", f"title: {_quoted(title)}\n"
    yield '"Starter pack: ', f'"{title.replace(chr(34), chr(39))}: '
    yield "year: 2000\n", f"year: {today.year}\n"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
