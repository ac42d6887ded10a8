"""Two versions of a pack compared by what they mean: what was changed, whom it affects, and the version it asks for."""

from boosterwatch.engine.author.diff.bump import Bump, bump, bump_reasons
from boosterwatch.engine.author.diff.compare import compare
from boosterwatch.engine.author.diff.model import Difference

__all__ = ["Bump", "Difference", "bump", "bump_reasons", "compare"]
