"""How a message names a place of a document, and what it calls the values there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.pack.schema_trail import Step

MOST_SHOWN = 60
_NAMED_BY = ("pack", "instrument", "sign", "case")  # the keys that name a whole file
_CONDITION = "condition"
_NOUNS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
    "null": "`null`",
}


def subject(steps: Sequence[Step]) -> str:
    """Return what to call the mapping that the steps lead to, with its owner: ``rule 2 of hold `x` ``."""
    words: list[str] = []
    steps = _without_inner_conditions(steps)
    index = len(steps) - 1
    while index > 0:
        step = steps[index]
        named = _name(step)
        words.append(f"{step.title or ''} `{named}`".strip() if named else called(steps[: index + 1], step.title))
        if named:
            return " of ".join(words)
        index -= 2 if step.kind == "item" and step.title else 1  # the list of a titled item needs no mention
    return " of ".join([*words, *_file(steps[0], bool(words))])


def called(steps: Sequence[Step], title: str | None = None) -> str:
    """Return what to call the value that the steps lead to, without its owner."""
    step = steps[-1]
    match step.kind:
        case "root":
            return "the file"
        case "item":
            number = int(step.path[-1]) + 1
            return f"{title} {number}" if title else f"item {number} of `{quotable(str(step.path[-2]))}`"
        case _:
            return f"`{quotable(str(step.path[-1]))}`"


def _name(step: Step) -> str | None:
    """Return the name that the author gave, in the mapping or as its key."""
    own = step.value.get("id") if isinstance(step.value, dict) else None
    if isinstance(own, str):
        return quotable(own)
    return quotable(str(step.path[-1])) if step.kind == "name" else None


def _file(root: Step, is_owner: bool) -> list[str]:
    """Return what to call the whole file; as an owner only when it has a name."""
    data = root.value if isinstance(root.value, dict) else {}
    for key in _NAMED_BY:
        if isinstance(data.get(key), str):
            return [f"{key} `{quotable(data[key])}`"]
    return [] if is_owner else ["the file"]


def _without_inner_conditions(steps: Sequence[Step]) -> Sequence[Step]:
    """Return the steps with conditions inside conditions left out: nobody counts brackets."""
    places = [index for index, step in enumerate(steps) if step.title == _CONDITION]
    return [*steps[: places[0] + 1], *steps[places[-1] + 1 :]] if places else steps


def wanted(step: Step, types: Iterable[str]) -> str:
    """Return what belongs at a place: what the schema calls it where that is text, else its type."""
    names = list(types)
    if names == ["string"] and step.title and not step.said("enum"):
        return with_article(step.title)
    return " or ".join(_NOUNS[name] for name in names if name != "integer" or "number" not in names)


def with_article(noun: str) -> str:
    """Return the noun with its article.

    >>> with_article("id"), with_article("range")
    ('an id', 'a range')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def found(value: Any) -> str:
    """Return what kind of value this is."""
    match value:
        case None:
            return "`null`"
        case bool():
            return f"the truth value `{str(value).lower()}`"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def written(document: Document, path: Path) -> str:
    """Return the text of a value as the author wrote it, on one line."""
    span = document.span(path)
    line = document.text.splitlines()[span.line - 1]
    return line[span.column - 1 : span.column - 1 + span.length]


def quotable(text: str) -> str:
    """Return text fit to stand between backticks: one short line without backticks of its own."""
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def listed(words: Iterable[object]) -> str:
    """Return the words in backticks, with commas; truth values as they are written."""
    return ", ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in words)


def lower(sentence: str) -> str:
    """Return the sentence to be continued: no capital but that of a name, no full stop."""
    head = sentence[0] if sentence[1:2].isupper() else sentence[0].lower()
    return (head + sentence[1:]).rstrip(".")
