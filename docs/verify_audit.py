"""Check an audit log with nothing but Python's standard library: one file, which shares no code with boosterwatch.

    python verify_audit.py store audit.db --key KEY [--since HEAD]... [--anchor FILE]...
    python verify_audit.py export export.jsonl --key KEY [--since HEAD]... [--anchor FILE]...
    python verify_audit.py proof proof.json --key KEY

KEY is the line that `boosterwatch audit public-key` prints, or a file with it: get it from a person, not from the
machine that keeps the log. HEAD is a file with a signed head that was seen before; an anchor file holds many. Exit code
0: whole; 1: not whole, each problem on a line of its own; 2: wrong usage. docs/audit-format.md describes every byte.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
from array import array
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, NamedTuple

MOST_SHOWN = 50
TILE = 256


class Bad(Exception):
    """Something does not hold; the text says what."""


# ---------------------------------------------------------------- Ed25519 (RFC 8032), checking only

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # x = X/Z, y = Y/Z, x*y = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def point_of(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None when they stand for none."""
    y, sign = int.from_bytes(data, "little") & ((1 << 255) - 1), data[31] >> 7
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def bytes_of(point: Point) -> bytes:
    """Return the 32 bytes of a point."""
    scale = pow(point[2], -1, P)
    x, y = point[0] * scale % P, point[1] * scale % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def plus(p: Point, q: Point) -> Point:
    """Return the sum of two points, which may be equal."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature of 64 bytes is that of the key's owner on the message: R = [s]B - [h]A."""
    point, s = point_of(public), int.from_bytes(signature[32:], "little")
    if point is None or s >= ORDER or len(signature) != 64:
        return False
    h = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus: Point = (P - point[0], point[1], 1, P - point[3])
    table, total = (NEUTRAL, BASE, minus, plus(BASE, minus)), NEUTRAL
    for bit in range(252, -1, -1):  # both products at once, from the highest bit
        total = plus(total, total)
        total = plus(total, table[(s >> bit & 1) | (h >> bit & 1) << 1])
    return bytes_of(total) == signature[:32]


# ---------------------------------------------------------------- keys and signed heads


class Key(NamedTuple):
    """Who signs the heads of one log."""

    name: str
    id: bytes
    public: bytes

    @property
    def log(self) -> str:
        """Return the id of the log."""
        return self.name.removeprefix("boosterwatch/audit/")


class Head(NamedTuple):
    """What a signed head states."""

    size: int
    root: bytes
    chain: bytes
    note: str


NOTE = re.compile(
    "((boosterwatch/audit/[A-Za-z0-9._-]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\nchain ([0-9a-f]{64})\n)"
    "\n\u2014 (\\2) ([A-Za-z0-9+/]{91}=)\n"
)


def from_base64(text: str) -> bytes:
    """Return the bytes; raise Bad for any but the one way to write them."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise Bad("there is text that is no base64") from None
    if b64encode(data).decode() != text:
        raise Bad("there is base64 that is not in its one form")
    return data


def read_key(text: str) -> Key:
    """Return the key of a line `name+id+key`; raise Bad for anything else."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"boosterwatch/audit/[A-Za-z0-9._-]+", parts[0]):
        raise Bad("this is no public key of an audit log")
    data = from_base64(parts[2])
    announced = sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != 1 or announced.hex() != parts[1]:
        raise Bad("the public key does not fit its own id")
    return Key(parts[0], announced, data[1:])


def read_head(note: str, key: Key) -> Head:
    """Return the head that the note states; raise Bad unless the key has signed it."""
    found = NOTE.fullmatch(note)
    if found is None:
        raise Bad("is no signed head of an audit log")
    text, name, size, root, chain, _, signature = found.groups()
    if name != key.name:
        raise Bad(f"is the head of another log, {name}")
    data = from_base64(signature)
    if data[:4] != key.id or not signed(key.public, text.encode(), data[4:]):
        raise Bad("is not signed with this key")
    return Head(int(size), from_base64(root), bytes.fromhex(chain), note)


def notes_in(text: str) -> Iterator[str]:
    """Yield the notes of a file of heads: each ends with its signature; empty lines may stand between them."""
    rest = text
    while rest.strip("\n"):
        rest = rest.lstrip("\n")
        end = rest.find("\n\u2014 ")
        stop = rest.find("\n", end + 1) + 1 if end >= 0 else 0
        yield rest[: stop or len(rest)]
        rest = rest[stop:] if stop else ""


# ---------------------------------------------------------------- entries, chain and tree


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping; raise Bad for a key that is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Bad("has a key twice")
    return found


def no_fraction(_: str) -> float:
    """Raise Bad: entries hold whole numbers only."""
    raise Bad("has a number that is not whole")


REFUSED: Any = {"parse_float": no_fraction, "parse_constant": no_fraction}


def whole_number(text: str) -> int:
    """Return the number; raise Bad for one that not every reader of JSON keeps."""
    number = int(text)
    if abs(number) >= 2**53:
        raise Bad("has a number that is too large")
    return number


def read_entry(body: bytes) -> dict[str, Any]:
    """Return the entry; raise Bad unless its bytes are the one canonical form of a JSON object."""
    try:
        text = body.decode()
        entry = json.loads(text, object_pairs_hook=unique, parse_int=whole_number, **REFUSED)
        again = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Bad("is not JSON in UTF-8") from None
    if again != body or not isinstance(entry, dict):
        raise Bad("is not in canonical form")
    return entry


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two halves of the tree."""
    return sha256(b"\x01" + left + right).digest()


def leaf_of(body: bytes) -> bytes:
    """Return the hash of an entry in tree and chain."""
    return sha256(b"\x00" + body).digest()


class Tree:
    """The tree of RFC 6962 while it grows: the roots of its complete parts, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf."""
        size = self.size
        while size & 1:
            leaf = node(self.parts.pop(), leaf)
            size >>= 1
        self.parts.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.parts:
            return sha256(b"").digest()
        root = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            root = node(part, root)
        return root


def root_by_path(leaf: bytes, seq: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that the path leads to from leaf `seq` of `size`; raise Bad for a path of the wrong length."""
    place, last, reached = seq, size - 1, leaf
    for sibling in path:
        if last <= 0:
            raise Bad("the path is too long")
        if place & 1 or place == last:
            reached = node(sibling, reached)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            reached = node(reached, sibling)
        place, last = place >> 1, last >> 1
    if last != 0 or not 0 <= seq < size:
        raise Bad("the path is too short, or there is no such place in the tree")
    return reached


class Walk:
    """All entries in order: chain, tree, and every head compared at its size. Problems are kept, with their place."""

    def __init__(self, key: Key, heads: Iterable[tuple[str, Head]]) -> None:
        self.key, self.tree, self.chain = key, Tree(), sha256(b"\x03" + key.log.encode()).digest()
        self.problems: list[str] = []
        self.waiting: dict[int, list[tuple[str, Head]]] = defaultdict(list)
        for what, head in heads:
            self.waiting[head.size].append((what, head))
        self._compare()

    def entry(self, body: bytes, seq: int | None = None) -> dict[str, Any] | None:
        """Take the next entry; `seq` is what the store says of its place. None for bytes that are no entry."""
        place, leaf = self.tree.size, leaf_of(body)
        if seq is not None and seq != place:
            self.problems.append(f"entry {place}: missing; the store goes on with {seq}")
        try:
            entry = read_entry(body)
            self._fits(entry, place)
        except Bad as problem:
            self.problems.append(f"entry {place}: {problem}")
            entry = None
        self.tree.add(leaf)
        self.chain = sha256(b"\x02" + self.chain + leaf).digest()
        self._compare()
        return entry

    def _fits(self, entry: dict[str, Any], place: int) -> None:
        if entry.get("format") != 1 or entry.get("log") != self.key.log or entry.get("seq") != place:
            raise Bad("does not state format 1, this log and this place")
        if entry.get("previous") != self.chain.hex():
            if re.fullmatch("[0-9a-f]{64}", str(entry.get("previous"))):  # go on from there: one problem for one break
                self.chain = bytes.fromhex(entry["previous"])
            raise Bad("does not follow the entry before it")

    def _compare(self) -> None:
        for what, head in self.waiting.pop(self.tree.size, []):
            if head.root != self.tree.root() or head.chain != self.chain:
                self.problems.append(f"{what} of size {head.size} was signed over other entries")

    def end(self) -> list[str]:
        """Return all problems, with the heads that cover more entries than there are."""
        for size, heads in sorted(self.waiting.items()):
            self.problems += [f"{what} covers {size} entries, and there are {self.tree.size}" for what, _ in heads]
        return self.problems


# ---------------------------------------------------------------- a proof, an export


def of_kind(document: Any, kind: str) -> dict[str, Any]:
    """Return the document; raise Bad when it is of another kind or format."""
    if not isinstance(document, dict) or document.get("format") != 1 or document.get("kind") != kind:
        raise Bad(f"is no {kind} of format 1")
    return document


def by_path(body: bytes, path: list[str], head: Head, key: Key) -> dict[str, Any]:
    """Return the entry; raise Bad unless the path leads from its bytes to the root of the head."""
    entry = read_entry(body)
    if entry.get("log") != key.log or type(entry.get("seq")) is not int:
        raise Bad("is of another log")
    root = root_by_path(leaf_of(body), entry["seq"], head.size, [bytes.fromhex(one) for one in path])
    if root != head.root:
        raise Bad("the path does not lead to the root of the head")
    return entry


def check_proof(text: str, key: Key) -> tuple[list[str], str]:
    """Return the problems of a proof document, and what it shows."""
    document = of_kind(json.loads(text, object_pairs_hook=unique), "boosterwatch-audit-proof")
    head = read_head(document["head"], key)
    entry = by_path(document["entry"].encode(), document["path"], head, key)
    if (document["seq"], document["size"], document["key_id"]) != (entry["seq"], head.size, key.id.hex()):
        raise Bad("the proof says one thing and its entry or head another")
    return [], f"entry {entry['seq']} ({entry.get('id')}) is in log {key.log}, which then had {head.size} entries"


def check_export(lines: Iterable[str], key: Key, earlier: list[tuple[str, Head]]) -> tuple[list[str], str]:
    """Return the problems of an export in JSON Lines, and what was checked."""
    documents = (json.loads(line, object_pairs_hook=unique) for line in lines)
    first = of_kind(next(documents, None), "boosterwatch-audit-export")
    if first.get("log") != key.log:
        raise Bad("is of another log")
    heads: list[Head] = []
    line: dict[str, Any] = next(documents, {})
    while "head" in line:
        heads.append(read_head(line["head"], key))
        line = next(documents, {})
    if not heads:
        raise Bad("has no head")
    named = [("the exported head", head) for head in heads]
    walk = None if first.get("selection") else Walk(key, [*named, *earlier])
    problems = walk.problems if walk else []
    count = 0
    while "entry" in line:
        body = line["entry"].encode()
        entry = walk.entry(body) if walk else by_path(body, line["path"], heads[-1], key)
        if entry and "blob" in line and sealed_by(from_base64(line["blob"])) != entry.get("sealed"):
            problems.append(f"entry {entry['seq']}: the sealed bytes are others")
        line, count = next(documents, {}), count + 1
    if line.get("end") != {"entries": count} or next(documents, None) is not None:
        problems.append("the export is cut off, or goes on after its end")
    if walk and count != heads[-1].size:
        problems.append(f"the export has {count} entries, and its newest head covers {heads[-1].size}")
    found = walk.end() if walk else problems
    return found, f"{count} entries, {len(heads)} heads, newest of size {heads[-1].size}"


def sealed_by(blob: bytes) -> dict[str, Any]:
    """Return what an entry says of sealed bytes."""
    return {"bytes": len(blob), "sha256": sha256(blob).hexdigest()}


# ---------------------------------------------------------------- a store in SQLite

TABLES = ["entry", "entry_mark", "head", "log_info", "log_version", "sealed", "tile", "writer"]
VERSION = "0001"
SCHEMA = "4cf9ff35a598e192cefa0f9fb5eb79fcab2972533ea3396a83002a970699ed64"  # of `schema_digest`
COLUMNS = ["id", "recorded", "kind", "tenant", "patient", "pack", "version", "recommendation", "request", "about"]
SORTS = {"rules": "rule", "near": "near", "flags": "flag", "holds": "hold"}


def columns_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the columns of `entry` must hold; None where the entry says nothing."""
    pack = entry.get("pack") or {}
    return {**{name: entry.get(name) for name in COLUMNS}, "pack": pack.get("id"), "version": pack.get("version")}


class Tiles:
    """The rows that table `tile` must have, made while the leaves come by: each compared when it is full."""

    def __init__(self, database: sqlite3.Connection, problems: list[str]) -> None:
        self.database, self.problems, self.count = database, problems, 0
        self.levels: list[list[bytes]] = []
        self.full: list[int] = []

    def add(self, hash_: bytes, level: int = 0) -> None:
        """Add a hash to the last tile of a level; when that gets full, its root goes one level up."""
        if level == len(self.levels):
            self.levels.append([])
            self.full.append(0)
        hashes = self.levels[level]
        hashes.append(hash_)
        if len(hashes) == TILE:
            tree = Tree()
            for one in hashes:
                tree.add(one)
            self._compare(level, tree.root(), b"".join(hashes))
            self.levels[level] = []
            self.add(tree.root(), level + 1)

    def end(self) -> None:
        """Compare the number of rows: no other may be there."""
        if self.database.execute("SELECT count(*) FROM tile").fetchone() != (self.count,):
            self.problems.append("table tile: there are other rows than the entries ask for")

    def _compare(self, level: int, root: bytes, hashes: bytes) -> None:
        at = self.full[level]
        row = self.database.execute("SELECT root, hashes FROM tile WHERE level = ? AND at = ?", (level, at)).fetchone()
        if row != (root, hashes):
            self.problems.append(f"tile {at} of level {level}: is missing, or holds other hashes")
        self.full[level], self.count = at + 1, self.count + 1


def stored_heads(database: sqlite3.Connection, key: Key, problems: list[str]) -> list[Head]:
    """Return the stored heads that are signed; the others become problems."""
    heads: list[Head] = []
    for size, note in database.execute("SELECT size, note FROM head ORDER BY size"):
        try:
            head = read_head(note, key)
            if head.size != size or type(size) is not int:
                raise Bad("stands under another size")
            heads.append(head)
        except Bad as problem:
            problems.append(f"head {size}: {problem}")
    return heads


def check_kept(heads: list[Head], count: int) -> Iterator[str]:
    """Yield what is wrong with the choice of heads: each multiple of 256, and the newest, which covers every entry."""
    wanted = {*range(0, count + 1, TILE), count}
    for size in sorted(wanted ^ {head.size for head in heads}):
        yield f"head {size}: is {'missing' if size in wanted else 'there without need'}"


def schema_digest(database: sqlite3.Connection) -> str:
    """Return the SHA-256 of the text of all tables and indexes, by name, a line each; white space is one space."""
    rows = database.execute(
        "SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()
    return sha256(b"".join(b" ".join(sql.split()) + b"\n" for (sql,) in rows)).hexdigest()


def check_info(database: sqlite3.Connection, key: Key) -> Iterator[str]:
    """Yield what is wrong with the file itself, its tables and the names in them."""
    found = database.execute("PRAGMA integrity_check(20)").fetchall()
    yield from (f"the file: {line}" for (line,) in found if line != "ok")
    if schema_digest(database) != SCHEMA:
        yield f"the file: a table or an index is not made as in version {VERSION}"
    made = database.execute("SELECT type, name FROM sqlite_schema WHERE type <> 'index' ORDER BY name").fetchall()
    if made != [("table", name) for name in TABLES]:
        yield "the file: it has other tables than a log, or triggers or views"
    if database.execute("SELECT version_num FROM log_version").fetchall() != [(VERSION,)]:
        yield f"table log_version: it has another version than {VERSION}"
    if database.execute("SELECT one FROM writer").fetchall() != [(1,)]:
        yield "table writer: it has not the one row that it must have"
    if database.execute("SELECT one, log, public FROM log_info").fetchall() != [(1, key.log, key.public)]:
        yield "table log_info: it names another log or another key"


def check_store(path: str, key: Key, earlier: list[tuple[str, Head]]) -> tuple[list[str], str]:
    """Return the problems of a store in SQLite, and what was checked."""
    database = opened(path)
    problems: list[str] = []
    walk = None
    try:
        database.execute("BEGIN")  # everything is read as of one moment, whoever writes meanwhile
        problems += check_info(database, key)
        heads = stored_heads(database, key, problems)
        walk = Walk(key, [*(("the stored head", head) for head in heads), *earlier])
        check_rows(database, walk)
        problems += check_kept(heads, walk.tree.size)
    except (sqlite3.Error, UnicodeError, OverflowError, TypeError, AttributeError) as error:
        problems.append(f"the store cannot be read: {type(error).__name__}")
    finally:
        database.close()
    return problems + (walk.end() if walk else []), f"{walk.tree.size if walk else 0} entries of log {key.log}"


def opened(path: str) -> sqlite3.Connection:
    """Return the database, only to be read; a folder that cannot be written is no hindrance."""
    if not Path(path).is_file():
        raise Bad("is no file")
    database = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        if not Path(f"{path}-wal").exists():  # nobody is writing: the file alone is all there is
            database.close()
            return sqlite3.connect(f"{Path(path).resolve().as_uri()}?immutable=1", uri=True, isolation_level=None)
    except (sqlite3.DatabaseError, UnicodeError):
        pass  # told when the tables are read
    return database


def check_rows(database: sqlite3.Connection, walk: Walk) -> None:
    """Compare every entry, and every row that repeats something of it."""
    tiles, marks = Tiles(database, walk.problems), defaultdict[tuple[str, str], "array[int]"](lambda: array("q"))
    columns = ", ".join(f"entry.{name}" for name in COLUMNS)
    rows = database.execute(
        f"SELECT entry.seq, leaf, body, blob, {columns} FROM entry LEFT JOIN sealed ON sealed.seq = entry.seq"
        " ORDER BY entry.seq"
    )
    for seq, leaf, body, blob, *stored in rows:
        entry = walk.entry(body, seq)
        tiles.add(leaf_of(body))
        if leaf != leaf_of(body):
            walk.problems.append(f"entry {seq}: column leaf differs from the entry")
        if entry is not None:
            check_columns(walk, entry, stored, blob)
            for list_, sort in SORTS.items():
                for name in sorted(set(entry.get(list_) or [])):
                    marks[sort, name].append(seq)
    tiles.end()
    walk.problems += check_marks(database, marks)
    alone = database.execute("SELECT count(*) FROM sealed WHERE seq NOT IN (SELECT seq FROM entry)").fetchone()
    if alone != (0,):
        walk.problems.append("table sealed: there are rows without an entry")


def check_columns(walk: Walk, entry: dict[str, Any], stored: list[Any], blob: bytes | None) -> None:
    """Compare one row with what its entry says."""
    wanted = columns_of(entry)
    for name, value in zip(COLUMNS, stored, strict=True):
        if value != wanted[name]:
            walk.problems.append(f"entry {entry['seq']}: column {name} differs from the entry")
    if (None if blob is None else sealed_by(blob)) != entry.get("sealed"):
        walk.problems.append(f"entry {entry['seq']}: the sealed bytes are missing, or others")


def check_marks(database: sqlite3.Connection, marks: dict[tuple[str, str], array[int]]) -> Iterator[str]:
    """Yield where table `entry_mark` differs from what the entries say."""
    wanted = ((sort, name, seq) for sort, name in sorted(marks) for seq in marks[sort, name])
    for row in database.execute("SELECT sort, name, seq FROM entry_mark ORDER BY sort, name, seq"):
        if row != next(wanted, None):
            yield f"table entry_mark: around entry {row[2]} it differs from the entries"
            return
    if next(wanted, None) is not None:
        yield "table entry_mark: rows are missing"


# ---------------------------------------------------------------- command line


def heads_given(arguments: argparse.Namespace, key: Key) -> list[tuple[str, Head]]:
    """Return the heads of --since and --anchor with their names; raise Bad for one that the key has not signed."""
    found = []
    for name in [*arguments.since, *arguments.anchor]:
        notes = list(notes_in(Path(name).read_text(encoding="utf-8")))
        if not notes:
            raise Bad(f"{name} has no head")
        for number, note in enumerate(notes, 1):
            try:
                found.append((f"head {number} of {name}", read_head(note, key)))
            except Bad as problem:
                raise Bad(f"head {number} of {name} {problem}") from None
    return found


def check(arguments: argparse.Namespace) -> tuple[list[str], str]:
    """Return the problems of what was named on the command line, and what was checked."""
    given = Path(arguments.key)
    key = read_key(given.read_text(encoding="utf-8") if given.is_file() else arguments.key)
    earlier = heads_given(arguments, key)
    if arguments.what == "store":
        return check_store(arguments.file, key, earlier)
    with open(arguments.file, encoding="utf-8") as file:
        return check_proof(file.read(), key) if arguments.what == "proof" else check_export(file, key, earlier)


def main() -> int:
    """Print what is wrong and return 1, or print what was checked and return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["store", "export", "proof"])
    parser.add_argument("file")
    parser.add_argument("--key", required=True, help="the public key: a line, or a file with it")
    parser.add_argument("--since", action="append", default=[], metavar="HEAD", help="a file with a head seen before")
    parser.add_argument("--anchor", action="append", default=[], metavar="FILE", help="an anchor file")
    arguments = parser.parse_args()
    try:
        problems, checked = check(arguments)
    except (Bad, OSError) as error:
        problems, checked = [f"{arguments.file}: {error}"], ""
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        problems, checked = [f"{arguments.file}: is not in the format of docs/audit-format.md"], ""
    for problem in problems[:MOST_SHOWN]:
        print(problem)
    if problems:
        print(f"not whole: {len(problems)} problem{'s' * (len(problems) > 1)}" + (f" in {checked}" if checked else ""))
        return 1
    compared = len(arguments.since) + len(arguments.anchor)
    print(f"whole: {checked}" + (f", and {compared} files of earlier heads" if compared else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
