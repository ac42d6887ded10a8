"""Slips of the pen in a clause: each is told where it stands, with what to write instead."""

import pytest

from boosterwatch.engine.pack.compile.slips import NAMED, Slip, explain_slip
from boosterwatch.engine.pack.language import FORMS, ClauseError, parse_clause

COMPARED = "write `is` before a word, and `>=`, `<=`, `>` or `<` before a parameter"
BOTH = "write two clauses under `all`: one for each end"
NO_SUMS = "a clause does not calculate: declare a measure under `measures`"
NO_BRACKETS = "a clause has no brackets: list clauses under `all`, `any` or `none`"

SLIPS: dict[str, tuple[int, str]] = {  # the column from 0, and the hint
    "a = b": (2, COMPARED),
    "a == yes": (2, COMPARED),
    "a => b": (2, "write `>=`"),
    "a > = b": (2, "write `>=`"),
    "a ≥ b": (2, "write `>=`"),
    "a =< b": (2, "write `<=`"),
    "a ≤ b": (2, "write `<=`"),
    "a != yes": (2, "write `is not` before a word; of numbers, write which is greater"),
    "a is at most b": (2, "write `<=`"),
    "a is greater than b": (2, "write `>`"),
    "a above b": (2, "write `>`"),
    "a is below b": (2, "write `<`"),
    "a >= b and c is yes": (7, "one clause is one comparison: list the two under `all`"),
    "a is yes or b is yes": (9, "one clause is one comparison: list the two under `any`"),
    "a, b": (1, "one clause is one comparison: list them under `all` or `any`"),
    "a between b and c": (2, BOTH),
    "a >= b >= c": (5, BOTH),
    "not a is yes": (0, "list the clause under `none`"),
    "a is not at least possible": (5, "list the clause under `none`, without `not`"),
    "if a >= b": (0, "leave out `if`"),
    "a at least possible": (2, "write `is at least` before a level, and `>=` before a parameter"),
    "a is at least": (2, "say which level: `is at least possible` or `is at least probable`"),
    'a is "yes"': (5, "write names and words without quotes"),
    "A.b >= c": (0, "names have small letters only"),
    "a-b.c >= d": (0, "names have an underscore where you wrote a hyphen"),
    "a >= b + c": (6, NO_SUMS),
    "a - b >= c": (1, NO_SUMS),
    "(a >= b)": (0, NO_BRACKETS),
    "a >= b%": (6, "leave out the percent sign: the parameter says its unit"),
    "a >= b days": (7, "leave out `days`: the parameter `b` says its unit"),
    "a.b reaches c.d points": (16, "leave out `points`: the parameter `c.d` says its unit"),
    "a within b": (2, "write `a within days of b`: two dates, and a parameter between them"),
    "a is not recorded yes": (9, "write `recorded as`"),
    "any trigger is due now": (4, "leave out `is`: `any trigger due now`"),
    "any hold due": (9, "say how soon: `due now`"),
    "a >=": (2, "the clause ends too early: write what follows"),
    "a is": (2, "the clause ends too early: write what follows"),
    ">= b": (0, "the clause starts too late: write what is measured"),
    "a b c": (4, FORMS),
}
NUMBERS = {
    "a >= 5": 5, "5 <= a": 0, "a is 3": 5, "a >= -3": 5, "a >= 50%": 5, "a >= 50 %": 5, "a >= 0,5": 5, "a >= 1,000": 5,
    "a >= 21 days": 5, "a within 14 days of b": 9, "a >= 0.5 * b": 5, "a2.b3 >= 7": 9,
}  # fmt: skip


def slip(text: str) -> Slip:
    with pytest.raises(ClauseError) as caught:
        parse_clause(text)
    return explain_slip(text, caught.value)


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_told_where_it_stands(text: str) -> None:
    column, hint = SLIPS[text]
    assert slip(text) == Slip("BW202", "cannot read this clause", column, hint)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_told_as_one_whatever_stands_around_it(text: str) -> None:
    assert slip(text) == Slip("BW203", "a number in a clause", NUMBERS[text], NAMED)
