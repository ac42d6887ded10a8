"""Problems as data: order, rendering, JSON, suggestions, and the list of codes against its pages."""

import ast
import copy
import json
import pickle
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.diagnostics import (
    Diagnostic,
    DiagnosticError,
    InternalError,
    PackError,
    RecordError,
    Span,
    render,
    sort,
    suggest,
    to_json,
)

ROOT = Path(__file__).parents[2]
RULES = "- id: sleep_possible\n  sign: sleep\n  stat: possible\n"
UNKNOWN_KEY = Diagnostic(
    "BW103", "unknown key `stat` in rule `sleep_possible`", Span("signs.yaml", 3, 3, 4), "did you mean `state`?"
)


def test_rendering_has_the_form_of_the_style_guide() -> None:
    assert render([UNKNOWN_KEY], {"signs.yaml": RULES}) == (
        "signs.yaml:3:3: BW103 unknown key `stat` in rule `sleep_possible`\n"
        "  |   stat: possible\n"
        "  |   ^\n"
        "  hint: did you mean `state`?\n"
    )


def test_without_a_span_only_code_message_and_hint_are_shown() -> None:
    assert render([Diagnostic("BW113", "the document is too big")], {}) == "BW113 the document is too big\n"


@pytest.mark.parametrize("sources", [{}, {"other.yaml": RULES}, {"signs.yaml": "one line"}, {"signs.yaml": ""}])
def test_a_place_without_source_has_no_excerpt(sources: dict[str, str]) -> None:
    assert render([UNKNOWN_KEY], sources).splitlines() == [
        "signs.yaml:3:3: BW103 unknown key `stat` in rule `sleep_possible`",
        "  hint: did you mean `state`?",
    ]


def test_a_warning_says_so() -> None:
    warning = Diagnostic("BW103", "unknown key", Span("a.yaml", 1, 1), level="warning")
    assert render([warning], {}) == "a.yaml:1:1: BW103 warning: unknown key\n"


def caret_of(text: str, column: int) -> tuple[str, str]:
    """Return the shown source line and the caret line for a place in a one-line text."""
    shown, caret = render([Diagnostic("BW103", "x", Span("f", 1, column))], {"f": text}).splitlines()[1:3]
    return shown, caret


@pytest.mark.parametrize(
    ("text", "column", "shown", "caret"),
    [
        ("abc", 1, "  | abc", "  | ^"),
        ("abc", 3, "  | abc", "  |   ^"),
        ("abc", 4, "  | abc", "  |    ^"),
        ("abc", 99, "  | abc", "  |    ^"),
        ("\tabc", 2, "  |     abc", "  |     ^"),
        ("a\tb\tc", 5, "  | a    b    c", "  |           ^"),
        ("規則: NO", 5, "  | 規則: NO", "  |       ^"),
        ("e\u0301x", 3, "  | e\u0301x", "  |  ^"),
        ("a\x1b[1mb", 6, "  | a\\u001b[1mb", "  |           ^"),
        ("abc   ", 2, "  | abc", "  |  ^"),
    ],
    ids=["first", "last", "behind", "far behind", "tab", "tabs", "wide", "combining", "escape", "trailing spaces"],
)
def test_the_caret_stands_under_the_place(text: str, column: int, shown: str, caret: str) -> None:
    assert caret_of(text, column) == (shown, caret)


@pytest.mark.parametrize("column", [1, 2, 50, 51, 52, 100, 150, 151, 250, 299, 300, 301])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(300))
    shown, caret = caret_of(text, column)
    assert len(shown) <= 4 + 3 + 100 + 3
    assert caret.endswith("^")
    if column <= 300:
        assert shown[len(caret) - 1] == text[column - 1]
    assert shown.startswith("  | ...") == (column > 51)
    assert shown.endswith("...") == (column < 251)


@given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 5))
def test_rendering_never_fails_and_lets_no_control_character_through(text: str, column: int, line: int) -> None:
    out = render([Diagnostic("BW103", text, Span("f", line, column), text)], {"f": text})
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", out)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_the_loader_counts_them(line_break: str) -> None:
    text = line_break.join(["one", "two\x0bstill two\u2028and still", "three"])
    assert "  | three\n" in render([Diagnostic("BW103", "x", Span("f", 3, 1))], {"f": text})


def test_problems_are_sorted_by_file_line_column_and_those_without_a_place_come_first() -> None:
    places = [("b", 1, 1), ("a", 10, 1), ("a", 2, 9), ("a", 2, 10)]
    found = [Diagnostic("BW103", "x", Span(*place)) for place in places] + [Diagnostic("BW113", "y")]
    spans = [diagnostic.span for diagnostic in sort(found)]
    assert spans == [None, Span("a", 2, 9), Span("a", 2, 10), Span("a", 10, 1), Span("b", 1, 1)]


def test_an_error_carries_its_problems_sorted_and_prints_them_all() -> None:
    early = Diagnostic("BW123", "the key `a` is doubled", Span("a.yaml", 1, 1))
    error = PackError([UNKNOWN_KEY, early])
    assert error.diagnostics == (early, UNKNOWN_KEY)
    assert error.args == (error.diagnostics,)
    assert str(error).splitlines()[0] == "a.yaml:1:1: BW123 the key `a` is doubled"
    assert "did you mean `state`?" in str(error)


@pytest.mark.parametrize("kind", [DiagnosticError, PackError, RecordError])
def test_errors_survive_copying_and_another_process(kind: type[DiagnosticError]) -> None:
    error = kind([UNKNOWN_KEY])
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is kind
        assert twin.diagnostics == error.diagnostics


def test_an_internal_error_is_not_somebody_elses_fault() -> None:
    assert not issubclass(InternalError, DiagnosticError)
    assert not issubclass(RecordError, PackError)


def test_json_has_the_one_shape() -> None:
    assert to_json(UNKNOWN_KEY) == {
        "code": "BW103",
        "level": "error",
        "message": "unknown key `stat` in rule `sleep_possible`",
        "hint": "did you mean `state`?",
        "span": {"file": "signs.yaml", "line": 3, "column": 3},
    }
    assert json.loads(json.dumps(to_json(Diagnostic("BW113", "too big")))) == {
        "code": "BW113",
        "level": "error",
        "message": "too big",
        "hint": None,
        "span": None,
    }


@pytest.mark.parametrize(
    ("word", "choices", "answer"),
    [
        ("stat", ["state", "sign"], "did you mean `state`?"),
        ("phq9.detla", ["phq9.delta", "gad7.delta"], "did you mean `phq9.delta`?"),
        ("x", ["state", "sign"], None),
        ("state", [], None),
        ("sgin", {"sign": 1}, "did you mean `sign`?"),
    ],
)
def test_a_suggestion_is_made_only_when_close(word: str, choices: list[str], answer: str | None) -> None:
    assert suggest(word, choices) == answer


def test_a_suggestion_does_not_depend_on_the_order_of_the_choices() -> None:
    assert suggest("gain", ["pain", "main"]) == suggest("gain", ["main", "pain"])


@cache
def declared_codes() -> dict[str, str]:
    """Return every code declared in `engine`: the dictionaries whose name ends in CODES."""
    declared: dict[str, str] = {}
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(target, ast.Name) and target.id.endswith("CODES") and isinstance(node, ast.AnnAssign):
                titles = ast.literal_eval(node.value) if node.value else {}
                assert not declared.keys() & titles.keys(), f"{path.name} declares a code a second time"
                declared |= titles
    return declared


def test_every_code_has_its_page_and_every_page_its_code() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "codes").glob("*.md")}
    assert pages == declared_codes().keys()


def test_every_code_in_the_source_is_declared() -> None:
    used = {
        code
        for path in (ROOT / "engine").rglob("*.py")
        for code in re.findall(r"\bBW\d{3}\b", path.read_text(encoding="utf-8"))
    }
    assert used <= declared_codes().keys()


@pytest.mark.parametrize("code", sorted(declared_codes()))
def test_a_page_says_wrong_right_and_why(code: str) -> None:
    text = (ROOT / "docs" / "codes" / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code}: {declared_codes()[code]}\n")
    assert re.findall(r"^(?:## )?(Wrong|Right|Why)(?:$|:)", text, re.M) == ["Wrong", "Right", "Why"]


def test_codes_are_well_formed() -> None:
    assert all(re.fullmatch(r"BW[1-7]\d\d", code) and title for code, title in declared_codes().items())
