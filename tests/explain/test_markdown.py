"""Pages as Markdown: each block, and what is escaped so that no word of a pack becomes markup."""

import pytest

from boosterwatch.engine.explain.markdown import to_markdown
from boosterwatch.engine.explain.page import Heading, Items, Page, Pairs, Table, Text

PAGE: Page = (
    Text("Loud.", "alert"),
    Text(""),
    Heading("Part"),
    Heading("Smaller", 3),
    Text("One\nline."),
    Items(("one", "two"), 1),
    Pairs((("Due", "soon"),)),
    Table(("what", "n"), (("x", "1"),), (1,)),
    Table((), (("x", "y"),)),
    Table(("none",), ()),
)


def test_each_block() -> None:
    assert to_markdown(PAGE, "Title") == (
        "# Title\n\n**Loud.**\n\n## Part\n\n### Smaller\n\nOne line.\n\n  - one\n  - two\n\n- Due: soon\n\n"
        "| what | n |\n| --- | ---: |\n| x | 1 |\n\n|  |  |\n| --- | --- |\n| x | y |\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a*b", r"a\*b"),
        ("phq9.settle_days", "phq9.settle_days"),
        ("_a_", r"\_a\_"),
        ("a | b", r"a \| b"),
        ("<b> & &amp;", r"\<b\> & \&amp;"),
        ("# a", r"\# a"),
        ("1. a", r"1\. a"),
        ("- a", r"\- a"),
        ("[a](b)", r"\[a\](b)"),
        ("`a`", r"\`a\`"),
        ("a - b 1. c #", "a - b 1. c #"),
    ],
)
def test_what_would_be_markup_is_escaped(text: str, written: str) -> None:
    assert to_markdown((Text(text),), "T") == f"# T\n\n{written}\n"
