"""A pack over all patients at once, as z3 terms; needs the extra `prove`, so import it late."""

from boosterwatch.engine.author.symbolic.model import Symbolic, share
from boosterwatch.engine.author.symbolic.scene import Scene, find_scene, find_scenes

__all__ = ["Scene", "Symbolic", "find_scene", "find_scenes", "share"]
