"""What is sealed opens with its own key, at its own place, and not after any change."""

import zlib

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Place
from boosterwatch.engine.audit.seal import key_id_of, open_sealed, pack_parts, sealer, unpack_parts
from boosterwatch.engine.audit.wrapping import DataKey
from boosterwatch.tests.audit.trails import noise

ID = "01932c07-9c1e-7a3b-8f00-0123456789ab"
PLACE = Place("north", 17, ID)
KEY = DataKey(bytes(range(16)), "someone", bytes(range(32)))
PARTS = {"record": b'{"a":1}', "decision": b'{"b":2}', "overlay": b""}
SEALED = sealer(KEY, pack_parts(PARTS), noise(3))(PLACE)


def test_what_is_sealed_opens() -> None:
    assert open_sealed(KEY, SEALED, PLACE) == PARTS
    assert key_id_of(SEALED) == KEY.id


def test_the_form_is_the_one_that_is_written_down() -> None:
    form, key_id, nonce, text = SEALED[:1], SEALED[1:17], SEALED[17:29], SEALED[29:]
    bound = b"boosterwatch/sealed/1\0north\0" + ID.encode() + b"\x0017"
    content = zlib.decompress(AESGCM(KEY.key).decrypt(nonce, text, bound))
    assert (form, key_id) == (b"\x01", KEY.id)
    assert content == b'{"record":7,"decision":7,"overlay":0}\n{"a":1}{"b":2}'


@given(st.dictionaries(st.text("abc", min_size=1, max_size=5), st.binary(max_size=200), max_size=4))
def test_parts_come_back_as_the_bytes_that_they_were(parts: dict[str, bytes]) -> None:
    assert list(unpack_parts(pack_parts(parts)).items()) == list(parts.items())


@pytest.mark.parametrize("at", range(len(SEALED)))
def test_no_byte_can_be_changed(at: int) -> None:
    for bit in (1, 128):
        changed = bytearray(SEALED)
        changed[at] ^= bit
        if 1 <= at <= 16:  # the key's id: the vault has no such key
            assert key_id_of(bytes(changed)) != KEY.id
            continue
        with pytest.raises(AuditError) as problem:
            open_sealed(KEY, bytes(changed), PLACE)
        assert str(problem.value) == (
            f"BW545 what is sealed with the entry `{ID}` does not open\n"
            "  hint: `boosterwatch audit verify` tells whether the log is whole; the master key may be another"
        )


@pytest.mark.parametrize("length", [0, 1, 16, 28, 29, 44, len(SEALED) - 1])
def test_no_tail_can_be_cut(length: int) -> None:
    with pytest.raises(AuditError, match="BW545"):
        open_sealed(KEY, SEALED[:length], PLACE)


@pytest.mark.parametrize(
    "place",
    [
        Place("south", 17, ID),
        Place("north", 18, ID),
        Place("north", 17, ID.replace("ab", "ac")),
        Place("nort", 17, f"h{ID}"),
    ],
)
def test_at_another_place_it_does_not_open(place: Place) -> None:
    with pytest.raises(AuditError, match="BW545"):
        open_sealed(KEY, SEALED, place)


def test_with_another_key_it_does_not_open() -> None:
    with pytest.raises(AuditError, match="BW545"):
        open_sealed(DataKey(KEY.id, KEY.holder, bytes(32)), SEALED, PLACE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain",
        zlib.compress(b"no line"),
        zlib.compress(b'{"a":3}\nab'),
        zlib.compress(b'{"a":1}\nab'),
        zlib.compress(b'{"a":1}\na')[:-3],
    ],
)
def test_a_content_of_another_form_is_none(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        unpack_parts(content)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.audit.seal.MOST_CONTENT", 1000)
    bomb = zlib.compress(orjson.dumps({"a": 5000}) + b"\n" + bytes(5000))
    with pytest.raises(ValueError, match="lengths"):
        unpack_parts(bomb)


def test_each_sealing_has_a_nonce_of_its_own() -> None:
    random = noise(4)
    first, second = (sealer(KEY, pack_parts(PARTS), random)(PLACE) for _ in range(2))
    assert first[17:29] != second[17:29]
