"""The page for people: what stands in it, in which order, and how wide its columns are."""

from __future__ import annotations

from functools import cache

from boosterwatch.engine.author.diff import Difference, compare
from boosterwatch.engine.author.diff.page import page_of, title_of
from boosterwatch.engine.author.diff.shown import condition_lines, shown_pair, value_in_unit
from boosterwatch.engine.author.diff.story import tell
from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.explain.page import Heading, Page, Table
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.author.diff.material import edited
from boosterwatch.tests.packs.files import Files, compile_files, default_files, default_pack, load_files, set_value


def page(files: Files, columns: int | None = 34) -> Page:
    """Return the page of an edited default pack, without examples."""
    new, difference = compared(tuple(files.items()))
    return page_of(difference, default_pack().ir, new.ir, columns)


@cache
def compared(files: tuple[tuple[str, str], ...]) -> tuple[LoadedPack, Difference]:
    """Return the edited pack and what it differs in, worked out once."""
    new = load_files(dict(files))
    return new, compare(default_pack(), new, most=0)


def headings(blocks: Page) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Heading)]


MANY = {
    **set_value(edited("holds.yaml", "title: Liver\n", "title: Liver disease\n"), "isi.floor", 9),
    "readings.yaml": default_files()["readings.yaml"].replace("          - scale.latest reaches scale.cut\n", ""),
}


def test_the_parts_stand_in_the_order_they_are_read() -> None:
    assert headings(page(MANY)) == ["Numbers", "Readings of questionnaires", "Who is affected", "Wording"]


def test_what_one_line_changed_alike_is_told_once() -> None:
    tables = [block for block in page(MANY, None) if isinstance(block, Table)]
    readings = [row for table in tables for row in table.rows if "_probable" in row[0]]
    assert readings == [
        ("phq9_probable and 12 more alike", "phq9.latest >= phq9.cut", "-", "looser"),
        ("isi_probable", "isi.latest >= isi.cut", "-", "mixed"),  # its floor was raised too
    ]


def test_the_number_and_the_words_stand_side_by_side() -> None:
    text = to_text(page(MANY), 120)
    assert "  isi.floor  8 points from 2000-01-01  9 points from 2000-01-01  tighter\n" in text
    assert "  notice `hold:hepatic`  Liver  Liver disease\n" in text


def test_what_is_sought_for_no_example_says_so() -> None:
    assert "possible, no example sought" in to_text(page(MANY))


def test_columns_are_wrapped_between_words_and_the_page_is_not() -> None:
    files = edited("safety.yaml", "In immediate danger call 911.", "In immediate danger, call 911 at once.")
    narrow = [row for block in page(files) if isinstance(block, Table) for row in block.rows]
    assert all(len(cell) <= 40 for row in narrow for cell in row)
    wide = [row for block in page(files, None) if isinstance(block, Table) for row in block.rows]
    assert any(len(cell) > 100 for row in wide for cell in row)


def test_words_alone_are_said_to_be_proved() -> None:
    text = to_text(page(edited("holds.yaml", "title: Liver\n", "title: Liver disease\n")))
    assert text.startswith("ketamine-maintenance: 1.0.0 to 1.0.0: wording alone, a patch\n")
    assert "Proved: every patient gets the same answers." in text


def test_a_change_that_reaches_no_answer_affects_nobody() -> None:
    text = to_text(page(set_value(default_files(), "who5.cut", 35)))
    assert "Nobody: no sign, no recommendation and no notice is given to other patients. Proved.\n" in text


def test_a_broken_contract_comes_first() -> None:
    blocks = page(edited("instruments/gad7.yaml", "allowed: 4 to 6", "allowed: 4 to 5"))
    assert headings(blocks)[0] == "Contract: those who use this pack must look"
    assert "parameter `gad7.delta`: values that a clinic or a patient's override could set are refused" in to_text(
        blocks, 200
    )


def test_everything_is_escaped_in_the_document() -> None:
    files = edited("holds.yaml", "title: Liver\n", 'title: "Liver <script>alert(1)</script>"\n')
    new = load_files(files)
    difference = compare(default_pack(), new, most=0)
    document = to_html(page_of(difference, default_pack().ir, new.ir, None), title_of(difference))
    assert "<script" not in document
    assert "Liver &lt;script&gt;" in document


# ---------------------------------------------------------------- parts in words


def test_of_a_condition_only_the_clauses_that_differ_are_shown() -> None:
    rules = {rule.id: rule for rule in default_pack().ir.rules}
    other = {rule.id: rule for rule in compile_files(MANY).rules}
    assert shown_pair(rules["isi_probable"].when, other["isi_probable"].when) == ("isi.latest >= isi.cut", "")
    assert list(condition_lines(rules["at_infusion_limit"].when)) == [
        "any of",
        "  infusions_28d >= max_infusions_28d",
        "  infusions_365d >= max_infusions_365d",
    ]


def test_values_have_their_unit() -> None:
    shown = [value_in_unit(1, "points"), value_in_unit(2.5, "times"), value_in_unit(0.25, "fraction")]
    assert shown == ["1 point", "2.5 times", "25 %"]


def test_a_story_tells_the_facts_in_the_order_of_their_days() -> None:
    pack: LoadedPack = default_pack()
    record = {
        "as_of": "2026-03-14",
        "sex": "female",
        "indications": ["ptsd"],
        "induction": {"first": "2026-01-05", "last": "2026-01-16"},
        "infusions": ["2026-01-05", "2026-01-16", "2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"],
        "booked": ["2026-03-20"],
        "assessments": [{"instrument": "phq9", "date": "2026-03-01", "total": 9, "difficulty": 2}],
        "safety": [{"type": "consent", "date": "2026-02-10", "status": "withdrawn"}],
    }
    assert tell(record, pack.ir) == (
        "female, treated for ptsd",
        "2026-01-05 to 2026-01-16: induction",
        "infused on 4 days from 2026-02-01 to 2026-02-04",
        "booked for 2026-03-20",
        "2026-02-10: consent, status withdrawn",
        "2026-03-01: PHQ-9 9, difficulty 2",
    )
