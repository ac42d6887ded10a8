"""Single values in the text of a pack's face, exchanged; every other byte stays, comments above all.

As in `edit/insert.py`, ruamel.yaml tells the places and the guarded loader confirms what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from boosterwatch.engine.author.edit.insert import end_of
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.pack_files import FACE


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Return the face with other values, given as YAML on one line; keys that the face lacks are passed over.

    Raises InternalError when what results does not read as the old face with these values.
    """
    root = YAML(typ="rt", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        raise InternalError("the face of a pack is no mapping")
    changed = text
    places = sorted(((value, key.value) for key, value in root.value), key=_start, reverse=True)
    for node, key in places:  # from the end, so that the places before stay where they are
        if key in values:
            start = node.start_mark.index
            changed = f"{changed[:start]}{values[key]}{changed[end_of(node, text) :]}"
    _verify(text, changed, values)
    return changed


def _start(place: tuple[Node, str]) -> int:
    index: int = place[0].start_mark.index
    return index


def _verify(before: str, after: str, values: Mapping[str, str]) -> None:
    old = load_document(before.encode(), FACE).data
    asked = load_document("\n".join(f"{key}: {value}" for key, value in values.items()).encode(), FACE).data
    expected = {key: asked.get(key, value) for key, value in old.items()}
    if load_document(after.encode(), FACE).data != expected:
        raise InternalError("the edit of a pack's face would have changed more than it should")
