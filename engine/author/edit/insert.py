"""A dated value into the text of a file, where its parameter stands; every other byte stays.

ruamel.yaml tells the places, the one entry is put in as text: writing the whole document back would lay out flow
mappings and wrapped sentences anew. Afterwards the guarded loader must read the old data and the one value, no more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack.load import PACK_LIMITS, load_document

_PARAMETERS, _VALUES = "parameters", "values"


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated value as the file will say it; `value` is the number as it was typed."""

    start: str
    value: str
    basis: str
    cites: tuple[str, ...] = ()
    note: str | None = None

    @property
    def text(self) -> str:
        """The entry as a flow mapping on one line."""
        parts = [f"from: {self.start}", f"value: {self.value}", f"basis: {self.basis}"]
        if self.cites:
            listed = ", ".join(self.cites)
            parts.append(f"cite: {listed}" if len(self.cites) == 1 else f"cite: [{listed}]")
        if self.note is not None:
            parts.append(f"note: {json.dumps(self.note, ensure_ascii=False)}")
        return f"{{{', '.join(parts)}}}"


def with_entry(text: str, file: str, parameter: str, entry: Entry) -> str:
    """Return the text with the entry after the parameter's last value.

    Raises InternalError when what results does not read as the old data and the one value.
    """
    values = _values(text, parameter)
    last = values.value[-1]
    end = end_of(last, text)
    if values.flow_style:
        changed = f"{text[:end]}, {entry.text}{text[end:]}"
    else:
        changed = _on_a_line(text, end, _indent(last, text), entry)
    _verify(text, changed, file, parameter, entry)
    return changed


def _values(text: str, parameter: str) -> SequenceNode:
    """Return the node of the parameter's values; the pack compiled, so it is there."""
    node: Node = YAML(typ="rt", pure=True).compose(text)
    for key in (_PARAMETERS, parameter, _VALUES):
        found = [value for name, value in node.value if name.value == key] if isinstance(node, MappingNode) else []
        if not found:
            raise InternalError(f"parameter `{parameter}` is not where the compiled pack says")
        node = found[0]
    if not isinstance(node, SequenceNode) or not node.value:
        raise InternalError(f"parameter `{parameter}` has no list of values")
    return node


def end_of(node: Node, text: str) -> int:
    """Return where a node's own text ends; a block collection ends with its last value, before what follows it."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style:
        last = node.value[-1]
        return end_of(last[1] if isinstance(node, MappingNode) else last, text)
    end = int(node.end_mark.index)
    return len(text[:end].rstrip()) if isinstance(node, ScalarNode) else end


def _indent(node: Node, text: str) -> str:
    """Return what stands before the dash of a list's entry."""
    line = text.rfind("\n", 0, node.start_mark.index) + 1
    before = text[line : node.start_mark.index]
    return before[: before.rindex("-")]


def _on_a_line(text: str, end: int, indent: str, entry: Entry) -> str:
    """Return the text with the entry on a line of its own, after the line (and its comment) that holds `end`."""
    stop = text.find("\n", end)
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{indent}- {entry.text}"
    if stop == -1:  # the file does not end with a line break, and still will not
        return f"{text}{newline}{line}"
    return f"{text[: stop + 1]}{line}{newline}{text[stop + 1 :]}"


def _verify(before: str, after: str, file: str, parameter: str, entry: Entry) -> None:
    expected = deepcopy(load_document(before.encode(), file, PACK_LIMITS).data)
    expected[_PARAMETERS][parameter][_VALUES].append(_data(entry))
    if load_document(after.encode(), file, PACK_LIMITS).data != expected:
        raise InternalError(f"the edit of `{parameter}` would have changed more than its values")


def _data(entry: Entry) -> dict[str, object]:
    """Return the entry as the guarded loader reads it."""
    data: dict[str, object] = load_document(entry.text.encode(), "entry").data
    return data


def first_changed_line(text: str, changed: str) -> int:
    """Return the number of the first line that differs, counted from 1."""
    pairs: Sequence[tuple[str, str]] = list(zip(text.splitlines(), changed.splitlines(), strict=False))
    return next((number for number, (old, new) in enumerate(pairs, 1) if old != new), len(pairs) + 1)
