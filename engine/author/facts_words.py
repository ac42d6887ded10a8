"""A safety fact in a few words -> its fields, by the record's own schema: no field is named here.

stroke resolved          words that a field knows, in any order
165/95    130/40         numbers, in the order of the number fields
symptoms, no haematuria  yes-or-no fields: named for yes, with `no` for no; `all no` for all of them
hold_cleared some_hold   any other word, where the fact has a field for free text
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from boosterwatch.engine.diagnostics import suggest
from boosterwatch.engine.pack.schema_store import Node, schema

__all__ = ["WordsError", "fact_types", "read_fact"]

_PREFIX = "fact_"
_NOT_SAID = ("type", "date", "entered_in_error")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:/[0-9]+(?:\.[0-9]+)?)*")
_EVERY_NO = ["all", "no"]


class WordsError(ValueError):
    """The words do not make a fact."""

    def __init__(self, message: str, hint: str | None) -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


@cache
def fact_types() -> Mapping[str, Mapping[str, Node]]:
    """Return what the record's schema says about the fields of every type of safety fact."""
    definitions: Mapping[str, Node] = schema("record")["definitions"]
    return {
        name.removeprefix(_PREFIX): {key: node for key, node in shape["properties"].items() if key not in _NOT_SAID}
        for name, shape in definitions.items()
        if name.startswith(_PREFIX)
    }


def read_fact(fact: str, text: str) -> dict[str, Any]:
    """Return the fields that the text states, in the order of the schema.

    >>> read_fact("bp", "165/95")
    {'systolic': 165, 'diastolic': 95}
    >>> read_fact("review", "hold_cleared some_hold")
    {'kind': 'hold_cleared', 'hold': 'some_hold'}
    """
    fields = fact_types()[fact]
    stated: dict[str, Any] = {}
    for key, value in _read(fact, fields, text.replace(",", " ").split()):
        if key in stated and not isinstance(value, bool):
            raise WordsError(f"`{text}` states the `{key}` of `{fact}` twice", "write a list of two facts")
        stated[key] = value
    missing = [key for key in _required(fact) if key not in stated]
    if missing:
        raise WordsError(f"`{text}` does not state the `{missing[0]}` of `{fact}`", _choices(fields))
    return {key: stated[key] for key in fields if key in stated}


def _read(fact: str, fields: Mapping[str, Node], words: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that the words state, a later one over an earlier one."""
    truths = [key for key, node in fields.items() if node.get("type") == "boolean"]
    while words:
        word = words.pop(0)
        if [word, *words[:1]] == _EVERY_NO and truths:
            words.pop(0)
            yield from ((key, False) for key in truths)
        elif word == "no" and words[:1] and words[0] in truths:
            yield words.pop(0), False
        elif word in truths:
            yield word, True
        elif _NUMBERS.fullmatch(word):
            yield from _numbers(fact, fields, word)
        else:
            yield _field_of(fact, fields, word), word


def _numbers(fact: str, fields: Mapping[str, Node], word: str) -> Iterator[tuple[str, int | float]]:
    keys = [key for key, node in fields.items() if node.get("type") in ("number", "integer")]
    numbers = word.split("/")
    if len(numbers) > len(keys):
        limit = "no number" if not keys else f"at most {len(keys)} numbers"
        raise WordsError(f"`{fact}` takes {limit}, not `{word}`", _choices(fields))
    yield from zip(keys, map(_number, numbers), strict=False)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _field_of(fact: str, fields: Mapping[str, Node], word: str) -> str:
    """Return the field that knows the word, else the one for free text."""
    free = [key for key, node in fields.items() if "enum" not in node and "type" not in node]
    known = [key for key, node in fields.items() if word in node.get("enum", ())]
    if not known + free:
        raise WordsError(f"`{word}` is no word of `{fact}`", suggest(word, _words(fields)) or _choices(fields))
    return (known or free)[0]


def _words(fields: Mapping[str, Node]) -> list[str]:
    """Return every word that the fields know."""
    truths = [key for key, node in fields.items() if node.get("type") == "boolean"]
    return [*truths, *(word for node in fields.values() for word in node.get("enum", ()))]


def _choices(fields: Mapping[str, Node]) -> str | None:
    words = ", ".join(f"`{word}`" for word in _words(fields))
    return f"its words are {words}" if words else "write numbers, with `/` between them"


def _required(fact: str) -> list[str]:
    """Return the fields that every fact of the type states."""
    shape: Node = schema("record")["definitions"][f"{_PREFIX}{fact}"]
    return [key for key in shape.get("required", ()) if key not in _NOT_SAID]
