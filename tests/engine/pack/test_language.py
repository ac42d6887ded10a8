"""Clauses: every form, and what is said of text that is none."""

import pytest

from boosterwatch.engine.pack.language import (
    FORMS,
    BareText,
    ClauseError,
    ClauseText,
    ComparesText,
    IsText,
    KnownText,
    LevelText,
    PatternText,
    ReachesText,
    SomeText,
    WithinText,
    parse_clause,
)

FORM_TABLE: list[tuple[str, ClauseText]] = [
    ("a.b >= c.d", ComparesText("a.b", ">=", ("c.d",))),
    ("a <= c", ComparesText("a", "<=", ("c",))),
    ("a > c", ComparesText("a", ">", ("c",))),
    ("a < c * d", ComparesText("a", "<", ("c", "d"))),
    ("a.latest reaches a.floor", ReachesText("a.latest", "a.floor")),
    ("kind is safety", IsText("kind", "safety")),
    ("kind is not safety", IsText("kind", "safety", negated=True)),
    ("q3 is not recorded as yes", IsText("q3", "yes", negated=True, recorded=True)),
    ("status is recorded as unknown", IsText("status", "unknown", recorded=True)),
    ("status is not recorded as known", IsText("status", "known", negated=True, recorded=True)),
    ("a.baseline is known", KnownText("a.baseline", True)),
    ("a.baseline is unknown", KnownText("a.baseline", False)),
    ("sleep is at least possible", LevelText("sleep", "possible")),
    ("a.date within gap of b.date", WithinText("a.date", "gap", "b.date")),
    ("any hold", SomeText("hold", "some", "")),
    ("any sign is probable", SomeText("sign", "some_is", "probable")),
    ("any sign is at least possible", SomeText("sign", "some_level", "possible")),
    ("any trigger due same_day", SomeText("trigger", "some_due", "same_day")),
    ("scale worsened", PatternText("scale", "worsened")),
    ("contradictory", BareText("contradictory")),
]


@pytest.mark.parametrize(("text", "tree"), FORM_TABLE, ids=[text for text, _ in FORM_TABLE])
def test_every_form_is_read(text: str, tree: ClauseText) -> None:
    assert parse_clause(text) == tree
    assert parse_clause(f"  {text.replace(' ', '   ')} ") == tree


NOT_CLAUSES = [
    ("", 0),
    ("a >=", 4),
    ("a => b", 2),
    ("a = b", 2),
    ("a b c", 4),
    ("a >= b >= c", 7),
    ("A >= b", 0),
    ("a >= b * c * d", 11),
    ("a >= (b)", 5),
    ("a is", 4),
    ("__import__", 0),
]


@pytest.mark.parametrize(("text", "column"), NOT_CLAUSES, ids=[text or "nothing" for text, _ in NOT_CLAUSES])
def test_other_text_is_refused_at_its_column(text: str, column: int) -> None:
    with pytest.raises(ClauseError) as caught:
        parse_clause(text)
    assert (caught.value.message, caught.value.column, caught.value.hint) == (
        "cannot read this clause",
        column,
        FORMS,
    )


@pytest.mark.parametrize("text", ["a >= 5", "a >= -1.5", "5 <= a", "a reaches 10", "a is 3"])
def test_a_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(ClauseError) as caught:
        parse_clause(text)
    assert caught.value.message == "a number in a clause"
