"""The first tables of the log."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, type_: sa.types.TypeEngine[int], *more: sa.schema.SchemaItem) -> "sa.Column[int]":
    return sa.Column(name, type_, *more, primary_key=True, autoincrement=False)


def _table(name: str, *columns: sa.schema.SchemaItem, **options: bool) -> None:
    op.create_table(name, *columns, sqlite_strict=True, **options)


def upgrade() -> None:
    """Make the tables and their indexes."""
    _table(
        "log_info",
        _key("one", _SMALL, sa.CheckConstraint("one = 1")),
        sa.Column("log", _TEXT, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
    )
    _table("writer", _key("one", _SMALL, sa.CheckConstraint("one = 1")), sa.Column("fence", _NUMBER, nullable=False))
    _entries()
    _table(
        "sealed",
        _key("seq", _NUMBER, sa.ForeignKey("entry.seq")),
        sa.Column("blob", sa.LargeBinary, nullable=False),
    )
    _table(
        "entry_mark",
        sa.Column("sort", _TEXT, primary_key=True),
        sa.Column("name", _TEXT, primary_key=True),
        _key("seq", _NUMBER, sa.ForeignKey("entry.seq")),
        sqlite_with_rowid=False,
    )
    _table(
        "tile",
        _key("level", _SMALL),
        _key("at", _NUMBER),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    _table("head", _key("size", _NUMBER), sa.Column("note", sa.Text, nullable=False))


def _entries() -> None:
    names = ("tenant", "patient", "pack", "version", "recommendation", "request", "about")
    _table(
        "entry",
        _key("seq", _NUMBER),
        sa.Column("id", _TEXT, nullable=False, unique=True),
        sa.Column("recorded", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        *(sa.Column(name, _TEXT) for name in names),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("entry_recorded", "entry", ["recorded"])
    op.create_index("entry_kind", "entry", ["kind", "seq"])
    op.create_index("entry_pack", "entry", ["pack", "version", "seq"], **_some("pack"))
    for name in ("recommendation", "patient", "about"):
        op.create_index(f"entry_{name}", "entry", [name, "seq"], **_some(name))
    op.create_index("entry_request", "entry", ["request"], unique=True, **_some("request"))


def _some(column: str) -> dict[str, Any]:
    present = sa.text(f"{column} IS NOT NULL")
    return {"sqlite_where": present, "postgresql_where": present}
