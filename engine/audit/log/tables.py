"""The tables, in SQLAlchemy Core; `migrations/` makes them. Text is UTF-8, hashes are raw bytes, times UTC text.

Evidence is `entry.body`, `sealed.blob` and `head.note`; everything else repeats them and can be computed again.
`writer` holds the fencing number of the one writer, and is no evidence.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData()
VERSION_TABLE = "log_version"

# Collation "C" is what SQLite does anyway: text orders by its bytes, so both page through names in the same order.
_Text = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite's strict tables know INTEGER only, and INTEGER PRIMARY KEY is the row's own number.
_Number = BigInteger().with_variant(Integer(), "sqlite")
_Small = SmallInteger().with_variant(Integer(), "sqlite")


def _some(column: str) -> dict[str, Any]:
    """Return the options of an index over the rows that have the column at all."""
    return {"sqlite_where": text(f"{column} IS NOT NULL"), "postgresql_where": text(f"{column} IS NOT NULL")}


log_info = Table(
    "log_info",
    metadata,
    Column("one", _Small, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("log", _Text, nullable=False),
    Column("public", LargeBinary, nullable=False),
    sqlite_strict=True,
)

writer = Table(
    "writer",
    metadata,
    Column("one", _Small, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("fence", _Number, nullable=False),
    sqlite_strict=True,
)

entry = Table(
    "entry",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("id", _Text, nullable=False, unique=True),
    Column("recorded", _Text, nullable=False),
    Column("kind", _Text, nullable=False),
    Column("tenant", _Text),
    Column("patient", _Text),
    Column("pack", _Text),
    Column("version", _Text),
    Column("recommendation", _Text),
    Column("request", _Text),
    Column("about", _Text),
    Column("leaf", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("entry_recorded", "recorded"),
    Index("entry_kind", "kind", "seq"),
    Index("entry_pack", "pack", "version", "seq", **_some("pack")),
    Index("entry_recommendation", "recommendation", "seq", **_some("recommendation")),
    Index("entry_patient", "patient", "seq", **_some("patient")),
    Index("entry_about", "about", "seq", **_some("about")),
    Index("entry_request", "request", unique=True, **_some("request")),
    sqlite_strict=True,
)

sealed = Table(
    "sealed",
    metadata,
    Column("seq", _Number, ForeignKey("entry.seq"), primary_key=True, autoincrement=False),
    Column("blob", LargeBinary, nullable=False),
    sqlite_strict=True,
)

entry_mark = Table(
    "entry_mark",
    metadata,
    Column("sort", _Text, primary_key=True),
    Column("name", _Text, primary_key=True),
    Column("seq", _Number, ForeignKey("entry.seq"), primary_key=True, autoincrement=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Full tiles of 256 hashes, as in C2SP tlog-tiles: level 0 holds leaves, level n the roots of the tiles below. `root` is
# that of the tile; with it, the right edge of the tree is read without hashing every tile under it.
tile = Table(
    "tile",
    metadata,
    Column("level", _Small, primary_key=True, autoincrement=False),
    Column("at", _Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    sqlite_strict=True,
)

head = Table(
    "head",
    metadata,
    Column("size", _Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    sqlite_strict=True,
)
