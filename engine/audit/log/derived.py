"""What the tables repeat of an entry, so that it can be found: columns, and one mark for each rule, flag and hold.

All of it can be computed again from the bytes of the entry; the writer and the verifier both do so here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Column = str | None
LONGEST = 255  # characters of what is searched for
COLUMNS = ("id", "recorded", "kind", "tenant", "patient", "pack", "version", "recommendation", "request", "about")
SORTS = {"rules": "rule", "near": "near", "flags": "flag", "holds": "hold"}
_TOP = tuple(name for name in COLUMNS if name not in ("pack", "version"))


def columns_of(entry: Mapping[str, object]) -> tuple[Column, ...]:
    """Return the values of COLUMNS for an entry; None for what it does not say.

    Raises ValueError, naming the key, when a value is neither null nor text of at most LONGEST characters.
    """
    pack = entry.get("pack")
    found: dict[str, object] = {name: entry.get(name) for name in _TOP}
    if isinstance(pack, Mapping):
        found |= {"pack": pack.get("id"), "version": pack.get("version")}
    elif pack is not None:
        raise ValueError("`pack` is not a mapping")
    return tuple(_text(name, found.get(name)) for name in COLUMNS)


def _text(name: str, value: object) -> Column:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"`{name}` is not text")
    if len(value) > LONGEST or "\x00" in value:  # PostgreSQL stores no NUL, and indexes no more than 2,700 bytes
        raise ValueError(
            f"`{name}` is longer than {LONGEST} characters, or has a character that a database cannot store"
        )
    return value


def marks_of(entry: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the marks of an entry as (sort, name), each once; raises ValueError as `columns_of` does."""
    for key, sort in SORTS.items():
        names = entry.get(key)
        if names is None:
            continue
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"`{key}` is not a list of texts")
        for name in sorted(set(names)):
            _text(key, name)
            yield sort, name
