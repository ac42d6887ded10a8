"""The guarded loader on YAML: what is read, where it stands, and which limits hold."""

import dataclasses
import hashlib
from collections.abc import Callable

import pytest

from boosterwatch.engine.diagnostics import Diagnostic, PackError, Span
from boosterwatch.engine.pack.guard import MOST_PROBLEMS
from boosterwatch.engine.pack.load import (
    PACK_LIMITS,
    RECORD_LIMITS,
    Document,
    Limits,
    Path,
    load_document,
)
from boosterwatch.engine.pack.yaml_text import HAS_C_PARSER

pytestmark = pytest.mark.parametrize(
    "pure", [True, False] if HAS_C_PARSER else [True], ids=["python", "c"][: 1 + HAS_C_PARSER]
)

RULES = """\
# the rules
pack: maintenance
rules:
  - id: sleep_possible
    "when": {all: [isi worsened, 'a: b'], n: 2.50}
    because: >-
      The sleep score
      is worse.
  - null
"""


def load(text: str, pure: bool, limits: Limits = PACK_LIMITS) -> Document:
    return load_document(text.encode(), "rules.yaml", limits, pure=pure)


def problems(text: str | bytes, pure: bool, limits: Limits = PACK_LIMITS) -> tuple[Diagnostic, ...]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(PackError) as caught:
        load_document(data, "rules.yaml", limits, pure=pure)
    return caught.value.diagnostics


def codes(text: str | bytes, pure: bool, limits: Limits = PACK_LIMITS) -> list[str]:
    return [problem.code for problem in problems(text, pure, limits)]


def test_data_is_plain(pure: bool) -> None:
    assert load(RULES, pure).data == {
        "pack": "maintenance",
        "rules": [
            {
                "id": "sleep_possible",
                "when": {"all": ["isi worsened", "a: b"], "n": 2.5},
                "because": "The sleep score is worse.",
            },
            None,
        ],
    }


def test_a_document_knows_its_file_text_and_digest(pure: bool) -> None:
    document = load(RULES, pure)
    assert (document.file, document.text) == ("rules.yaml", RULES)
    assert document.digest == hashlib.sha256(RULES.encode()).hexdigest()


@pytest.mark.parametrize(
    ("path", "line", "column", "length"),
    [
        ((), 2, 1, 1),
        (("pack",), 2, 7, 11),
        (("rules",), 4, 3, 1),
        (("rules", 0), 4, 5, 1),
        (("rules", 0, "id"), 4, 9, 14),
        (("rules", 0, "when"), 5, 13, 1),
        (("rules", 0, "when", "all", 0), 5, 20, 12),
        (("rules", 0, "when", "all", 1), 5, 34, 6),
        (("rules", 0, "when", "n"), 5, 46, 4),
        (("rules", 0, "because"), 6, 14, 1),
        (("rules", 1), 9, 5, 4),
    ],
)
def test_every_node_has_its_place(path: Path, line: int, column: int, length: int, pure: bool) -> None:
    document = load(RULES, pure)
    assert document.spans[path] == Span("rules.yaml", line, column, length)
    assert document.span(path) == document.spans[path]


@pytest.mark.parametrize(
    ("path", "line", "column", "length"),
    [(("pack",), 2, 1, 4), (("rules", 0, "when"), 5, 5, 6), (("rules", 0, "when", "n"), 5, 43, 1)],
)
def test_every_key_has_its_place(path: Path, line: int, column: int, length: int, pure: bool) -> None:
    document = load(RULES, pure)
    assert document.key_spans[path] == Span("rules.yaml", line, column, length)
    assert document.key_span(path) == document.key_spans[path]


def test_a_path_that_leads_nowhere_ends_at_the_nearest_node(pure: bool) -> None:
    document = load(RULES, pure)
    assert document.span(("rules", 0, "sign")) == document.spans["rules", 0]
    assert document.span(("rules", 0, "id", "x", 3)) == document.spans["rules", 0, "id"]
    assert document.span(("nothing",)) == document.spans[()]
    assert document.key_span(("rules", 0, "sign")) == document.spans["rules", 0]
    assert document.key_span(("rules", 1)) == document.spans["rules", 1]
    assert document.key_span(()) == document.spans[()]


def test_spans_are_mappings_over_the_whole_document(pure: bool) -> None:
    document = load(RULES, pure)
    assert set(document.key_spans) == {path for path in document.spans if path and isinstance(path[-1], str)}
    assert len(document.spans) == 12
    assert ("rules", 0, "sign") not in document.spans
    assert ("rules", 0) not in document.key_spans
    with pytest.raises(KeyError):
        document.spans["rules", 7]


def test_columns_count_characters_not_bytes(pure: bool) -> None:
    document = load("名前: {é: 😀, x: 1}\r\ny: 2\r\n", pure)
    assert document.spans["名前", "x"] == Span("rules.yaml", 1, 15)
    assert document.spans["y",] == Span("rules.yaml", 2, 4)


def test_a_document_is_frozen(pure: bool) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(RULES, pure).data = {}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("true", True),
        ("a", "a"),
        ("null", None),
        ("[]", []),
        ("{}", {}),
        ('""', ""),
        ("--- a\n...\n", "a"),
        ("\ufeffa: 1", {"a": 1}),
        ("a: y\nb: n\nc: Y", {"a": "y", "b": "n", "c": "Y"}),
        ("day: 2026-01-15", {"day": "2026-01-15"}),
        ("day: 2024-13-45", {"day": "2024-13-45"}),
        ("at: 2001-12-14 21:59:43", {"at": "2001-12-14 21:59:43"}),
        ("'NO': '010'", {"NO": "010"}),
        ('"<<": "~"', {"<<": "~"}),
        ("a: |\n  NO\n", {"a": "NO\n"}),
        ("a: [-5, 0.30, 1.10, -0.5, 9999999999999999]", {"a": [-5, 0.3, 1.1, -0.5, 9999999999999999]}),
        ("? a\n: 1\n", {"a": 1}),
        ('a: "\\u00e9\\n\\t"', {"a": "é\n\t"}),
        ("a: null\nb: [null]", {"a": None, "b": [None]}),
    ],
)
def test_small_documents(text: str, data: object, pure: bool) -> None:
    loaded = load(text, pure).data
    assert loaded == data
    assert repr(loaded) == repr(data)  # 1 is not True and 1 is not 1.0


@pytest.mark.parametrize("nothing", ["", " ", "\n\n", "\ufeff", "# only a comment", "---", "---\n...\n", "--- # x"])
def test_an_empty_document_is_refused(nothing: str, pure: bool) -> None:
    assert codes(nothing, pure) == ["BW111"]


def test_problems_are_reported_together_and_in_order(pure: bool) -> None:
    text = "a: NO\nb: &x 010\na: 1\nc: *x\n2: {<<: 1, d: 1_000}\ne: [1\n"
    assert codes(text, pure) == [
        "BW126",
        "BW119",
        "BW126",
        "BW123",
        "BW120",
        "BW124",
        "BW122",
        "BW126",
        "BW117",
    ]


def test_the_second_of_two_keys_is_marked_and_the_first_is_named(pure: bool) -> None:
    (problem,) = problems("a: 1\nb: 2\n'a': 3\n", pure)
    assert problem.span == Span("rules.yaml", 3, 1, 3)
    assert problem.hint == "it is first on line 1; keep one of the two"


def test_after_a_key_that_is_refused_reading_goes_on_with_the_next(pure: bool) -> None:
    assert codes("*x : 1\nb: NO\n", pure) == ["BW120", "BW126"]
    assert codes("? {a: NO}\n: 1\nb: NO\n", pure) == ["BW124", "BW126", "BW126"]
    assert codes("010: 1\n010: 2\nb: NO\n", pure) == ["BW126", "BW126", "BW126"]


def test_equal_keys_in_different_mappings_are_fine(pure: bool) -> None:
    assert load("a: {b: 1}\nb: {a: {b: 2}}\n", pure).data == {"a": {"b": 1}, "b": {"a": {"b": 2}}}


def test_three_equal_keys_are_two_problems(pure: bool) -> None:
    assert codes("a: 1\na: 2\na: 3\n", pure) == ["BW123", "BW123"]


def test_only_so_many_problems_are_shown(pure: bool) -> None:
    found = problems("".join(f"k{number}: NO\n" for number in range(MOST_PROBLEMS + 50)), pure)
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].code == "BW131"


def test_exactly_the_bound_of_problems_is_shown_without_a_remark(pure: bool) -> None:
    assert codes("".join(f"k{number}: NO\n" for number in range(MOST_PROBLEMS)), pure) == ["BW126"] * MOST_PROBLEMS


@pytest.mark.parametrize(
    "text", ["{all: [is it worse?]}", "[a ?b]", "{a?: b}", "{b:[d]}", "{b  :[d]}", "[a:{}]", "a: >#x\n  b\n"]
)
def test_what_only_one_parser_takes_is_refused_by_both(text: str, pure: bool) -> None:
    assert "BW117" in codes(text, pure)


SMALL = Limits(bytes=200, depth=3, nodes=12, scalar=10)


@pytest.mark.parametrize(
    ("make", "code", "fits"),
    [
        (lambda size: "a: " + " " * (size - 4) + "b", "BW113", 200),
        (lambda size: "[" * size + "]" * size, "BW114", 3),
        (lambda size: "- " * size + "x", "BW114", 3),
        (lambda size: "".join("  " * level + "a:\n" for level in range(size - 1)) + "  " * size + "a: 1", "BW114", 3),
        (lambda size: f"[{', '.join('x' * (size - 1))}]", "BW115", 12),
        (lambda size: "a: " + "x" * size, "BW116", 10),
        (lambda size: "x" * size + ": a", "BW116", 10),
        (lambda size: "a: '" + "x" * size + "'", "BW116", 10),
    ],
    ids=["bytes", "brackets", "dashes", "keys", "nodes", "plain", "key", "quoted"],
)
def test_limits_hold_exactly(make: Callable[[int], str], code: str, fits: int, pure: bool) -> None:
    load(make(fits - 1), pure, SMALL)
    load(make(fits), pure, SMALL)
    assert codes(make(fits + 1), pure, SMALL) == [code]


def test_keys_count_as_values(pure: bool) -> None:
    load("{a: 1, b: 2, c: 3, d: 4, e: 5}", pure, SMALL)
    assert codes("{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6}", pure, SMALL) == ["BW115"]


def test_the_limits_are_those_of_the_design(pure: bool) -> None:
    assert Limits(bytes=1048576, depth=20, nodes=200000, scalar=20000) == PACK_LIMITS
    assert Limits(bytes=4194304, depth=12, nodes=500000, scalar=10000) == RECORD_LIMITS


ALIAS_BOMB = "a: &a [x,x]\n" + "".join(
    f"{key}: &{key} [*{last},*{last}]\n" for last, key in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {k: 1}\n" + "".join(
    f"{key}: &{key} {{<<: [*{last},*{last}]}}\n" for last, key in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE: dict[str, bytes] = {
    "alias bomb": ALIAS_BOMB.encode(),
    "merge bomb": MERGE_BOMB.encode(),
    "flow nesting": b"[" * 30_000,
    "closed flow nesting": b"[" * 30_000 + b"]" * 30_000,
    "mapping nesting": b"{a: " * 30_000,
    "key nesting": b"{" * 30_000,
    "dash nesting": b"- " * 30_000,
    "question nesting": b"? " * 30_000,
    "5,000 digits": b"a: " + b"9" * 5_000,
    "5,000 digits and a point": b"a: " + b"9" * 5_000 + b".5",
    "5,000 decimals": b"a: 0." + b"9" * 5_000,
    "huge exponent": b"a: 1e" + b"9" * 5_000,
    "5,000 hexadecimal digits": b"a: 0x" + b"f" * 5_000,
    "base sixty": b"a: 1" + b":59" * 2_000,
    "surrogate escape": b'a: "\\ud800"',
    "surrogate escapes": b'a: "\\ud83d\\ude00"',
    "surrogate bytes": b"a: \xed\xa0\x80",
    "beyond Unicode": b'a: "\\U00110000"',
    "far beyond Unicode": b'a: "\\Uffffffff"',
    "NUL": b"a: \0",
    "escaped NUL": b'a: "\\0"',
    "overlong UTF-8": b"a: \xc0\x80",
    "cut UTF-8": b"a: \xe4\xb8",
    "UTF-16": "a: 1".encode("utf-16"),
    "UTF-32": "a: 1".encode("utf-32"),
    "long anchor": b"a: &" + b"x" * 100_000 + b" 1",
    "long tag": b"a: !" + b"x" * 100_000 + b" 1",
    "undefined alias": b"a: *nothing",
    "recursive alias": b"&a [*a]",
    "python tag": b"!!python/object/apply:os.system ['true']",
    "timestamp tag": b"a: !!timestamp 2024-13-45",
    "binary tag": b"a: !!binary =",
    "value sign": b"a: =",
    "second document": b"a: 1\n---\nb: 2\n",
    "later version": b"%YAML 2.0\n---\na: 1\n",
    "unknown directive": b"%FOO bar\n---\na: 1\n",
    "directive alone": b"%YAML 1.1\n",
    "tag directive": b"%TAG ! tag:example,2000:\n---\na: 1\n",
    "long unclosed quote": b"a: '" + b"x\n" * 50_000,
    "many question marks": b"? a\n" * 30_000,
    "many colons": b": " * 30_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_input_is_refused_at_once(data: bytes, pure: bool) -> None:
    assert codes(data, pure)  # a bomb that went off would take minutes, or the process with it


def test_messages_are_one_line_and_short(pure: bool) -> None:
    for data in HOSTILE.values():
        for problem in problems(data, pure):
            assert "\n" not in problem.message
            assert len(problem.message) < 120
            assert not problem.message.endswith(".")


def test_a_place_inside_the_text_for_every_problem(pure: bool) -> None:
    for data in HOSTILE.values():
        for problem in problems(data, pure):
            assert problem.span is not None
            assert problem.span.line >= 1
            assert problem.span.column >= 1
