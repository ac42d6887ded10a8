"""Rules that differ by nothing but their scales, told once with a table of the scales.

Flow: ir.Rule -> **groups** -> page. Two rules belong together when they say the same sentence after their scales were
replaced by `the score`. Whatever differs beside the scales makes two sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from boosterwatch.engine.author.prose.conditions import Conditions, Told
from boosterwatch.engine.author.prose.phrases import Phrases
from boosterwatch.engine.pack import ir

_WORDS = {1: ("the score",), 2: ("the first score", "the second score")}


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of one sentence. `scales` are those of each rule in the order of `words`; none for a rule on its own."""

    rules: tuple[ir.Rule, ...]
    told: Told
    because: str
    words: tuple[str, ...] = ()
    scales: tuple[tuple[str, ...], ...] = ()


def grouped(rules: Sequence[ir.Rule], phrases: Phrases) -> Iterator[Group]:
    """Yield the rules in groups, in the order of the first of each; a rule that nobody is like stands alone.

    Neighbours only: the order of a table decides which rule wins, and a group does not change it.
    """
    run: list[tuple[ir.Rule, Group]] = []
    for rule in rules:
        candidate = _general(rule, phrases)
        if run and candidate is not None and _same(run[-1][1], candidate):
            run.append((rule, candidate))
            continue
        yield from _closed(run, phrases)
        run = [(rule, candidate or alone(rule, phrases))]
    yield from _closed(run, phrases)


def alone(rule: ir.Rule, phrases: Phrases) -> Group:
    """Return a rule by itself, with the names and values of its own scales."""
    return Group((rule,), Conditions(phrases).tell(rule.when), rule.because)


def _closed(run: Sequence[tuple[ir.Rule, Group]], phrases: Phrases) -> Iterator[Group]:
    if len(run) == 1:
        yield alone(run[0][0], phrases)
    elif run:
        first = run[0][1]
        yield Group(
            tuple(rule for rule, _ in run),
            first.told,
            first.because,
            first.words,
            tuple(scales for _, group in run for scales in group.scales),
        )


def _general(rule: ir.Rule, phrases: Phrases) -> Group | None:
    """Return the rule with words in the place of its scales; None when it has none, or more than can be told apart."""
    scales = tuple(dict.fromkeys(_scales(rule.when, phrases)))
    names = _WORDS.get(len(scales))
    if names is None:
        return None
    bound: Mapping[str, str] = dict(zip(scales, names, strict=True))
    told = Conditions(phrases.bind(bound)).tell(rule.when)
    return Group((rule,), told, _because(rule.because, scales, phrases), names, (scales,))


def in_general(rule: ir.Rule, phrases: Phrases) -> str:
    """Return the rule's sentence as a template would say it, whichever scales it is about."""
    scales = tuple(dict.fromkeys(_scales(rule.when, phrases)))
    return _because(rule.because, scales, phrases) if len(scales) in _WORDS else rule.because


def _same(one: Group, other: Group) -> bool:
    mine, theirs = one.rules[0], other.rules[0]
    return (one.told, one.because, mine.kind, mine.state, mine.basis, mine.cites) == (
        other.told, other.because, theirs.kind, theirs.state, theirs.basis, theirs.cites,
    )  # fmt: skip


def _because(text: str, scales: Sequence[str], phrases: Phrases) -> str:
    """Return a sentence with `scale` (and `other`) for the scales in its placeholders, as a template would say it."""
    for name, id in zip(("scale", "other"), scales, strict=False):
        for old in (id, phrases.scales[id].group):
            text = text.replace(f"{{{old}}}", f"{{{name}}}").replace(f"{{{old}.", f"{{{name}.")
    return text


def _scales(condition: ir.Condition, phrases: Phrases) -> Iterator[str]:
    match condition:
        case ir.Leaf(test):
            yield from _of_test(test, phrases)
        case ir.Not(part):
            yield from _scales(part, phrases)
        case ir.AtLeast(_, atoms):
            for atom in atoms:
                yield from _of_atom(atom, phrases)
        case ir.All(parts) | ir.Any(parts):
            for part in parts:
                yield from _scales(part, phrases)


def _of_test(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, phrases: Phrases) -> Iterator[str]:
    if isinstance(test, ir.Drawn):
        yield from _of_atom(test.atom, phrases)
        return
    names = [test.left, *(test.right.names if isinstance(test, ir.Compare) else ())]
    for name in names:
        measure = phrases.measures.get(name)
        if measure is not None and measure.scale is not None:
            yield measure.scale
        elif measure is not None and measure.kind == "days_apart":
            for date in dict(measure.args).values():
                yield from _of_test(ir.Known(date), phrases)


def _of_atom(atom: str, phrases: Phrases) -> Iterator[str]:
    table = atom.removeprefix("row:").partition("=")[0]
    if table in phrases.scales:
        yield table
