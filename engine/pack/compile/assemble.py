"""The whole compilation in order: declare names, make measures and rules, find the strata, seal with a digest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from boosterwatch.engine.chain.strata import find_loop, slice_for, stratify
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile import declare
from boosterwatch.engine.pack.compile.advice import one_among
from boosterwatch.engine.pack.compile.course import read_course, read_schedule
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL, said
from boosterwatch.engine.pack.compile.events import declare_events, make_events, make_fact_checks, record_fields
from boosterwatch.engine.pack.compile.kinds import KINDS
from boosterwatch.engine.pack.compile.lacking import report_lacks
from boosterwatch.engine.pack.compile.measures import declare_measures, find_measure, make_reported
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.notices import declare_notices, make_notice_rules
from boosterwatch.engine.pack.compile.signs import declare_signs, make_signs
from boosterwatch.engine.pack.compile.tables import (
    Made,
    declare_classes,
    declare_readings,
    make_classes,
    make_readings,
    make_recommendation,
)
from boosterwatch.engine.pack.compile.tree import Node, listed, texts
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.ir_json import seal

ABOUT = ("owner", "author", "review_by", "review_notice", "applies_to", "not_for", "basis")


def compile_pack(documents: Sequence[Document]) -> tuple[ir.Pack | None, list[Diagnostic]]:
    """Return the compiled pack and its problems; the pack is None when one of them is an error.

    The documents have been validated: the face (`pack.yaml`) first, then the parts, without the cases.
    """
    names = Names(facts=record_fields())
    face, *roots = (Node(document, (), document.data) for document in documents)
    _declare(names, roots)
    readings = declare_readings(names, roots)
    signs = declare_signs(names, roots, readings)
    classes = declare_classes(names, roots)
    notices = declare_notices(names, roots)
    make_reported(names)
    make_events(names)
    checks = make_fact_checks(names, roots)

    tables = [*make_readings(names, readings), *make_classes(names, classes)]
    sign_tables, sources, shown = make_signs(names, signs, readings)
    tables += sign_tables
    recommendation, rows = make_recommendation(names, roots)
    if recommendation is None:
        names.report("BW215", "the pack has no `recommendations`", face.span, "say what is recommended, and when")
    else:
        tables.append(recommendation)
    rules = [*make_notice_rules(names, roots), *sources, *(rule for made in tables for rule in made.rules)]
    draft = _Draft(face, roots, names, rules, tables)
    words = _words(names, roots)
    lookback = _lookback(draft)
    _check_ids(draft)
    _check_loops(draft)
    report_lacks(names)
    if any(problem.level == "error" for problem in names.problems):
        return None, names.told()
    about = tuple((key, str(face.value[key])) for key in ABOUT if key in face.value)
    pack = ir.Pack(
        id=face.text("pack"), version=face.text("version"), title=face.text("title"), status=face.text("status"),
        effective=face.text("effective"), digest="", about=about,
        citations=tuple(names.citations.values()), parameters=tuple(names.parameters.values()),
        instruments=tuple(names.instruments.values()), scales=tuple(names.scales.values()),
        roles=tuple(names.roles.values()), course=read_course(names, roots, face),
        schedule=read_schedule(names, roots, face), fact_checks=checks,
        events=tuple(names.events.values()), measures=tuple(names.measures.values()),
        rules=tuple(rules), tables=tuple(made.table for made in tables), strata=(), lookback=lookback,
        signs=shown, notices=notices, recommendations=rows, words=words,
        checklist=_lines(roots, "checklist"), tasks=_lines(roots, "tasks"),
    )  # fmt: skip
    if any(problem.level == "error" for problem in names.problems):
        return None, names.told()
    return seal(_stratified(pack)), []


class _Draft:
    """The pieces while they are being put together."""

    def __init__(
        self, face: Node, roots: Sequence[Node], names: Names, rules: list[ir.Rule], tables: list[Made]
    ) -> None:
        self.face, self.roots, self.names, self.rules = face, roots, names, rules
        self.tables = [made.table for made in tables]


def _declare(names: Names, roots: Sequence[Node]) -> None:
    declare.declare_citations(names, roots)
    declare.declare_parameters(names, roots)
    declare.declare_instruments(names, roots)
    declare.check_groups(names, roots)
    declare.declare_roles(names, roots)
    for root in roots:
        names.patterns.update(declare.section(root, "patterns"))
    declare_measures(names, roots)
    declare_events(names, roots)


def _lines(roots: Sequence[Node], key: str) -> tuple[str, ...]:
    return tuple(line for root in roots for line in texts(root.get(key)))


def _words(names: Names, roots: Sequence[Node]) -> tuple[tuple[str, str], ...]:
    """Return the named texts of the pack: its words, and which measures the decision's `next` and report name."""
    words: list[tuple[str, str]] = []
    for root in roots:
        words += [(key, str(node.value)) for key, node in declare.section(root, "words")]
        for section in ("next", "report"):
            for key, node in declare.section(root, section):
                words.append((f"{section}.{key}", str(node.value)))
                _check_word(names, section, node)
    return tuple(words)


def _check_word(names: Names, section: str, node: Node) -> None:
    name = str(node.value)
    if section == "report" and name not in names.tables:
        names.unknown("class", name, names.tables, node.span)
    if section == "next":
        measure = find_measure(names, name)
        if measure is None:
            names.unknown("measure", name, names.every_name(), node.span)
        elif measure.dimension not in ("date", DOUBTFUL):
            message = f"`{name}` is {said(measure.dimension)}, not a date"
            names.report("BW204", message, node.span, "name a measure that gives a date")


# ---------------------------------------------------------------- strata and slices


def _check_ids(draft: _Draft) -> None:
    """Report rules of one id, unless a doubled declaration was reported: its rules are doubled with it."""
    if any(problem.code == "BW206" for problem in draft.names.problems):
        return
    seen: dict[str, ir.Rule] = {}
    for rule in draft.rules:
        if rule.id in seen:
            hint = "a rule is called by what it draws, its own id and its scales; give one of them another id"
            draft.names.twice(f"two rules are called `{rule.id}`", rule.span, seen[rule.id].span, hint)
        seen[rule.id] = rule


def _check_loops(draft: _Draft) -> None:
    loop = find_loop(draft.rules, draft.tables)
    if loop:
        first = next((rule for rule in draft.rules if rule.id in loop), None)
        path = " -> ".join((*loop, loop[0]))
        span = first.span if first is not None else draft.face.span
        message = f"these rules wait for each other: {path}"
        draft.names.report("BW205", message, span, "take one of them out of the loop")
    _check_measure_loops(draft.names)


def _check_measure_loops(names: Names) -> None:
    done: set[str] = set()
    for name in names.measures:
        _walk_measures(names, name, (), done)


def _walk_measures(names: Names, name: str, path: tuple[str, ...], done: set[str]) -> None:
    if name in path:
        loop = (*path[path.index(name) :], name)
        message = f"these measures wait for each other: {' -> '.join(loop)}"
        hint = "work one of them out from something else"
        if len(loop) == 2:
            message, hint = f"measure `{name}` is worked out from itself", "name another measure in its settings"
        names.report("BW205", message, names.measures[name].span, hint)
        done.update(path)
    if name in done or name not in names.measures:
        return
    for other in measures_read(names.measures[name]):
        _walk_measures(names, other, (*path, name), done)
    done.add(name)


def measures_read(measure: ir.Measure) -> tuple[str, ...]:
    """Return the names of measures that a measure is worked out from, as far as its settings say."""
    takes = dict(KINDS[measure.kind].takes)
    return tuple(value for key, value in measure.args if takes[key].startswith("measure"))


def _stratified(pack: ir.Pack) -> ir.Pack:
    strata = stratify(pack.rules, pack.tables)
    rule_level = {position: stratum.number for stratum in strata for position in stratum.rules}
    table_level = {table: stratum.number for stratum in strata for table in stratum.tables}
    order = sorted(range(len(pack.rules)), key=lambda position: (rule_level[position], position))
    rules = tuple(replace(pack.rules[position], stratum=rule_level[position]) for position in order)
    tables = tuple(replace(table, stratum=table_level[table.id]) for table in pack.tables)
    ordered = stratify(rules, tables)
    lookback = pack.lookback
    if lookback is not None:
        needed = slice_for(rules, tables, lookback.atoms)
        measures = _measures_of(pack, [rules[position].when for position in needed])
        lookback = replace(lookback, rules=needed, measures=measures)
    return replace(pack, rules=rules, tables=tables, strata=ordered, lookback=lookback)


def _measures_of(pack: ir.Pack, conditions: Iterable[ir.Condition]) -> tuple[str, ...]:
    """Return every measure that the conditions read, with those it is worked out from, in the pack's order."""
    known = {measure.name: measure for measure in pack.measures}
    open_ends = [name for condition in conditions for name in names_read(condition) if name in known]
    needed: set[str] = set()
    while open_ends:
        name = open_ends.pop()
        if name not in needed:
            needed.add(name)
            open_ends += [other for other in measures_read(known[name]) if other in known]
    return tuple(measure.name for measure in pack.measures if measure.name in needed)


def names_read(condition: ir.Condition) -> Collection[str]:
    """Return the names of the measures that a condition reads, on either side."""
    match condition:
        case ir.All(parts) | ir.Any(parts):
            return {name for part in parts for name in names_read(part)}
        case ir.Not(part):
            return names_read(part)
        case ir.Leaf(ir.Compare(left=left, right=right)):
            return {left, *(right.names if right.kind == "measure" else ())}
        case ir.Leaf(ir.Equals(left=left) | ir.Known(left=left)):
            return {left}
        case _:
            return ()


def _lookback(draft: _Draft) -> ir.Lookback | None:
    names = draft.names
    node = declare.single(names, draft.roots, "lookback")
    if node is None:
        return None
    state = node.text("state")
    for sign in listed(node.get("signs")):
        if sign.value not in names.signs:
            names.unknown("sign", str(sign.value), names.signs, sign.span)
        elif state not in (states := names.tables[str(sign.value)]):
            names.report("BW207", f"`{sign.value}` is never `{state}`", node["state"].span, one_among(states))
    for event in listed(node.get("events")):
        if event.value not in names.events:
            names.unknown("event", str(event.value), names.events, event.span)
    atoms = tuple(f"{sign}={state}" for sign in texts(node.get("signs")))
    return ir.Lookback(atoms, texts(node.get("events")), (), ())
