"""Clauses about states, words and conclusions: what a value is, whether it is known, what was drawn."""

from __future__ import annotations

from collections.abc import Collection

from boosterwatch.engine.diagnostics import suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.advice import one_among
from boosterwatch.engine.pack.compile.comparisons import ALWAYS
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL, said, words_of
from boosterwatch.engine.pack.compile.misnamed import NO_READING, report_misnamed
from boosterwatch.engine.pack.compile.names import UNREAD, Typed
from boosterwatch.engine.pack.compile.place import Place
from boosterwatch.engine.pack.language import BareText, IsText, KnownText, LevelText, SomeText

TRUTHS = {"yes": True, "no": False}
LEVELS = ("possible", "probable")  # ordered: what `at least` means


def equals(at: Place, clause: IsText) -> ir.Condition:
    """Return the condition of `left is word`, of a state or of a value."""
    subject = at.bound(clause.left)
    if at.fields is None and subject in at.names.tables:
        drawn = _state(at, clause.left, clause.word)
        return ir.Not(drawn) if clause.negated else drawn
    if at.fields is None and _lacks_reading(at, clause.left):
        return ALWAYS
    typed = at.typed(clause.left)
    if typed is None or _denies_knowing(at, typed, clause):
        return ALWAYS
    value = _word(at, typed, clause)
    recorded = clause.recorded and clause.negated
    link = "is" + " not" * clause.negated + " recorded as" * clause.recorded
    return at.leaf(ir.Equals(typed.name, value, clause.negated, recorded), f"{typed.name} {link} {clause.word}")


def _denies_knowing(at: Place, typed: Typed, clause: IsText) -> bool:
    """Report `is not known` and `is not unknown` of a value that has no such word; return whether it is that."""
    instead = {"known": "unknown", "unknown": "known"}.get(clause.word)
    if instead is None or not clause.negated or clause.recorded or clause.word in words_of(typed.dimension):
        return False
    message = f"cannot read this clause: `{at.node.value}`"
    at.names.report("BW202", message, at.of("not"), f"write `{clause.left} is {instead}`")
    return True


def _word(at: Place, typed: Typed, clause: IsText) -> str | bool:
    word, place = clause.word, at.of(clause.word, last=True)
    words = words_of(typed.dimension)
    if typed.dimension == "truth":
        if word not in TRUTHS:
            message = f"`{clause.left}` is yes or no, not `{word}`"
            at.names.report("BW207", message, place, "write `yes` or `no`")
        return TRUTHS.get(word, True)
    if not words and typed.dimension != DOUBTFUL:
        message = f"`{clause.left}` is {said(typed.dimension)}, not a word"
        hint = f"compare it with a parameter: `{clause.left} >= parameter`"
        at.names.report("BW204", message, place, hint)
    elif words and word not in words:
        _report_never(at, clause.left, word, words)
    return word


def _report_never(at: Place, written: str, word: str, words: Collection[str]) -> None:
    """Report a word that a name never has."""
    message = f"`{written}` is never `{word}`{at.for_whom(written)}"
    at.names.report("BW207", message, at.of(word, last=True), suggest(word, words) or one_among(words))


def known(at: Place, clause: KnownText) -> ir.Condition:
    """Return the condition of `left is known` or `left is unknown`."""
    subject = at.bound(clause.left)
    if at.fields is None and not clause.known and "unknown" in at.names.tables.get(subject, ()):
        return _state(at, clause.left, "unknown")
    typed = at.typed(clause.left)
    if typed is None:
        return ALWAYS
    return at.leaf(ir.Known(typed.name, clause.known), f"{typed.name} is {'known' if clause.known else 'unknown'}")


def _state(at: Place, written: str, state: str) -> ir.Condition:
    table = at.bound(written)
    states = at.names.tables[table]
    if state not in states and table not in at.names.doubtful:
        _report_never(at, written, state, states)
    return at.leaf(ir.Drawn(f"{table}={state}"), f"{table} is {state}")


def _lacks_reading(at: Place, written: str) -> bool:
    """Report a scale that is asked for its state and has none, for want of a reading; return whether it is one."""
    scale = at.bound(written)
    if scale not in at.names.scales or scale in at.names.tables:
        return False
    if UNREAD in at.names.doubtful:
        return True
    message = f"`{written}` has no reading, so it has no state{at.for_whom(written)}"
    at.names.report("BW201", message, at.of(written), NO_READING)
    return True


def level(at: Place, clause: LevelText) -> ir.Condition:
    """Return the condition of `left is at least level`."""
    written, table = clause.left, at.bound(clause.left)
    states = at.names.tables.get(table)
    if states is None:
        if not _lacks_reading(at, written):
            at.names.unknown("sign or scale", table, at.names.tables, at.of(written))
    elif not set(LEVELS) & set(states):
        message = f"`{written}` has no levels"
        at.names.report("BW207", message, at.of(written), f"write `{written} is` and one of {', '.join(states)}")
    elif clause.level not in LEVELS:
        message = f"`at least {clause.level}` means nothing"
        at.names.report("BW207", message, at.of(clause.level, last=True), "levels are possible and probable")
    else:
        reached = [one for one in LEVELS[LEVELS.index(clause.level) :] if one in states]
        parts = tuple(_state(at, written, one) for one in reached)
        return parts[0] if len(parts) == 1 else ir.Any(parts)
    return ALWAYS


def some(at: Place, clause: SomeText) -> ir.Condition:
    """Return the condition of `any kind`, `any kind due word`, `any sign is word`, `any sign is at least word`."""
    names = at.names
    if clause.kind == "sign":
        return _some_sign(at, clause)
    members = [(id, due) for (kind, id), due in names.notices.items() if kind == clause.kind]
    if not members:
        kinds = sorted({kind for kind, _ in names.notices} | {"sign"})
        names.unknown("kind", clause.kind, kinds, at.of(clause.kind))
        return ALWAYS
    if clause.form == "some_due":
        members = _due(at, clause, members)
    elif clause.form != "some":
        message = f"a {clause.kind} has no states"
        names.report("BW207", message, at.of(clause.word, last=True), f"write `any {clause.kind}`")
    return ir.Any(tuple(at.leaf(ir.Drawn(f"{clause.kind}:{id}"), f"{clause.kind} {id}") for id, _ in members))


def _due(at: Place, clause: SomeText, members: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    found = [member for member in members if member[1] == clause.word]
    if not found:
        dues = sorted({due for _, due in members if due})
        hint = f"they are due {', '.join(dues)}" if dues else f"write `any {clause.kind}`: none says when it is due"
        at.names.report("BW207", f"no {clause.kind} is due `{clause.word}`", at.of(clause.word, last=True), hint)
    return found


def _some_sign(at: Place, clause: SomeText) -> ir.Condition:
    if clause.form in ("some", "some_due"):
        message = "`any sign` does not say in which state"
        at.names.report("BW207", message, at.span, "write `any sign is probable` or `any sign is at least possible`")
        return ALWAYS
    if clause.form == "some_level":
        return ir.Any(tuple(level(at, LevelText(sign, clause.word)) for sign in at.names.signs))
    return ir.Any(tuple(_state(at, sign, clause.word) for sign in at.names.signs))


def bare(at: Place, clause: BareText) -> ir.Condition:
    """Return the condition of a name alone: a finding, flag or trigger that was drawn."""
    names, name = at.names, clause.name
    atom = names.atoms.get(name)
    if atom is None:
        if not report_misnamed(names, at.bound(name), "finding", at.span, name):
            names.unknown("finding", name, names.atoms, at.span)
        return ALWAYS
    if name in names.unread:
        message = f"`{name}` is raised by a recommendation, when all rules are done"
        names.report("BW207", message, at.span, "read what the recommendation reads")
    return at.leaf(ir.Drawn(atom), name)
