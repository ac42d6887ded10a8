"""A draft made into a release: the gates, the honest version number, the manifest; and from a release the next draft.

Flow: folder -> gates -> compared with the version before -> release.json, which freezes the folder. The tool never
edits policy text at a release: what the author wrote is what is frozen.
"""

from boosterwatch.engine.author.release.codes import RELEASE_CODES
from boosterwatch.engine.author.release.copy import Copy, plan_copy, write_copy
from boosterwatch.engine.author.release.gates import Task, run_gates
from boosterwatch.engine.author.release.plan import Planned, Wish, plan_release
from boosterwatch.engine.author.release.write import write_release

__all__ = [
    "RELEASE_CODES",
    "Copy",
    "Planned",
    "Task",
    "Wish",
    "plan_copy",
    "plan_release",
    "run_gates",
    "write_copy",
    "write_release",
]
