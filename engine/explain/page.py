"""What people read, before anybody decides how it looks: headings, text, pairs, tables and lists.

Flow: decide -> **page** -> plain text (`plain.py`), Markdown (`markdown.py`), HTML (`html.py`) or a terminal
(`engine/terminal/pretty.py`). Nothing here has a colour or a width, and nothing is said by looks alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "strong", "alert", "quiet"]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows; level 2 is a part of the page, 3 a part of that, and so on (1 is the page itself)."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; `indent` is its level, `tone` how much it matters."""

    text: str
    tone: Tone = "plain"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values, one to a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns under heads; empty heads give a table without a first line. `right` lists the columns of numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list without an order."""

    lines: tuple[str, ...]
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to copy as they stand: never wrapped, never indented, never marked."""

    text: str


Block = Heading | Text | Pairs | Table | Items | Verbatim
Page = tuple[Block, ...]
