"""A pack over all patients at once, as z3 terms; needs the extra `prove`, so import it late."""

from boosterwatch.engine.author.symbolic.model import Symbolic, share
from boosterwatch.engine.author.symbolic.scene import Scene, find_scene, find_scenes
from boosterwatch.engine.author.symbolic.twin import Twin

__all__ = ["Scene", "Symbolic", "Twin", "find_scene", "find_scenes", "share"]
