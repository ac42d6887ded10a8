"""Clauses that cannot be read: which slip of the pen it probably was, where, and what to write instead.

The table is asked in order, the first that fits is told. A clause that fits none is told where reading it stopped,
with all the forms that a clause has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from boosterwatch.engine.pack.language import ClauseError

NAMED = "name it: declare a parameter with a unit, a basis and a citation"
LEADING = {"not": "list the clause under `none`", "no": "list the clause under `none`", "if": "leave out `if`"}
_NAME = r"[a-z][\w.]*"
_COMPARED = "write `is` before a word, and `>=`, `<=`, `>` or `<` before a parameter"
_UNIT = "leave out `{unit}`: the parameter `{right}` says its unit"
_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"\bbetween\b", "write two clauses under `all`: one for each end"),
        (r"(?<= )(and|&&?)(?= )", "one clause is one comparison: list the two under `all`"),
        (r"(?<= )(or|\|\|?)(?= )", "one clause is one comparison: list the two under `any`"),
        (r"^(not|no)(?= )|^!", LEADING["not"]),
        (r"^if(?= )", LEADING["if"]),
        (r"=>|≥|> +=", "write `>=`"),
        (r"=<|≤|< +=", "write `<=`"),
        (r"!=|<>|≠", "write `is not` before a word; of numbers, write which is greater"),
        (r"(?<![<>])==?", _COMPARED),
        (r"[\"'\u201c\u201d\u2018\u2019]", "write names and words without quotes"),
        (rf"(?<=is )not at least (?={_NAME})", "list the clause under `none`, without `not`"),
        (r"\bis (at most|up to|no more than)\b", "write `<=`"),
        (r"\bis (more|greater|higher|larger|older|later) than\b|\bis (above|over)\b", "write `>`"),
        (r"\bis (less|lower|smaller|fewer|younger|earlier) than\b|\bis (below|under)\b", "write `<`"),
        (r"\bis at least(?= *$)", "say which level: `is at least possible` or `is at least probable`"),
        (r"(?<!is )\bat least\b", "write `is at least` before a level, and `>=` before a parameter"),
        (r"(?<!is )\b(above|over|exceeds)\b", "write `>`"),
        (r"(?<!is )\b(below|under)\b", "write `<`"),
        (r"(?P<number>(?<![\w.])-?\d[\d.,]*( ?%)?)", NAMED),
        (r"\bwithin\b", "write `a within days of b`: two dates, and a parameter between them"),
        (r"(?<=[\w)]) *(\+|/|-(?!\w)| - )", "a clause does not calculate: declare a measure under `measures`"),
        (r"[()\[\]{}]", "a clause has no brackets: list clauses under `all`, `any` or `none`"),
        (r"%", "leave out the percent sign: the parameter says its unit"),
        (r"[A-Z]\w*", "names have small letters only"),
        (r"[a-z]\w*-[\w-]*", "names have an underscore where you wrote a hyphen"),
        (r"[;,]", "one clause is one comparison: list them under `all` or `any`"),
        (rf"(?:[<>=]|\breaches) *(?P<right>{_NAME}) +(?P<unit>{_NAME})$", _UNIT),
        (r"\brecorded (?!as\b)", "write `recorded as`"),
        (r"(?<=^any )\w+ is due\b", "leave out `is`: `any trigger due now`"),
        (r"\bdue *$", "say how soon: `due now`"),
        (r"(?<=[<>=] )(?P<middle>[\w.]+) *[<>]=?", "write two clauses under `all`: one for each end"),
        (r"([<>]=?|\breaches|\bis( not)?( recorded as)?) *$", "the clause ends too early: write what follows"),
        (r"^ *([<>]=?|reaches\b|is\b)", "the clause starts too late: write what is measured"),
    )
)


@dataclass(frozen=True, slots=True)
class Slip:
    """What to say of a clause; `column` counts from 0 inside its text."""

    code: str
    message: str
    column: int
    hint: str


def explain_slip(text: str, problem: ClauseError) -> Slip:
    """Return what is wrong with a clause that cannot be read."""
    for pattern, hint in _SLIPS:
        found = pattern.search(text)
        if found is not None:
            return _slip(found, hint)
    return Slip("BW202", problem.message, problem.column, problem.hint)


def _slip(found: re.Match[str], hint: str) -> Slip:
    named = found.groupdict()
    column = found.start("unit") if "unit" in named else found.start()
    if "number" in named:
        return Slip("BW203", "a number in a clause", column, hint)
    return Slip("BW202", "cannot read this clause", column, hint.format(**named))
