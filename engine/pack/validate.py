"""Documents of one pack -> everything that is wrong with their shape, in an author's words.

The compiled schemas test every document, fast; only one that fails pays for finding out why. What names
refer to, and whether values compare, is for `compile`.
"""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.diagnostics import Diagnostic, InternalError, sort
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.pack_files import check_files, sort_files
from boosterwatch.engine.pack.schema_store import validator

__all__ = ["validate"]


def validate(documents: Sequence[Document]) -> list[Diagnostic]:
    """Return every problem with the shape of a pack's documents, sorted; none means it can be compiled.

    Where a document stands decides its schema: `pack.yaml`, files under `cases/`, and every other part. The
    folder of `pack.yaml` is the pack.
    """
    files = sort_files(documents)
    problems = list(check_files(files))
    for file in files:
        if not validator(file.schema).is_valid(file.document.data):
            problems += _explain(file.document, file.schema)
    return list(sort(problems))


def _explain(document: Document, name: str) -> list[Diagnostic]:
    from boosterwatch.engine.pack.schema_messages import explain_faults  # only a broken pack needs it

    problems = explain_faults(document, name)
    if not problems:
        raise InternalError(f"`{document.file}` was refused without a reason")
    return problems
