"""The whole policy in English: its golden text, and that nothing of any pack is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.author.prose import prose_data, prose_page, prose_title
from boosterwatch.engine.explain.markdown import to_markdown
from boosterwatch.engine.explain.page import Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir
from boosterwatch.tests.expect import expect_text
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.small import SMALL
from boosterwatch.tests.strategies import Invented, examples, packs

GOLDEN = Path(__file__).parents[2] / "golden"
DEFAULT = default_pack().ir
OPPOSITE: dict[ir.Op, ir.Op] = {">=": "<", "<": ">=", "<=": ">", ">": "<="}
SOFTER: dict[ir.Op, ir.Op] = {">=": ">", "<": "<=", "<=": "<", ">": ">="}


def written(pack: ir.Pack) -> str:
    """Return the text without its digest, so that two packs differ by what they say alone."""
    return to_markdown(prose_page(replace(pack, digest="")), prose_title(pack))


@pytest.mark.parametrize(("pack", "file"), [(DEFAULT, "default.md"), (load_files(SMALL).ir, "small.md")])
def test_the_text(pack: ir.Pack, file: str) -> None:
    expect_text(GOLDEN / "prose" / file, to_markdown(prose_page(pack), prose_title(pack)))


def test_the_data() -> None:
    pack = load_files(SMALL).ir
    expect_text(GOLDEN / "prose" / "small.json", json.dumps(prose_data(pack), indent=1, ensure_ascii=False) + "\n")


def test_text_and_digest_are_named_first_and_last() -> None:
    page = prose_page(DEFAULT)
    said = (
        f"This text and the digest {DEFAULT.digest} are what an approver of “Ketamine maintenance warning signs”, "
        "version 1.0.0, signs."
    )
    assert page[0] == page[-1] == Text(said, "strong")


@examples(15)
@given(packs())
def test_everything_in_any_pack_is_in_its_text(invented: Invented) -> None:
    pack = invented.load().ir
    assert list(missing(pack, prose_page(pack))) == []


def test_everything_in_the_default_pack_is_in_its_text() -> None:
    assert list(missing(DEFAULT, prose_page(DEFAULT))) == []


def missing(pack: ir.Pack, page: Page) -> Iterator[str]:
    """Yield what a pack names and its text does not."""
    text = "\n".join(texts(page))
    names = [one.name for one in pack.parameters] + [rule.id for rule in pack.rules]
    names += [sign.id for sign in pack.signs] + [notice.id for notice in pack.notices]
    names += [one.id for one in pack.instruments] + [one.id for one in pack.citations]
    names += [rule.recommendation.replace("_", " ") for rule in pack.recommendations]
    names += [sign.title for sign in pack.signs] + [notice.title for notice in pack.notices]
    names += [row.summary for row in pack.recommendations]
    names += [*pack.checklist, *pack.tasks, *(one.text for one in pack.citations), pack.digest]
    for name in names:
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        if found is None:
            yield name


def texts(page: Page) -> Iterator[str]:
    for block in page:
        match block:
            case Heading(text) | Text(text):
                yield text
            case Items(lines):
                yield from lines
            case Pairs(rows):
                yield from (cell for row in rows for cell in row)
            case Table(heads, rows):
                yield from (*heads, *(cell for row in rows for cell in row))


# ---------------------------------------------------------------- a difference is seen

SMALL_PACK = load_files(SMALL).ir
WRITTEN = {pack.id: written(pack) for pack in (SMALL_PACK, DEFAULT)}


def with_another_number(pack: ir.Pack) -> Iterator[ir.Pack]:
    """Yield the pack with the newest value of one parameter changed, for each parameter."""
    for place, parameter in enumerate(pack.parameters):
        newest = replace(parameter.values[-1], value=parameter.values[-1].value + 0.01)
        changed = replace(parameter, values=(*parameter.values[:-1], newest))
        yield replace(pack, parameters=(*pack.parameters[:place], changed, *pack.parameters[place + 1 :]))


def with_another_rule(pack: ir.Pack) -> Iterator[ir.Pack]:
    """Yield the pack with one comparison of one rule changed, or its `all` an `any`, for every one of them."""
    for rule in pack.rules:
        whens = [*with_another_operator(rule.when, OPPOSITE), *with_another_operator(rule.when, SOFTER)]
        if isinstance(rule.when, (ir.All, ir.Any)) and len(rule.when.parts) > 1:
            whens.append(ir.Any(rule.when.parts) if isinstance(rule.when, ir.All) else ir.All(rule.when.parts))
        yield from (with_rule(pack, rule, replace(rule, when=when)) for when in whens)


def with_rule(pack: ir.Pack, old: ir.Rule, new: ir.Rule) -> ir.Pack:
    return replace(pack, rules=tuple(new if rule is old else rule for rule in pack.rules))


def with_another_operator(condition: ir.Condition, other: dict[ir.Op, ir.Op]) -> Iterator[ir.Condition]:
    """Yield the condition with one comparison changed, for each comparison in it."""
    match condition:
        case ir.Leaf(ir.Compare(left, op, right)):
            yield replace(condition, test=ir.Compare(left, other[op], right))
        case ir.Not(part):
            yield from (ir.Not(changed) for changed in with_another_operator(part, other))
        case ir.All(parts) | ir.Any(parts):
            for place, part in enumerate(parts):
                for changed in with_another_operator(part, other):
                    yield type(condition)((*parts[:place], changed, *parts[place + 1 :]))
        case _:
            return


def test_another_number_of_a_small_pack_is_another_text() -> None:
    assert [pack for pack in with_another_number(SMALL_PACK) if written(pack) == WRITTEN[pack.id]] == []


def test_another_condition_of_a_small_pack_is_another_text() -> None:
    assert [pack for pack in with_another_rule(SMALL_PACK) if written(pack) == WRITTEN[pack.id]] == []


def test_what_a_clinic_may_leave_out_is_said() -> None:
    first, *rest = SMALL_PACK.notices
    assert written(replace(SMALL_PACK, notices=(replace(first, optional=True), *rest))) != WRITTEN[SMALL_PACK.id]


@examples(8)
@given(st.sampled_from([*with_another_number(DEFAULT), *with_another_rule(DEFAULT)]))
def test_another_number_or_condition_of_the_default_pack_is_another_text(pack: ir.Pack) -> None:
    assert written(pack) != WRITTEN[pack.id]


# ---------------------------------------------------------------- English


def test_every_sentence_begins_and_ends_as_one() -> None:
    for block in prose_page(DEFAULT):
        if isinstance(block, Text):
            assert re.fullmatch(r"[A-Z“].*[.:”]", block.text, re.DOTALL), block.text


@pytest.mark.parametrize(
    "slip", [r"\b(\w+) \1\b", r" ,", r"\.\.", r"\bis are\b", r"\ba [aeio]", r"\ban [^aeiouAEIOU8“]", "  "]
)
def test_no_text_has_a_slip_of_the_pen(slip: str) -> None:
    own = [text for text in texts(prose_page(DEFAULT)) if "Shown as" not in text]
    assert [text for text in own if re.search(slip, text)] == []
