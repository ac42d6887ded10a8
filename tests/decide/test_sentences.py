"""Sentences: placeholders by a closed list of names, values in words."""

from __future__ import annotations

import pytest

from boosterwatch.engine.decide.sentences import Lexicon, one_sentence, render, split
from boosterwatch.engine.decide.values import iso, joined, lower_first, spoken
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide.made_up import DAY, PACK, WELL

LEXICON = Lexicon(PACK)


def said(text: str) -> str:
    """Return a sentence as it is said of the made-up patient."""
    known = {one.name: "\0missing" for one in PACK.measures} | WELL
    return render(LEXICON.read(text, "rule"), known, values_in_force(PACK, DAY), {"signs": "no sign"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{glim} is {glim.latest}.", "GLIM is 9."),
        ("{glim_spark.says}: {glim_spark.latest}", "about GLIM item 2: 1"),
        ("{glim.lost} of {lost_share}", "50 % of 50 %"),
        ("since {last_infusion}", "since 2026-01-16"),
        ("{zorp.latest} now", "not known now"),
        ("{main} and {colour}", "GLIM and not known"),
        ("{asked}, {zorp.assessable}", "yes, no"),
        ("{signs}", "no sign"),
        ("no placeholder", "no placeholder"),
        ("", ""),
        ("{glim}{zorp}", "GLIMZorp"),
    ],
)
def test_placeholders(text: str, words: str) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "{p.__init__.__globals__}",
        "{glim.latest.__class__}",
        "{0}",
        "{}",
        "{ glim }",
        "{glim.latest!r}",
        "{glim.latest:>10}",
        "{glim[latest]}",
        "{{glim}}",
        "{glim",
        "glim}",
        "}{",
        "{glim.{zorp}}",
        "{GLIM}",
        "{unheard_of}",
        "{glim\n}",
        "{gl\u0131m}",
    ],
)
def test_anything_else_is_refused_before_a_patient_is_seen(text: str) -> None:
    with pytest.raises(InternalError, match=f"`rule` has a bad placeholder.*pack {PACK.digest}"):
        LEXICON.read(text, "rule")


def test_values_are_not_read_as_placeholders() -> None:
    assert split("100 % {a.b}") == [(False, "100 % "), (True, "a.b")]
    kept = {"colour": "{glim.latest}"}
    assert render(LEXICON.read("{colour}", "rule"), kept, {}, {}) == "{glim.latest}"


@pytest.mark.parametrize(
    ("value", "dimension", "words"),
    [
        (None, "points of glim", "not known"),
        (5, "points of glim", "5"),
        (5.0, "points of glim", "5"),
        (0, "count", "0"),
        (-3, "points of glim", "-3"),
        (2.5, "times", "2.5"),
        (2.346, "times", "2.35"),
        (-0.001, "times", "0"),
        (1e15, "times", "1000000000000000"),
        (0.588, "fraction", "59 %"),
        (0.585, "fraction", "59 %"),
        (1.2, "fraction", "120 %"),
        (-0.1, "fraction", "-10 %"),
        (DAY, "date", "2026-03-14"),
        (10**7, "date", "9999-12-31"),
        (True, "truth", "yes"),
        (False, "truth", "no"),
        ("deep_blue", "one of red, deep_blue", "deep blue"),
    ],
)
def test_values_in_words(value: Scalar | None, dimension: str, words: str) -> None:
    assert spoken(value, dimension) == words


def test_days_outside_the_calendar_do_not_break_a_sentence() -> None:
    assert (iso(-5), iso(10**9)) == ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("no sign", "No sign."), ("Done.", "Done."), ("  why? ", "Why?"), ("", "")],
)
def test_a_sentence_begins_with_a_capital_and_ends_with_a_stop(text: str, sentence: str) -> None:
    assert one_sentence(text) == sentence


@pytest.mark.parametrize(
    ("title", "inside"),
    [("High score", "high score"), ("A score", "a score"), ("GLIM rose", "GLIM rose"), ("C-SSRS", "C-SSRS"), ("", "")],
)
def test_a_title_inside_a_sentence(title: str, inside: str) -> None:
    assert lower_first(title) == inside


def test_lists_in_words() -> None:
    assert [joined([]), joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"], "or")] == [
        "",
        "a",
        "a and b",
        "a, b or c",
    ]
