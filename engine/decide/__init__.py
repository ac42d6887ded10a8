"""Findings -> Decision: the recommendation with its trace, near misses and what is missing; and its JSON."""

from boosterwatch.engine.decide.decision import decide
from boosterwatch.engine.decide.disagreement import decide_disagreement
from boosterwatch.engine.decide.encode import to_json_bytes

__all__ = ["decide", "decide_disagreement", "to_json_bytes"]
