"""Everything the rules of one evaluation read, in one flat mapping: measures, table states, drawn conclusions.

A measure without a value stands there too, as its reason behind a mark that no value can begin with. So whatever a
rule reads can be picked out in one step, and two evaluations that agree in it are explained alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import Measures, Outcome, Scalar
from boosterwatch.engine.pack import ir

UNKNOWN = "\0"

Inputs = Mapping[str, Scalar]


class _Marked(dict[str, str]):
    """Reasons behind their mark; filled as reasons are met, and they are few."""

    def __missing__(self, reason: str) -> str:
        marked = self[reason] = UNKNOWN + reason
        return marked


_marked = _Marked()


def table_key(table: str) -> str:
    """Return the key under which a table's state stands."""
    return "=" + table


def atom_key(atom: str) -> str:
    """Return the key under which it stands whether a conclusion was drawn."""
    return "!" + atom


def known(inputs: Inputs, name: str) -> Scalar | None:
    """Return the value of a measure, None when it is unknown."""
    value = inputs[name]
    return None if isinstance(value, str) and value.startswith(UNKNOWN) else value


def reason(inputs: Inputs, name: str) -> str | None:
    """Return why a measure has no value, None when it has one."""
    value = inputs[name]
    return value[1:] if isinstance(value, str) and value.startswith(UNKNOWN) else None


class Wiring:
    """The keys of one pack, worked out once, and the mapping for each evaluation."""

    __slots__ = ("_atoms", "_nothing_drawn", "_positions", "_tables", "digest", "winner_rows")

    def __init__(self, pack: ir.Pack) -> None:
        self.digest = pack.digest
        position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self._positions = range(len(pack.rules))
        self._atoms = tuple(atom_key(rule.atom) if rule.table is None else None for rule in pack.rules)
        self._nothing_drawn = {key: False for key in self._atoms if key is not None}
        self._tables = {table.id: table_key(table.id) for table in pack.tables}
        self.winner_rows = tuple(
            (table.id, table.otherwise, tuple((position[row], _state(pack, position[row])) for row in table.rows))
            for table in pack.tables
        )

    def gather(self, measures: Measures, outcome: Outcome) -> tuple[dict[str, Scalar], list[int]]:
        """Return the mapping of one evaluation, and the positions of the rules that are true."""
        inputs: dict[str, Scalar] = dict(measures.values)
        reasons = measures.reasons
        inputs.update(zip(reasons, map(_marked.__getitem__, reasons.values()), strict=True))
        keys = self._tables
        inputs.update({keys[table]: state for table, state in outcome.states.items()})
        inputs.update(self._nothing_drawn)
        true = list(compress(self._positions, outcome.truths))
        atoms = self._atoms
        for at in true:
            key = atoms[at]
            if key is not None:
                inputs[key] = True
        return inputs, true

    def winners(self, outcome: Outcome) -> dict[str, int | None]:
        """Return the row that won each table, None where none is true."""
        truths, states = outcome.truths, outcome.states
        found: dict[str, int | None] = {}
        for table, otherwise, rows in self.winner_rows:
            winner, state = None, otherwise
            for at, row_state in rows:
                if truths[at]:
                    winner, state = at, row_state
                    break
            if states[table] != state:
                raise InternalError(f"table `{table}` is not its first true row; pack {self.digest}")
            found[table] = winner
        return found


def _state(pack: ir.Pack, at: int) -> str:
    return pack.rules[at].state
