"""The compiled pack as canonical JSON: there and back, and what its digest covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import orjson
import pytest

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import BY_NAME, TAGGED, digest_of, from_json, seal, to_json
from boosterwatch.tests.packs.files import compile_files, default_pack
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.small import SMALL

NAMES = ("small", "default", "invented_0", "invented_1", "invented_2")


@cache
def compiled(name: str) -> ir.Pack:
    """Return one of the packs, compiled when it is first asked for."""
    if name == "default":
        return default_pack().ir
    return compile_files(SMALL if name == "small" else invent_pack(int(name[-1]), 3))


def nodes(value: object) -> Iterator[Any]:
    """Yield every dataclass inside a compiled pack, itself among them."""
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from nodes(part)


@pytest.fixture(params=NAMES)
def pack(request: pytest.FixtureRequest) -> ir.Pack:
    return compiled(request.param)


def test_a_pack_comes_back_as_it_was(pack: ir.Pack) -> None:
    again = from_json(to_json(pack))
    assert again == pack
    assert to_json(again) == to_json(pack)


def test_numbers_keep_their_kind(pack: ir.Pack) -> None:
    """5 and 5.0 are equal and print differently, so a decision would not be the same bytes."""
    kinds = [type(dated.value) for one in pack.parameters for dated in one.values]
    again = [type(dated.value) for one in from_json(to_json(pack)).parameters for dated in one.values]
    assert again == kinds


def test_everything_in_it_is_frozen_and_plain(pack: ir.Pack) -> None:
    found = list(nodes(pack))
    assert all(one.__dataclass_params__.frozen for one in found)
    for one in found:
        values = [getattr(one, field.name) for field in fields(one)]
        assert all(isinstance(value, str | int | float | tuple | None) or is_dataclass(value) for value in values)
    hash(pack)


def test_the_text_is_canonical(pack: ir.Pack) -> None:
    text = to_json(pack)
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert text.decode() == canonical


def test_the_digest_is_of_everything_but_itself_and_the_site(pack: ir.Pack) -> None:
    plain = orjson.loads(to_json(pack)) | {"digest": ""}
    assert plain.pop("site") is None
    text = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    assert pack.digest == digest_of(pack) == hashlib.sha256(text).hexdigest()
    assert seal(replace(pack, digest="something else")) == pack


SMALL_PACK = compiled("small")
CHANGES = {
    "title": replace(SMALL_PACK, title="Smaller"),
    "value": replace(
        SMALL_PACK,
        parameters=(
            replace(SMALL_PACK.parameters[0], values=(replace(SMALL_PACK.parameters[0].values[0], value=4),)),
            *SMALL_PACK.parameters[1:],
        ),
    ),
    "sentence": replace(SMALL_PACK, rules=(replace(SMALL_PACK.rules[0], because="Else."), *SMALL_PACK.rules[1:])),
    "order_of_rules": replace(SMALL_PACK, rules=SMALL_PACK.rules[::-1]),
    "no_lookback": replace(SMALL_PACK, lookback=None),
    "words": replace(SMALL_PACK, words=(*SMALL_PACK.words, ("a", "b"))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_changes_the_digest(change: str) -> None:
    assert digest_of(CHANGES[change]) != SMALL_PACK.digest


def test_a_pack_without_a_lookback_comes_back() -> None:
    pack = seal(CHANGES["no_lookback"])
    assert from_json(to_json(pack)) == pack


def test_every_kind_of_condition_carries_its_name() -> None:
    seen = {type(node) for name in NAMES for node in nodes(compiled(name))}
    assert set(TAGGED) <= seen
    assert {name: BY_NAME[name] for name in BY_NAME} == {kind.__name__: kind for kind in TAGGED}


NOT_PACKS = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b'{"id": "x"}',
    to_json(SMALL_PACK).replace(b'"is":"Leaf"', b'"is":"Leap"'),
]


@pytest.mark.parametrize("text", NOT_PACKS, ids=range(len(NOT_PACKS)))
def test_other_text_is_no_pack(text: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(text)
