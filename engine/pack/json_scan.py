"""A JSON scanner that keeps places: slow, and only run when somebody asks where something is.

It trusts the standard library for syntax, and itself only looks at limits, doubled keys, numbers and
characters. Where JSON breaks it stops.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from math import isinf

from boosterwatch.engine.pack.document import Limits, Mark, Node, Tree
from boosterwatch.engine.pack.guard import BAD_ESCAPE, FORBIDDEN, Lines, Problems, StopReading, doubled_key
from boosterwatch.engine.pack.scalars import MOST_DIGITS, too_long

_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
      (?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<mark>[{}\[\],:])
    | (?P<plain>[^ \t\r\n{}\[\],:"]++)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})


def scan(text: str, problems: Problems, limits: Limits) -> Node:
    """Return the places in `text`; note what breaks a limit. Ends early where JSON breaks."""
    scanner = _Scanner(Lines(text), problems, limits)
    position = 0
    with suppress(StopReading):
        while token := _TOKEN.match(text, position):
            scanner.take(token)
            position = token.end()
    return scanner.root.children.get(0, scanner.root)


@dataclass(slots=True)
class _Frame:
    tree: Tree
    is_object: bool
    key: str | None = None
    awaits_key: bool = False


@dataclass(slots=True)
class _Scanner:
    """Walks over the tokens of a JSON text, keeping marks and noting problems."""

    lines: Lines
    problems: Problems
    limits: Limits
    count: int = 0
    root: Tree = field(default_factory=lambda: Tree((1, 1, 1)))
    stack: list[_Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stack.append(_Frame(self.root, is_object=False))

    def take(self, token: re.Match[str]) -> None:
        kind = token.lastgroup or ""
        raw: str = token[kind]
        mark = self.lines.mark(token.start(kind), len(raw) if "\n" not in raw else 1)
        frame = self.stack[-1]
        match raw:
            case "{" | "[":
                self._open(mark, is_object=raw == "{")
            case "}" | "]":
                if len(self.stack) > 1:
                    self.stack.pop()
            case ",":
                frame.awaits_key = frame.is_object
            case ":":
                pass
            case _ if kind == "string":
                self._string(raw, mark)
            case _:
                self._number(raw, mark)
                self._put(mark)

    def _open(self, mark: Mark, *, is_object: bool) -> None:
        if len(self.stack) > self.limits.depth:
            message = f"the nesting is deeper than {self.limits.depth} levels"
            self.problems.add("BW114", message, mark, "close a bracket, or use fewer levels")
            raise StopReading
        tree = Tree(mark)
        self._put(tree)
        self.stack.append(_Frame(tree, is_object, awaits_key=is_object))

    def _string(self, raw: str, mark: Mark) -> None:
        value = _unescape(raw)
        if len(value) > self.limits.scalar:
            message = f"the text has more than {self.limits.scalar} characters"
            self.problems.add("BW116", message, mark, "shorten it")
        if FORBIDDEN.search(value):
            self.problems.add("BW128", BAD_ESCAPE[0], mark, BAD_ESCAPE[1])
        if self.stack[-1].awaits_key:
            self._count(mark)
            self._key(value, mark)
        else:
            self._put(mark)

    def _key(self, key: str, mark: Mark) -> None:
        frame = self.stack[-1]
        frame.awaits_key = False
        frame.key = None
        if not key:
            self.problems.add("BW124", "the key is empty", mark, "a key is text on one line")
        elif key in frame.tree.keys:
            self.problems.add(*doubled_key(key, frame.tree.keys[key], mark))
        else:
            frame.tree.keys[key] = mark
            frame.key = key

    def _number(self, raw: str, mark: Mark) -> None:
        mantissa = raw.lower().partition("e")[0]
        if raw in _NOT_FINITE or (raw[-1].isdigit() and isinf(_float(raw))):
            hint = "write `null` for a value that is not known"
            self.problems.add("BW130", "the number is not finite", mark, hint)
        elif raw[-1].isdigit() and too_long(mantissa):
            message = f"the number has more than {MOST_DIGITS} digits"
            self.problems.add("BW127", message, mark, "quote it if it is an id")

    def _put(self, node: Node) -> None:
        self._count(node.mark if isinstance(node, Tree) else node)
        frame = self.stack[-1]
        if not frame.is_object:
            frame.tree.children[len(frame.tree.children)] = node
        elif frame.key is not None:
            frame.tree.children[frame.key] = node

    def _count(self, mark: Mark) -> None:
        self.count += 1
        if self.count > self.limits.nodes:
            message = f"the document has more than {self.limits.nodes} values and keys"
            self.problems.add("BW115", message, mark, "split it into smaller files")
            raise StopReading


def _unescape(raw: str) -> str:
    if "\\" not in raw:
        return raw[1:-1]
    try:
        return str(json.loads(raw, strict=False))
    except ValueError:  # an odd escape: the syntax error names it
        return raw[1:-1]


def _float(raw: str) -> float:
    try:
        return float(raw)
    except ValueError:
        return 0.0
