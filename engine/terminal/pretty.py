"""A page on a terminal: colour and rules between the parts. Imported only there; the words are those of plain text."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text as RichText

from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Tone, Verbatim

_STYLES: dict[Tone, str] = {"plain": "", "strong": "bold", "alert": "bold red", "quiet": "dim"}
_WORDS = {  # emphasis only: the word itself stands there
    "probable": "bold red",
    "possible": "yellow",
    "cannot assess": "cyan",
    "hold": "bold red",
    "trigger": "bold red",
    "caution": "yellow",
    "failed": "bold red",
    "broken": "bold red",
    "degraded": "yellow",
}
_STEP = 2
_PART = 2  # headings below this level are smaller


def print_pretty(page: Page) -> None:
    """Print the page on standard output; NO_COLOR and the terminal's width are respected."""
    console = Console(highlight=False)
    for index, block in enumerate(page):
        first = index == 0 and isinstance(block, Text)
        console.print(_framed(block) if first and isinstance(block, Text) else _rendered(block))


def _framed(text: Text) -> RenderableType:
    return Panel(RichText(text.text, style=_STYLES[text.tone]), box=box.ROUNDED, padding=(0, 1))


def _rendered(block: Block) -> RenderableType:
    match block:
        case Heading(text, level):
            return Group(RichText(""), RichText(text, style="bold underline" if level <= _PART else "bold"))
        case Text(text, tone, indent):
            return Padding(RichText(text, style=_STYLES[tone]), (0, 0, 0, indent * _STEP))
        case Items(lines, indent):
            return Padding(_bullets(lines), (0, 0, 0, (indent + 1) * _STEP))
        case Pairs(rows):
            return Padding(_pairs(rows), (0, 0, 0, _STEP))
        case Verbatim(text):
            return RichText(f"\n{text.rstrip()}\n", no_wrap=True, overflow="ignore")
        case Table(heads, rows, right):
            return _table(heads, rows, right)


def _bullets(lines: tuple[str, ...]) -> RenderableType:
    grid = RichTable.grid(padding=(0, 1))
    for line in lines:
        grid.add_row("-", RichText(line))
    return grid


def _pairs(rows: tuple[tuple[str, str], ...]) -> RenderableType:
    grid = RichTable.grid(padding=(0, 2))
    for label, value in rows:
        grid.add_row(RichText(label, style="dim"), RichText(value))
    return grid


def _table(heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...], right: tuple[int, ...]) -> RenderableType:
    table = RichTable(
        box=box.SIMPLE_HEAD if heads else None, show_header=bool(heads), pad_edge=False, padding=(0, 2, 0, 0)
    )
    width = len(heads or (rows[0] if rows else ()))
    for column in range(width):
        last = column == width - 1
        head = RichText(heads[column]) if heads else RichText("")
        longest = max((len(word) for row in rows for word in row[column].split()), default=1)
        least = None if last else longest
        table.add_column(head, justify="right" if column in right else "left", min_width=least, overflow="fold")
    for row in rows:
        table.add_row(*(RichText(cell, style=_WORDS.get(cell, "")) for cell in row))
    return Padding(table, (0, 0, 0, _STEP))
