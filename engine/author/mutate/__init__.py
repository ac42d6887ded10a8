"""Mutation of a compiled pack: small changes of the policy that its cases ought to notice.

Flow: compile -> mutants -> **rehearse the cases** -> survivors, which are policy decisions that nobody tests.
"""

from boosterwatch.engine.author.mutate.mutants import Mutant, find_mutants

__all__ = ["Mutant", "find_mutants"]
