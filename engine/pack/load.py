"""Bytes to `Document`: the guarded way in, for packs and for records, YAML and JSON.

Whatever the bytes are, the answer is a document or a `PackError` with every problem found. What the
data means is not decided here: see validate and compile.
"""

import hashlib

from boosterwatch.engine.pack.document import (
    PACK_LIMITS,
    RECORD_LIMITS,
    Document,
    Limits,
    Path,
    Spans,
)
from boosterwatch.engine.pack.guard import decode, refuse_tabs
from boosterwatch.engine.pack.json_text import locate_json, read_json

__all__ = [
    "PACK_LIMITS",
    "RECORD_LIMITS",
    "Document",
    "Limits",
    "Path",
    "load_document",
    "load_json_document",
]


def load_document(text: bytes, file: str, limits: Limits = PACK_LIMITS, *, pure: bool = False) -> Document:
    """Return the YAML document in `text`, or raise PackError; `pure` avoids the C parser where there is one."""
    from boosterwatch.engine.pack.yaml_text import read_yaml  # late: a JSON record under a kept pack needs no YAML

    source = decode(text, file, limits)
    refuse_tabs(source, file)
    data, root = read_yaml(source, file, limits, pure=pure)
    return Document(
        file=file,
        text=source,
        data=data,
        spans=Spans(file, lambda: root, of_keys=False),
        key_spans=Spans(file, lambda: root, of_keys=True),
        digest=hashlib.sha256(text).hexdigest(),
    )


def load_json_document(text: bytes, file: str, limits: Limits = RECORD_LIMITS) -> Document:
    """Return the JSON document in `text`, or raise PackError; spans are found when asked for."""
    source = decode(text, file, limits)
    data = read_json(source, file, limits)
    root = locate_json(source)
    return Document(
        file=file,
        text=source,
        data=data,
        spans=Spans(file, root, of_keys=False),
        key_spans=Spans(file, root, of_keys=True),
        digest=hashlib.sha256(text).hexdigest(),
    )
