"""One clause of a condition changed: its operator, its direction, its sense, or the clause left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

STRICTER: dict[ir.Op, ir.Op] = {">=": ">", ">": ">=", "<=": "<", "<": "<="}
TURNED: dict[ir.Op, ir.Op] = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}
ALWAYS = ir.All(())

Build = Callable[[ir.Condition], ir.Condition]


@dataclass(frozen=True, slots=True)
class Variant:
    """A condition that differs in one place: how (`kind`), where, and what the clause says now, in words."""

    kind: str
    place: str  # the clause's place among its fellows, such as `2.1`
    condition: ir.Condition
    says: str
    span: Span | None


def variants(condition: ir.Condition) -> Iterator[Variant]:
    """Yield every condition that differs from this one in one clause."""
    if isinstance(condition, ir.Leaf | ir.AtLeast):
        yield _left_out(condition, "1", ALWAYS)
    yield from _inside(condition, "1", lambda changed: changed)


def _inside(condition: ir.Condition, place: str, build: Build) -> Iterator[Variant]:
    match condition:
        case ir.Leaf():
            yield from _of_leaf(condition, place, build)
        case ir.AtLeast():
            yield from _of_count(condition, place, build)
        case ir.Not(part=part):
            yield from _inside(part, place, lambda changed: build(ir.Not(changed)))
        case ir.All(parts=parts) | ir.Any(parts=parts):
            kind = type(condition)
            for at, part in enumerate(parts):
                where = f"{place}.{at + 1}"
                before, after = parts[:at], parts[at + 1 :]
                if len(parts) > 1 or kind is ir.All:
                    yield _left_out(part, where, build(kind((*before, *after))))
                yield from _inside(part, where, _among(build, kind, before, after))


def _among(
    build: Build, kind: type[ir.All] | type[ir.Any], before: tuple[ir.Condition, ...], after: tuple[ir.Condition, ...]
) -> Build:
    return lambda changed: build(kind((*before, changed, *after)))


def _left_out(part: ir.Condition, place: str, condition: ir.Condition) -> Variant:
    return Variant("drop", place, condition, f"`{words(part)}` is left out", span_of(part))


def _of_leaf(leaf: ir.Leaf, place: str, build: Build) -> Iterator[Variant]:
    if isinstance(leaf.test, ir.Compare):
        for kind, ops in (("strict", STRICTER), ("turn", TURNED)):
            op = ops[leaf.test.op]
            changed = replace(leaf, test=replace(leaf.test, op=op))
            yield Variant(kind, place, build(changed), f"`{leaf.text}` is read with `{op}`", leaf.span)
    yield Variant("negate", place, build(ir.Not(leaf)), f"`{leaf.text}` is turned into its opposite", leaf.span)


def _of_count(count: ir.AtLeast, place: str, build: Build) -> Iterator[Variant]:
    yield Variant("negate", place, build(ir.Not(count)), f"`{count.text}` is turned into its opposite", count.span)
    for at, atom in enumerate(count.atoms):
        fewer = replace(count, atoms=(*count.atoms[:at], *count.atoms[at + 1 :]))
        yield Variant("drop", f"{place}.{at + 1}", build(fewer), f"`{atom}` does not count", count.span)


def words(condition: ir.Condition) -> str:
    """Return a condition in the pack's own words."""
    match condition:
        case ir.Leaf() | ir.AtLeast():
            return condition.text
        case ir.Not(part=part):
            return f"not ({words(part)})"
        case ir.All(parts=parts):
            return " and ".join(map(words, parts)) or "always"
        case ir.Any(parts=parts):
            return " or ".join(map(words, parts)) or "never"


def span_of(condition: ir.Condition) -> Span | None:
    """Return where a condition begins."""
    match condition:
        case ir.Leaf() | ir.AtLeast():
            return condition.span
        case ir.Not(part=part):
            return span_of(part)
        case ir.All(parts=parts) | ir.Any(parts=parts):
            return span_of(parts[0]) if parts else None
