"""The guarded loader on JSON: the same guards, the same kind of document."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.diagnostics import Diagnostic, PackError, Span
from boosterwatch.engine.pack.load import RECORD_LIMITS, Document, Limits, Path, load_json_document

RECORD = """\
{
  "as_of": "2026-03-14",
  "sign \\u00e9": true,
  "assessments": [
    {"instrument": "phq9", "total": 4, "items": [1, null, 2.5e0]},
    {}
  ]
}
"""


def load(text: str, limits: Limits = RECORD_LIMITS) -> Document:
    return load_json_document(text.encode(), "record.json", limits)


def problems(text: str | bytes, limits: Limits = RECORD_LIMITS) -> tuple[Diagnostic, ...]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(PackError) as caught:
        load_json_document(data, "record.json", limits)
    return caught.value.diagnostics


def codes(text: str | bytes, limits: Limits = RECORD_LIMITS) -> list[str]:
    return [problem.code for problem in problems(text, limits)]


def test_data_is_what_json_says() -> None:
    assert load(RECORD).data == json.loads(RECORD)


@pytest.mark.parametrize(
    ("path", "line", "column", "length"),
    [
        ((), 1, 1, 1),
        (("as_of",), 2, 12, 12),
        (("sign é",), 3, 18, 4),
        (("assessments",), 4, 18, 1),
        (("assessments", 0), 5, 5, 1),
        (("assessments", 0, "total"), 5, 37, 1),
        (("assessments", 0, "items", 1), 5, 53, 4),
        (("assessments", 0, "items", 2), 5, 59, 5),
        (("assessments", 1), 6, 5, 1),
    ],
)
def test_every_node_has_its_place(path: Path, line: int, column: int, length: int) -> None:
    assert load(RECORD).spans[path] == Span("record.json", line, column, length)


def test_every_key_has_its_place() -> None:
    document = load(RECORD)
    assert document.key_span(("sign é",)) == Span("record.json", 3, 3, 13)
    assert document.key_span(("assessments", 0, "items")) == Span("record.json", 5, 40, 7)
    assert document.key_span(("assessments", 0, "other")) == document.span(("assessments", 0))


def paths(data: object, path: Path = ()) -> set[Path]:
    """Return the path of every node in the data."""
    children: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        children = list(data.items())
    elif isinstance(data, list):
        children = list(enumerate(data))
    return {path}.union(*[paths(child, (*path, step)) for step, child in children])


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5)
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**15), 10**15), st.floats(-1e9, 1e9), st.text('ab"\\/\n\té中😀{}[],: ')
)
TREES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12)


@given(TREES, st.booleans(), st.sampled_from([None, 0, 1]))
def test_printing_and_loading_is_identity_and_places_are_complete(
    data: object, plain: bool, indent: int | None
) -> None:
    text = json.dumps(data, ensure_ascii=plain, indent=indent)
    document = load(text)
    assert document.data == data
    assert set(document.spans) == paths(data)
    assert set(document.key_spans) == {path for path in paths(data) if path and isinstance(path[-1], str)}


@given(TREES)
def test_each_place_holds_the_value(data: object) -> None:
    text = json.dumps(data, indent=1)
    lines = text.split("\n")
    document = load(text)
    for path, span in document.spans.items():
        node = document.data
        for step in path:
            node = node[step]
        assert (
            json.JSONDecoder().raw_decode("\n".join([lines[span.line - 1][span.column - 1 :], *lines[span.line :]]))[0]
            == node
        )


SMALL = Limits(bytes=200, depth=3, nodes=12, scalar=10)


@pytest.mark.parametrize(
    ("make", "code", "fits"),
    [
        (lambda size: '{"a":' + " " * (size - 7) + "1}", "BW113", 200),
        (lambda size: "[" * size + "]" * size, "BW114", 3),
        (lambda size: '{"a":' * size + "1" + "}" * size, "BW114", 3),
        (lambda size: json.dumps([0] * (size - 1)), "BW115", 12),
        (lambda size: json.dumps(["x" * size]), "BW116", 10),
        (lambda size: json.dumps({"x" * size: 1}), "BW116", 10),
        (lambda size: json.dumps(["é" * size]), "BW116", 10),
    ],
    ids=["bytes", "arrays", "objects", "nodes", "text", "key", "escaped text"],
)
def test_limits_hold_exactly(make: Callable[[int], str], code: str, fits: int) -> None:
    load(make(fits - 1), SMALL)
    load(make(fits), SMALL)
    assert codes(make(fits + 1), SMALL) == [code]


def test_depth_is_refused_even_where_the_limits_would_allow_it() -> None:
    generous = Limits(bytes=2**30, depth=2**30, nodes=2**30, scalar=2**30)
    assert codes("[" * 100_000 + "]" * 100_000, generous) == ["BW114"]


def test_keys_count_as_values() -> None:
    load(json.dumps(dict.fromkeys("abcde", 1)), SMALL)
    assert codes(json.dumps(dict.fromkeys("abcdef", 1)), SMALL) == ["BW115"]


HOSTILE: dict[str, bytes] = {
    "open nesting": b"[" * 30_000,
    "closed nesting": b"[" * 30_000 + b"]" * 30_000,
    "object nesting": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "just under the recursion limit": b"[" * 900 + b"]" * 900,
    "5,000 digits": b"[" + b"9" * 5_000 + b"]",
    "5,000 digits and a point": b"[" + b"9" * 5_000 + b".5]",
    "17 digits": b"[10000000000000000]",
    "infinite": b"[1e999]",
    "minus infinite": b"[-1E+400]",
    "exponent of 5,000 digits": b"[1e" + b"9" * 5_000 + b"]",
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "doubled key": b'{"a": 1, "a": 1}',
    "doubled key by escape": b'{"a": 1, "\\u0061": 1}',
    "doubled key below": b'[{"b": {"a": 1, "a": 2}}]',
    "doubled key beside a colon": b'{"a:b": 1, "a:b": 2, "c": ":"}',
    "doubled key hidden by a colon": b'{"a": ":", "a": 2}',
    "empty key": b'{"": 1}',
    "lone surrogate": b'["\\ud800"]',
    "lone surrogate in a key": b'{"\\udc00": 1}',
    "escaped NUL": b'["\\u0000"]',
    "escaped backspace": b'["\\b"]',
    "escaped byte order mark": b'["\\ufeff"]',
    "escaped direction mark": b'["\\u202E"]',
    "raw direction mark": '["\u202e"]'.encode(),
    "NUL": b'["\0"]',
    "raw control character": b'["\x01"]',
    "delete character": b'["\x7f"]',
    "raw line break in text": b'["a\nb"]',
    "surrogate bytes": b'["\xed\xa0\x80"]',
    "latin": b'["\xe9"]',
    "UTF-16": '["a"]'.encode("utf-16"),
    "nothing": b"",
    "blank": b" \n",
    "byte order mark alone": b"\xef\xbb\xbf",
    "two documents": b"{} {}",
    "trailing comma": b"[1,]",
    "comment": b"// x\n{}",
    "single quotes": b"{'a': 1}",
    "leading zero": b"[010]",
    "plus": b"[+1]",
    "hexadecimal": b"[0x1F]",
    "point alone": b"[.5]",
    "unclosed text": b'["abc',
    "unclosed object": b'{"a"',
    "bare word": b"yes",
    "python words": b"[None, True]",
    "many open quotes": b'"' * 30_001,
    "many backslashes": b'"' + b"\\" * 30_001,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_input_is_refused_at_once(data: bytes) -> None:
    for problem in problems(data):
        assert "\n" not in problem.message
        assert len(problem.message) < 120
        assert problem.span is not None


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("\ufeff[1]", [1]),
        ('["\\ud83d\\ude00"]', ["😀"]),
        ('["\\\\ud800", "\\\\b", "\\u000a"]', ["\\ud800", "\\b", "\n"]),
        ("[1e5, 1e20, -0.0, 9999999999999999]", [1e5, 1e20, -0.0, 9999999999999999]),
        ('{"a:b": ":", "c": "::"}', {"a:b": ":", "c": "::"}),
        ('["12345678901234567890", "[[[[[[[[[[[[[[[["]', ["12345678901234567890", "[[[[[[[[[[[[[[[["]),
        ("[0.30000000000000004]", [0.30000000000000004]),
        ('\t{"a"\t:\r\n1}', {"a": 1}),
        ('"text"', "text"),
        ("null", None),
    ],
)
def test_what_only_looks_suspicious_is_read(text: str, data: object) -> None:
    assert repr(load(text).data) == repr(data)


def test_problems_are_reported_together() -> None:
    assert codes('{"a": NaN, "a": 1e999, "b": 12345678901234567, "c": "\\u0000", "b": [') == [
        "BW130",
        "BW123",
        "BW130",
        "BW127",
        "BW128",
        "BW123",
        "BW129",
    ]


def test_the_second_of_two_keys_is_marked_and_the_first_is_named() -> None:
    (problem,) = problems('{"a": 1,\n "b": 2,\n "a": 3}')
    assert problem.span == Span("record.json", 3, 2, 3)
    assert problem.hint == "it is first on line 1; keep one of the two"


def test_messages_hold_no_value() -> None:
    secret = "83920174659283746"
    for text in [f"[{secret}]", f'["\\u0000{secret}"]', f"[{secret}e999]", f"[1 {secret}]"]:
        for problem in problems(text):
            assert secret not in problem.message + (problem.hint or "")
