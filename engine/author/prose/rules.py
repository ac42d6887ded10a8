"""The rules of a pack on a page: tables of states, findings and sources, notices, recommendations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from boosterwatch.engine.author.prose.amounts import quoted
from boosterwatch.engine.author.prose.conditions import NOTHING, in_one_line, sentence
from boosterwatch.engine.author.prose.events import event_sentence
from boosterwatch.engine.author.prose.groups import Group, alone, grouped, in_general
from boosterwatch.engine.author.prose.nouns import due
from boosterwatch.engine.author.prose.phrases import Phrases, stated
from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Heading, Items, Table, Text
from boosterwatch.engine.pack import ir

_SHOWN = {"trigger": "It is open", "hold": "It stands", "caution": "It is shown", "flag": "It is raised"}


class Rules:
    """Tells the rules of one pack."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.pack = phrases.pack
        self._rules = {rule.id: rule for rule in self.pack.rules}
        self._tables = {table.id: table for table in self.pack.tables}
        self._said: set[str] = set()
        self._events = {event.id: event for event in self.pack.events}

    # ------------------------------------------------------------ readings, classes, signs

    def readings(self) -> Iterator[Block]:
        """Yield how each scale is read, scales that are read alike together."""
        tables = [table for table in self.pack.tables if table.kind == "reading"]
        if tables:
            yield Text(
                "For each score the first of these statements that holds counts; when none holds, the score "
                f"{joined(sorted({stated(table.otherwise, 'reads as') for table in tables}))}."
            )
        for place in range(max((len(table.rows) for table in tables), default=0)):
            rules = [self._rules[table.rows[place]] for table in tables if place < len(table.rows)]
            for group in _gathered(rules, self.phrases):
                yield from self._group(self._reading_head(group), group)

    def _reading_head(self, group: Group) -> str:
        rule = group.rules[0]
        who = group.words[0] if group.words else self.phrases.scale(rule.subject)
        return f"{_capital(who)} {stated(rule.state, 'reads as')}"

    def classes(self) -> Iterator[Block]:
        """Yield the named categories, such as an answer to the question how well something worked."""
        for table in self.pack.tables:
            if table.kind != "class":
                continue
            yield Heading(_capital(words(table.id)), 3)
            yield Text("The rows are read from the top; the first that holds counts.")
            for group in grouped([self._rules[row] for row in table.rows], self.phrases):
                yield from self._group(f"It is {quoted(words(group.rules[0].state))}", group)
            yield Text(f"Otherwise it is {quoted(words(table.otherwise))}.")

    def signs(self) -> Iterator[Block]:
        """Yield each sign: what it reads and when it has which state."""
        for sign in self.pack.signs:
            table = self._tables[sign.id]
            yield Heading(f"{sign.title} ({sign.id})", 3)
            yield Text(f"{_stopped(sign.says)} {self._inputs(sign)}")
            reasons = dict(sign.reasons)
            for group in grouped([self._rules[row] for row in table.rows], self.phrases):
                yield from self._group(f"The sign {stated(group.rules[0].state, 'is')}", group)
                named = dict.fromkeys(reasons[rule.id] for rule in group.rules if rule.id in reasons)
                if named:
                    yield Text(
                        f"The reason given is {joined([quoted(words(reason)) for reason in named])}.", "quiet", 1
                    )
            yield Text(f"Otherwise the sign {stated(table.otherwise, 'is')}.")

    def _inputs(self, sign: ir.Sign) -> str:
        core = joined([self.phrases.scale(id) for id in sign.core])
        supporting = joined([self.phrases.scale(id) for id in sign.supporting])
        return f"Its core is {core}." + (f" It is supported by {supporting}." if supporting else "")

    # ------------------------------------------------------------ findings, sources, notices

    def findings(self) -> Iterator[Block]:
        """Yield the findings, conclusions that later rules name."""
        rules = [rule for rule in self.pack.rules if rule.kind == "finding"]
        for subject in dict.fromkeys(rule.subject for rule in rules):
            yield Heading(_capital(words(subject)), 3)
            own = [rule for rule in rules if rule.subject == subject]
            yield from self._several("The finding holds", own)

    def sources(self) -> Iterator[Block]:
        """Yield what makes an instrument a positive source."""
        unsaid = [
            replace(rule, because="") for rule in self.pack.rules if rule.kind == "source"
        ]  # the compiler's words
        for group in _gathered(unsaid, self.phrases):
            head = "The instrument of the score" if group.scales else self.phrases.instrument(group.rules[0].subject)
            yield from self._group(f"{head} is a positive source", group)

    def notices(self, kind: str) -> Iterator[Block]:
        """Yield the triggers, holds, cautions or flags of a pack."""
        for notice in self.pack.notices:
            if notice.kind != kind:
                continue
            yield Heading(f"{notice.title} ({notice.id})", 3)
            if notice.urgency is not None:
                yield Text(f"A clinician looks at it {due(notice.urgency)}.")
            own = [rule for rule in self.pack.rules if rule.kind == kind and rule.subject == notice.id]
            yield from self._several(_SHOWN[kind], own)
            yield from self._raised(notice)
            if notice.optional:
                yield Text("A clinic may leave it out.")
            if notice.patient_text:
                yield Text(f"Shown with it: {quoted(notice.patient_text)}", indent=1)

    def _raised(self, notice: ir.Notice) -> Iterator[Block]:
        by = [row.rule for row in self.pack.recommendations if notice.kind == "flag" and notice.id in row.flags]
        if by:
            rows = " or ".join(quoted(row) for row in by)
            yield Text(f"It is raised when the row {rows} of the recommendations wins.")

    def _several(self, head: str, rules: Sequence[ir.Rule]) -> Iterator[Block]:
        groups = list(grouped(rules, self.phrases))
        for place, group in enumerate(groups):
            yield from self._group(head if place == 0 else f"{head} also", group)

    # ------------------------------------------------------------ recommendations

    def recommendations(self) -> Iterator[Block]:
        """Yield the rows of the recommendation in the order in which they are read."""
        rows = {row.rule: row for row in self.pack.recommendations}
        order = next((table.rows for table in self.pack.tables if table.kind == "recommendation"), ())
        for number, id in enumerate(order, 1):
            rule, row = self._rules[id], rows[id]
            yield Heading(f"{number}. {_capital(words(row.recommendation))} ({id})", 3)
            told = alone(rule, self.phrases)
            last = replace(told, told="no row above it wins") if told.told == NOTHING else told
            yield from self._group("It wins", replace(last, because=""))
            yield from (Text(line) for line in self._consequences(row))
            yield Text(f"Shown as: {quoted(row.summary)}", "quiet", 1)

    def _consequences(self, row: ir.Recommendation) -> Iterator[str]:
        if row.urgency is not None:
            yield f"It is due {due(row.urgency)}."
        titles = {notice.id: notice.title for notice in self.pack.notices if notice.kind == "flag"}
        flags = [quoted(titles[flag]) for flag in row.flags]
        if flags:
            yield f"It raises the {'flag' if len(flags) == 1 else 'flags'} {joined(flags)}."
        if row.checklist:
            yield "The checklist goes with it."

    # ------------------------------------------------------------ one group

    def _group(self, head: str, group: Group) -> Iterator[Block]:
        """Yield the sentence of a group, the table of its scales, and what a clinician reads."""
        text, lists = self._opened(group) or sentence(head, group.told)
        yield Text(text)
        yield from lists
        if group.scales:
            yield self._scales(group)
        yield from (Text(line, "quiet", 1) for line in self._small_print(group))

    def _opened(self, group: Group) -> tuple[str, tuple[Block, ...]] | None:
        """Return the sentence of a trigger that an event opens; the event is told in its place."""
        when = group.rules[0].when
        measure = self._measure_of(when)
        if len(group.rules) != 1 or group.rules[0].kind != "trigger" or measure is None:
            return None
        event = self._events.get(dict(measure.args).get("of", ""))
        if event is None or measure.kind != "any_event" or not measure.name.endswith(".open"):
            return None
        return event_sentence("It is open for", event, self.phrases)

    def _measure_of(self, when: ir.Condition) -> ir.Measure | None:
        tested = isinstance(when, ir.Leaf) and isinstance(when.test, ir.Equals) and when.test.value is True
        return self.phrases.measures.get(when.test.left) if tested else None  # type: ignore[union-attr]

    def _scales(self, group: Group) -> Table:
        """Return the scales of a group with their own numbers and the id of each rule."""
        heads = [words(word.removeprefix("the ")) for word in group.words]
        columns = _columns(group, self.phrases)
        rows = []
        for rule, scales in zip(group.rules, group.scales, strict=True):
            names = [self.phrases.scales[scale].short for scale in scales]
            numbers = [self._number(scales[which], column) for which, column, _ in columns]
            rows.append((*names, *numbers, rule.id))
        right = tuple(range(len(heads), len(heads) + len(columns)))
        return Table((*heads, *(head for _, _, head in columns), "rule"), tuple(rows), right)

    def _number(self, scale: str, column: str) -> str:
        name = f"{self.phrases.scales[scale].group}.{column}"
        return self.phrases.amounts.said(name) if name in self.phrases.amounts else ""

    def _small_print(self, group: Group) -> Iterator[str]:
        rule = group.rules[0]
        named = bool(group.scales) or rule.kind == "recommendation"  # in the table, or in the heading
        about = [] if named else [f"Rule {rule.id}"]
        about += [f"basis: {words(rule.basis)}"] if rule.basis else []
        about += [f"source: {joined(list(rule.cites))}"] if rule.cites else []
        if about:
            yield f"{_capital('; '.join(about))}."
        if not group.because:
            return
        general = in_general(rule, self.phrases)
        if general != rule.because and general in self._said:
            yield "Shown in the words that were given above for other scales."
        else:
            self._said.add(general)
            yield f"Shown as: {quoted(group.because)}"


def _gathered(rules: Sequence[ir.Rule], phrases: Phrases) -> Iterator[Group]:
    """Yield rules of many tables in groups; order between tables means nothing, so likes need not be neighbours."""
    lone = {rule.id: next(grouped([rule, rule], phrases)) for rule in rules}
    keys: dict[str, list[ir.Rule]] = {}
    for rule in rules:
        group = lone[rule.id]
        keys.setdefault(repr((group.told, group.because, rule.state, rule.basis, rule.cites)), []).append(rule)
    for alike in keys.values():
        yield from grouped(alike, phrases)


def _columns(group: Group, phrases: Phrases) -> list[tuple[int, str, str]]:
    """Return the numbers that the sentence names: of which scale, the name, and the head of the column."""
    said = in_one_line(group.told)
    names = dict.fromkeys(one.name.rpartition(".")[2] for one in phrases.pack.parameters if "." in one.name)
    if len(group.words) == 1:
        return [(0, name, name) for name in names if quoted(name) in said]
    return [
        (which, name, f"{name} of the {word.removeprefix('the ')}")
        for which, word in enumerate(group.words)
        for name in names
        if f"{word}'s {quoted(name)}" in said
    ]


def checklist(pack: ir.Pack) -> Iterator[Block]:
    """Yield the checklist that goes with some recommendations, and the follow-up that is always suggested."""
    if pack.checklist:
        yield Heading("Checklist", 3)
        yield Items(pack.checklist)
    if pack.tasks:
        yield Heading("Suggested follow-up", 3)
        yield Items(pack.tasks)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stopped(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
