"""What the cases of a pack exercise: rules, clauses, branches, rows, and both sides of every number.

Flow: compile -> **rehearse the cases** -> what was seen -> holes, each with a case that would close it.
"""

from boosterwatch.engine.author.coverage.boundaries import Boundary, find_boundaries
from boosterwatch.engine.author.coverage.seen import RuleSeen, find_seen

__all__ = ["Boundary", "RuleSeen", "find_boundaries", "find_seen"]
