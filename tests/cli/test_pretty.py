"""On a terminal: boxes and colours, the same words; NO_COLOR is respected."""

import io
import re

import pytest
from rich.console import Console

from boosterwatch.engine.explain.page import Items, Page, Text
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.terminal import pretty, streams
from boosterwatch.tests.explain.decisions import RELAPSE, default_pack, told
from boosterwatch.tests.explain.test_plain import PAGE

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def printed(page: Page, monkeypatch: pytest.MonkeyPatch, width: int = 100) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, color_system="standard", highlight=False)
    monkeypatch.setattr(pretty, "Console", lambda **_: console)
    pretty.print_pretty(page)
    return stream.getvalue()


def words(text: str) -> list[str]:
    return re.findall(r"[\w%./-]*\w[\w%./-]*", COLOUR.sub("", text))


def test_the_words_are_those_of_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    _, decision = told(RELAPSE, "day 57")
    page = decision_page(decision, default_pack().ir, detail="full")
    assert sorted(words(printed(page, monkeypatch))) == sorted(words(to_text(page)))


def test_there_are_boxes_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(PAGE, monkeypatch)
    assert "─" in text
    assert "\x1b[" in text


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(PAGE, monkeypatch)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", text)


def test_square_brackets_are_text_and_not_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed((Text("a [red]word[/red]"), Items(("[1]",))), monkeypatch)
    assert "[red]word[/red]" in text
    assert "[1]" in text


def test_a_terminal_gets_the_pretty_page_and_a_pipe_the_plain_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    streams.print_page(PAGE)
    assert capsys.readouterr().out == to_text(PAGE)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    streams.print_page(PAGE)
    assert "─" in capsys.readouterr().out
