"""Private keys in files: encrypted, for their owner alone, never shown; weak public keys are seen."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.trust.keys import (
    PrivateKey,
    fits,
    is_weak,
    key_from_seed,
    key_id,
    public_text,
    read_private_key,
    to_pem,
)
from boosterwatch.tests.trust.people import refusal

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")  # RFC 8032, 7.1, test 1
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
EMPTY_SIGNED = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
PASSPHRASE = b"correct horse battery"


def kept(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    """Return a file with this content and mode."""
    file = folder / "my.key"
    file.write_bytes(data)
    file.chmod(mode)
    return file


def opened(file: Path, passphrase: bytes = PASSPHRASE) -> PrivateKey:
    return read_private_key(file, lambda: passphrase)


def refused(file: Path, passphrase: bytes = PASSPHRASE) -> str:
    with pytest.raises(PackError) as caught:
        opened(file, passphrase)
    return refusal(caught.value).replace(str(file), "my.key")


def test_a_key_signs_as_the_standard_says() -> None:
    key = key_from_seed(SEED)
    assert key.public == PUBLIC
    assert key.sign(b"") == EMPTY_SIGNED
    assert fits(PUBLIC, b"", EMPTY_SIGNED)
    assert not fits(PUBLIC, b"x", EMPTY_SIGNED)
    assert not fits(PUBLIC, b"", EMPTY_SIGNED[:-1])
    assert not fits(key_from_seed(bytes(32)).public, b"", EMPTY_SIGNED)


def test_an_id_is_16_digits_of_the_digest_of_the_public_key() -> None:
    assert key_from_seed(SEED).id == key_id(PUBLIC) == "21fe31dfa154a261"
    assert public_text(PUBLIC) == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_a_key_comes_back_from_its_file(tmp_path: Path) -> None:
    key = key_from_seed(SEED)
    assert opened(kept(tmp_path, to_pem(key, PASSPHRASE))).sign(b"") == EMPTY_SIGNED


def test_the_private_key_is_not_in_what_is_shown_or_pickled() -> None:
    key = key_from_seed(SEED)
    assert SEED.hex() not in repr(key)
    assert repr(key) == str(key) == f"PrivateKey(public={PUBLIC!r})"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_the_file_does_not_hold_the_key_in_the_clear() -> None:
    text = to_pem(key_from_seed(SEED), PASSPHRASE)
    assert text.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert SEED not in base64.b64decode(b"".join(text.splitlines()[1:-1]))
    clear = Ed25519PrivateKey.from_private_bytes(SEED)
    open_text = clear.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    assert SEED in base64.b64decode(b"".join(open_text.splitlines()[1:-1]))  # what the line above looks for


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_a_file_that_others_may_read_or_change(tmp_path: Path, mode: int) -> None:
    assert refused(kept(tmp_path, to_pem(key_from_seed(SEED), PASSPHRASE), mode)) == (
        "BW241 others than its owner can use `my.key`\n  hint: run `chmod 600 my.key`\n"
    )


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone(tmp_path: Path, mode: int) -> None:
    assert opened(kept(tmp_path, to_pem(key_from_seed(SEED), PASSPHRASE), mode)).public == PUBLIC


@pytest.mark.parametrize("passphrase", [b"", b"correct horse batterz", PASSPHRASE + b" "])
def test_a_wrong_passphrase(tmp_path: Path, passphrase: bytes) -> None:
    assert refused(kept(tmp_path, to_pem(key_from_seed(SEED), PASSPHRASE)), passphrase) == (
        "BW242 the passphrase does not open `my.key`\n  hint: type it again; if it is right, the file is damaged\n"
    )


def test_a_damaged_file_looks_like_a_wrong_passphrase(tmp_path: Path) -> None:
    text = to_pem(key_from_seed(SEED), PASSPHRASE)
    middle = len(text) - 80
    damaged = text[:middle] + (b"A" if text[middle : middle + 1] != b"A" else b"B") + text[middle + 1 :]
    assert refused(kept(tmp_path, damaged)).startswith("BW242 ")
    assert refused(kept(tmp_path, text[:90])).startswith("BW242 ")


def test_a_key_without_a_passphrase(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    clear = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    assert refused(kept(tmp_path, clear)) == (
        "BW241 `my.key` holds a private key that no passphrase protects\n"
        "  hint: take it out of use, and make a new one with `boosterwatch keys new`\n"
    )


def test_a_key_of_another_kind(tmp_path: Path) -> None:
    key = generate_private_key(SECP256R1())
    text = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(PASSPHRASE))
    assert refused(kept(tmp_path, text)) == (
        "BW240 `my.key` holds a private key of another kind than Ed25519\n"
        "  hint: make one with `boosterwatch keys new`\n"
    )


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00\xff" * 50, b"-----BEGIN PUBLIC KEY-----\n"])
def test_a_file_that_is_no_key(tmp_path: Path, data: bytes) -> None:
    assert refused(kept(tmp_path, data)) == (
        "BW240 `my.key` is not a private key file\n  hint: make one with `boosterwatch keys new`\n"
    )


@pytest.mark.parametrize(
    ("name", "why"), [("none.key", "no such file or directory"), (".", "is a directory"), ("a\0b", "not a file name")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(PackError) as caught:
        opened(tmp_path / name)
    assert f"cannot be read: {why}\n  hint: give the path of the file\n" in refusal(caught.value)


def test_the_passphrase_is_not_asked_for_in_vain(tmp_path: Path) -> None:
    def asked() -> bytes:
        raise AssertionError("asked")

    with pytest.raises(PackError):
        read_private_key(kept(tmp_path, b"hello"), asked)


# ---------------------------------------------------------------- weak public keys

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def order_divides_8(y: int) -> bool:
    """Return whether the points with this y, doubled three times, are the neutral one.

    The curve is -x^2 + y^2 = 1 + d x^2 y^2, and the y of a doubled point (y^2 + x^2) / (1 - d x^2 y^2).
    """
    for _ in range(3):
        xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        y = (y * y + xx) * pow(1 - D * xx * y * y, -1, P) % P
    return y == 1


EIGHT = (
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)


@pytest.mark.parametrize("y", [0, 1, P - 1, *EIGHT, P, P + 1])
@pytest.mark.parametrize("sign", [0, 1])
def test_points_of_small_order_are_weak(y: int, sign: int) -> None:
    assert order_divides_8(y % P)
    assert is_weak((y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("seed", range(20))
def test_ordinary_keys_are_not_weak(seed: int) -> None:
    assert not is_weak(key_from_seed(bytes([seed]) * 32).public)
