"""`prose`: a whole pack in plain English, as Markdown, a printable HTML page, or JSON."""

from __future__ import annotations

from typing import Literal

import click
import orjson

from boosterwatch.engine.author.prose import prose_data, prose_page, prose_title
from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.explain.markdown import to_markdown
from boosterwatch.engine.pack import ir
from boosterwatch.engine.terminal.files import write_text
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.reading import pack_of
from boosterwatch.engine.terminal.streams import note

Written = Literal["markdown", "html", "json"]


def tell(reference: str, form: Written, out: str | None) -> int:
    """Print the pack in plain English, or write it into a file; the text is the same for the same pack."""
    pack = pack_of(reference, purpose="reading").ir
    text = _text(pack, form)
    if out is None:
        click.echo(text.encode(), nl=False)  # bytes: the text is UTF-8 whatever the locale says
    else:
        write_text(out, text)
        note(f"{out}: {pack.id}@{pack.version} in plain English, digest {pack.digest}")
    return FINE


def _text(pack: ir.Pack, form: Written) -> str:
    match form:
        case "markdown":
            return to_markdown(prose_page(pack), prose_title(pack))
        case "html":
            return to_html(prose_page(pack), prose_title(pack))
        case "json":
            return orjson.dumps(prose_data(pack), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
