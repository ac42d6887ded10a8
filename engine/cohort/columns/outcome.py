"""What the rules found in one patient, as a few whole numbers: a bit for every rule that is true.

Whatever a decision lists or names (states, notices, what fired) follows from those bits alone. Patients who agree in
them share it, so it is spelled out once for each pattern of bits and not once for each patient.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce

import ibis
from ibis.expr.types import ArrayValue, BooleanValue, IntegerValue, StringValue, Table, Value

from boosterwatch.engine.cohort.columns.rules import Concluded
from boosterwatch.engine.pack import ir

WORD = 60  # bits of one column: of a signed 64-bit number, and whole groups
GROUP = 4  # bits spelled out together: one of 16 texts is looked up
COMMA = ","  # in no id

IsTrue = Callable[[int], BooleanValue | bool]


class Bits:
    """Which bit of which column tells whether a rule is true; the rules that are the same for everybody have none."""

    def __init__(self, found: Concluded) -> None:
        self.fixed = dict(found.rules)
        self.rules = [at for at in range(len(found.pack.rules)) if at not in found.rules]
        self._place = {at: n for n, at in enumerate(self.rules)}

    @property
    def columns(self) -> list[str]:
        """The columns of bits; at least one."""
        return [f"bits_{n}" for n in range(max(1, -(-len(self.rules) // WORD)))]

    def pack_up(self, found: Concluded) -> dict[str, IntegerValue]:
        """Return the columns of bits of what was concluded."""
        return {name: self._word(found, n) for n, name in enumerate(self.columns)}

    def _word(self, found: Concluded, word: int) -> IntegerValue:
        rules = self.rules[word * WORD : (word + 1) * WORD]
        bits = [ibis.ifelse(found.rule(at), _long(1 << n), _long(0)) for n, at in enumerate(rules)]
        return reduce(operator.add, bits, _long(0))

    def is_true(self, table: Table) -> IsTrue:
        """Return what tells, in a table of bits, whether a rule is true."""

        def look(at: int) -> BooleanValue | bool:
            if at in self.fixed:
                return self.fixed[at]
            word, bit = divmod(self._place[at], WORD)
            return (table[f"bits_{word}"] & _long(1 << bit)) != 0

        return look

    def spelled(self, table: Table, ids: Sequence[str]) -> StringValue:
        """Return the ids of the rules that are true, each with a comma after it, in the pack's order."""
        pieces: list[StringValue] = []
        for fixed, rules in _runs(ids, self.fixed, self._place):
            pieces += [ibis.literal("".join(ids[at] + COMMA for at in fixed))] if fixed else []
            pieces += [self._group(table, rules, ids)] if rules else []
        return concatenated(pieces)

    def _group(self, table: Table, rules: Sequence[int], ids: Sequence[str]) -> StringValue:
        word, bit = divmod(self._place[rules[0]], WORD)
        index = (table[f"bits_{word}"] >> bit) & _long((1 << len(rules)) - 1)
        spelled = ["".join(ids[at] + COMMA for n, at in enumerate(rules) if mask >> n & 1) for mask in _masks(rules)]
        return _looked_up(spelled, index)


def _masks(rules: Sequence[int]) -> range:
    return range(1 << len(rules))


def _runs(
    ids: Sequence[str], fixed: Mapping[int, bool], place: Mapping[int, int]
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the rules in order: some that are true for everybody, then a group of neighbouring bits of one column."""
    always: list[int] = []
    group: list[int] = []
    for at in range(len(ids)):
        if at in place:
            group.append(at)
            if place[at] % GROUP == GROUP - 1:
                yield always, group
                always, group = [], []
        elif fixed[at]:
            if group:
                yield always, group
                always, group = [], []
            always.append(at)
    yield always, group


def _looked_up(texts: Sequence[str], index: IntegerValue) -> StringValue:
    found: StringValue = ibis.literal(list(texts), type="array<string>")[index]
    return found


def _long(number: int) -> IntegerValue:
    return ibis.literal(number, type="int64")


# ---------------------------------------------------------------- what follows from the truths


def concatenated(pieces: Sequence[StringValue]) -> StringValue:
    """Return the texts one after the other."""
    if not pieces:
        return ibis.literal("")
    return pieces[0].concat(*pieces[1:]) if len(pieces) > 1 else pieces[0]


def as_list(text: StringValue) -> ArrayValue:
    """Return the ids of a text in which a comma follows each of them; none for an empty text."""
    none: ArrayValue = ibis.literal([], type="array<string>")
    return ibis.ifelse(text == "", none, text.substr(0, text.length() - 1).split(COMMA))


def first_true(rows: Iterable[tuple[BooleanValue | bool, str | None]], otherwise: str | None) -> StringValue:
    """Return the text of the first row that is true, else `otherwise`."""
    branches: list[tuple[BooleanValue, Value]] = []
    for truth, text in rows:
        if truth is True:
            otherwise = text
            break
        if truth is not False:
            branches.append((truth, _text(text)))
    return ibis.cases(*branches, else_=_text(otherwise)) if branches else _text(otherwise)


def _text(text: str | None) -> StringValue:
    return ibis.literal(text, type="string")


def rows_of(pack: ir.Pack, table: ir.Table) -> list[int]:
    """Return the positions of the rules that are a table's rows, in its order."""
    position = {rule.id: at for at, rule in enumerate(pack.rules)}
    return [position[row] for row in table.rows]


def state_of(pack: ir.Pack, table: ir.Table, is_true: IsTrue) -> StringValue:
    """Return the state that a table takes."""
    rows = [(is_true(at), pack.rules[at].state) for at in rows_of(pack, table)]
    return first_true(rows, table.otherwise)
