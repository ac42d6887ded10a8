"""One mistake each: the whole rendered message of every file in `tests/broken/records`.

A new mistake is a new file; `BOOSTERWATCH_REWRITE=1 pytest` writes the message for review.
"""

import os
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import RecordError, render
from boosterwatch.engine.record.read import read_record

FOLDER = Path(__file__).parents[2] / "broken" / "records"
MISTAKES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".yaml", ".json"})


def message_about(path: Path) -> str:
    source = path.read_bytes()
    with pytest.raises(RecordError) as caught:
        read_record(source, path.name)
    return render(caught.value.diagnostics, {path.name: source.decode("utf-8", "replace")})


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.name)
def test_the_message_says_what_is_wrong_and_where(path: Path) -> None:
    expected = path.with_name(f"{path.name}.txt")
    message = message_about(path)
    if os.environ.get("BOOSTERWATCH_REWRITE"):
        expected.write_text(message, encoding="utf-8")
    assert message == expected.read_text(encoding="utf-8")


def test_there_are_many_mistakes() -> None:
    assert len(MISTAKES) >= 40


def test_every_message_belongs_to_a_mistake() -> None:
    names = {path.name for path in MISTAKES}
    assert {path.stem for path in FOLDER.glob("*.txt")} == names
