"""A whole pack in plain English: what it measures, every rule, every number. Made from the compiled form.

Flow: ir.Pack -> **prose** -> page -> Markdown, HTML or JSON. What is compiled is what runs, so the text cannot drift
from it. Text and digest are what an approver signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict

from boosterwatch.engine.author.prose import measured, numbers
from boosterwatch.engine.author.prose.events import events, fact_checks
from boosterwatch.engine.author.prose.phrases import Phrases
from boosterwatch.engine.author.prose.rules import Rules, checklist
from boosterwatch.engine.explain.markdown import to_markdown
from boosterwatch.engine.explain.page import Block, Heading, Page, Text
from boosterwatch.engine.pack import ir

_HOW = (
    "How to read this text. The name in brackets after a number is its name in the files and in the list of numbers. A "
    "statement about something that is not on record is neither true nor false, and a rule draws its conclusion only "
    "when it is true. “Unless cleared since” means: until a clinician clears the hold on or after the date of the "
    "fact; a newer fact raises it again. “At its limit or worse” means at least as high as the limit where higher is "
    "worse, and at least as low where lower is worse."
)


def prose_title(pack: ir.Pack) -> str:
    """Return the title of the text."""
    return f"{pack.title}, version {pack.version}"


def prose_page(pack: ir.Pack) -> Page:
    """Return the whole pack as a page of English; the same pack gives the same page."""
    return tuple(_blocks(pack))


def prose_digest(pack: ir.Pack) -> str:
    """Return the SHA-256 of the text as Markdown, in UTF-8: what a release notes and what an approver signs."""
    return hashlib.sha256(to_markdown(prose_page(pack), prose_title(pack)).encode()).hexdigest()


def prose_data(pack: ir.Pack) -> dict[str, object]:
    """Return the page as plain data: sections with their blocks, each with the name of its form."""
    sections: list[dict[str, object]] = []
    blocks: list[dict[str, object]] = []
    for block in prose_page(pack):
        if isinstance(block, Heading) and block.level == 2:
            blocks = []
            sections.append({"title": block.text, "blocks": blocks})
        elif sections:
            blocks.append({"form": type(block).__name__.lower(), **asdict(block)})
    face = {"id": pack.id, "version": pack.version, "digest": pack.digest, "title": pack.title}
    return {"pack": face, "sections": sections}


def _blocks(pack: ir.Pack) -> Iterator[Block]:
    phrases = Phrases(pack)
    rules = Rules(phrases)
    yield numbers.statement(pack)
    yield numbers.about(pack)
    yield Text(_HOW)
    yield from _part("What is measured", measured.instruments(pack), measured.scales(pack), measured.limits(pack))
    yield from _part("The course of treatment", measured.course(phrases), rules.classes())
    yield from _part("Facts and events", fact_checks(phrases), events(phrases))
    yield from _part("What is worked out from a record", measured.measures(phrases))
    yield from _part("How each score is read", rules.readings())
    yield from _part("Signs", rules.signs())
    yield from _part("Findings", rules.findings())
    yield from _part("Positive sources", rules.sources())
    yield from _part("Safety triggers", rules.notices("trigger"))
    yield from _part("Holds", rules.notices("hold"))
    yield from _part("Cautions", rules.notices("caution"))
    yield from _part("Flags", rules.notices("flag"))
    order = Text("One recommendation is made. The rows are read from the top, and the first that is true wins.")
    yield from _part("Recommendations in order", iter((order,)), rules.recommendations(), checklist(pack))
    yield from _part("Assessments and the patient's own interval", numbers.schedule(phrases), numbers.other_words(pack))
    yield from _part("Numbers", numbers.numbers(pack))
    yield from _part("Sources", numbers.citations(pack))
    yield from _part("Digest", iter((numbers.statement(pack),)))


def _part(title: str, *parts: Iterator[Block]) -> Iterator[Block]:
    """Yield a part under its title; an empty one says so, because its absence is a decision too."""
    yield Heading(title)
    blocks = [block for part in parts for block in part]
    yield from blocks or [Text("There are none.")]
