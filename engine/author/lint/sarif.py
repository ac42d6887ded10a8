"""What was found, as others read it: SARIF 2.1.0 for code scanning, and the annotation lines of a code review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from boosterwatch import __version__
from boosterwatch.engine.author.lint.checked import Checked, title_of
from boosterwatch.engine.author.lint.waivers import Waiver
from boosterwatch.engine.diagnostics import Diagnostic

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TOOL = "boosterwatch"
ANNOTATED = {"error": "error", "warning": "warning", "note": "notice"}


def to_sarif(checked: Checked) -> dict[str, object]:
    """Return one SARIF log with one run. A waived finding is a suppressed result with its reason."""
    results = [_result(problem) for problem in checked.problems]
    results += [_result(problem) | {"suppressions": [_suppression(waiver)]} for problem, waiver in checked.waived]
    codes = sorted({str(result["ruleId"]) for result in results})
    rules = [{"id": code, "shortDescription": {"text": title_of(code)}} for code in codes]
    driver = {"name": TOOL, "version": __version__, "rules": rules}
    for result in results:
        result["ruleIndex"] = codes.index(str(result["ruleId"]))
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(problem: Diagnostic) -> dict[str, object]:
    text = problem.message if problem.hint is None else f"{problem.message} ({problem.hint})"
    found: dict[str, object] = {"ruleId": problem.code, "level": problem.level, "message": {"text": text}}
    return found if problem.span is None else found | {"locations": [_location(problem)]}


def _location(problem: Diagnostic) -> dict[str, object]:
    span = problem.span
    assert span is not None
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + max(1, span.length)}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file, safe="/@")


def _suppression(waiver: Waiver) -> Mapping[str, str]:
    return {"kind": "external", "justification": f"{waiver.reason} ({waiver.by}, until {waiver.expires})"}


def to_annotations(checked: Checked) -> Iterator[str]:
    """Yield one line for each finding, as the runners of code reviews read it; a waived one is a notice."""
    yield from (_annotation(ANNOTATED[problem.level], problem, problem.message) for problem in checked.problems)
    for problem, waiver in checked.waived:
        yield _annotation("notice", problem, f"{problem.message} (waived until {waiver.expires}: {waiver.reason})")


def _annotation(level: str, problem: Diagnostic, message: str) -> str:
    span = problem.span
    place = [] if span is None else [("file", span.file), ("line", str(span.line)), ("col", str(span.column))]
    values = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in (*place, ("title", problem.code)))
    return f"::{level} {values}::{_escaped(message)}"


def _escaped(text: str, also: Iterable[str] = "") -> str:
    """Return the text with what would end a line or a value as its code."""
    for character in ("%", "\r", "\n", *also):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
