"""The statements of the log, in SQLAlchemy Core. Their parameters go by position, in the order in which they stand.

A session turns each into text once. `FIND_` is there for one value and for MANY; who has fewer repeats one of them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Delete,
    Insert,
    Integer,
    Select,
    Text,
    Update,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from boosterwatch.engine.audit.log.tables import entry, entry_mark, head, log_info, sealed, tile, writer

Statement = Select[Any] | Insert | Update | Delete
MANY = 64
# Plain numbers would become parameters; SQLAlchemy writes an offset for SQLite even where there is none.
_ZERO, _ONE = (literal_column(number, Integer()) for number in "01")


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


def _texts(count: int) -> list[BindParameter[str]]:
    return [bindparam(f"value_{number}", type_=Text()) for number in range(count)]


ADD_INFO = insert(log_info)
ADD_WRITER = insert(writer)
ADD_ENTRY = insert(entry)
ADD_MARK = insert(entry_mark)
ADD_SEALED = insert(sealed)
ADD_TILE = insert(tile)
ADD_HEAD = insert(head)
DROP_HEAD = delete(head).where(head.c.size == _number("size"))

READ_INFO = select(log_info.c.log, log_info.c.public)
READ_WHOLE_INFO = select(log_info.c.one, log_info.c.log, log_info.c.public)
READ_FENCE = select(writer.c.fence)
HOLD_FENCE = select(writer.c.fence).with_for_update(key_share=True)  # a row lock on PostgreSQL, nothing on SQLite
RAISE_FENCE = update(writer).values(fence=writer.c.fence + _ONE)

READ_NEWEST_HEAD = select(head.c.size, head.c.note).order_by(head.c.size.desc()).limit(_ONE).offset(_ZERO)
READ_HEADS = select(head.c.note).order_by(head.c.size)

_STORED = (entry.c.seq, entry.c.id, entry.c.body, entry.c.leaf)
READ_LAST = select(*_STORED).order_by(entry.c.seq.desc()).limit(_ONE).offset(_ZERO)
READ_ENTRY = select(*_STORED).where(entry.c.seq == _number("seq"))
READ_ENTRY_BY_ID = select(*_STORED).where(entry.c.id == bindparam("id", type_=Text()))
READ_ENTRIES = (
    select(*_STORED).where(entry.c.seq >= _number("start"), entry.c.seq < _number("end")).order_by(entry.c.seq)
)
READ_LEAVES = (
    select(entry.c.leaf).where(entry.c.seq >= _number("start"), entry.c.seq < _number("end")).order_by(entry.c.seq)
)
READ_SEALED = select(sealed.c.blob).where(sealed.c.seq == _number("seq"))
READ_TILE = select(tile.c.hashes).where(tile.c.level == _number("level"), tile.c.at == _number("at"))
READ_ROOTS = (
    select(tile.c.root)
    .where(tile.c.level == _number("level"), tile.c.at >= _number("start"), tile.c.at < _number("end"))
    .order_by(tile.c.at)
)
FIND_REQUESTS = {
    count: select(entry.c.request, entry.c.seq, entry.c.id, entry.c.recorded, entry.c.body).where(
        entry.c.request.in_(_texts(count))
    )
    for count in (1, MANY)
}
FIND_IDS = {
    count: select(entry.c.id, entry.c.seq, entry.c.leaf).where(entry.c.id.in_(_texts(count))) for count in (1, MANY)
}
