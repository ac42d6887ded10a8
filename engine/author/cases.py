"""Worked patients beside a pack: each is evaluated and compared with what its author expects.

Only what `expect` names is compared. A difference tells what came out, why, and what stopped the rules that would
have given the expected answer, so that the author can see whether the case or the rule is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from boosterwatch.engine.author.cases_compare import Difference, compare
from boosterwatch.engine.author.cases_timeline import record_from_timeline
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, RecordError, Span, suggest
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.pack.open import Opened

CASES_CODES: dict[str, str] = {"BW406": "no case of this name"}
Status = Literal["passed", "failed", "todo", "fixed"]


@dataclass(frozen=True, slots=True)
class Case:
    """One worked patient as its author wrote it; `span` is where it begins."""

    id: str
    title: str
    why: str
    record: Mapping[str, Any]
    expect: Mapping[str, Any]
    todo: bool
    document: Document
    path: Path
    span: Span


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case came out. `todo` failed as expected, `fixed` is a todo that passes; `problems` are the record's."""

    case: Case
    status: Status
    differences: tuple[Difference, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def run_cases(opened: Opened, pack: LoadedPack, only: str | None = None) -> list[CaseResult]:
    """Return the result of every case beside the pack, by file and place; of one case when `only` names it.

    Raises RecordError (BW406) when no case has the name.
    """
    return [run_case(case, pack) for case in find_cases(opened, only)]


def find_cases(opened: Opened, only: str | None = None) -> list[Case]:
    """Return the cases beside a pack. Raises RecordError (BW406) when `only` names none of them."""
    cases = [case for document in opened.cases for case in _cases_in(document, opened.found.shown)]
    if only is None:
        return cases
    found = [case for case in cases if case.id == only]
    if not found:
        hint = suggest(only, {case.id for case in cases}) or f"there are {len(cases)} cases"
        raise RecordError((Diagnostic("BW406", f"there is no case `{only}`", None, hint),))
    return found


def _cases_in(document: Document, shown: str) -> Iterator[Case]:
    several = document.data.get("cases")
    places: list[tuple[Path, Mapping[str, Any]]] = [((), document.data)]
    if several is not None:
        places = [(("cases", at), one) for at, one in enumerate(several)]
    for path, data in places:
        span = document.span((*path, "case"))
        yield Case(
            id=data["case"],
            title=data["title"],
            why=data.get("why", ""),
            record=data["record"] if "record" in data else record_from_timeline(data["given"], data["as_of"]),
            expect=data["expect"],
            todo=data.get("todo", False),
            document=document,
            path=path,
            span=replace(span, file=f"{shown}/{span.file}"),
        )


def run_case(case: Case, pack: LoadedPack) -> CaseResult:
    """Return how a case comes out under a pack; a record that cannot be used is a failure with its problems."""
    try:
        decision = evaluate(pack, case.record)
    except DiagnosticError as error:
        return CaseResult(case, "todo" if case.todo else "failed", problems=error.diagnostics)
    found = tuple(_placed(case, one) for one in _differences(decision, pack, case))
    if found:
        return CaseResult(case, "todo" if case.todo else "failed", found)
    return CaseResult(case, "fixed" if case.todo else "passed")


def _differences(decision: Decision, pack: LoadedPack, case: Case) -> Iterator[Difference]:
    if decision.error is not None:
        yield Difference((), "evaluators that agree", decision.summary)
    else:
        yield from compare(decision, pack.ir, case.expect)


def _placed(case: Case, difference: Difference) -> Difference:
    """Return the difference with its line in the case file."""
    span = case.document.span((*case.path, "expect", *difference.path))
    return replace(difference, span=replace(span, file=case.span.file))
