"""One letter missing anywhere in a pack: it is refused with at most two messages, or still means something; never a crash."""

from __future__ import annotations

import random
import re

import pytest

from boosterwatch.tests.packs.files import Files, check_files, default_files

WORD = re.compile(r"(?<![\w.])[a-z][a-z0-9_.]{4,}(?![\w.])")
LEFT_ALONE = ("pack.yaml", "citations.yaml", "waivers.yaml", "properties.yaml")


def without_a_letter(files: Files, rng: random.Random) -> Files:
    """Return the files with one letter of one word of a policy file left out."""
    name = rng.choice([one for one in files if one not in LEFT_ALONE])
    text = files[name]
    found = rng.choice([word for word in WORD.finditer(text) if word.start() > text.index("\n")])
    at = rng.randrange(found.start() + 1, found.end() - 1)
    return {**files, name: text[:at] + text[at + 1 :]}


@pytest.mark.parametrize("start", range(0, 60, 15))
def test_a_missing_letter_is_told_in_at_most_two_messages(start: int) -> None:
    told = {
        seed: check_files(without_a_letter(default_files(), random.Random(seed))) for seed in range(start, start + 15)
    }
    assert any(pack is None for pack, _ in told.values())
    assert {seed: problems for seed, (_, problems) in told.items() if len(problems) > 2} == {}
