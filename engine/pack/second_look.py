"""A second validator over the same schemas: the reference implementation in Python must find a pack valid too.

`validate` uses the fast validator. `boosterwatch check` asks both, because a pack that only one of them accepts
would mean that an editor, which uses yet another, may tell an author something else than the tool does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.pack_files import sort_files
from boosterwatch.engine.pack.schema_store import NAMES, schema


def validate_again(documents: Sequence[Document]) -> None:
    """Raise InternalError when the second validator refuses a document that the first accepted."""
    from jsonschema import Draft7Validator  # late: only `check` pays for it
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    known = [(f"{name}.schema.json", DRAFT7.create_resource(schema(name))) for name in NAMES]
    registry: Any = Registry().with_resources(known)
    for file in sort_files(documents):
        reference = {"$ref": f"{file.schema}.schema.json"}
        if not Draft7Validator(reference, registry=registry).is_valid(file.document.data):
            raise InternalError(f"two validators differ on `{file.document.file}`")
