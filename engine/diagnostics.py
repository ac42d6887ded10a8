"""Problems as data: where, which code, what is wrong, what to do.

Every part of the flow reports through `Diagnostic`; the face raises one `DiagnosticError` with all
of them. This module renders them for people and for JSON. It reads no file: sources are handed in.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]

# A code never changes its meaning; docs/codes/<code>.md explains each one. The codes of a part (records 3xx,
# runs 4xx) stand beside it, in a dictionary whose name ends in CODES; a test sees that none is declared twice.
CODES: dict[str, str] = {
    # 1xx document
    "BW103": "unknown key",
    "BW110": "file cannot be read",
    "BW111": "empty document",
    "BW112": "not UTF-8 text",
    "BW113": "document too big",
    "BW114": "nesting too deep",
    "BW115": "too many values",
    "BW116": "text too long",
    "BW117": "YAML cannot be read",
    "BW118": "tab in YAML",
    "BW119": "anchor",
    "BW120": "alias",
    "BW121": "tag or directive",
    "BW122": "merge key",
    "BW123": "doubled key",
    "BW124": "key is not text",
    "BW125": "second document",
    "BW126": "plain text that YAML readers do not agree on",
    "BW127": "number with too many digits",
    "BW128": "character not allowed",
    "BW129": "JSON cannot be read",
    "BW130": "number is not finite",
    "BW131": "more problems than are shown",
    "BW132": "empty value",
    "BW140": "no such pack",
    # 2xx reference and type
    "BW201": "unknown name",
    "BW202": "clause that cannot be read",
    "BW203": "number in a clause",
    "BW204": "values that do not compare",
    "BW205": "rules or measures that wait for each other",
    "BW206": "declared twice",
    "BW207": "word that a value never takes",
    "BW208": "name of another kind",
    "BW209": "unknown pattern",
    "BW210": "value outside what is allowed",
    "BW211": "dates out of order",
    "BW213": "measure without a setting",
    "BW215": "incomplete pack",
    "BW216": "range that cannot be read",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file; line and column count from 1, in characters."""

    file: str
    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem; `message` is one line, lower case, without a full stop or patient values."""

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    level: Level = "error"


class DiagnosticError(Exception):
    """Raised once, with every problem found."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = sort(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return render(self.diagnostics, {}).rstrip("\n")


class PackError(DiagnosticError):
    """A pack, or any document on its way in, has errors."""


class RecordError(DiagnosticError):
    """A patient record has errors."""


class InternalError(Exception):
    """A promise of our own is broken; never the fault of a pack or a record."""


def sort(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line, column and code; those without a place come first."""
    return tuple(sorted(diagnostics, key=_order))


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    span = diagnostic.span
    place = ("", 0, 0) if span is None else (span.file, span.line, span.column)
    return (*place, diagnostic.code, diagnostic.message)


def suggest(word: str, choices: Iterable[str]) -> str | None:
    """Return a question with the closest choice, or None when nothing is close.

    >>> suggest("stat", ["state", "sign"])
    'did you mean `state`?'
    """
    from difflib import get_close_matches  # late: most runs have nothing to suggest

    close = get_close_matches(word, sorted(set(choices)), n=1, cutoff=0.75)
    return f"did you mean `{close[0]}`?" if close else None


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """Return the one shape in which a problem crosses JSON and HTTP."""
    span = diagnostic.span
    place = None if span is None else {"file": span.file, "line": span.line, "column": span.column}
    return {
        "code": diagnostic.code,
        "level": diagnostic.level,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "span": place,
    }


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Return the diagnostics as text for people, sorted; `sources` maps a file to its text."""
    lines: dict[str, list[str]] = {}
    parts: list[str] = []
    for diagnostic in sort(diagnostics):
        parts.append(_headline(diagnostic))
        span = diagnostic.span
        if span is not None and span.file in sources:
            if span.file not in lines:
                lines[span.file] = _LINE_BREAK.split(sources[span.file])
            parts.extend(_excerpt(span, lines[span.file]))
        if diagnostic.hint:
            parts.append(f"  hint: {_visible(diagnostic.hint)}")
    return "".join(f"{part}\n" for part in parts)


def _headline(diagnostic: Diagnostic) -> str:
    level = "" if diagnostic.level == "error" else f"{diagnostic.level}: "
    text = f"{diagnostic.code} {level}{diagnostic.message}"
    span = diagnostic.span
    return _visible(text if span is None else f"{span.file}:{span.line}:{span.column}: {text}")


_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TAB_WIDTH = 4
_WINDOW = 100
_CUT = "..."


def _excerpt(span: Span, lines: list[str]) -> list[str]:
    """Return the source line and the caret line, or nothing when there is nothing to show."""
    if not 1 <= span.line <= len(lines):
        return []
    line = lines[span.line - 1]
    if not line.strip():
        return []
    index = min(span.column - 1, len(line))
    first = max(0, index - _WINDOW // 2) if len(line) > _WINDOW else 0
    last = min(len(line), first + _WINDOW)
    before = (_CUT if first else "") + _expand(line[first:index])
    after = _expand(line[index:last]) + (_CUT if last < len(line) else "")
    shown = f"  | {before}{after}".rstrip()
    return [shown, f"  | {' ' * _width(before)}^"]


def _expand(text: str) -> str:
    """Return the text with tabs as spaces and control characters made harmless."""
    return _visible(text.replace("\t", " " * _TAB_WIDTH))


def _width(text: str) -> int:
    """Return how many terminal columns the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Me", "Mn", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


# Control, invisible and direction-changing characters could hide or rewrite what a terminal shows.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)


def _visible(text: str) -> str:
    r"""Return the text with unsafe characters as escapes.

    >>> print(_visible("a\x1b[1mb"))
    a\u001b[1mb
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
