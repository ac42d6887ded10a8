"""Boosterwatch: versioned declarative rules that say when to talk about a maintenance booster.

The public names are resolved on first use, so `import boosterwatch` stays light.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boosterwatch.engine import evaluate, load_pack
    from boosterwatch.engine.diagnostics import (
        Diagnostic,
        DiagnosticError,
        InternalError,
        PackError,
        RecordError,
        Span,
    )
    from boosterwatch.engine.explain.face import explain
    from boosterwatch.engine.host import EngineHost

__version__ = "1.0.0"

__all__ = [
    "Diagnostic",
    "DiagnosticError",
    "EngineHost",
    "InternalError",
    "PackError",
    "RecordError",
    "Span",
    "__version__",
    "evaluate",
    "explain",
    "load_pack",
]

_HOMES = {"EngineHost": "engine.host", "evaluate": "engine", "explain": "engine.explain.face", "load_pack": "engine"}


if not TYPE_CHECKING:  # type checkers see the imports above, and so a misspelt name

    def __getattr__(name: str) -> object:
        """Import a public name when it is first asked for, and keep it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = _HOMES.get(name, "engine.diagnostics")
        value: object = getattr(import_module(f"boosterwatch.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
