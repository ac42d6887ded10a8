"""Nothing clinical stands in code: `engine/` and `cli.py` name no instrument, sign, threshold or notice of the pack.

Every token is looked at: identifiers, the words of string literals, comments and docstrings. What is ordinary English,
or a word of the record that every pack shares, is in `ORDINARY`, each with its reason.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from boosterwatch.tests.packs.files import default_pack

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "cli.py", *sorted((ROOT / "engine").rglob("*.py"))]
PACK = default_pack().ir

ORDINARY = {
    "absent": "a state that every sign has",
    "possible": "a level that every sign has",
    "probable": "a level that every sign has",
    "unknown": "what logic says of a value that is not there",
}


class Word(NamedTuple):
    """A word or phrase in a source file."""

    text: str
    file: str
    line: int


# ---------------------------------------------------------------- what must not be named


def clinical() -> dict[str, str]:
    """Return what the pack names, lower case, with what it is."""
    named: dict[str, str] = {}

    def note(what: str, *names: str) -> None:
        for name in names:
            named.setdefault(name.lower(), what)

    for instrument in PACK.instruments:
        note("instrument", instrument.id, instrument.short, instrument.name)
        note("code", *(code for _, code in instrument.codes), *(code.split(" ")[-1] for _, code in instrument.codes))
    for scale in PACK.scales:
        note("scale", scale.id, scale.short)
    for sign in PACK.signs:
        note("sign", sign.id, sign.title)
    for parameter in PACK.parameters:
        note("parameter", parameter.name)
    for notice in PACK.notices:
        note(notice.kind, notice.id, notice.title)
    for measure in PACK.measures:
        note("measure", measure.name)
    for table in PACK.tables:
        if table.kind == "class":
            note("class", table.id, *table.states)
    for row in PACK.recommendations:
        note("recommendation", row.rule.removeprefix("recommend_"), row.recommendation)
    for rule in PACK.rules:
        if rule.kind == "finding":
            note("finding", rule.subject)
    note("event", *(event.id for event in PACK.events))
    note("role", *(role.id for role in PACK.roles))
    note("citation", *(citation.id for citation in PACK.citations))
    return named


# ---------------------------------------------------------------- what the sources say


def phrases(path: Path) -> Iterator[Word]:
    """Yield every identifier, and the text of every string and comment, in lower case."""
    name = path.relative_to(ROOT).as_posix()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            for offset, line in enumerate(token.string.lower().split("\n")):
                yield Word(line, name, token.start[0] + offset)


def found(named: dict[str, str]) -> list[str]:
    """Return every place where a source names something clinical."""
    ordered = sorted(named, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, ordered)) + r")(?![\w]|\.\w)")
    return [
        f"{word.file}:{word.line}: {named[hit]} `{hit}`"
        for path in SOURCES
        for word in phrases(path)
        for hit in dict.fromkeys(pattern.findall(word.text))
    ]


def test_print() -> None:
    for line in found({k: v for k, v in clinical().items() if k not in ORDINARY}):
        print(line)
    assert 0
