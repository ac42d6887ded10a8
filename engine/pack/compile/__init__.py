"""Valid documents -> `ir.Pack`: names get their meaning, templates are written out, types are checked."""

from boosterwatch.engine.pack.compile.assemble import compile_pack

__all__ = ["compile_pack"]
