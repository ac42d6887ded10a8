"""A page as one HTML document: for a browser, a printer, or an attachment.

Flow: decide, prose, diff... -> page -> **html**. The document needs nothing else: no script, no font, no picture from
elsewhere. Everything in it is escaped text; it reads at any zoom, in light and dark, and prints on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim

_CONTENTS_FROM = 5  # parts from which a list of contents is worth its place
_DEEPEST = 6  # HTML has no heading below
_SHORT = 14  # a cell of so few characters (a date, a number with its unit) is never broken
_LONG = 40  # a cell of more is a sentence and needs room
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1d1f; --paper: #fff; --quiet: #575d63; --line: #c9ced3; --band: #f3f5f7;
  --alert: #a3160f; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaec; --paper: #17191b; --quiet: #a9b0b7; --line: #474d53;
  --band: #22262a; --alert: #ff9c94; --link: #8fc1f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 58rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
h4, h5, h6 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { margin: .5rem 0; max-width: 48rem; }
ul, ol { margin: .5rem 0; padding-left: 1.5rem; max-width: 48rem; }
li { margin: .2rem 0; }
a { color: var(--link); }
nav { margin: 1.5rem 0; padding: .5rem 1rem; background: var(--band); border-radius: .4rem; }
nav ul { columns: 16rem; list-style: none; padding: 0; max-width: none; }
nav li { margin: 0; padding: .1rem 0; }
.quiet { color: var(--quiet); }
.strong { font-weight: 600; }
.alert { font-weight: 600; color: var(--alert); border-left: .25rem solid; padding-left: .75rem; }
.in-1 { margin-left: 1.5rem; } .in-2 { margin-left: 3rem; } .in-3 { margin-left: 4.5rem; }
dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .25rem 1.25rem; margin: .5rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
.wide { overflow-x: auto; margin: .75rem 0; }
pre { overflow-x: auto; }
table { border-collapse: collapse; font-size: .94rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: normal; }
th { border-bottom-width: 2px; }
.short { white-space: nowrap; }
.long { min-width: 15rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 34rem) { dl { display: block; } dd { margin: 0 0 .5rem 1rem; } }
@page { margin: 18mm 16mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --quiet: #444; --line: #999; --band: #fff; --alert: #000;
    --link: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; line-height: 1.35; }
  h2 { margin-top: 1.2rem; } h3 { margin: .8rem 0 .2rem; } p, ul, ol { margin: .2rem 0; } li { margin: .05rem 0; }
  pre { white-space: pre-wrap; }
  th, td { padding-top: .1rem; padding-bottom: .1rem; }
  h1, h2, h3, h4, h5, h6 { break-after: avoid; }
  p, li, dd { orphans: 3; widows: 3; }
  tr, li, dt, dd { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  table { font-size: 9pt; } .long { min-width: 0; }
  nav { border: 1px solid var(--line); }
}
"""


def to_html(page: Page, title: str) -> str:
    """Return the page as one self-contained document with this title; a long page begins with its contents.

    >>> "<h2 id='fish-chips'>Fish &amp; chips</h2>" in to_html((Heading("Fish & chips"),), "Menu")
    True
    """
    ids = _ids(page)
    body = "\n".join((*_contents(page, ids), *(_block(block, ids.get(place)) for place, block in enumerate(page))))
    # The policy is a second lock: even text that slipped through unescaped could load or run nothing.
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _ids(page: Page) -> dict[int, str]:
    """Return an id for every heading by its place on the page; equal headings get numbers."""
    ids: dict[int, str] = {}
    for place, block in enumerate(page):
        if isinstance(block, Heading):
            slug = re.sub(r"[^a-z0-9]+", "-", block.text.lower()).strip("-") or "part"
            again = sum(1 for other in ids.values() if re.fullmatch(rf"{re.escape(slug)}(--\d+)?", other))
            ids[place] = f"{slug}--{again + 1}" if again else slug
    return ids


def _contents(page: Page, ids: dict[int, str]) -> Iterator[str]:
    parts = [
        (ids[place], block.text) for place, block in enumerate(page) if isinstance(block, Heading) and block.level == 2
    ]
    if len(parts) >= _CONTENTS_FROM:
        links = "".join(f"<li><a href='#{place}'>{escape(text)}</a></li>" for place, text in parts)
        yield f"<nav aria-label='Contents'><ul>{links}</ul></nav>"


def _block(block: Block, id: str | None) -> str:
    match block:
        case Heading(text, level):
            name = f"h{min(level, _DEEPEST)}"
            return f"<{name} id='{id}'>{escape(text)}</{name}>"
        case Text(text, tone, indent):
            return text.strip() and f"<p{_class('' if tone == 'plain' else tone, _indent(indent))}>{escape(text)}</p>"
        case Items(lines, indent):
            return f"<ul{_class(_indent(indent))}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
        case Pairs(rows):
            return f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{escape(value)}</dd>' for label, value in rows)}</dl>"
        case Verbatim(text):
            return f"<pre tabindex='0'>{escape(text)}</pre>"
        case Table(heads, rows, right):
            return _table(heads, rows, right)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Return a table that scrolls by itself when the window is too narrow (by keyboard as well)."""
    head = f"<thead>{_row('th', heads, right)}</thead>" if heads else ""
    body = "\n".join(_row("td", row, right) for row in rows)
    return f"<div class='wide' tabindex='0'><table>{head}<tbody>\n{body}\n</tbody></table></div>"


def _row(cell: str, texts: Sequence[str], right: Sequence[int]) -> str:
    scope = " scope='col'" if cell == "th" else ""
    cells = (
        f"<{cell}{scope}{_class(_width(text), 'number' if column in right else '')}>{escape(text)}</{cell}>"
        for column, text in enumerate(texts)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _width(text: str) -> str:
    """Return the class of a cell: a narrow window breaks no short one, and squeezes no long one into a tower."""
    if len(text) > _LONG:
        return "long"
    return "short" if len(text) <= _SHORT and (" " in text or "-" in text) else ""


def _indent(level: int) -> str:
    return f"in-{min(level, 3)}" if level else ""


def _class(*names: str) -> str:
    wanted = " ".join(name for name in names if name)
    return f" class='{wanted}'" if wanted else ""
