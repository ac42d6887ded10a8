"""Nothing clinical stands in code: `engine/` and `cli.py` name no instrument, sign, threshold or notice of the pack.

Every token is looked at: identifiers, the words of string literals, comments and docstrings. What is ordinary English,
or a word of the record that every pack shares, is in `ORDINARY`, each with its reason.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from boosterwatch.tests.packs.files import default_pack

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "cli.py", *sorted((ROOT / "engine").rglob("*.py"))]
PACK = default_pack().ir

ORDINARY = {
    # keys of the record, and words that it holds
    "clinician": "who reads a decision; who reports, in a record",
    "infusion": "what courses and cycles are made of; a key of a record",
    "loss_of_benefit": "a key of a record's earlier cycle",
    "sex": "a key of a record",
    # codes with which the record checks reject
    "duplicate_conflict": "a rejection",
    "future_dated": "a rejection",
    "invalid_score": "a rejection",
    "unit_ambiguous": "a rejection",
    "version_mismatch": "a rejection",
    # reasons why there is no value
    "not_evaluable": "a reason: the baseline is too mild to judge a response by",
    "settling": "a reason: too early after an infusion",
    "stale": "a reason: too old",
    "unknown": "what logic says of a value that is not there",
    # words of the rule language and of the decision
    "age_years": "a kind of measure",
    "baseline_days": "a key of the section `course`",
    "induction_last": "a setting of the kind `course_date`",
    "last_infusion": "a setting of the kind `course_date` and of events",
    "observed_cycles": "a kind of measure",
    "response": "a key of a decision",
    "review_date": "a key of a decision's next dates",
    # something else altogether
    "continue": "what a log does to an earlier one",
    "partial": "a function with some of its arguments given",
    "primary": "a key of a table",
    "anchor": "what YAML calls a name for a node, and a picture the side of a word",
}


class Phrase(NamedTuple):
    """A line of a token: an identifier, or of a string or comment."""

    text: str
    file: str
    line: int
    docstring: bool


# ---------------------------------------------------------------- what must not be named


@cache
def clinical() -> dict[str, str]:
    """Return what the pack names, lower case, with what it is."""
    named: dict[str, str] = {}

    def note(what: str, *names: str) -> None:
        for name in names:
            named.setdefault(name.lower(), what)

    for instrument in PACK.instruments:
        note("instrument", instrument.id, instrument.short, instrument.name)
        note("code", *(code for _, code in instrument.codes), *(code.split(" ")[-1] for _, code in instrument.codes))
    for scale in PACK.scales:
        note("scale", scale.id, scale.short)
    for sign in PACK.signs:
        note("sign", sign.id, sign.title)
    for parameter in PACK.parameters:
        note("parameter", parameter.name)
    for notice in PACK.notices:
        note(notice.kind, notice.id, notice.title)
    for measure in PACK.measures:
        note("measure", measure.name)
    for table in PACK.tables:
        if table.kind == "class":
            note("class", table.id, *table.states)
    for row in PACK.recommendations:
        note("recommendation", row.rule.removeprefix("recommend_"), row.recommendation)
    for rule in PACK.rules:
        if rule.kind == "finding":
            note("finding", rule.subject)
    note("event", *(event.id for event in PACK.events))
    note("role", *(role.id for role in PACK.roles))
    note("citation", *(citation.id for citation in PACK.citations))
    return named


# ---------------------------------------------------------------- what the sources say

LAYOUT = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENCODING)
SAID = (tokenize.NAME, tokenize.STRING, tokenize.COMMENT)


def phrases(path: Path) -> Iterator[Phrase]:
    """Yield the identifiers, and the lines of strings and comments, in lower case."""
    name, before = path.relative_to(ROOT).as_posix(), tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        docstring = token.type == tokenize.STRING and before in LAYOUT
        before = token.type
        if token.type in SAID and not keyword.iskeyword(token.string):
            for offset, line in enumerate(token.string.lower().split("\n")):
                yield Phrase(line, name, token.start[0] + offset, docstring)


@cache
def hits() -> tuple[tuple[str, Phrase], ...]:
    """Return every clinical name in the sources with the phrase that holds it."""
    ordered = sorted(clinical(), key=len, reverse=True)
    pattern = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w|\.\w)")
    return tuple((hit, phrase) for path in SOURCES for phrase in phrases(path) for hit in pattern.findall(phrase.text))


def violations(*, docstrings: bool) -> list[str]:
    """Return the places where something clinical is named, in docstrings or elsewhere."""
    named = clinical()
    return sorted(
        {
            f"{phrase.file}:{phrase.line}: {named[hit]} `{hit}`"
            for hit, phrase in hits()
            if hit not in ORDINARY and phrase.docstring is docstrings
        }
    )


# ---------------------------------------------------------------- tests


def test_no_code_and_no_comment_names_anything_clinical() -> None:
    assert violations(docstrings=False) == []


def test_no_docstring_names_anything_clinical() -> None:
    assert violations(docstrings=True) == []


MEASURED = re.compile(r"\}\.([a-z_]+)")


def test_no_code_makes_up_the_name_of_a_measure_or_parameter() -> None:
    """What a pack calls the measures and parameters of a scale is its own affair: a kind or a reading finds them."""
    names = [*(one.name for one in PACK.measures), *(one.name for one in PACK.parameters)]
    tails = {name.rpartition(".")[2] for name in names if "." in name} - {"date"}
    found = [
        f"{phrase.file}:{phrase.line}: `{phrase.text}`"
        for path in SOURCES
        for phrase in phrases(path)
        if not phrase.docstring and tails & set(MEASURED.findall(phrase.text))
    ]
    assert found == []


def test_the_walk_sees_what_it_should() -> None:
    named = clinical()
    assert {
        "phq9",
        "phq-9",
        "44261-6",
        "sleep",
        "grace",
        "u1_screener_high_risk",
        "phq9.latest",
        "non_responder",
    } <= named.keys()
    assert len(named) > 600
    assert any(hit == "infusion" for hit, _ in hits())
    assert {phrase.file for _, phrase in hits()} > {"engine/measures/course.py", "engine/record/build.py"}


def test_nothing_is_allowed_without_need() -> None:
    assert {hit for hit, _ in hits()} >= ORDINARY.keys()
