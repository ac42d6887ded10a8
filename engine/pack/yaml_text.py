"""YAML text to data and marks, straight from the parser's events.

PyYAML's own composer and constructor never run: they resolve tags, follow aliases and recurse. The
C parser is used when it is there, else the Python one. Every problem becomes a diagnostic.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from boosterwatch.engine.pack.document import Limits, Mark, Node, Tree
from boosterwatch.engine.pack.guard import (
    BAD_ESCAPE,
    FORBIDDEN,
    Lines,
    Problems,
    StopReading,
    doubled_key,
    short,
    split_lines,
)
from boosterwatch.engine.pack.scalars import Refused, resolve
from boosterwatch.engine.pack.yaml_errors import QUOTE, block_header, directive, explain_error, tag, tight_colon

_TIGHT_COMMENT = re.compile(r"[|>][-+0-9]*#")
_TIGHT_COLON = re.compile(r"\s*(:)[,\[\]{}]")
HAS_C_PARSER = hasattr(yaml, "CSafeLoader")


def read_yaml(text: str, file: str, limits: Limits, *, pure: bool = False) -> tuple[Any, Node]:
    """Return the data and the tree of marks, or raise PackError with every problem found."""
    builder = _Builder(text, Problems(file), limits)
    try:
        for event in _events(text, builder.problems, pure):
            builder.take(event)
    except StopReading:
        pass
    if not builder.documents and not builder.problems.found:
        builder.problems.stop("BW111", "the document is empty", (1, 1, 1))
    builder.problems.raise_found()
    return builder.root.data[0], builder.root.tree.children[0]


def _events(text: str, problems: Problems, pure: bool) -> Iterator[Event]:
    """Yield the parser's events; a syntax error becomes a problem and ends them."""
    loader: Any = (yaml.CSafeLoader if HAS_C_PARSER and not pure else yaml.SafeLoader)(text)
    try:
        while True:
            try:
                event = loader.get_event()
            except Exception as error:  # PyYAML leaks ValueError and others on odd escapes
                problems.add(*explain_error(error, text))
                return
            if event is None:
                return
            yield event
    finally:
        loader.dispose()


@dataclass(slots=True)
class _Frame:
    """A collection under construction; `key` is the key that waits for its value."""

    data: Any
    tree: Tree
    key: str | None = None
    awaits_key: bool = False
    in_brackets: bool = False
    is_key: bool = False  # a collection in the place of a key: reported, built, thrown away


@dataclass(slots=True)
class _Builder:
    text: str
    problems: Problems
    limits: Limits
    documents: int = 0
    nodes: int = 0
    root: _Frame = field(default_factory=lambda: _Frame([], Tree((1, 1, 1))))
    stack: list[_Frame] = field(default_factory=list)

    def take(self, event: Event) -> None:
        match event:
            case ScalarEvent():
                self._scalar(event)
            case MappingStartEvent():
                self._open(event, _Frame({}, Tree(_mark(event)), awaits_key=True))
            case SequenceStartEvent():
                self._open(event, _Frame([], Tree(_mark(event))))
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case AliasEvent():
                self._alias(event)
            case DocumentStartEvent():
                self._start(event)

    def _start(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            hint = "keep one document in one file; delete the line `---`"
            self.problems.stop("BW125", "a second document starts here", _mark(event), hint)
        self._refuse_directives(event)
        self.stack = [self.root]

    def _refuse_directives(self, event: DocumentStartEvent) -> None:
        """Look at the text, for the Python parser passes over directives that it does not know."""
        end = event.end_mark.line if event.explicit and event.end_mark else 0
        for number, line in enumerate(split_lines(self.text)[:end], start=1):
            if line.startswith("%"):
                self.problems.add(*directive(number))
                return

    def _open(self, event: CollectionStartEvent, frame: _Frame) -> None:
        mark = frame.tree.mark
        self._count(mark)
        self._refuse_properties(event)
        if len(self.stack) > self.limits.depth:
            message = f"the nesting is deeper than {self.limits.depth} levels"
            self.problems.stop("BW114", message, mark, "close a bracket, or use fewer levels")
        parent = self.stack[-1]
        if parent.awaits_key:
            self._refuse_key(mark, "a list or a mapping cannot be a key")
            frame.is_key = True
        else:
            self._put(parent, frame.data, frame.tree)
        frame.in_brackets = parent.in_brackets or bool(event.flow_style)
        self.stack.append(frame)

    def _close(self) -> None:
        frame = self.stack.pop()
        if frame.is_key:
            self._set_key(None)

    def _scalar(self, event: ScalarEvent) -> None:
        mark = _mark(event)
        self._count(mark)
        self._refuse_properties(event)
        parent = self.stack[-1]
        if len(event.value) > self.limits.scalar:
            message = f"the text has more than {self.limits.scalar} characters"
            self.problems.add("BW116", message, mark, "shorten it")
        if event.style and FORBIDDEN.search(event.value):
            self.problems.add("BW128", BAD_ESCAPE[0], mark, BAD_ESCAPE[1])
        self._refuse_disputed(event, mark)
        if parent.awaits_key:
            self._key(event, mark)
        else:
            self._put(parent, self._value(event, mark), mark)

    def _refuse_disputed(self, event: Any, mark: Mark) -> None:
        """Refuse what only one of the two parsers takes, so that a pack never depends on the machine."""
        begin, end = event.start_mark.index, event.end_mark.index
        if event.style and event.style in "|>":
            if header := _TIGHT_COMMENT.match(self.text, begin):
                line, column, _ = mark
                self.problems.add(*block_header((line, column + len(header[0]) - 1, 1)))
        elif not event.style and self.stack[-1].in_brackets:
            if "?" in event.value:
                message = "a `?` in plain text inside brackets is not allowed"
                self.problems.add("BW117", message, mark, QUOTE)
            elif colon := _TIGHT_COLON.match(self.text, end):
                self.problems.add(*tight_colon(Lines(self.text).mark(colon.start(1))))

    def _value(self, event: ScalarEvent, mark: Mark) -> object:
        if event.style:
            return event.value
        if not event.value:
            self._refuse_empty(mark)
            return None
        value = resolve(event.value)
        if isinstance(value, Refused):
            self.problems.add(value.code, value.message, mark, value.hint)
            return None
        return value

    def _refuse_empty(self, mark: Mark) -> None:
        parent = self.stack[-1]
        if parent is self.root:
            self.problems.stop("BW111", "the document is empty", (1, 1, 1))
        message = "the list item has no value"
        if isinstance(parent.data, dict):
            if parent.key is None:  # the key itself was refused
                return
            mark = parent.tree.keys[parent.key]
            message = f"the key `{short(parent.key)}` has no value"
        hint = "write the value, or `null`, or delete the line"
        self.problems.add("BW132", message, mark, hint)

    def _key(self, event: ScalarEvent, mark: Mark) -> None:
        key: str | None = event.value
        value = event.value if event.style else resolve(event.value)
        if not event.style and event.value == "<<":
            hint = "write the keys out; a pattern or template says things once"
            self.problems.add("BW122", "merge keys `<<` are not allowed", mark, hint)
            key = None
        elif not event.value:
            self._refuse_key(mark, "the key is empty")
            key = None
        elif isinstance(value, Refused):
            self.problems.add(value.code, value.message, mark, value.hint.partition(";")[0])
            key = None
        elif not isinstance(value, str):
            self._refuse_key(mark, f"the key `{event.value}` is not text", event.value)
            key = None
        self._set_key(key, mark)

    def _set_key(self, key: str | None, mark: Mark = (1, 1, 1)) -> None:
        """Remember the key; None drops the value that follows."""
        frame = self.stack[-1]
        frame.awaits_key = False
        first = None if key is None else frame.tree.keys.get(key)
        if key is not None and first is not None:
            self.problems.add(*doubled_key(key, first, mark))
            key = None
        elif key is not None:
            frame.tree.keys[key] = mark
        frame.key = key

    def _put(self, parent: _Frame, value: object, node: Node) -> None:
        """Add a value to its collection; in a mapping, under the key that waits for it."""
        if isinstance(parent.data, list):
            parent.tree.children[len(parent.data)] = node
            parent.data.append(value)
            return
        if parent.key is not None:
            parent.tree.children[parent.key] = node
            parent.data[parent.key] = value
        parent.awaits_key = True

    def _count(self, mark: Mark) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            message = f"the document has more than {self.limits.nodes} values and keys"
            self.problems.stop("BW115", message, mark, "split it into smaller files")

    def _alias(self, event: AliasEvent) -> None:
        mark = _mark(event)
        message = f"aliases such as `*{short(event.anchor or '')}` are not allowed"
        self.problems.add("BW120", message, mark, "write the value out, or quote the text")
        if self.stack[-1].awaits_key:
            self._set_key(None)
        else:
            self._put(self.stack[-1], None, mark)

    def _refuse_properties(self, event: NodeEvent) -> None:
        """Refuse an anchor or a tag before a node."""
        mark = _mark(event)
        if event.anchor:
            message = f"anchors such as `&{short(event.anchor)}` are not allowed"
            self.problems.add("BW119", message, mark, "write the value out where it is needed")
        if getattr(event, "tag", None):
            self.problems.add(*tag(mark))

    def _refuse_key(self, mark: Mark, message: str, text: str | None = None) -> None:
        hint = f'quote it: `"{text}"`' if text else "a key is text on one line"
        self.problems.add("BW124", message, mark, hint)


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark  # always there; typed as optional
    length = end.column - start.column if start.line == end.line else 1
    return start.line + 1, start.column + 1, max(1, length)
