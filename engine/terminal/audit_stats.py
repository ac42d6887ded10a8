"""`audit stats`: what the entries of a time add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.reading.search import Filters, search
from boosterwatch.engine.audit.reading.stats import Counts, Stats, stats_of
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.explain.page import Block, Heading, Pairs, Table, Text
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

MOST_SHOWN = 20  # patients over the budget, as text


class Asked(NamedTuple):
    """Of which time, after how many days without firing a rule is quiet, and how many prompts a month are too many."""

    filters: Filters
    quiet_days: int
    budget: int | None


def tell_stats(url: str, asked: Asked, form: Form) -> int:
    """Print the sums. They hold pseudonyms only where a budget was exceeded."""
    with closing(open_reader(url)) as reader:
        stats = stats_of(reader, (stored.entry() for stored in search(reader, asked.filters)))
    if form == "json":
        print_json(_data(stats, asked))
    else:
        print_page(tuple(_blocks(stats, asked)))
    return FINE


def _blocks(stats: Stats, asked: Asked) -> Iterator[Block]:
    if not stats.decisions and not stats.responses:
        yield Text("No decision in this time.", "strong")
        return
    yield Text(f"{stats.decisions:,} decisions from {stats.first} to {stats.last}.", "strong")
    yield Pairs(tuple((words(id), f"{count:,}") for id, count in stats.recommendations.most_common()))
    yield Heading("Rules")
    heads = ("policy", "rule", "fired", "near", "accepted", "modified", "dismissed", "why not followed")
    yield Table(heads, tuple(_row(rule, stats.rules[rule]) for rule in sorted(stats.rules)), (2, 3, 4, 5, 6))
    yield from _quiet(stats, asked.quiet_days)
    yield from _unknown(stats)
    yield from _prompts(stats, asked.budget)


def _row(rule: tuple[str, str, str], counts: Counts) -> tuple[str, ...]:
    why = ", ".join(f"{words(reason)} {count}" for reason, count in sorted(counts.reasons.items()))
    said = (f"{counts.responses[kind]:,}" for kind in ("accept", "modify", "dismiss"))
    return f"{rule[0]}@{rule[1]}", rule[2], f"{counts.fired:,}", f"{counts.near:,}", *said, why or "-"


def _quiet(stats: Stats, days: int) -> Iterator[Block]:
    rows = tuple((one.pack, one.rule, one.last, f"{one.decisions:,}") for one in stats.quiet(days))
    yield Heading(f"Rules that fired before and not in the last {days} days")
    if rows:
        yield Table(("pack", "rule", "fired last on", "decisions since"), rows, (3,))
    else:
        yield Text("None.")


def _unknown(stats: Stats) -> Iterator[Block]:
    """Yield how often each sign could not be assessed: of what is missing the public entry tells no more."""
    months = sorted({month for _, month in stats.signs})[-6:]
    if not months:
        return
    yield Heading("Share of decisions in which a sign could not be assessed")
    signs = sorted({sign for sign, _ in stats.signs})
    rows = tuple((words(sign), *(_share(stats.signs.get((sign, month))) for month in months)) for sign in signs)
    yield Table(("sign", *months), rows, tuple(range(1, len(months) + 1)))
    yield Text("Which input is missing is sealed: `audit show` tells it of one decision.", "quiet")


def _share(counts: tuple[int, int] | None) -> str:
    return "-" if counts is None else f"{100 * counts[0] / counts[1]:.0f} %"


def _prompts(stats: Stats, budget: int | None) -> Iterator[Block]:
    yield Heading("Prompts per patient and month")
    counts = sorted(stats.prompts.values())
    if counts:
        middle, most = counts[(len(counts) - 1) // 2], counts[-1]
        yield Pairs(
            (("Patients and months with a prompt", f"{len(counts):,}"), ("Middle", f"{middle}"), ("Most", f"{most}"))
        )
    else:
        yield Text("None about a patient with an id.")
    if stats.nameless:
        yield Text(f"{stats.nameless:,} more about patients without an id, who cannot be told apart.")
    if budget is None:
        return
    over = stats.over(budget)
    yield Text(f"Over the budget of {budget}: {len(over):,}.", "alert" if over else "plain")
    if over:
        yield Table(
            ("patient (pseudonym)", "month", "prompts"), tuple((a, b, f"{n}") for a, b, n in over[:MOST_SHOWN]), (2,)
        )
    if len(over) > MOST_SHOWN:
        yield Text(f"and {len(over) - MOST_SHOWN:,} more; --format json has all", "quiet")


def _data(stats: Stats, asked: Asked) -> Mapping[str, object]:
    data: dict[str, Any] = {
        "decisions": stats.decisions,
        "from": stats.first,
        "to": stats.last,
        "recommendations": dict(stats.recommendations),
        "responses": dict(stats.responses),
        "rules": [_rule(rule, stats.rules[rule]) for rule in sorted(stats.rules)],
        "quiet": [
            {"pack": one.pack, "rule": one.rule, "last": one.last, "decisions_since": one.decisions}
            for one in stats.quiet(asked.quiet_days)
        ],
        "signs": [
            {"sign": sign, "month": month, "cannot_assess": unknown, "decisions": all_}
            for (sign, month), (unknown, all_) in sorted(stats.signs.items())
        ],
        "prompts": {"per_patient_and_month": sorted(stats.prompts.values()), "without_patient_id": stats.nameless},
    }
    if asked.budget is not None:
        over = [
            {"patient": patient, "month": month, "prompts": count} for patient, month, count in stats.over(asked.budget)
        ]
        data["prompts"] |= {"budget": asked.budget, "over": over}
    return data


def _rule(rule: tuple[str, str, str], counts: Counts) -> Mapping[str, object]:
    return {
        "pack": rule[0],
        "version": rule[1],
        "rule": rule[2],
        "fired": counts.fired,
        "near": counts.near,
        "responses": dict(sorted(counts.responses.items())),
        "reasons": dict(sorted(counts.reasons.items())),
    }
