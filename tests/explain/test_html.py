"""Pages as one HTML document: what is in it, what is escaped, what is never there."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Reads a document back: the words in it, its tags, and whether every tag is closed."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.extend(data.split())


def body(page: Page) -> str:
    match = re.search(r"</h1>\n(.*)\n</main>", to_html(page, "T"), re.DOTALL)
    assert match
    return match.group(1)


def test_each_block() -> None:
    page = (
        Text("Loud.", "alert"),
        Text("Inside.", "quiet", 2),
        Text("  "),
        Heading("A & b"),
        Heading("Deep", 9),
        Items(("one", "two"), 1),
        Pairs((("Due", "soon"),)),
        Table(("what", "n"), (("x", "1"),), (1,)),
        Table((), (("x",),)),
    )
    assert body(page) == (
        "<p class='alert'>Loud.</p>\n"
        "<p class='quiet in-2'>Inside.</p>\n"
        "\n"
        "<h2 id='a-b'>A &amp; b</h2>\n"
        "<h6 id='deep'>Deep</h6>\n"
        "<ul class='in-1'><li>one</li><li>two</li></ul>\n"
        "<dl><dt>Due</dt><dd>soon</dd></dl>\n"
        "<div class='wide' tabindex='0'><table><thead><tr><th scope='col'>what</th>"
        "<th scope='col' class='number'>n</th></tr></thead><tbody>\n"
        "<tr><td>x</td><td class='number'>1</td></tr>\n</tbody></table></div>\n"
        "<div class='wide' tabindex='0'><table><tbody>\n<tr><td>x</td></tr>\n</tbody></table></div>"
    )


def test_contents_are_shown_from_five_parts_on() -> None:
    parts = tuple(Heading(f"Part {number}") for number in range(5))
    assert "<nav" not in to_html((*parts[:4], Heading("Small", 3)), "T")
    assert to_html(parts, "T").count("<li><a href='#part-") == 5


def test_equal_headings_have_ids_of_their_own() -> None:
    page = tuple(Heading(text) for text in ("Same", "Same", "same!", "?", "Same 2"))
    assert re.findall(r"<h2 id='(.*?)'", to_html(page, "T")) == ["same", "same--2", "same--3", "part", "same-2"]


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
BLOCKS = st.one_of(
    st.builds(Heading, TEXTS, st.integers(2, 7)),
    st.builds(Text, TEXTS, st.sampled_from(("plain", "strong", "alert", "quiet")), st.integers(0, 5)),
    st.builds(Items, st.lists(TEXTS, max_size=3).map(tuple), st.integers(0, 4)),
    st.builds(Pairs, st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)),
    st.builds(Verbatim, TEXTS),
    st.builds(Table, st.tuples(TEXTS, TEXTS), st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)),
)


@given(st.lists(BLOCKS, max_size=8).map(tuple), TEXTS)
def test_whatever_the_words_the_document_is_sound_and_says_them_all(page: Page, title: str) -> None:
    reader = Reader(to_html(page, title))
    assert reader.open == []
    wanted = title.split()
    parts = [block.text for block in page if isinstance(block, Heading) and block.level == 2]
    if len(parts) >= 5:
        wanted += " ".join(parts).split()
    for block in page:
        wanted += " ".join(_texts(block)).split()
    assert reader.words == wanted
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def _texts(block: Block) -> list[str]:
    match block:
        case Heading(text) | Text(text):
            return [text]
        case Items(lines):
            return list(lines)
        case Pairs(rows):
            return [cell for row in rows for cell in row]
        case Table(heads, rows):
            return [*heads, *(cell for row in rows for cell in row)]
        case Verbatim(text):
            return [text]


def test_nothing_runs_and_nothing_is_fetched() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror='a()'>\"' javascript:x"
    page: Page = (Heading(hostile), Text(hostile), Items((hostile,)), Pairs(((hostile, hostile),)))
    document = to_html((*page, Table((hostile,), ((hostile,),))), hostile)
    tags = Reader(document).tags
    assert {tag for tag, _ in tags}.isdisjoint({"script", "img", "link", "iframe", "object"})
    names = {name for _, attributes in tags for name in attributes}
    assert names <= {"lang", "charset", "name", "content", "http-equiv", "id", "class", "scope", "tabindex"}
    assert "url(" not in document
    assert "@import" not in document


def test_a_narrow_window_breaks_no_short_cell_and_squeezes_no_long_one() -> None:
    cells = ("2026-03-01", "word", "seven words that fit into one line", "a sentence " * 4)
    classes = [
        re.sub(r"<td( class='(.*?)')?>.*", r"\2", cell)
        for cell in re.findall(r"<td.*?</td>", body((Table((), (cells,)),)))
    ]
    assert classes == ["short", "", "", "long"]
