"""The one-line clauses of a pack, read into a small syntax tree. It knows words, not what they mean.

A clause is one comparison, one state, one pattern or one name::

    mood.change >= mood.step                   mood.latest reaches mood.bottom
    colour is red                              colour is not recorded as red
    mood is at least possible                  mood.start is unknown
    mood worsened                              any hold due soon
    a.day within gap of b.day                  something_found

`engine/pack/compile` gives the names their meaning and their types.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from boosterwatch.engine.pack.ir import Op

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
?start: NAME OP NAME                                -> compare
      | NAME OP NAME "*" NAME                       -> compare
      | NAME OP NUMBER                              -> number
      | NUMBER OP NAME                              -> number
      | NAME "reaches" NAME                         -> reaches
      | NAME "reaches" NUMBER                       -> number
      | NAME "is" "known"                           -> known
      | NAME "is" "unknown"                         -> unknown
      | NAME "is" NAME                              -> equals
      | NAME "is" NUMBER                            -> number
      | NAME "is" "not" NAME                        -> differs
      | NAME "is" "recorded" "as" word              -> recorded
      | NAME "is" "not" "recorded" "as" word        -> unrecorded
      | NAME "is" "at" "least" NAME                 -> level
      | NAME "within" NAME "of" NAME                -> within
      | "any" NAME                                  -> some
      | "any" NAME "is" NAME                        -> some_is
      | "any" NAME "is" "at" "least" NAME           -> some_level
      | "any" NAME "due" NAME                       -> some_due
      | NAME NAME                                   -> pattern
      | NAME                                        -> bare
?word: NAME | "unknown" -> unknown_word | "known" -> known_word
OP: ">=" | "<=" | ">" | "<"
NUMBER: /-?\d+(\.\d+)?/
NAME: /[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*/
%ignore /[ \t]+/
"""

FORMS = (
    "a clause is `a >= b`, `a reaches b`, `a is word`, `a is known`, `a is at least possible`, "
    "`a within days of b`, `a pattern`, `any hold`, or a name"
)


@dataclass(frozen=True, slots=True)
class ComparesText:
    """`left op right`, where right is one name, or two to be multiplied."""

    left: str
    op: Op
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachesText:
    """`left reaches right`: at least as bad as, by the scale's own direction."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class IsText:
    """`left is word`, `is not word`, `is recorded as word`, `is not recorded as word`."""

    left: str
    word: str
    negated: bool = False
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class KnownText:
    """`left is known` or `left is unknown`."""

    left: str
    known: bool


@dataclass(frozen=True, slots=True)
class LevelText:
    """`left is at least level`."""

    left: str
    level: str


@dataclass(frozen=True, slots=True)
class WithinText:
    """`left within days of right`: two dates at most so many days apart."""

    left: str
    days: str
    right: str


@dataclass(frozen=True, slots=True)
class SomeText:
    """`any kind`, `any kind is word`, `any kind is at least word`, `any kind due word`."""

    kind: str
    form: str
    word: str


@dataclass(frozen=True, slots=True)
class PatternText:
    """`subject pattern`."""

    subject: str
    pattern: str


@dataclass(frozen=True, slots=True)
class BareText:
    """A name alone: a finding, flag or trigger that was drawn."""

    name: str


ClauseText = (
    ComparesText | ReachesText | IsText | KnownText | LevelText | WithinText | SomeText | PatternText | BareText
)


class ClauseError(Exception):
    """The text is not a clause. `column` counts from 0 inside it; `hint` says what to write."""

    def __init__(self, message: str, column: int, hint: str) -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


@cache
def _parser() -> Lark:
    from lark import Lark  # imported late: only compiling needs it

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def parse_clause(text: str) -> ClauseText:
    """Return the syntax tree of one clause.

    >>> parse_clause("mood.latest >= mood.top")
    ComparesText(left='mood.latest', op='>=', right=('mood.top',))
    >>> parse_clause("colour is not recorded as red")
    IsText(left='colour', word='red', negated=True, recorded=True)

    Raises ClauseError with a column when it is none.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        tree = _parser().parse(text)
    except UnexpectedCharacters as problem:
        raise ClauseError("cannot read this clause", problem.column - 1, FORMS) from None
    except UnexpectedToken as problem:
        column = len(text) if problem.token.type == "$END" else problem.column - 1
        raise ClauseError("cannot read this clause", column, FORMS) from None
    return _build(tree.data, [_text(child) for child in tree.children])


def _text(child: Any) -> str:
    if hasattr(child, "data"):
        return {"unknown_word": "unknown", "known_word": "known"}[child.data]
    return str(child)


def _build(form: str, words: list[str]) -> ClauseText:
    match form:
        case "compare":
            return ComparesText(words[0], words[1], tuple(words[2:]))  # type: ignore[arg-type]
        case "number":
            raise ClauseError(
                "a number in a clause",
                0,
                "name it: declare a parameter with a unit, a basis and a citation",
            )
        case "reaches":
            return ReachesText(words[0], words[1])
        case "known" | "unknown":
            return KnownText(words[0], form == "known")
        case "level":
            return LevelText(words[0], words[1])
        case "within":
            return WithinText(words[0], words[1], words[2])
        case "pattern":
            return PatternText(words[0], words[1])
        case "bare":
            return BareText(words[0])
        case "some" | "some_is" | "some_level" | "some_due":
            return SomeText(words[0], form, words[1] if len(words) > 1 else "")
        case _:
            return IsText(
                words[0],
                words[1],
                form in ("differs", "unrecorded"),
                form in ("recorded", "unrecorded"),
            )
