"""From bytes to text that is safe to parse, and the collector of problems on the way.

Nothing here knows YAML or JSON.
"""

import re
import unicodedata
from bisect import bisect_right
from contextlib import suppress
from typing import NoReturn

from boosterwatch.engine.diagnostics import Diagnostic, PackError, Span
from boosterwatch.engine.pack.document import Limits, Mark

Problem = tuple[str, str, Mark | None, str | None]  # code, message, place, hint

MOST_PROBLEMS = 100
BAD_ESCAPE = (
    "the text contains an escaped character that is not allowed",
    "write the character itself, or delete it",
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")

# Control characters, line breaks of old YAML, invisible and direction-changing characters,
# surrogates and noncharacters: a reader would not see what a program reads.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)
_ODD_INDENTATION = re.compile(r"^[ \t]*([\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])", re.M)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"  # the part of FORBIDDEN in ASCII
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


class StopReading(Exception):
    """Ends the reading: a limit is passed, or the collector is full."""


class Problems:
    """Collects the problems of one file, up to a bound, and raises them together."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Diagnostic] = []

    def add(self, code: str, message: str, mark: Mark | None, hint: str | None = None) -> None:
        """Note a problem; raise `StopReading` when there are more than anybody would read."""
        if len(self.found) >= MOST_PROBLEMS:
            rest = f"only the first {MOST_PROBLEMS} problems are shown; reading stopped here"
            again = "mend these first, then read again"
            self.found.append(self.diagnostic("BW131", rest, mark, again))
            raise StopReading
        self.found.append(self.diagnostic(code, message, mark, hint))

    def stop(self, code: str, message: str, mark: Mark | None, hint: str | None = None) -> NoReturn:
        """Note a problem and raise everything found so far."""
        self.found.append(self.diagnostic(code, message, mark, hint))
        raise PackError(self.found)

    def diagnostic(self, code: str, message: str, mark: Mark | None, hint: str | None = None) -> Diagnostic:
        """Return a diagnostic with a span in this file."""
        return Diagnostic(code, message, None if mark is None else Span(self.file, *mark), hint)

    def raise_found(self) -> None:
        """Raise everything found, if anything was."""
        if self.found:
            raise PackError(self.found)


class Lines:
    """Turns an offset in a text into line and column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]

    def mark(self, offset: int, length: int = 1) -> Mark:
        """Return the mark of `length` characters at `offset`."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1, length


def decode(data: bytes, file: str, limits: Limits) -> str:
    """Return the text of `data` without a byte order mark, or raise what forbids reading it."""
    problems = Problems(file)
    if len(data) > limits.bytes:
        size = f"the document has {len(data)} bytes, more than the {limits.bytes} allowed"
        problems.stop("BW113", size, None, "split it into smaller files")
    text = _decode_utf8(data, problems).removeprefix("\ufeff")
    if not text or text.isspace():
        problems.stop("BW111", "the document is empty", (1, 1, 1))
    if not text.isascii() or len(data.translate(None, _CONTROLS)) != len(data):
        _refuse_characters(text, problems)
    return text


def _decode_utf8(data: bytes, problems: Problems) -> str:
    save = "save the file as UTF-8 text"
    for mark, name in _OTHER_ENCODINGS.items():
        if data.startswith(mark):
            problems.stop("BW112", f"the document is {name}, not UTF-8", (1, 1, 1), save)
    if b"\0" in data:
        problems.stop("BW112", "the document is binary data, not text", (1, 1, 1), save)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        message = f"byte 0x{data[error.start]:02X} is not UTF-8 text"
        problems.stop("BW112", message, Lines(before).mark(len(before)), save)


def _refuse_characters(text: str, problems: Problems) -> None:
    bad = [(match.start(), match[0]) for match in FORBIDDEN.finditer(text)]
    bad += [(match.start(1), match[1]) for match in _ODD_INDENTATION.finditer(text)]
    if not bad:
        return
    lines = Lines(text)
    with suppress(StopReading):
        for offset, character in sorted(bad):
            message = f"the character U+{ord(character):04X} is not allowed here"
            hint = "write a plain space" if unicodedata.category(character) == "Zs" else "delete it; it cannot be seen"
            problems.add("BW128", message, lines.mark(offset), hint)
    problems.raise_found()


def refuse_tabs(text: str, file: str) -> None:
    """Refuse tabs: YAML forbids them as indentation, and its readers differ on the other places."""
    if "\t" not in text:
        return
    problems, lines = Problems(file), Lines(text)
    with suppress(StopReading):
        for match in re.finditer(r"\t+", text):
            hint = "indent with spaces; inside double quotes write `\\t`"
            problems.add("BW118", "tabs are not allowed in YAML", lines.mark(match.start(), len(match[0])), hint)
    problems.raise_found()


def doubled_key(key: str, first: Mark, second: Mark) -> Problem:
    """Return the problem of a key that is written twice."""
    hint = f"it is first on line {first[0]}; keep one of the two"
    return "BW123", f"the key `{short(key)}` is doubled", second, hint


def short(text: str, most: int = 40) -> str:
    """Return the start of a text, for a message."""
    return text if len(text) <= most else f"{text[:most]}..."


def split_lines(text: str) -> list[str]:
    """Return the lines as YAML, JSON and editors count them; `str.splitlines` knows more breaks."""
    return _LINE_BREAK.split(text)
