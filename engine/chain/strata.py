"""Which rules can be decided before which: strata, loops and slices, from dependencies alone.

A rule waits for everything that can draw an atom it reads; a table waits for all its rows, and what others read of
it is `<table>=<state>`. The compiler calls these functions; the evaluators take the strata as compiled.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence

from boosterwatch.engine.chain.conditions import atoms_read
from boosterwatch.engine.pack.ir import Rule, Stratum, Table


def stratify(rules: Sequence[Rule], tables: Sequence[Table]) -> tuple[Stratum, ...]:
    """Return the strata, numbered from 1, each rule and table in the earliest that has its inputs.

    Raises ValueError when rules wait for each other: ask `find_loop` first.
    """
    level = _levels(rules, tables)
    if len(level) < len(rules) + len(tables):
        raise ValueError("rules wait for each other: " + ", ".join(find_loop(rules, tables) or ()))
    return tuple(
        Stratum(
            number=number,
            rules=tuple(at for at in range(len(rules)) if level[at] == number),
            tables=tuple(t.id for at, t in enumerate(tables, len(rules)) if level[at] == number),
        )
        for number in range(1, max(level.values(), default=0) + 1)
    )


def find_loop(rules: Sequence[Rule], tables: Sequence[Table]) -> list[str] | None:
    """Return the ids of a shortest loop, each waiting for the next and the last for the first; None without one."""
    waits = _waits(rules, tables)
    done = _levels(rules, tables)
    stuck = [at for at in range(len(waits)) if at not in done]
    loops = [loop for at in stuck if (loop := _way_back(waits, at))]
    if not loops:
        return None
    ids = [rule.id for rule in rules] + [table.id for table in tables]
    return [ids[at] for at in min(loops, key=len)]


def slice_for(rules: Sequence[Rule], tables: Sequence[Table], atoms: Iterable[str]) -> tuple[int, ...]:
    """Return the positions of the rules needed to decide `atoms`: the rules that can draw them, and theirs."""
    waits = _waits(rules, tables)
    drawn_by = _drawn_by(rules, tables)
    open_ends = [at for atom in atoms for at in drawn_by.get(atom, ())]
    needed: set[int] = set()
    while open_ends:
        at = open_ends.pop()
        if at not in needed:
            needed.add(at)
            open_ends.extend(waits[at])
    return tuple(sorted(at for at in needed if at < len(rules)))


def restrict(
    strata: Iterable[Stratum],
    rules: Sequence[Rule],
    tables: Sequence[Table],
    positions: Collection[int],
) -> tuple[Stratum, ...]:
    """Return the strata cut down to some rules, and to the tables of which every row is among them."""
    kept = set(positions)
    ids = {rules[at].id for at in kept}
    whole = {table.id for table in tables if ids.issuperset(table.rows)}
    return tuple(
        Stratum(
            stratum.number,
            tuple(at for at in stratum.rules if at in kept),
            tuple(table for table in stratum.tables if table in whole),
        )
        for stratum in strata
    )


def table_atom(table: str, state: str) -> str:
    """Return the atom that a table draws when it takes this state.

    >>> table_atom("weather", "fair")
    'weather=fair'
    """
    return f"{table}={state}"


# Rules and tables are nodes of one graph: a rule is its position, a table its position after the rules.


def _drawn_by(rules: Sequence[Rule], tables: Sequence[Table]) -> dict[str, list[int]]:
    """Return, by atom, the nodes that can draw it. A row of a table draws nothing of its own."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, rule in enumerate(rules):
        if rule.table is None:
            found[rule.atom].append(at)
    state_of = {rule.id: rule.state for rule in rules}
    for at, table in enumerate(tables, len(rules)):
        states = {*table.states, table.otherwise, *(state_of[row] for row in table.rows)}
        for state in sorted(states):
            found[table_atom(table.id, state)].append(at)
    return dict(found)


def _waits(rules: Sequence[Rule], tables: Sequence[Table]) -> list[list[int]]:
    """Return, by node, the nodes it waits for."""
    drawn_by = _drawn_by(rules, tables)
    position = {rule.id: at for at, rule in enumerate(rules)}
    of_rules = [[at for a in atoms_read(rule.when) for at in drawn_by.get(a, ())] for rule in rules]
    return of_rules + [[position[row] for row in table.rows] for table in tables]


def _levels(rules: Sequence[Rule], tables: Sequence[Table]) -> dict[int, int]:
    """Return the stratum of every node that no loop holds up; a table shares the stratum of its last row."""
    waits = [set(nodes) for nodes in _waits(rules, tables)]
    followers: dict[int, list[int]] = defaultdict(list)
    for at, nodes in enumerate(waits):
        for node in nodes:
            followers[node].append(at)
    level: dict[int, int] = {}
    ready = deque(at for at, nodes in enumerate(waits) if not nodes)
    left = [len(nodes) for nodes in waits]
    while ready:
        at = ready.popleft()
        step = 1 if at < len(rules) else 0
        level[at] = max((level[node] for node in waits[at]), default=1 - step) + step
        for follower in followers[at]:
            left[follower] -= 1
            if not left[follower]:
                ready.append(follower)
    return level


def _way_back(waits: list[list[int]], start: int) -> list[int] | None:
    """Return a shortest chain of waiting from `start` to the node that waits for it."""
    came_from = {start: start}
    queue = deque([start])
    while queue:
        at = queue.popleft()
        if start in waits[at]:
            chain = [at]
            while chain[-1] != start:
                chain.append(came_from[chain[-1]])
            return chain[::-1]
        for node in waits[at]:
            if node not in came_from:
                came_from[node] = at
                queue.append(node)
    return None
