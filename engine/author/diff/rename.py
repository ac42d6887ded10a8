"""Ids that were renamed and nothing else: recognised, so that what kept its meaning is not told as lost and new.

Two things are the same but for names when a walk through both in step meets only differences between a word that the
old pack alone knows and a word that the new pack alone knows, always the same pair. The old pack is then written
again with the new names, and everything else compares as if they had always been so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.diff.meaning import meaning
from boosterwatch.engine.author.diff.model import Change, Field
from boosterwatch.engine.author.diff.structure import PARTS
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import from_plain, to_plain

_TOKEN = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")
_NAMED = ("parameter", "instrument", "scale", "role", "event", "measure", "rule", "table", "sign", "notice")


def renamed(old: ir.Pack, new: ir.Pack) -> tuple[ir.Pack, tuple[Change, ...]]:
    """Return the old pack under the new names, and the renamings as changes of the contract."""
    pairs = find_renames(old, new)
    if not pairs:
        return old, ()
    names = {before: after for _, before, after in pairs}
    found = tuple(_change(part, before, after) for part, before, after in pairs if not _internal(part, before, old))
    return rewrite(old, names), found


def _internal(part: str, id: str, old: ir.Pack) -> bool:
    """Return whether nobody outside the pack can know the name."""
    reported = {one.name for one in old.measures if one.reported}
    return part in ("event", "table") or (part == "measure" and id not in reported)


def _change(part: str, before: str, after: str) -> Change:
    contract = f"it was called `{before}`"
    return Change(part, after, "renamed", "contract", (Field("id", before, after),), contract=contract)


def rewrite(pack: ir.Pack, names: Mapping[str, str]) -> ir.Pack:
    """Return the pack with whole names replaced wherever they stand, in sentences between braces too."""
    return from_plain(_rewrite(to_plain(pack), names))


def _rewrite(plain: Any, names: Mapping[str, str]) -> Any:
    if isinstance(plain, str):
        return _TOKEN.sub(lambda found: names.get(found[0], found[0]), plain)
    if isinstance(plain, list):
        return [_rewrite(part, names) for part in plain]
    if isinstance(plain, dict):
        return {key: _rewrite(part, names) for key, part in plain.items()}
    return plain


# ---------------------------------------------------------------- which ones


def find_renames(old: ir.Pack, new: ir.Pack) -> list[tuple[str, str, str]]:
    """Return (part, old id, new id) of what differs in names alone."""
    gone = {part: _only(read(old), read(new)) for part, read in PARTS if part in _NAMED}
    come = {part: _only(read(new), read(old)) for part, read in PARTS if part in _NAMED}
    before, after = set(_bare(gone)), set(_bare(come))
    matches: list[tuple[str, str, str, dict[str, str]]] = []
    for part in _NAMED:
        for id, one in gone[part].items():
            for other_id, other in come[part].items():
                pairs = _same_but_for_names(meaning(one), meaning(other), before, after)
                if pairs is not None and pairs.get(_last(id)) == _last(other_id):
                    matches.append((part, _last(id), _last(other_id), pairs))
                    break
    return _consistent(matches)


def _only(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {id: value for id, value in one.items() if id not in other}


def _bare(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for ids in parts.values():
        yield from map(_last, ids)


def _last(id: str) -> str:
    """Return an id without the kind before it."""
    return id.rpartition(":")[2]


def _same_but_for_names(old: Any, new: Any, before: set[str], after: set[str]) -> dict[str, str] | None:
    """Return the names that differ, old to new; None when something else differs."""
    pairs: dict[str, str] = {}
    return pairs if _walk(old, new, before, after, pairs) else None


def _walk(old: Any, new: Any, before: set[str], after: set[str], pairs: dict[str, str]) -> bool:
    if old == new:
        return True
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(_walk(a, b, before, after, pairs) for a, b in zip(old, new, strict=True))
    if isinstance(old, str) and isinstance(new, str):
        return _words_match(old, new, before, after, pairs)
    return False


def _words_match(old: str, new: str, before: set[str], after: set[str], pairs: dict[str, str]) -> bool:
    if _TOKEN.sub("", old) != _TOKEN.sub("", new):
        return False
    for one, other in zip(_TOKEN.findall(old), _TOKEN.findall(new), strict=True):
        if one == other:
            continue
        if one not in before or other not in after or pairs.setdefault(one, other) != other:
            return False
    return True


def _consistent(matches: list[tuple[str, str, str, dict[str, str]]]) -> list[tuple[str, str, str]]:
    """Return the matches that agree with each other, and rest on nothing that did not match itself."""
    while True:
        names = {before: after for _, before, after, _ in matches}
        kept = [one for one in matches if all(names.get(a) == b for a, b in one[3].items())]
        if len(kept) == len(matches):
            break
        matches = kept
    taken: set[tuple[str, str]] = set()
    found = []
    for part, before, after, _ in matches:
        if (part, after) not in taken:
            taken.add((part, after))
            found.append((part, before, after))
    return found
