"""Parameters that a scale should have and does not: one problem for its group, however many rules ask for them.

A rule of a template asks every scale for the same parameters. One that other scales have and this one does not is
missing here; one that no scale has is misspelt where it is asked for, and is reported there.
"""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.advice import closest
from boosterwatch.engine.pack.compile.names import Lack, Names
from boosterwatch.engine.pack.compile.tree import Node, owner


def note_lack(names: Names, scale: ir.Scale, tail: str, node: Node, wanted: str = "parameter") -> bool:
    """Note that a scale's group lacks a parameter that another one has; return whether that is so.

    Nothing is noted where a parameter of another unit is `wanted`: those that have it are told of that.
    """
    name = f"{scale.group}.{tail}"
    others = _others(names, scale.group, tail)
    if name in names.parameters or not others:
        return False
    if wanted not in ("parameter", f"parameter:{names.parameters[others[0]].unit}"):
        return True
    lack = names.lacks.setdefault(scale.group, Lack(scale))
    lack.parameters[name] = None
    lack.askers[owner(node)] = None
    return True


def _others(names: Names, group: str, tail: str) -> list[str]:
    """Return the parameters of this name that other groups have."""
    groups = dict.fromkeys(scale.group for scale in names.scales.values() if scale.group != group)
    return [name for other in groups if (name := f"{other}.{tail}") in names.parameters]


def report_lacks(names: Names) -> None:
    """Report every group that lacks parameters, at the scale."""
    for group, lack in names.lacks.items():
        if lack.scale.id in names.doubtful:
            continue
        missing = ", ".join(f"`{name}`" for name in lack.parameters)
        message = f"scale `{lack.scale.id}` lacks {missing}: {_asking(lack)}"
        span, hint = _place_and_hint(names, group, lack)
        names.report("BW201", message, span, hint)


def _asking(lack: Lack) -> str:
    """Return what asks for the parameters, readings first: what measures ask for follows from them."""
    ranked = sorted(lack.askers, key=lambda words: (not words.startswith("reading"), words.startswith("measure")))
    *others, last = ranked[:3]
    them = "it" if len(lack.parameters) == 1 else "them"
    return f"{', '.join(others)} and {last} ask for {them}" if others else f"{last} asks for {them}"


def _place_and_hint(names: Names, group: str, lack: Lack) -> tuple[Span, str]:
    """Return where to mend it: in the list of the reading when nothing is ready for the scale, else at the scale."""
    owned = [name for name in names.parameters if name.startswith(f"{group}.")]
    listed = names.listed_at.get(lack.scale.id)
    them = "it" if len(lack.parameters) == 1 else "them"
    hint = f"declare {them} under `parameters`"
    if listed is not None and not owned:
        return listed[1], f"{hint}, or take `{lack.scale.id}` out of reading `{listed[0]}`"
    missing = next(iter(lack.parameters))
    meant = closest(missing, owned)
    if meant is not None and not _others(names, group, meant.removeprefix(f"{group}.")):
        return names.parameters[meant].span, f"is `{meant}` meant to be `{missing}`?"
    return lack.scale.span, hint
