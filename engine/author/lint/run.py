"""All lints over one pack, and what the waivers make of what is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from boosterwatch.engine.author.lint.citations import CITATIONS
from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.instruments import INSTRUMENTS
from boosterwatch.engine.author.lint.lint import Found, Lint
from boosterwatch.engine.author.lint.names import NAMES
from boosterwatch.engine.author.lint.numbers import NUMBERS
from boosterwatch.engine.author.lint.recommendations import RECOMMENDATIONS
from boosterwatch.engine.author.lint.rules import RULES
from boosterwatch.engine.author.lint.sentences import SENTENCES
from boosterwatch.engine.author.lint.signs import SIGNS
from boosterwatch.engine.author.lint.waivers import Waiver, check_waivers, unused_waivers, waived
from boosterwatch.engine.diagnostics import Diagnostic, sort

LINTS: tuple[Lint, ...] = (
    *NUMBERS,
    *CITATIONS,
    *SIGNS,
    *INSTRUMENTS,
    *RULES,
    *RECOMMENDATIONS,
    *NAMES,
    *SENTENCES,
)


@dataclass(frozen=True, slots=True)
class Linted:
    """What the lints found, sorted: `problems` that count, and `waived` ones with the waiver of each."""

    problems: tuple[Diagnostic, ...]
    waived: tuple[tuple[Diagnostic, Waiver], ...]


def run_lints(
    context: Context, waivers: Sequence[Waiver], waivable: Collection[str], lints: Iterable[Lint] = LINTS
) -> Linted:
    """Return what the lints find in a pack today. `waivable` are the codes that a waiver may name, other tools' too."""
    chosen = tuple(lints)
    found = list(_once([one for lint in chosen for one in lint.run(context)]))
    return weigh(found, waivers, waivable, [lint.code for lint in chosen], context.today)


# What a proof finds is no news where plain reasoning found it and said why.
SAID_ALREADY = {"BW642": ("BW641",), "BW646": ("BW643", "BW645", "BW650")}


def _once(found: Sequence[Found]) -> Iterator[Found]:
    told = {(one.problem.code, one.at) for one in found}
    for one in found:
        if not any((code, one.at) in told for code in SAID_ALREADY.get(one.problem.code, ())):
            yield one


def weigh(
    found: Iterable[Found], waivers: Sequence[Waiver], waivable: Collection[str], ran: Collection[str], today: date
) -> Linted:
    """Return the findings with the waivers applied and checked; `ran` are the codes that were looked for."""
    problems, accepted = list(check_waivers(waivers, waivable, today)), []
    for one in found:
        waiver = waived(waivers, one.problem.code, one.at, today)
        if waiver is None:
            problems.append(one.problem)
        else:
            accepted.append((one.problem, waiver))
    problems += unused_waivers(waivers, {waiver for _, waiver in accepted}, ran, today)
    order = sort(problem for problem, _ in accepted)
    return Linted(sort(problems), tuple(sorted(accepted, key=lambda pair: order.index(pair[0]))))
