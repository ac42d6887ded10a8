"""JSON text to data, with the guard that the usual readers lack.

They keep the last of two equal keys, and some take NaN or round long numbers; all of that is refused
here, as is too much depth or size. The fast path only notices that something may be wrong; then the
scanner looks, and says where.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson

from boosterwatch.engine.pack.document import Limits, Node
from boosterwatch.engine.pack.guard import Lines, Problem, Problems
from boosterwatch.engine.pack.json_scan import scan

_UNLIMITED = Limits(bytes=2**62, depth=2**62, nodes=2**62, scalar=2**62)
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_NUMBER = b"0" * 17
_ODD_ESCAPE = re.compile(r"\\(?:[bf]|u(?:00[0189]|007[fF]|00[aA][dD]|20|[dD][89a-fA-F]|[fF][eEfF]))")


def read_json(text: str, file: str, limits: Limits) -> Any:
    """Return the data, or raise PackError with every problem found."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_slowly(text, file, limits)
    suspicious = _has_odd_text(text, limits) or _has_odd_shape(data, text, limits)
    return _read_slowly(text, file, limits) if suspicious else data


def locate_json(text: str) -> Callable[[], Node]:
    """Return a function that finds the places in a good JSON text, once."""
    return cache(lambda: scan(text, Problems(""), _UNLIMITED))


def _has_odd_text(text: str, limits: Limits) -> bool:
    """Say whether the text may hold a long number, a long string or an escape to look at."""
    zeros = text.encode().translate(_DIGITS_AS_ZERO)
    return (
        _LONG_NUMBER in zeros
        or b"0e" in zeros
        or (len(text) > limits.scalar and max(map(len, text.split('"'))) > limits.scalar)
        or ("\\" in text and _ODD_ESCAPE.search(text) is not None)
    )


def _has_odd_shape(data: Any, text: str, limits: Limits) -> bool:
    """Say whether the data may be too deep or too much, or lacks keys that the text has."""
    depth, keys, level = 0, 0, [data] if type(data) in (dict, list) else []
    while level:
        depth += 1
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                keys += len(node)
                if "" in node:
                    return True
                below += [child for child in node.values() if type(child) is dict or type(child) is list]
            else:
                below += [child for child in node if type(child) is dict or type(child) is list]
        level = below
    colons = text.count(":")
    values = 1 + text.count(",") + colons + text.count("[") + text.count("{")
    return depth > limits.depth or values > limits.nodes or (keys != colons and _has_doubled_key(text))


def _has_doubled_key(text: str) -> bool:
    """Say so for sure; a colon may also be inside a string."""
    doubled = False

    def check(pairs: list[tuple[str, Any]]) -> None:
        nonlocal doubled
        doubled = doubled or len({key for key, _ in pairs}) != len(pairs)

    json.loads(text, object_pairs_hook=check)
    return doubled


def _read_slowly(text: str, file: str, limits: Limits) -> Any:
    """Return the data when every suspicion proves empty, else raise what was found."""
    problems = Problems(file)
    scan(text, problems, limits)
    data = None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        problems.found.append(problems.diagnostic(*_explain_syntax(error)))
    except (RecursionError, ValueError):  # the depth or the digits that the scanner refused
        if not problems.found:
            problems.stop("BW114", "the nesting is too deep", (1, 1, 1))
    problems.raise_found()
    return data


_JSON_WANTS = "JSON wants double quotes, a comma between items and none after the last"
_EXPLANATIONS = {
    "Expecting value": ("a JSON value is expected here", _JSON_WANTS),
    "Expecting ',' delimiter": ("a `,` or the closing bracket is missing here", _JSON_WANTS),
    "Expecting ':' delimiter": ("a `:` is missing here", _JSON_WANTS),
    "Expecting property name": ("a key in double quotes is expected here", _JSON_WANTS),
    "Illegal trailing comma": ("a JSON value is expected here", _JSON_WANTS),
    "Unterminated string": ("this quote is not closed", "close it"),
    "Invalid control character": ("line breaks and tabs inside text are not allowed", "write `\\n` or `\\t`"),
    "Invalid \\": ("unknown escape after `\\`", "write `\\\\` for a backslash"),
    "Extra data": ("nothing may follow the end of the document", "keep one document in one file"),
}


def _explain_syntax(error: json.JSONDecodeError) -> Problem:
    found = ("JSON cannot be read here", _JSON_WANTS)
    for wording, explanation in _EXPLANATIONS.items():
        if error.msg.startswith(wording):
            found = explanation
    offset = min(error.pos, len(error.doc.rstrip()))  # an early end shows behind the last character
    return "BW129", found[0], Lines(error.doc).mark(offset), found[1]
