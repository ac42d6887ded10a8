"""Rows of `entry`, one after another: form, place, chain, leaf, and every column that repeats the entry.

This is the inner loop of verifying: a million entries pass through `Walk.take`. What is in order costs one comparison
of tuples; only what is not is looked at closely.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson

from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.log.api import FORMAT

Row = tuple[Any, ...]

# As in table `entry`: these columns between seq and leaf, then the body.
COLUMNS = ("id", "recorded", "kind", "tenant", "patient", "pack", "version", "recommendation", "request", "about")
SORTS = (("rules", "rule"), ("near", "near"), ("flags", "flag"), ("holds", "hold"))
# Numbers beyond 2**53 - 1 are refused, because not every reader of JSON keeps them.
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_HASH = re.compile("[0-9a-f]{64}")
_NONE: Mapping[str, Any] = {}


class Walk:
    """What is known of the entries so far, from the first one of a slice on.

    `chain` is the chain hash after the last entry; `previous` what the first entry says came before it. `marks` leads
    from sort and name to the places that have it, `sealed` from a place to what its entry says of the sealed bytes.
    """

    def __init__(self, log: str, start: int, problems: Problems) -> None:
        self.log = log
        self.seq = start
        self.problems = problems
        self.previous: bytes | None = None
        self.chain = b""
        self._adrift = True
        self.marks: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.sealed: dict[int, Any] = {}
        self.bytes = 0

    def skip(self, seq: int) -> None:
        """Go on with another place: what the next entry follows is not known."""
        self.seq, self.chain, self._adrift = seq, b"", True

    def take(self, rows: Sequence[Row]) -> list[bytes]:
        """Return the leaf hashes of the rows, whose places must follow each other without a gap."""
        leaves = []
        seq, chain, log, sealed = self.seq, self.chain, self.log, self.sealed
        loads, dumps = orjson.loads, orjson.dumps
        marks = [(key, self.marks[sort]) for key, sort in SORTS]
        for row in rows:
            body = row[-1]
            try:
                leaf = sha256(b"\x00" + body).digest()
                entry = loads(body)
                get = entry.get
                pack = get("pack") or _NONE
                fits = (
                    row
                    == (
                        seq,
                        entry["id"],
                        entry["recorded"],
                        entry["kind"],
                        get("tenant"),
                        get("patient"),
                        pack.get("id"),
                        pack.get("version"),
                        get("recommendation"),
                        get("request"),
                        get("about"),
                        leaf,
                        body,
                    )
                    and entry["previous"] == chain.hex()
                    and entry["seq"] == seq
                    and entry["log"] == log
                    and entry["format"] == FORMAT
                    and dumps(entry, option=_CANONICAL) == body
                    and not _has_fraction(entry)
                )
                for key, places in marks:
                    for name in get(key) or ():
                        places[name].append(seq)
                if (stated := get("sealed")) is not None:
                    sealed[seq] = stated
            except (ValueError, TypeError, KeyError, AttributeError):
                fits = False
                leaf = sha256(b"\x00" + body).digest() if isinstance(body, bytes) else b""
            if not fits:
                chain = self._look_closely(row, seq, chain)
            chain = sha256(b"\x02" + chain + leaf).digest()
            leaves.append(leaf)
            seq += 1
        self.seq, self.chain = seq, chain
        return leaves

    def _look_closely(self, row: Row, seq: int, chain: bytes) -> bytes:
        """Say what is wrong with a row; return the chain hash to go on from: one problem for one break."""
        entry, before = read(row[-1]), self.problems.total
        if isinstance(entry, str):
            self.problems.add("BW521", f"entry {seq} {entry}")
            return chain
        first = self._adrift
        chain = self._follow(entry.get("previous"), seq, chain)
        for key, wanted in (("format", FORMAT), ("log", self.log), ("seq", seq)):
            if entry.get(key) != wanted or type(entry.get(key)) is not type(wanted):
                self.problems.add("BW521", f"entry {seq} states another `{key}`")
        for name in differing(row, entry):
            self.problems.add("BW524", f"entry {seq}: column `{name}` is not what the entry says")
        if self.problems.total == before and not (first and shaped(entry)):
            self.problems.add("BW521", f"entry {seq} holds a value of another kind than its key asks for")
        return chain

    def _follow(self, stated: object, seq: int, chain: bytes) -> bytes:
        if not isinstance(stated, str) or not _HASH.fullmatch(stated):
            self.problems.add("BW523", f"entry {seq} does not say what it follows")
            return chain
        before, adrift, self._adrift = bytes.fromhex(stated), self._adrift, False
        if self.previous is None:  # the first of a slice; whoever joins the slices compares
            self.previous = before
        if not adrift and before != chain:
            self.problems.add("BW523", f"entry {seq} does not follow entry {seq - 1}: `previous` is another hash")
        return before


def read(body: object) -> dict[str, Any] | str:
    """Return the entry, or what is wrong with its bytes."""
    if not isinstance(body, bytes):
        return "is not stored as bytes"
    try:
        entry = orjson.loads(body)
    except ValueError:
        return "is not JSON"
    if not isinstance(entry, dict):
        return "is no JSON object"
    try:
        canonical = orjson.dumps(entry, option=_CANONICAL) == body and not _has_fraction(entry)
    except TypeError:  # a number that is too large
        canonical = False
    return entry if canonical else "is not in canonical form"


def _has_fraction(entry: Mapping[str, Any]) -> bool:
    """Return whether a number is not whole: those have no one text form across languages."""
    for value in entry.values():
        kind = type(value)
        if kind is float or (kind is dict and _has_fraction(value)) or (kind is list and _holds_fraction(value)):
            return True
    return False


def _holds_fraction(values: list[Any]) -> bool:
    kinds = {*map(type, values)}
    if float in kinds:
        return True
    inner = [value for value in values if type(value) in (dict, list)] if kinds & {dict, list} else []
    return any(_has_fraction(value) if type(value) is dict else _holds_fraction(value) for value in inner)


def shaped(entry: Mapping[str, Any]) -> bool:
    """Return whether the keys that the tables repeat hold what they must: `pack` a mapping, the lists texts."""
    pack = entry.get("pack")
    lists = [entry.get(key) or [] for key, _ in SORTS]
    texts = all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists)
    return texts and (pack is None or isinstance(pack, dict))


def differing(row: Row, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns of a row that are not what its entry says."""
    pack = entry.get("pack")
    of_pack = pack if isinstance(pack, dict) else {}
    said = {**entry, "pack": of_pack.get("id"), "version": of_pack.get("version")}
    for name, value in zip(COLUMNS, row[1:-2], strict=True):
        wanted = said.get(name)
        if value != wanted or not isinstance(value, str | None):
            yield name
    if row[-2] != sha256(b"\x00" + row[-1]).digest():
        yield "leaf"
