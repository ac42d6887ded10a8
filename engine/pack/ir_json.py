"""The compiled pack as canonical JSON, and back. The digest of a pack is the SHA-256 of that text.

Every dataclass becomes an object of its fields; the nodes of a condition carry their class name under `is`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

TAGGED = (ir.Leaf, ir.All, ir.Any, ir.Not, ir.AtLeast, ir.Compare, ir.Equals, ir.Known, ir.Drawn)
BY_NAME = {kind.__name__: kind for kind in TAGGED}


def to_json(pack: ir.Pack) -> bytes:
    """Return the canonical JSON of a pack: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(to_plain(pack), option=orjson.OPT_SORT_KEYS)


def seal(pack: ir.Pack) -> ir.Pack:
    """Return the pack with its digest."""
    return replace(pack, digest=digest_of(pack))


def digest_of(pack: ir.Pack) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical JSON of everything but the digest and the site."""
    return digest_of_plain(to_plain(pack))


def digest_of_plain(plain: dict[str, Any]) -> str:
    """Return `digest_of` the pack that these mappings and lists hold, whatever digest they claim."""
    policy = {key: value for key, value in plain.items() if key != "site"}
    return hashlib.sha256(orjson.dumps({**policy, "digest": ""}, option=orjson.OPT_SORT_KEYS)).hexdigest()


def from_json(text: bytes) -> ir.Pack:
    """Return the pack that `to_json` wrote. Raises ValueError or KeyError when the text is not one."""
    return from_plain(orjson.loads(text))


def from_plain(plain: Any) -> ir.Pack:
    """Return the pack that `to_plain` took apart."""
    pack: ir.Pack = _reader(ir.Pack)(plain)
    return pack


def to_plain(value: Any) -> Any:
    """Return a compiled pack, or a part of one, as plain lists, mappings and scalars."""
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Span):
            return [value.file, value.line, value.column, value.length]
        plain = {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **plain} if isinstance(value, TAGGED) else plain
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    return value


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return the function that reads a value of this type annotation back."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is Span:
        return lambda value: Span(*value)
    if origin is tuple:
        return _tuple_reader(args)
    if origin in (Union, UnionType):
        return _union_reader(args)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return lambda value: value


def _tuple_reader(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        one = _reader(args[0])
        return lambda value: tuple(map(one, value))
    readers = [_reader(arg) for arg in args]
    return lambda value: tuple(read(part) for read, part in zip(readers, value, strict=True))


def _union_reader(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    rest = [arg for arg in args if arg is not NoneType]
    if all(arg in TAGGED for arg in rest):
        return lambda value: None if value is None else _reader(BY_NAME[value["is"]])(value)
    if len(rest) == 1 and get_origin(rest[0]) is not Literal:
        one = _reader(rest[0])
        return lambda value: None if value is None else one(value)
    return lambda value: value


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers: dict[str, Callable[[Any], Any]] = {}

    def read(value: Any) -> Any:
        if not readers:  # filled on first use: conditions contain themselves
            readers.update({field.name: _reader(hints[field.name]) for field in fields(kind)})
        return kind(**{name: reader(value[name]) for name, reader in readers.items()})

    return read
