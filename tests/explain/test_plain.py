"""Pages as plain text: widths, wrapping, tables."""

from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.explain.page import Heading, Items, Page, Pairs, Table, Text
from boosterwatch.engine.explain.plain import to_text

PAGE: Page = (
    Text("One sentence that is long enough to be wrapped.", "strong"),
    Heading("Table"),
    Table(("sign", "state", "because"), (("Sleep", "cannot assess", "no score to judge"), ("Mood", "absent", ""))),
    Heading("Numbers"),
    Table(("", "latest", "best"), (("A", "4", "10"), ("Longer", "12", "9")), (1, 2)),
    Items(("first of two", "second")),
    Pairs((("Due", "2026-03-14"),)),
)


def test_a_page() -> None:
    assert to_text(PAGE, 44) == (
        "One sentence that is long enough to be\n"
        "wrapped.\n"
        "\n"
        "Table\n"
        "  sign   state          because\n"
        "  Sleep  cannot assess  no score to judge\n"
        "  Mood   absent\n"
        "\n"
        "Numbers\n"
        "          latest  best\n"
        "  A            4    10\n"
        "  Longer      12     9\n"
        "  - first of two\n"
        "  - second\n"
        "  Due  2026-03-14\n"
    )


def test_the_last_column_is_wrapped_under_itself() -> None:
    assert to_text((Table((), (("a", "one two three four five six"),)),), 29) == (
        "  a  one two three four five\n     six\n"
    )


def test_a_number_is_never_parted_from_its_percent_sign() -> None:
    for width in range(20, 60):
        text = to_text((Text("of the gain more than a half is lost, that is 59 % of it"),), width)
        assert "59 %" in text


@given(st.text(alphabet="ab c%\n", max_size=200), st.integers(10, 120))
def test_no_word_is_lost(text: str, width: int) -> None:
    assert to_text((Text(text), Items((text,))), width).replace("-", "").split() == (text + " " + text).split()


def test_an_empty_page_is_empty() -> None:
    assert to_text(()) == ""
    assert to_text((Table((), ()), Items(()))) == ""
