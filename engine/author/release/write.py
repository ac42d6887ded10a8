"""A planned release onto the disk. The manifest comes last and is the one step that counts.

Before it is there the folder is a draft as it was, at most with a compiled form beside it, which is only ever used when
it fits; from then on the folder is released.
"""

from __future__ import annotations

from boosterwatch.engine.author.release.plan import Planned
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.durable_files import create_durably, write_durably
from boosterwatch.engine.pack import compiled
from boosterwatch.engine.pack.manifest import FILE


def write_release(planned: Planned) -> None:
    """Write the compiled form, then the manifest.

    Raises PackError (BW462) when somebody else released the folder meanwhile, whose manifest then stands, and OSError.
    """
    write_durably(planned.folder / compiled.FILE, planned.compiled)
    try:
        create_durably(planned.folder / FILE, planned.manifest.data)
    except FileExistsError:
        message = f"`{planned.shown}` was released by somebody else while the gates ran"
        raise PackError((Diagnostic("BW462", message, None, f"read its `{FILE}`"),)) from None
