"""Conditions as they read best: short ones inside the sentence, long ones as a list under it.

Flow: ir.Condition -> **conditions** -> rules -> page. Nothing is left out but what follows from the rest: a part that
an `all` already demands is not demanded again further inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boosterwatch.engine.author.prose.nouns import due
from boosterwatch.engine.author.prose.phrases import Clause, Phrases
from boosterwatch.engine.explain.page import Block, Items
from boosterwatch.engine.pack import ir

_INLINE = 3  # more statements than this become a list
_READS = "reads as "
_SEVERAL = 2  # `any` is said of this many conclusions at least
_EVERY = {
    "hold": ("any hold", "no hold", "stands"),
    "trigger": ("any trigger", "no trigger", "is open"),
    "caution": ("any caution", "no caution", "is shown"),
    "flag": ("any flag", "no flag", "is raised"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A condition that is too long for a sentence: what is asked of the lines, and the lines."""

    head: str
    lines: tuple[str | Listed, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """All conclusions of a kind said as one, and the opposite of it."""

    said: str
    denied: str
    atoms: frozenset[str]

    def __str__(self) -> str:
        """Return it as it stands in a sentence."""
        return self.said


Told = str | Listed
Part = Clause | Every | str | Listed
NOTHING = "nothing else is asked"
_TRUE = ir.All(())


class Conditions:
    """Tells the conditions of one pack."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self._kinds = _atoms_by_kind(phrases.pack)

    def tell(self, condition: ir.Condition) -> Told:
        """Return the condition as words for a sentence, or as a list for under it."""
        return self._tell(_flat(condition), negated=False)

    def _tell(self, condition: ir.Condition, negated: bool) -> Told:
        match condition:
            case ir.Leaf(test):
                return str(self.phrases.clause(test, negated))
            case ir.Not(part):
                return self._tell(part, not negated)
            case ir.AtLeast():
                return self._counted(condition, negated)
            case ir.All(parts):
                return self._joined(parts, "and", "not all of these hold", negated)
            case ir.Any(parts):
                return self._joined(parts, "or", "none of these holds", negated)

    def _joined(self, parts: Sequence[ir.Condition], word: str, denied: str, negated: bool) -> Told:
        held = [part for part in parts if not self._clears(part)]
        if held and len(held) < len(parts) and word == "and" and not negated:
            return _unless(self._joined(held, word, denied, negated))
        if not parts:
            return NOTHING if (word == "and") != negated else "this is never so"
        told = [*self._every(parts), *map(self._clause, self._others(parts))] if word == "or" else None
        clauses = told if told is not None else list(map(self._clause, parts))
        if negated and len(clauses) == 1 and isinstance(clauses[0], Every):
            return clauses[0].denied
        short = None if negated else _inline(clauses, word)
        if short is not None:
            return short
        asked = "all of these hold" if word == "and" else "at least one of these holds"
        lines = _merged(clauses, word, subjects=False)
        return Listed(
            denied if negated else asked, tuple(line if isinstance(line, Listed) else str(line) for line in lines)
        )

    def _clause(self, part: ir.Condition) -> Part:
        match part:
            case ir.Leaf(test):
                return self.phrases.clause(test)
            case ir.Not(ir.Leaf(test)):
                return self.phrases.clause(test, negated=True)
            case _:
                return self._tell(part, negated=False)

    def _clears(self, part: ir.Condition) -> bool:
        """Tell whether the part says that nobody has cleared the fact beside it."""
        name = part.test.left if isinstance(part, ir.Leaf) and isinstance(part.test, ir.Equals) else ""
        measure = self.phrases.measures.get(name)
        return measure is not None and measure.kind == "stands"

    def _counted(self, counted: ir.AtLeast, negated: bool) -> Told:
        few = f"{'fewer than' if negated else 'at least'} {self.phrases.amounts.value(counted.count)}"
        if set(counted.atoms) == set(self._kinds.get("source", ())):
            return f"{few} of the instruments are positive sources"
        lines = tuple(str(self.phrases.drawn(atom)) for atom in counted.atoms)
        return Listed(f"{few} of these hold", lines)

    def _every(self, parts: Sequence[ir.Condition]) -> Iterator[Every]:
        """Yield `any hold stands` for what is all of a kind, of one urgency or of any."""
        atoms = {_atom(part) for part in parts}
        told: set[str] = set()
        for name, members in sorted(self._kinds.items(), key=lambda kind: -len(kind[1])):
            kind, _, rest = name.partition(" ")
            if kind == "source" or len(members) < _SEVERAL or not members <= atoms or members & told:
                continue
            told |= members
            if kind == "sign":
                yield Every(f"any sign is {rest}", f"no sign is {rest}", frozenset(members))
            else:
                some, none, verb = _EVERY[kind]
                said = [" ".join(filter(None, (word, rest and f"due {due(rest)}", verb))) for word in (some, none)]
                yield Every(said[0], said[1], frozenset(members))

    def _others(self, parts: Sequence[ir.Condition]) -> list[ir.Condition]:
        """Return the parts that `_every` does not tell."""
        told = {atom for every in self._every(parts) for atom in every.atoms}
        return [part for part in parts if _atom(part) not in told]


def _atom(part: ir.Condition) -> str | None:
    return part.test.atom if isinstance(part, ir.Leaf) and isinstance(part.test, ir.Drawn) else None


def _unless(told: Told) -> Told:
    """Return what counts until a clinician clears it."""
    if isinstance(told, str):
        return f"{told} (unless cleared since)"
    return Listed(f"{told.head} (unless cleared since)", told.lines)


def _atoms_by_kind(pack: ir.Pack) -> dict[str, set[str]]:
    """Return the atoms of each kind of notice, of each urgency, of each state of a sign, and of the sources."""
    kinds: dict[str, set[str]] = {}
    drawn = {rule.atom for rule in pack.rules}
    for notice in pack.notices:
        atom = f"{notice.kind}:{notice.id}"
        if atom in drawn:
            kinds.setdefault(notice.kind, set()).add(atom)
            if notice.urgency is not None:
                kinds.setdefault(f"{notice.kind} {notice.urgency}", set()).add(atom)
    for state in ("possible", "probable"):
        kinds[f"sign {state}"] = {f"{sign.id}={state}" for sign in pack.signs}
    kinds["source"] = {rule.atom for rule in pack.rules if rule.kind == "source"}
    return {name: atoms for name, atoms in kinds.items() if atoms}


def _inline(parts: Sequence[Part], word: str) -> str | None:
    """Return the parts in one line, or None when a list reads better."""
    if any(isinstance(part, Listed) for part in parts):
        return None
    if any(", and " in str(part) or ", or " in str(part) for part in parts):
        return None  # `a, and b, or c` can be read in two ways
    if word == "or" and any(isinstance(part, str) and " and " in part for part in parts):
        return None
    if len(_merged(parts, word, subjects=False)) > _INLINE:
        return None
    return f", {word} ".join(map(str, _merged(parts, word)))


def _merged(parts: Sequence[Part], word: str, subjects: bool = True) -> list[Part]:
    """Return the parts, under `or` neighbours of one predicate as one: `this or that is old`.

    With `subjects` also neighbours of one subject: `it is old and was high`.
    """
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if not isinstance(last, Clause) or not isinstance(part, Clause):
            merged.append(part)
        elif last.subject == part.subject and (subjects or _one_word(last, part, word)):
            merged[-1] = Clause(last.subject, _also(last.predicate, part.predicate, word))
        elif word == "or" and _alike(last, part):
            merged[-1] = Clause(f"{last.subject} or {part.subject}", part.predicate)
        else:
            merged.append(part)
    return merged


def _one_word(one: Clause, other: Clause, word: str) -> bool:
    """Tell whether two statements differ by a single state: `it reads as this or that`."""
    return word == "or" and one.predicate.startswith(_READS) and other.predicate.startswith(_READS)


def _alike(one: Clause, other: Clause) -> bool:
    return one.predicate == other.predicate and not one.subject.endswith(",") and "its" not in one.predicate.split()


def _also(one: str, other: str, word: str) -> str:
    """Return two predicates of one subject as one, the verb said once when it is the same."""
    for verb in ("is ", _READS):
        if one.startswith(verb) and other.startswith(verb):
            return f"{one} {word} {other.removeprefix(verb)}"
    return f"{one} {word} {other}"


# ---------------------------------------------------------------- the same condition, said once


def _flat(condition: ir.Condition, given: frozenset[str] = frozenset()) -> ir.Condition:
    """Return the condition without lists inside lists of the same kind, and without what `given` already demands."""
    match condition:
        case ir.All(parts):
            return _flat_all(parts, given)
        case ir.Any(parts):
            inner = [_flat(part, given) for part in parts]
            if _TRUE in inner:
                return _TRUE
            flat = [one for part in inner for one in (part.parts if isinstance(part, ir.Any) else (part,))]
            return flat[0] if len(flat) == 1 else ir.Any(tuple(flat))
        case ir.Not(part):
            return ir.Not(_flat(part))
        case _:
            return condition


def _flat_all(parts: Sequence[ir.Condition], given: frozenset[str]) -> ir.Condition:
    spread: list[ir.Condition] = []
    for part in parts:
        flat = _flat(part) if isinstance(part, ir.All) else part
        spread.extend(flat.parts if isinstance(flat, ir.All) else (flat,))
    spread = [part for part in spread if _key(part) not in given]
    leaves = given | {_key(part) for part in spread if isinstance(part, ir.Leaf)}
    kept: dict[str, ir.Condition] = {}
    for part in spread:
        flat = part if isinstance(part, ir.Leaf) else _flat(part, leaves)
        if flat != _TRUE:
            kept.setdefault(_key(flat), flat)
    values = tuple(kept.values())
    return values[0] if len(values) == 1 else ir.All(values)


def _key(condition: ir.Condition) -> str:
    """Return what makes two parts the same part: their tests, not their places in the text."""
    match condition:
        case ir.Leaf(test):
            return repr(test)
        case ir.AtLeast(count, atoms):
            return f"at least {count} {atoms}"
        case ir.Not(part):
            return f"not {_key(part)}"
        case _:
            return f"{type(condition).__name__}({', '.join(map(_key, condition.parts))})"


# ---------------------------------------------------------------- as blocks of a page


def in_one_line(told: Told) -> str:
    """Return a condition in one line, its lists in brackets."""
    return f"{told.head}: ({'; '.join(map(in_one_line, told.lines))})" if isinstance(told, Listed) else told


def sentence(head: str, told: Told, *, joint: str = "when") -> tuple[str, tuple[Block, ...]]:
    """Return the sentence that begins with `head`, and the lists under it."""
    if isinstance(told, str):
        return f"{head} {joint} {told}.", ()
    return f"{head} {joint} {told.head}:", tuple(_lists(told.lines, 0))


def _lists(lines: Sequence[Told], indent: int) -> list[Block]:
    """Return the lines as lists; a line with a list of its own ends its list, for the inner one to follow."""
    blocks: list[Block] = []
    run: list[str] = []
    for line in lines:
        if isinstance(line, str):
            run.append(line)
            continue
        blocks.append(Items((*run, f"{line.head}:"), indent))
        blocks.extend(_lists(line.lines, indent + 1))
        run = []
    if run:
        blocks.append(Items(tuple(run), indent))
    return blocks
