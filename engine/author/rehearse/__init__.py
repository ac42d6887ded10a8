"""The cases of a pack run again and again under small changes of it: quickly, and with the same verdicts.

Coverage and mutation ask thousands of times whether a case would still pass if one thing were different. A case's
record is read once, its measures and earlier looks are kept, and a change runs no more than it can reach: the
reference's truths of the changed rules on the kept measures, then the rules, and only where the change can reach a
measure the measures themselves. Nothing is compiled from text. `tests/author/mutate/test_fast.py` holds the verdicts
to full evaluations.
"""

from boosterwatch.engine.author.rehearse.change import Change, changed
from boosterwatch.engine.author.rehearse.rehearsal import Rehearsal, RehearsalError

__all__ = ["Change", "Rehearsal", "RehearsalError", "changed"]
