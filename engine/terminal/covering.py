"""`test --coverage`: what the cases exercise and what they do not, as text, JSON or HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from boosterwatch.engine.author.coverage.boundaries import SIDES, Boundary
from boosterwatch.engine.author.coverage.report import Coverage, Hole, boundaries_to_find, find_coverage
from boosterwatch.engine.author.coverage.seen import ClauseSeen
from boosterwatch.engine.author.lint.waivers import read_waivers
from boosterwatch.engine.author.patients.written import case_text
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.files import write_text
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.mutating import rehearsed
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page, report
from boosterwatch.engine.terminal.waiting import progress

_MOST_NAMED = 3


def cover(reference: str, html: str | None, form: Form, *, today: date) -> int:
    """Print what the cases of a pack exercise; a hole without a waiver is an error. `html` names a file to write."""
    opened = open_pack(reference)
    if opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    rehearsal = rehearsed(opened, opened.pack)
    with progress("moving every number", boundaries_to_find(rehearsal)) as advance:
        coverage = find_coverage(rehearsal, read_waivers(opened), today, advance)
    if html is not None:
        _write(html, opened, opened.pack, coverage)
    if form == "json":
        print_json(_data(opened, opened.pack, coverage))
    else:
        print_page(tuple(_page(opened, opened.pack, coverage)))
    return ERRORS if coverage.open_holes else FINE


def _write(file: str, opened: Opened, pack: ir.Pack, coverage: Coverage) -> None:
    from boosterwatch.engine.explain.html import to_html

    page: Page = (*_page(opened, pack, coverage), *_clauses(opened, coverage))
    write_text(file, to_html(page, f"What the cases of {pack.title} exercise"))
    note(f"written: {file}")


# ---------------------------------------------------------------- for people


def _page(opened: Opened, pack: ir.Pack, coverage: Coverage) -> Iterator[Block]:
    if coverage.open_holes:
        yield Heading("Holes")
        for hole in coverage.open_holes:
            yield from _hole(opened, hole)
    excused = [hole for hole in coverage.holes if hole.waiver is not None]
    if excused:
        yield Heading("Accepted")
        yield Items(tuple(_excused(hole) for hole in excused))
    yield Heading("Numbers: cases below, at and above, and without the fact")
    heads = ("number", "value", "step", *SIDES, "seen by one case only")
    rows = tuple(_boundary(one) for one in coverage.boundaries)
    yield Table(heads, rows, tuple(range(1, 3 + len(SIDES))))
    yield Heading(f"Coverage of {pack.id}@{pack.version}")
    yield Pairs(tuple(_totals(coverage)))


def _hole(opened: Opened, hole: Hole) -> Iterator[Block]:
    yield Text(f"{_place(opened, hole)}: {hole.code} {hole.says}", "strong")
    if hole.case is None:
        yield Text("No case was found that would close it; it may be that no patient lies there.", "quiet", 1)
        return
    yield Text("This case would close it. Read it, and decide whether its answer is what the policy says.", "plain", 1)
    yield Verbatim(_text(opened, hole))


def _text(opened: Opened, hole: Hole) -> str:
    case = hole.case
    assert case is not None  # asked only where there is one
    first = opened.modeline(f"cases/{case.id}.yaml")
    return case_text(case.id, f"Closes {hole.at}", "", case.record, case.expect, first)


def _excused(hole: Hole) -> str:
    waiver = hole.waiver
    assert waiver is not None  # that is what made it so
    return f"{hole.at}: {waiver.reason} ({waiver.by}, until {waiver.expires})"


def _place(opened: Opened, hole: Hole) -> str:
    return f"{opened.found.shown}/{hole.span.file}:{hole.span.line}"


def _boundary(one: Boundary) -> tuple[str, ...]:
    sides = [one.cases(side) for side in SIDES]
    counts = ["never" if cases is None else str(len(cases)) for cases in sides]
    alone = list(dict.fromkeys(cases[0] for cases in sides if cases is not None and len(cases) == 1))
    named = ", ".join(alone[:_MOST_NAMED]) + (
        f" and {len(alone) - _MOST_NAMED} more" if len(alone) > _MOST_NAMED else ""
    )
    value = one.parameter.values[-1].value
    return (one.parameter.name, f"{value:g}", f"{one.step:g}", *counts, named)


def _totals(coverage: Coverage) -> Iterator[tuple[str, str]]:
    rules, boundaries = coverage.rules, coverage.boundaries
    rows = [one for one in rules if one.rule.kind == "recommendation"]
    clauses = [clause for one in rules for clause in one.clauses]
    leaves = [clause for clause in clauses if clause.leaf]
    branches = [clause for clause in clauses if clause.branch]
    asked = [cases for one in boundaries for side in SIDES if (cases := one.cases(side)) is not None]
    yield "rules true", _share(sum(bool(one.true) for one in rules), len(rules))
    yield "rows won", _share(sum(bool(one.won) for one in rules if one.rule.table), _in_tables(coverage))
    yield "recommendations chosen", _share(sum(bool(one.won) for one in rows), len(rows))
    truths = [(clause, truth) for clause in leaves for truth in clause.asked]
    yield "clauses true, false and unknown", _share(sum(bool(c.seen[truth]) for c, truth in truths), len(truths))
    yield "branches decisive", _share(sum(bool(clause.decisive) for clause in branches), len(branches))
    yield "sides of numbers", _share(sum(bool(cases) for cases in asked), len(asked))
    yield "holes accepted by a waiver", str(len(coverage.holes) - len(coverage.open_holes))


def _in_tables(coverage: Coverage) -> int:
    return sum(one.rule.table is not None for one in coverage.rules)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def _clauses(opened: Opened, coverage: Coverage) -> Iterator[Block]:
    """Yield every rule with its clauses: for the HTML page only, it is long."""
    yield Heading("Rules and clauses")
    for one in coverage.rules:
        yield Heading(f"{one.rule.id} ({opened.found.shown}/{one.rule.span.file}:{one.rule.span.line})", 3)
        yield Text(f"true in {len(one.true)} cases", "plain" if one.true else "alert")
        rows = tuple(_clause(clause) for clause in one.clauses)
        if rows:
            yield Table(("clause", "true", "false", "unknown", "decisive"), rows, (1, 2, 3, 4))


def _clause(one: ClauseSeen) -> tuple[str, ...]:
    seen = (str(one.seen[truth]) if truth in one.asked else "never" for truth in ("true", "false", "unknown"))
    return (one.text, *seen, str(one.decisive) if one.branch else "alone")


# ---------------------------------------------------------------- for programs


def _data(opened: Opened, pack: ir.Pack, coverage: Coverage) -> dict[str, object]:
    return {
        "pack": {"id": pack.id, "version": pack.version},
        "holes": [_hole_data(opened, hole) for hole in coverage.holes],
        "boundaries": [_boundary_data(one) for one in coverage.boundaries],
        "rules": [
            {
                "rule": one.rule.id,
                "file": f"{opened.found.shown}/{one.rule.span.file}",
                "line": one.rule.span.line,
                "true": one.true,
                "won": one.won,
                "clauses": [
                    {
                        "text": clause.text,
                        "line": clause.span.line,
                        "seen": clause.seen,
                        "decisive": clause.decisive if clause.branch else None,
                        "holes": clause.holes,
                    }
                    for clause in one.clauses
                ],
            }
            for one in coverage.rules
        ],
    }


def _hole_data(opened: Opened, hole: Hole) -> dict[str, object]:
    return {
        "code": hole.code,
        "at": hole.at,
        "says": hole.says,
        "file": f"{opened.found.shown}/{hole.span.file}",
        "line": hole.span.line,
        "case": _text(opened, hole) if hole.case is not None else None,
        "waived": hole.waiver and hole.waiver.reason,
    }


def _boundary_data(one: Boundary) -> dict[str, object]:
    sides: Sequence[tuple[str, object]] = [(side, one.cases(side)) for side in SIDES]
    return {"parameter": one.parameter.name, "counts": one.counts, "step": one.step, **dict(sides)}
