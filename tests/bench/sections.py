"""Each benchmark run at a chosen size, and its results as a table with the goals it speaks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from boosterwatch.tests.bench import (
    audit,
    audit_checking,
    cohort_section,
    cold,
    growth,
    loading,
    memory,
    rules,
    tools,
    whole,
)
from boosterwatch.tests.bench.report import Goal, Section, number


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    patients: int
    compared: int
    people: int
    decisions: int
    starts: int
    sizes: tuple[int, ...]
    tools: tuple[str, ...]
    appended: int
    checked: int
    cohorts: tuple[int, ...]


FULL = Size(
    rounds=5,
    patients=20_000,
    compared=10_000,
    people=1_000,
    decisions=100_000,
    starts=20,
    sizes=growth.SIZES,
    tools=tuple(tools.COMMANDS),
    appended=3_200,
    checked=1_000_000,
    cohorts=(10_000, 100_000, 1_000_000),
)
QUICK = Size(
    rounds=2,
    patients=2_000,
    compared=1_000,
    people=50,
    decisions=2_000,
    starts=5,
    sizes=(10, 100, 1_000),
    tools=tools.QUICK,
    appended=640,
    checked=20_000,
    cohorts=(1_000, 10_000),
)
TINY = Size(
    rounds=1,
    patients=50,
    compared=50,
    people=2,
    decisions=4,
    starts=1,
    sizes=(5, 10, 20),
    tools=tools.TINY,
    appended=64,
    checked=600,
    cohorts=(40,),
)


def rules_only(size: Size) -> Section:
    """Return the rules-only comparison; it refuses to time engines that are wrong."""
    wrong = {name: rules.differences(name, size.compared) for name in rules.ENGINES}
    if any(wrong.values()):
        raise AssertionError(f"wrong answers: {wrong}")
    found = {one.name: one for one in rules.run(size.rounds, size.patients)}
    rows = tuple(
        (one.name, number(one.p50), number(one.p99), number(one.ratio), number(one.build)) for one in found.values()
    )
    reference = found["boosterwatch reference, conclusions"]
    durable = found.get("boosterwatch durable_rules, whole outcome")
    peers = [one for name, one in found.items() if name in rules.PEERS]
    return Section(
        "rules",
        "Rules only, the booster policy: a patient's values to recommendation and signs",
        ("engine", "p50 us", "p99 us", "x baseline", "build + first ms"),
        rows,
        (
            Goal("rules only, reference", "at most 2.5 us", f"{number(reference.p50)} us", reference.p50 <= 2.5),
            Goal(
                "rules only, durable_rules with trace",
                "at most 60 us",
                f"{number(durable.p50)} us" if durable is not None else "not installed",
                durable is not None and durable.p50 <= 60,
            ),
            Goal(
                "rules only, other rule engines",
                "all behind the reference",
                f"{number(min(one.p50 for one in peers))} us at best",
                all(one.p50 > reference.p50 for one in peers),
            ),
        ),
        (
            f"Agreement first: every engine gave the policy's own answer for all of {size.compared:,} patients.",
            f"{size.patients:,} patients, {size.rounds} rounds, a fresh process per engine and round, in turns; "
            "medians over the rounds, ratios within each round. Reading the clock, about 0.06 us, is in every figure.",
        ),
    )


def whole_decision(size: Size) -> Section:
    """Return the whole decision with its stages."""
    found = whole.run(size.people, size.rounds, warm=min(whole.WARM, size.people))
    total = sum(stage.p50 for stage in found.stages)
    kinds = (("new people, wall", found.new.wall), ("new people, processor", found.new.cpu),
             ("the same people again, processor", found.again.cpu))  # fmt: skip
    rows = [(f"**{name}**", number(one.p50), number(one.p99), "", "") for name, one in kinds]
    rows += [(s.name, number(s.p50), "", number(s.least), f"{s.p50 / total:.0%}") for s in found.stages]
    wall = found.new.wall
    return Section(
        "whole",
        "The whole decision: 60 assessments with answers, both evaluators, full trace, JSON",
        ("what", "p50 us", "p99 us", "least us", "share"),
        tuple(rows),
        (
            Goal("whole decision, p50", "under 500 us", f"{number(wall.p50)} us", wall.p50 < 500),
            Goal("whole decision, p99", "under 2,000 us", f"{number(wall.p99)} us", wall.p99 < 2_000),
        ),
        (
            f"{size.people:,} different people in {size.rounds} rounds, none seen before; the middle round is shown. An answer has {found.text:,} bytes. "
            f"Parsing the record's JSON, {number(found.parse)} us, comes on top.",
            "Stages are processor time for other new people; `least` is the best of 20 repeats for the same person, "
            "which shows what a quiet machine with everything kept could do.",
        ),
    )


def memory_over_time(size: Size) -> Section:
    """Return resident memory over many decisions."""
    found = memory.run(size.decisions, max(1, size.decisions // 10))
    grown = memory.growth(found)
    at_first = found[min(1, len(found) - 1)][1]
    return Section(
        "memory",
        "Memory over many decisions, each about a new person",
        ("decisions", "resident MB"),
        tuple((f"{count:,}", number(megabytes, 4)) for count, megabytes in found),
        (
            Goal(
                f"memory over {size.decisions:,} decisions",
                "flat",
                f"{grown:+.1f} MB of {at_first:.0f} after the first tenth",
                grown < 0.03 * at_first,
            ),
        ),
    )


def cold_start(size: Size) -> Section:
    """Return the cold start with the slowest imports."""
    found = cold.run(size.starts)
    times = {one.what: one for one in found.commands}
    rows = [(f"**{one.what}**", number(one.p50), number(one.least), number(one.cpu)) for one in found.commands]
    rows += [(f"import {one.name}", number(one.own), "", number(one.whole)) for one in found.imports]
    package, evaluate = times[cold.PACKAGE], times.get(cold.EVALUATE)
    goals = [Goal("`import boosterwatch`", "under 80 ms", f"{number(package.p50)} ms", package.p50 < 80)]
    measured = f"{number(evaluate.p50)} ms" if evaluate is not None else "does not run"
    reached = evaluate is not None and evaluate.p50 < 300
    goals.append(Goal("`boosterwatch evaluate`, cold shell", "under 300 ms", measured, reached))
    return Section(
        "cold",
        "From a cold shell",
        ("what", "p50 ms", "least ms", "processor ms"),
        tuple(rows),
        tuple(goals),
        (
            *found.broken,
            "For imports, the ten slowest of an evaluation: by itself under p50, with what it imports under processor; "
            "`-X importtime` makes them look slower than they are.",
        ),
    )


def growth_with_size(size: Size) -> Section:
    """Return the time against the size of the record."""
    points, slope = growth.run(size.sizes, size.rounds)
    last = points[-1]
    return Section(
        "growth",
        "Records of every size",
        ("assessments", "wall ms", "processor ms"),
        tuple((f"{one.size:,}", number(one.wall), number(one.cpu)) for one in points),
        (
            Goal(
                f"a record of {last.size:,} assessments",
                "under 1 s",
                f"{number(last.wall / 1e3)} s",
                last.wall < 1_000,
            ),
            Goal("growth with the record", "about linear", f"exponent {slope:.2f}", slope < 1.2),
        ),
        ("The exponent is taken over the upper half of the sizes; 1 is linear.",),
    )


def loading_a_pack(size: Size) -> Section:
    """Return the steps from a pack's text to a first decision."""
    found = loading.run(size.rounds, whole.PACK)
    return Section(
        "loading",
        "From the default pack's text to a first decision, in a fresh process",
        ("step", "wall ms", "processor ms"),
        tuple((one.name, number(one.wall), number(one.cpu)) for one in found),
        (),
        ("`load_pack, as called` takes the kept compiled form where there is one, and is a process of its own.",),
    )


def what_a_lead_waits_for(size: Size) -> Section:
    """Return the times of the commands of a clinical lead over the default pack."""
    found = tools.run(size.tools)
    name, seconds = found.slowest_proof
    return Section(
        "tools",
        "The commands of a clinical lead, over the default pack, each as a fresh process",
        ("command", "wall s"),
        tuple((f"`{one.command}`", number(one.seconds)) for one in found.commands),
        (
            Goal("`check`, warm", "under 1 s", f"{number(found.warm_check)} s of processor", found.warm_check < 1),
            Goal("each proof over the default pack", "under 2 s", f"{number(seconds)} s ({name})", seconds < 2),
        ),
        ("One run each. `mutate` and `test --coverage` evaluate every worked patient under thousands of changes.",),
    )


def recording(size: Size) -> Section:
    """Return how fast entries become durable in an audit log."""
    return audit.section(audit.run(size.rounds, size.appended), size.rounds, size.appended)


def checking_a_log(size: Size) -> Section:
    """Return how fast an audit log is checked, and a proof made."""
    return audit_checking.section(audit_checking.measure(size.checked, proofs=min(500, size.checked)))


def whole_clinics(size: Size) -> Section:
    """Return what a whole clinic takes, in columns and by hand."""
    return cohort_section.section(size.cohorts, min(size.rounds, 3), min(size.compared, 2_000))


BENCHMARKS: dict[str, Callable[[Size], Section]] = {
    "rules": rules_only,
    "whole": whole_decision,
    "memory": memory_over_time,
    "cold": cold_start,
    "growth": growth_with_size,
    "loading": loading_a_pack,
    "tools": what_a_lead_waits_for,
    "audit": recording,
    "audit-checking": checking_a_log,
    "cohorts": whole_clinics,
}
