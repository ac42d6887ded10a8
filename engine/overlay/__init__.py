"""What one site changes of a pack: values inside their allowed ranges, and optional cautions and flags left out.

Flow: compile -> **overlay** -> values in force, measures, chain, decide. It is laid over a compiled pack when that
is loaded; it never changes the pack. Nothing in it may loosen a hold or a safety trigger.
"""

from boosterwatch.engine.overlay.apply import lay_over, read_overlay

__all__ = ["lay_over", "read_overlay"]
