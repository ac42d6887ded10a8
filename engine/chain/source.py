"""Write a pack's rules out as straight-line Python: the text that `reference` runs and auditors read.

Unknown is NaN: no comparison with it is true, so a rail of a rule is simply its comparisons. Every rule has two rails,
"it is true" and "it is false"; where neither holds it is unknown. Identifiers are positional (`v3` a measure, `p0` a
parameter, `r7` a rule, `a2` an atom, `s1` a table's state); the pack's own words enter only through `repr`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from boosterwatch.engine.chain.conditions import (
    OPPOSITE,
    atoms_read,
    measures_read,
    parameters_read,
)
from boosterwatch.engine.chain.strata import restrict, table_atom
from boosterwatch.engine.pack import ir

_INDENT = "    "


def write_functions(pack: ir.Pack) -> dict[str, str]:
    """Return the text of `evaluate`, `conclude` and `lost`, each complete but for `unknown` and its result."""
    names = _Names(pack)
    return {
        "evaluate": "\n".join(_evaluate(pack, names)),
        "conclude": "\n".join(_conclude(pack, names)),
        "lost": "\n".join(_lost(pack, names)),
    }


class _Names:
    """The positional identifier of everything that rules speak of."""

    def __init__(self, pack: ir.Pack) -> None:
        self.pack = pack
        whens = [rule.when for rule in pack.rules]
        self.measures = _numbered("v", (name for when in whens for name in measures_read(when)))
        self.parameters = _numbered("p", (name for when in whens for name in parameters_read(when)))
        self.tables = _numbered("s", (table.id for table in pack.tables))
        self.position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self.own = tuple(dict.fromkeys(r.atom for r in pack.rules if r.table is None))
        self.read = {atom for when in whens for atom in atoms_read(when)}
        if pack.lookback:
            self.read.update(pack.lookback.atoms)
        self.of_tables = {
            table_atom(table.id, state): (table.id, state) for table in pack.tables for state in _states(pack, table)
        }
        drawable = [*self.own, *(atom for atom in self.of_tables if atom in self.read)]
        self.atoms = _numbered("a", drawable)


def _numbered(letter: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{letter}{at}" for at, name in enumerate(dict.fromkeys(names))}


def _states(pack: ir.Pack, table: ir.Table) -> list[str]:
    row_states = {rule.id: rule.state for rule in pack.rules if rule.table == table.id}
    return list(dict.fromkeys([*(row_states[row] for row in table.rows), table.otherwise]))


# ---------------------------------------------------------------- the three functions


def _evaluate(pack: ir.Pack, names: _Names) -> list[str]:
    positions = range(len(pack.rules))
    body = _Body(names, {at: f"r{at} is True" for at in positions}, wanted=names.read)
    lines = ["def evaluate(values, parameters):", *_fetch(pack.rules, names)]
    for stratum in pack.strata:
        lines += ["", f"{_INDENT}# stratum {stratum.number}"]
        for at in stratum.rules:
            lines += _two_rails(pack.rules[at], f"r{at}", names)
        lines += body.tables_and_atoms(stratum)
    truths = _tuple(f"r{at}" for at in positions)
    return [*lines, "", f"{_INDENT}return Outcome({truths},", f"{_INDENT * 2}{_states_found(names)})"]


def _conclude(pack: ir.Pack, names: _Names) -> list[str]:
    body = _Body(names, _true_rails(names), wanted=names.atoms)
    lines = ["def conclude(values, parameters):", *_fetch(pack.rules, names)]
    for stratum in pack.strata:
        lines += ["", f"{_INDENT}# stratum {stratum.number}", *body.tables_and_atoms(stratum)]
    drawn = _tuple(names.atoms[atom] for atom in names.own)
    return [
        *lines,
        "",
        f"{_INDENT}return {{'states': {_states_found(names)},",
        f"{_INDENT * 2}'drawn': tuple(compress({_tuple(map(repr, names.own))},",
        f"{_INDENT * 3}{drawn}))}}",
    ]


def _lost(pack: ir.Pack, names: _Names) -> list[str]:
    lines = ["def lost(values, parameters):"]
    if pack.lookback is None:
        return [*lines, f"{_INDENT}return False"]
    rules = [pack.rules[at] for at in pack.lookback.rules]
    wanted = {*pack.lookback.atoms, *(atom for rule in rules for atom in atoms_read(rule.when))}
    body = _Body(names, _true_rails(names), wanted)
    lines += _fetch(rules, names)
    for stratum in restrict(pack.strata, pack.rules, pack.tables, pack.lookback.rules):
        lines += ["", f"{_INDENT}# stratum {stratum.number}", *body.tables_and_atoms(stratum)]
    found = [names.atoms[a] for a in pack.lookback.atoms if names.atoms.get(a) in body.assigned]
    return [*lines, "", f"{_INDENT}return {' or '.join(found) or 'False'}"]


class _Body:
    """Writes the tables and atoms of one function, stratum by stratum.

    `truths` is the text that says a rule is true, `wanted` the atoms that are read or reported.
    """

    def __init__(self, names: _Names, truths: dict[int, str], wanted: Collection[str]) -> None:
        self.names = names
        self.truths = truths
        self.wanted = wanted
        self.assigned: set[str] = set()

    def tables_and_atoms(self, stratum: ir.Stratum) -> list[str]:
        """Return the lines that follow the rules of a stratum."""
        tables = [table for table in self.names.pack.tables if table.id in stratum.tables]
        return [*map(self._table, tables), *self._atoms(stratum)]

    def _table(self, table: ir.Table) -> str:
        rules, position = self.names.pack.rules, self.names.position
        rows = [position[row] for row in table.rows]
        picks = [f"{rules[at].state!r} if {self.truths[at]}" for at in rows]
        first_true = f"\n{_INDENT * 2}else ".join([*picks, repr(table.otherwise)])
        return f"{_INDENT}{self.names.tables[table.id]} = ({first_true})  # {table.id!r}"

    def _atoms(self, stratum: ir.Stratum) -> Iterator[str]:
        ways: dict[str, list[str]] = {}
        for at in stratum.rules:
            rule = self.names.pack.rules[at]
            if rule.table is None and rule.atom in self.wanted:
                ways.setdefault(rule.atom, []).append(self.truths[at])
        for atom, (table, state) in self.names.of_tables.items():
            if table in stratum.tables and atom in self.wanted:
                ways.setdefault(atom, []).append(f"{self.names.tables[table]} == {state!r}")
        for atom, way in ways.items():
            variable = self.names.atoms[atom]
            earlier = [variable] if variable in self.assigned else []
            self.assigned.add(variable)
            yield f"{_INDENT}{variable} = {' or '.join(earlier + way)}  # {atom!r}"


def _true_rails(names: _Names) -> dict[int, str]:
    """Return the true rail of every rule, to stand in place of a variable for its truth."""
    rails = (write_rail(rule.when, True, names) for rule in names.pack.rules)
    return {at: f"({rail})" for at, rail in enumerate(rails)}


def _fetch(rules: Iterable[ir.Rule], names: _Names) -> list[str]:
    whens = [rule.when for rule in rules]
    measures = dict.fromkeys(name for when in whens for name in measures_read(when))
    parameters = dict.fromkeys(name for when in whens for name in parameters_read(when))
    return [
        f"{_INDENT}get = values.get",
        *(f"{_INDENT}{names.measures[name]} = get({name!r}, unknown)" for name in measures),
        *(f"{_INDENT}{names.parameters[name]} = parameters[{name!r}]" for name in parameters),
    ]


def _two_rails(rule: ir.Rule, variable: str, names: _Names) -> list[str]:
    true = write_rail(rule.when, True, names)
    if never_unknown(rule.when):
        return [f"{_INDENT}# {rule.id!r}", f"{_INDENT}{variable} = {true}"]
    return [
        f"{_INDENT}# {rule.id!r}",
        f"{_INDENT}{variable} = (True if {true}",
        f"{_INDENT * 2}else False if {write_rail(rule.when, False, names)}",
        f"{_INDENT * 2}else None)",
    ]


def _states_found(names: _Names) -> str:
    return "{" + ", ".join(f"{id_!r}: {name}" for id_, name in names.tables.items()) + "}"


def _tuple(texts: Iterable[str]) -> str:
    return "(" + "".join(f"{text}, " for text in texts).rstrip() + ")"


# ---------------------------------------------------------------- conditions


def never_unknown(condition: ir.Condition) -> bool:
    """Return whether a condition is true or false whatever is missing."""
    match condition:
        case ir.Leaf(ir.Known() | ir.Drawn() | ir.Equals(recorded=True)) | ir.AtLeast():
            return True
        case ir.Leaf():
            return False
        case ir.Not(part):
            return never_unknown(part)
        case ir.All(parts) | ir.Any(parts):
            return all(never_unknown(part) for part in parts)


def write_rail(condition: ir.Condition, want: bool, names: _Names) -> str:
    """Return an expression that is True exactly when the condition is `want`, else False."""
    match condition:
        case ir.Leaf(test):
            return _test(test, want, names)
        case ir.AtLeast(count, atoms):
            total = " + ".join(names.atoms.get(atom, "False") for atom in atoms) or "0"
            return f"{total} {'>=' if want else '<'} {names.parameters[count]}"
        case ir.Not(part):
            return write_rail(part, not want, names)
        case ir.All(parts):
            return _join("and" if want else "or", parts, want, names)
        case ir.Any(parts):
            return _join("or" if want else "and", parts, want, names)


def _join(word: str, parts: Sequence[ir.Condition], want: bool, names: _Names) -> str:
    if not parts:
        return str(word == "and")
    texts = [write_rail(part, want, names) for part in parts]
    if len(texts) == 1:
        return texts[0]
    return f" {word} ".join(f"({text})" if " and " in text or " or " in text else text for text in texts)


def _test(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, want: bool, names: _Names) -> str:
    match test:
        case ir.Compare(left, op, right):
            return f"{names.measures[left]} {op if want else OPPOSITE[op]} {_right(right, names)}"
        case ir.Equals(left, value, negated, recorded):
            variable = names.measures[left]
            if negated is not want:
                return f"{variable} == {value!r}"
            known = "" if recorded else f"{variable} is not unknown and "
            return f"{known}{variable} != {value!r}"
        case ir.Known(left, known_):
            return f"{names.measures[left]} {'is not' if known_ is want else 'is'} unknown"
        case ir.Drawn(atom):
            drawn = names.atoms.get(atom, "False")
            return drawn if want else f"not {drawn}"


def _right(right: ir.Right, names: _Names) -> str:
    match right.kind:
        case "parameter" | "product":
            return " * ".join(names.parameters[name] for name in right.names)
        case "measure":
            return names.measures[right.names[0]]
        case _:
            raise ValueError(f"a rule cannot compare with a {right.kind}")
