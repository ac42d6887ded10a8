"""What explaining a pack's rules takes, worked out once per pack: clauses placed, sentences read, effects worded.

A broken sentence is found here, before any patient is seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from boosterwatch.engine.decide.clauses import Placed, Tree, Vocabulary, clauses_of, place
from boosterwatch.engine.decide.inputs import Wiring
from boosterwatch.engine.decide.sentences import Lexicon, Sentence, Slot
from boosterwatch.engine.decide.sources import Sources
from boosterwatch.engine.pack import ir

RECOMMENDATION = "recommendation"
NOTICES = ("hold", "caution", "flag", "trigger")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One clause, whichever rules it stands in; `pick` takes what it reads out of the inputs."""

    test: Placed
    pick: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule, ready to be explained.

    `leaves` are its clauses in reading order, as positions in the plan's. `pick` takes everything that the
    explanation depends on out of the inputs. `specials` are the parts of its sentence that tell of other rules; with
    any, it is told after them.
    """

    at: int
    rule: ir.Rule
    effect: str
    source: str
    tree: Tree
    leaves: tuple[int, ...]
    parameters: tuple[str, ...]
    sentence: Sentence
    specials: tuple[str, ...]
    pick: Callable[[Any], object]


class Plan:
    """A pack as the decision layer needs it."""

    __slots__ = (
        "drawers", "draws", "leaves", "measures", "notice_ids", "notices", "pack", "reasons", "recommendations",
        "rows", "rules", "scales", "signs", "sources", "wiring", "words",
    )  # fmt: skip

    def __init__(self, pack: ir.Pack) -> None:
        words = Vocabulary(pack)
        self.pack = pack
        self.words = dict(pack.words)
        self.wiring = Wiring(pack)
        lexicon, leaves = Lexicon(pack), Leaves()
        self.rules = tuple(_plan(lexicon, words, leaves, at, rule) for at, rule in enumerate(pack.rules))
        self.leaves = leaves.all()
        self.draws = tuple((rule.kind, rule.subject) for rule in pack.rules)
        self.measures = words.measures
        position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self.rows = {table.id: tuple(position[row] for row in table.rows) for table in pack.tables}
        self.scales = {scale.id: scale for scale in pack.scales}
        why = {table.id: table.reason for table in pack.tables}
        self.reasons = {one.id: tuple((scale, why[scale] or "") for scale in one.core) for one in pack.signs}
        self.signs = {sign.id: sign for sign in pack.signs}
        self.notices: dict[tuple[str, str], ir.Notice] = {(one.kind, one.id): one for one in pack.notices}
        self.notice_ids = {
            kind: tuple(((kind, one.id), one.id) for one in pack.notices if one.kind == kind) for kind in NOTICES
        }
        self.recommendations = {one.rule: one for one in pack.recommendations}
        self.drawers = _drawers(pack)
        self.sources = Sources(pack, tuple(rule.tree for rule in self.rules))


class Leaves:
    """The different clauses of a pack: rules written from one pattern read the same ones."""

    def __init__(self) -> None:
        self._found: dict[tuple[ir.Condition, bool], tuple[int, Leaf]] = {}

    def position(self, test: Placed) -> int:
        """Return the position of a clause among those that differ."""
        key = (test.node, test.negated)
        if key not in self._found:
            self._found[key] = (len(self._found), Leaf(test, _pick(test.keys)))
        return self._found[key][0]

    def all(self) -> tuple[Leaf, ...]:
        """Return the clauses that differ."""
        return tuple(leaf for _, leaf in self._found.values())


def _drawers(pack: ir.Pack) -> dict[str, tuple[int, ...]]:
    """Return the positions of the rules that draw a conclusion, by conclusion; rows of tables left out."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, rule in enumerate(pack.rules):
        if rule.table is None:
            found[rule.atom].append(at)
    return {atom: tuple(positions) for atom, positions in found.items()}


def _plan(lexicon: Lexicon, words: Vocabulary, leaves: Leaves, at: int, rule: ir.Rule) -> RulePlan:
    tree = place(rule.when, words)
    sentence = lexicon.read(rule.because, rule.id)
    slots = [piece for piece in sentence if isinstance(piece, Slot)]
    tests = tuple(clauses_of(tree))
    keys = [key for test in tests for key in test.keys]
    keys += [slot.name for slot in slots if slot.kind == "measure"]
    parameters = [name for test in tests for name in test.parameters]
    parameters += [slot.name for slot in slots if slot.kind == "parameter"]
    return RulePlan(
        at=at,
        rule=rule,
        effect=_effect(rule),
        source=f"{rule.span.file}:{rule.span.line}",
        tree=tree,
        leaves=tuple(leaves.position(test) for test in tests),
        parameters=tuple(dict.fromkeys(parameters)),
        sentence=sentence,
        specials=tuple(dict.fromkeys(slot.name for slot in slots if slot.kind == "special")),
        pick=_pick(keys),
    )


def _pick(keys: Iterable[str]) -> Callable[[Any], object]:
    different = dict.fromkeys(keys)
    return itemgetter(*different) if different else _nothing


def _nothing(inputs: object) -> None:
    """Return the same for every patient: a rule that reads nothing."""


def _effect(rule: ir.Rule) -> str:
    """Return what a rule concludes, in plain words."""
    if rule.kind == RECOMMENDATION:
        return f"{rule.kind} {rule.state}"
    return f"{rule.kind} {rule.subject}" + (f": {rule.state}" if rule.table is not None else "")
