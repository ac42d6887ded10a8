"""The second validator agrees on the default pack, and a difference is our own fault, said aloud."""

import pytest

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.engine.pack.second_look import validate_again


def test_both_validators_accept_the_default_pack() -> None:
    opened = open_pack("ketamine-maintenance")
    validate_again((*opened.documents, *opened.cases))


def test_a_difference_is_an_internal_error() -> None:
    face = next(one for one in open_pack("ketamine-maintenance").documents if one.file == "pack.yaml")
    part = load_document(b"findings: 12\n", "extra.yaml")
    with pytest.raises(InternalError, match=r"two validators differ on `extra.yaml`"):
        validate_again((face, part))
