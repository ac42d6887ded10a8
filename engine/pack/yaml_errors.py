"""PyYAML's syntax errors in an author's words.

The C and the Python parser word the same error differently; both wordings lead to one message.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from boosterwatch.engine.pack.document import Mark
from boosterwatch.engine.pack.guard import BAD_ESCAPE, Problem, split_lines

QUOTE = "put the whole text in quotes"


@dataclass(frozen=True, slots=True)
class _Error:
    """One syntax error: where the parser stopped, and where the unfinished thing began."""

    at: Mark
    began: Mark
    character: str
    before: str  # what stands on the line before the place where the parser stopped


def explain_error(error: Exception, text: str) -> Problem:
    """Return code, message, place and hint for what PyYAML raised."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "BW117", "YAML cannot be read here", (1, 1, 1), "look for an odd escape such as `\\U`"
    wording = f"{error.context or ''}: {error.problem or ''}"
    found = _describe(error.problem_mark, error.context_mark or error.problem_mark, text)
    for pattern, explain in _EXPLANATIONS:
        if pattern.search(wording):
            return explain(found)
    return "BW117", f"YAML cannot be read here: {error.problem}", found.at, QUOTE


def directive(line: int) -> Problem:
    """Return the problem of a `%` line before the document."""
    return "BW121", "directives are not allowed", (line, 1, 1), "delete the lines that start with `%`"


def tag(mark: Mark) -> Problem:
    """Return the problem of a tag before a value."""
    return "BW121", "tags (words with `!` before a value) are not allowed", mark, "delete it, or quote the text"


def tight_colon(mark: Mark) -> Problem:
    """Return the problem of a colon inside brackets without a space after it."""
    return "BW117", "a space is missing after this `:`", mark, QUOTE


def block_header(mark: Mark) -> Problem:
    """Return the problem of something behind the `|` or `>` that begins a long text."""
    message = "only a line break may follow `|` or `>`"
    return "BW117", message, mark, "start the text on the next line, indented"


def _describe(stop: yaml.Mark, start: yaml.Mark, text: str) -> _Error:
    lines = split_lines(text.rstrip())
    row, column = stop.line, stop.column
    if row >= len(lines):  # the text ends too early: point behind its last character
        row, column = len(lines) - 1, len(lines[-1])
    column = min(column, len(lines[row]))
    return _Error(
        at=(row + 1, column + 1, 1),
        began=(start.line + 1, start.column + 1, 1),
        character=lines[row][column : column + 1],
        before=lines[row][:column],
    )


def _second_colon(error: _Error) -> Problem:
    hint = "mend the indentation here, or the `: ` of the line above"
    if ": " in error.before:
        hint = "put the whole text in quotes, for it contains `: `"
    return "BW117", "a `:` is not allowed here", error.at, hint


def _tight_colon(error: _Error) -> Problem:
    return tight_colon(error.at)


def _no_colon(error: _Error) -> Problem:
    return "BW117", "there is no `: ` after this key", error.began, "write `key: value`"


def _not_closed(error: _Error) -> Problem:
    if error.at[0] == error.began[0] and error.character:
        hint = "put a `,` between two items, and quotes around a text that contains `: `"
        return "BW117", "a `,` or the closing bracket is missing here", error.at, hint
    hint = "close it, and put a `,` between two items"
    return "BW117", "this bracket is not closed", error.began, hint


def _open_quote(error: _Error) -> Problem:
    return "BW117", "this quote is not closed", error.began, "close it, or delete it"


def _misfit(error: _Error) -> Problem:
    if error.before.strip(" -"):
        hint = "delete it, or put the whole text in quotes"
        if "'" in error.before or '"' in error.before:
            hint = "put the whole text in quotes; inside single quotes write `''` for a quote"
        return "BW117", "nothing may follow here", error.at, hint
    hint = "keys of one mapping, and the `-` of one list, start in the same column"
    return "BW117", "this line does not fit the lines above it", error.at, hint


def _bad_start(error: _Error) -> Problem:
    return "BW117", f"plain text cannot start with `{error.character}`", error.at, QUOTE


def _bad_name(error: _Error) -> Problem:
    return "BW117", "plain text cannot start with `*` or `&`", error.began, QUOTE


def _bad_escape(error: _Error) -> Problem:
    line, column, length = error.at
    if error.before.endswith("\\"):  # the Python parser points behind the backslash
        column -= 1
    hint = "write `\\\\` for a backslash, or use single quotes"
    return "BW117", "unknown escape after `\\`", (line, column, length), hint


def _bad_code(error: _Error) -> Problem:
    return ("BW128", BAD_ESCAPE[0], error.began, BAD_ESCAPE[1])


def _no_value(error: _Error) -> Problem:
    before = f" before `{error.character}`" if error.character else ""
    return "BW117", f"a value is missing{before}", error.at, "write it, or quote the text"


def _list_in_line(error: _Error) -> Problem:
    hint = "start the list on the next line, indented, or quote the text"
    return "BW117", "a list item `-` is not allowed here", error.at, hint


def _question(error: _Error) -> Problem:
    return "BW117", "a `?` is not allowed here", error.at, QUOTE


def _after_end(error: _Error) -> Problem:
    return "BW117", "nothing may follow the end of the document", error.at, "delete it"


def _block_header(error: _Error) -> Problem:
    return block_header(error.at)


def _tag(error: _Error) -> Problem:
    return tag(error.began)


def _directive(error: _Error) -> Problem:
    return directive(error.began[0])


_EXPLANATIONS: tuple[tuple[re.Pattern[str], Callable[[_Error], Problem]], ...] = tuple(
    (re.compile(pattern), explain)
    for pattern, explain in (
        ("mapping values are not allowed", _second_colon),
        ("could not find expected ':'", _no_colon),
        (r"expected ',' or '[\]}]'", _not_closed),
        ("unexpected end of stream|document (indicator|separator)", _open_quote),
        ("directive|incompatible YAML|non-alphabetical", _directive),
        ("unexpected ':'", _tight_colon),
        ("tag handle|tag URI|expected URI|URI escape|expected '!'|expected whitespace|expected ' '", _tag),
        ("expected key|expected <block end>|expected '-' indicator", _misfit),
        ("cannot start any token", _bad_start),
        ("alphabetic or numeric", _bad_name),
        ("unknown escape|hexa?decimal number", _bad_escape),
        ("invalid Unicode character escape", _bad_code),
        ("expected the node content|expected node content", _no_value),
        ("sequence entries are not allowed", _list_in_line),
        ("mapping keys are not allowed", _question),
        ("<document start>", _after_end),
        ("indicator|comment or (a )?line break", _block_header),
    )
)
