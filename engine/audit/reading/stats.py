"""What the entries of a time add up to: per rule and version how often it fired, came near and was not followed.

One pass over the public entries; no key is needed, and no fact is known. So of inputs that went missing only this is
seen: how often a sign could not be assessed. A prompt is a decision with an urgency: one that asks somebody to act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from boosterwatch.engine.audit.entry import DECISION, RESPONSE
from boosterwatch.engine.audit.log.reader import SqlReader

UNKNOWN = "cannot_assess"
Rule = tuple[str, str, str]  # pack, version, rule


@dataclass(slots=True)
class Counts:
    """What became of one rule under one version."""

    fired: int = 0
    near: int = 0
    responses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # of what was modified or dismissed


@dataclass(frozen=True, slots=True)
class Quiet:
    """A rule that fired before and has not since; `decisions` is how many the pack has made in the days without it."""

    pack: str
    rule: str
    last: str
    decisions: int


@dataclass(slots=True)
class Stats:
    """The sums of a time. Days are those on which entries were recorded, in UTC."""

    decisions: int = 0
    first: str | None = None
    last: str | None = None
    rules: dict[Rule, Counts] = field(default_factory=dict)
    recommendations: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    signs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # sign, month: unknown, all
    prompts: Counter[tuple[str, str]] = field(default_factory=Counter)  # pseudonym, month
    nameless: int = 0  # prompts about patients without an id
    _fired: dict[tuple[str, str], str] = field(default_factory=dict)  # pack, rule: the last day
    _days: Counter[tuple[str, str]] = field(default_factory=Counter)  # pack, day: decisions

    def counts(self, rule: Rule) -> Counts:
        """Return the counts of a rule, made when there are none."""
        return self.rules.setdefault(rule, Counts())

    def add_decision(self, entry: Mapping[str, Any]) -> None:
        """Count a decision."""
        pack, day = entry["pack"], str(entry["recorded"])[:10]
        self.decisions += 1
        self.first = min(self.first or day, day)
        self.last = max(self.last or day, day)
        self.recommendations[entry["recommendation"]] += 1
        self._days[pack["id"], day] += 1
        for rule in entry.get("rules", ()):
            self.counts((pack["id"], pack["version"], rule)).fired += 1
            self._fired[pack["id"], rule] = max(day, self._fired.get((pack["id"], rule), day))
        for rule in entry.get("near", ()):
            self.counts((pack["id"], pack["version"], rule)).near += 1
        for sign, state in entry.get("signs", {}).items():
            unknown, all_ = self.signs.get((sign, day[:7]), (0, 0))
            self.signs[sign, day[:7]] = (unknown + (state == UNKNOWN), all_ + 1)
        if "urgency" in entry:
            self._prompt(entry.get("patient"), day[:7])

    def _prompt(self, patient: str | None, month: str) -> None:
        if patient is None:
            self.nameless += 1
        else:
            self.prompts[patient, month] += 1

    def add_response(self, response: Mapping[str, Any], decision: Mapping[str, Any]) -> None:
        """Count what somebody did about a decision, for each rule that fired in it."""
        kind, pack = response["response"], decision["pack"]
        self.responses[kind] += 1
        for rule in decision.get("rules", ()):
            counts = self.counts((pack["id"], pack["version"], rule))
            counts.responses[kind] += 1
            if kind != "accept":
                counts.reasons[response["reason"]] += 1

    def quiet(self, days: int) -> list[Quiet]:
        """Return the rules that fired before the last days of the time and not in them, though their pack decided."""
        if self.last is None:
            return []
        border = (date.fromisoformat(self.last) - timedelta(days=days)).isoformat()
        since: Counter[str] = Counter()
        for (pack, day), count in self._days.items():
            since[pack] += count if day > border else 0
        quiet = ((pack, rule, last) for (pack, rule), last in sorted(self._fired.items()) if last <= border)
        return [Quiet(pack, rule, last, since[pack]) for pack, rule, last in quiet if since[pack]]

    def over(self, budget: int) -> list[tuple[str, str, int]]:
        """Return the patients with more prompts in a month than the budget, the most first: pseudonym, month, count."""
        found = [(patient, month, count) for (patient, month), count in self.prompts.items() if count > budget]
        return sorted(found, key=lambda one: (-one[2], one[1], one[0]))


def stats_of(reader: SqlReader, entries: Iterable[Mapping[str, Any]]) -> Stats:
    """Return the sums over entries; a response counts with the decision that it is about, whenever that was."""
    stats = Stats()
    for entry in entries:
        if entry["kind"] == DECISION:
            stats.add_decision(entry)
        elif entry["kind"] == RESPONSE:
            stored = reader.entry(entry["about"])
            if stored is not None:
                stats.add_response(entry, stored.entry())
    return stats
