"""Why a decision came out as it did, why one rule fired, and why another did not.

Every line comes from the decision: clauses with the values they read, the numbers in force and where each comes from,
the file and line of every rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from boosterwatch.engine.explain.chain import Chain, Step, is_beaten
from boosterwatch.engine.explain.names import Names, spoken_as, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Table, Text
from boosterwatch.engine.explain.text import agreement, differences, overlay, review
from boosterwatch.engine.model import Activation, Chosen, Clause, Decision, NotFired
from boosterwatch.engine.pack import ir

_TRUTHS = {True: "holds", False: "does not hold", None: "unknown"}
_DEEPEST = 6
_MOST_BELOW = 4


def chain_page(decision: Decision, pack: ir.Pack) -> Page:
    """Return the recommendation and all that it rests on, then the signs that it does not rest on."""
    names, chain = Names(pack), Chain(decision, pack)
    winner, seen = chain.winner(), set[str]()
    blocks: list[Block] = [Text(decision.summary, "strong"), *differences(decision)]
    rows: list[Activation] = []
    if winner is not None:
        blocks.append(Heading("The recommendation and what it rests on"))
        blocks += _told(chain.steps(winner, seen), rows)
    signs = [row for row in chain.winners_of("sign") if row.rule not in seen]
    if signs:
        blocks.append(Heading("Signs that it does not rest on"))
        blocks += _told((step for row in signs for step in chain.steps(row, seen)), rows)
    blocks += _numbers(rows, names)
    return (*blocks, Text(""), Text(_imprint(decision), "quiet"), *review(decision))


def why_page(decision: Decision, pack: ir.Pack, rule: str) -> Page:
    """Return one rule that fired in full, with the numbers it used and the rules it rests on."""
    names, chain = Names(pack), Chain(decision, pack)
    row = chain.fired[rule]
    blocks: list[Block] = [Text(f"{names.rule(rule)}: {row.because}", "strong"), Heading(_fired_heading(row))]
    blocks += _clauses(row.clauses, 0)
    below = list(dict.fromkeys(child.rule for child in chain.below(row)))
    if below:
        blocks += [Heading("It rests on"), Items(tuple(_line(chain.fired[one]) for one in below))]
    return (*blocks, *_numbers([row], names))


def why_not_page(decision: Decision, pack: ir.Pack, rule: str) -> Page:
    """Return one rule that did not fire: the first clause that stopped it, how far away, and what that waits for."""
    names, chain = Names(pack), Chain(decision, pack)
    row = chain.unfired[rule]
    blocks: list[Block] = [Text(f"{names.rule(rule)} did not fire.", "strong"), Heading("What stopped it")]
    blocks += _stopped(row, names, chain, 0, set())
    return tuple(blocks)


def stopped_lines(decision: Decision, pack: ir.Pack, rule: str) -> Iterator[str]:
    """Yield what stopped a rule, a line for each step down."""
    names, chain = Names(pack), Chain(decision, pack)
    for block in _stopped(chain.unfired[rule], names, chain, 0, set()):
        if isinstance(block, Text):
            yield "  " * block.indent + block.text


# ---------------------------------------------------------------- rules that fired


def _told(steps: Iterable[Step], rows: list[Activation]) -> Iterator[Block]:
    """Yield the steps with the clauses that hold, and note each row once in `rows`."""
    for step in steps:
        row = step.row
        yield Text(f"{row.rule}  ({row.source})" + (", see above" if step.repeated else ""), "plain", step.depth)
        if not step.repeated:
            rows.append(row)
            yield Text(row.because, "quiet", step.depth + 1)
            yield from _clauses((clause for clause in row.clauses if clause.truth), step.depth + 1)


def _clauses(clauses: Iterable[Clause], indent: int) -> Iterator[Block]:
    lines = tuple(dict.fromkeys(clause_line(clause) for clause in clauses))
    if lines:
        yield Items(lines, indent)


def clause_line(clause: Clause) -> str:
    """Return one clause with its truth and the values that it read."""
    said = f"{clause.text}: {_TRUTHS[clause.truth]}"
    if clause.reason is not None:
        return f"{said} ({words(clause.reason)})"
    if clause.threshold is None or clause.unit is None:
        told = clause.value is None or isinstance(clause.value, bool) or clause.value == clause.threshold
        return said if told else f"{said} (it is {words(str(clause.value))})"
    value, threshold = spoken_as(clause.value, clause.unit), spoken_as(clause.threshold, clause.unit)
    unit = "" if clause.unit in ("fraction", "count") else f" {clause.unit}"
    return f"{said} ({value} against {threshold}{unit})"


def _fired_heading(row: Activation) -> str:
    beaten = ", true but beaten by a row above it" if is_beaten(row) else ""
    return f"{row.rule}  ({row.source}){beaten}"


def _line(row: Activation) -> str:
    return f"{row.rule}: {row.because}"


def _numbers(rows: Iterable[Activation], names: Names) -> Iterator[Block]:
    chosen = {one.name: one for row in rows for one in row.parameters}
    if chosen:
        yield Heading("Numbers used")
        heads = ("number", "value", "since", "set by", "basis", "source")
        yield Table(heads, tuple(_number(chosen[name], names) for name in sorted(chosen)))


def _number(one: Chosen, names: Names) -> tuple[str, ...]:
    parameter = names.parameters.get(one.name)
    unit = parameter.unit if parameter is not None else ""
    value = spoken_as(one.value, unit)
    source = "; ".join(filter(None, (names.cited(one.cites), one.note)))
    shown = value if unit in ("fraction", "count", "times") else f"{value} {unit}"
    return one.name, shown, one.start, one.layer, words(one.basis), source


def _imprint(decision: Decision) -> str:
    pack = decision.pack
    return f"{pack['id']}@{pack['version']}, digest {pack['digest']}{overlay(decision)}; {agreement(decision.engine)}"


# ---------------------------------------------------------------- rules that did not


def _stopped(row: NotFired, names: Names, chain: Chain, depth: int, seen: set[str]) -> Iterator[Block]:
    yield Text(f"{row.rule}  ({row.source}): {_reason(row, names)}", "plain", depth)
    seen.add(row.rule)
    for other in chain.raised_by(row):
        yield Text(f"{_line(other)}  ({other.source})", "plain", depth + 1)
    if depth < _DEEPEST:
        below = [one for one in chain.stopped_by(row) if one.rule not in seen]
        below.sort(key=lambda one: chain.nearness(one.rule))
        for one in below[:_MOST_BELOW]:
            yield from _stopped(one, names, chain, depth + 1, seen)
        if len(below) > _MOST_BELOW:
            yield Text(f"and {len(below) - _MOST_BELOW} more that came less near", "quiet", depth + 1)


def _reason(row: NotFired, names: Names) -> str:
    if not row.clause:
        return "it has no clause that could hold"
    known = "unknown" if row.truth is None else "does not hold"
    why = f" ({words(row.reason)})" if row.reason is not None else ""
    if row.distance is None:
        return f"`{row.clause}` {known}{why}"
    return f"`{row.clause}` {known}: {names.miss(row)}"
