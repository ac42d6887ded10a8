"""`test`: the cases beside a pack, how each came out, and what a failure is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from boosterwatch.engine.author.cases import CaseResult, Status, run_cases
from boosterwatch.engine.author.cases_compare import Difference
from boosterwatch.engine.diagnostics import sort, to_json
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Table, Text
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page, report

_FAILED: Status = "failed"
_STATUSES: tuple[Status, ...] = ("passed", _FAILED, "todo", "fixed")


def run_tests(reference: str, only: str | None, form: Form) -> int:
    """Print how the cases of a pack came out; a failure tells what was expected, what came, and why."""
    opened = open_pack(reference)
    if opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    results = run_cases(opened, LoadedPack(opened.pack), only)
    if form == "json":
        print_json(_data(opened.pack.id, opened.pack.version, results))
    else:
        print_page(_page(f"{opened.pack.id}@{opened.pack.version}", results))
    return ERRORS if any(one.status == _FAILED for one in results) else FINE


def _page(named: str, results: Sequence[CaseResult]) -> Page:
    return (*_failures(results), *_fixed(results), *_summary(named, results))


def _failures(results: Sequence[CaseResult]) -> Iterator[Block]:
    for one in results:
        if one.status == _FAILED:
            span = one.case.span
            yield Heading(f"{span.file}:{span.line}: {one.case.id} failed")
            yield Text(one.case.title, "quiet", 1)
            for problem in one.problems:
                yield Text(f"the record cannot be used: {problem.code} {problem.message}", "plain", 1)
            for difference in one.differences:
                yield from _difference(difference)


def _difference(one: Difference) -> Iterator[Block]:
    line = f" (line {one.span.line})" if one.span is not None else ""
    yield Text(f"{one.field}{line}", "strong", 1)
    yield Text(f"expected  {one.expected}", "plain", 2)
    yield Text(f"got       {one.got}", "plain", 2)
    for note in one.notes:
        depth = (len(note) - len(note.lstrip())) // 2
        yield Text(note.strip(), "quiet", 3 + depth)


def _fixed(results: Sequence[CaseResult]) -> Iterator[Block]:
    fixed = [one.case for one in results if one.status == "fixed"]
    if fixed:
        yield Heading("Marked `todo` but passing: take the mark away")
        yield Items(tuple(f"{case.span.file}:{case.span.line}: {case.id}" for case in fixed))


def _summary(named: str, results: Sequence[CaseResult]) -> Iterator[Block]:
    files: dict[str, Counter[Status]] = {}
    for one in results:
        files.setdefault(one.case.document.file, Counter())[one.status] += 1
    shown = [status for status in _STATUSES if status == "passed" or any(counts[status] for counts in files.values())]
    rows = [(file, *(str(counts[status]) for status in shown)) for file, counts in files.items()]
    total = Counter(one.status for one in results)
    rows.append(("all", *(str(total[status]) for status in shown)))
    yield Heading(f"Cases of {named}")
    yield Table(("file", *shown), tuple(rows), tuple(range(1, len(shown) + 1)))


def _data(id: str, version: str, results: Sequence[CaseResult]) -> dict[str, object]:
    total = Counter(one.status for one in results)
    return {
        "pack": {"id": id, "version": version},
        "counts": {status: total[status] for status in _STATUSES},
        "cases": [_result(one) for one in results],
    }


def _result(one: CaseResult) -> dict[str, object]:
    return {
        "case": one.case.id,
        "title": one.case.title,
        "file": one.case.span.file,
        "line": one.case.span.line,
        "status": one.status,
        "differences": [
            {"field": d.field, "expected": d.expected, "got": d.got, "line": d.span and d.span.line, "notes": d.notes}
            for d in one.differences
        ],
        "problems": [to_json(problem) for problem in sort(one.problems)],
    }
