"""One pack checked: what compiling says, what the lints find, and what was waived or left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec

from boosterwatch.engine.author.lint.codes import LINT_CODES
from boosterwatch.engine.author.lint.context import Context, settings_of
from boosterwatch.engine.author.lint.deep import DEEP
from boosterwatch.engine.author.lint.run import LINTS, run_lints
from boosterwatch.engine.author.lint.waivers import Waiver, read_waivers
from boosterwatch.engine.author.prove.read import read_properties
from boosterwatch.engine.diagnostics import Diagnostic, sort
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import Opened
from boosterwatch.engine.pack.second_look import validate_again

PROVER = "z3"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a pack, sorted; `waived` findings count no more; `left_out` are codes not looked for."""

    problems: tuple[Diagnostic, ...]
    waived: tuple[tuple[Diagnostic, Waiver], ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many errors, warnings and notes there are."""
        return Counter(problem.level for problem in self.problems)

    def sound(self, *, strict: bool) -> bool:
        """Return whether there is no error, and with `strict` no warning either."""
        return not (self.counts["error"] or (strict and self.counts["warning"]))


def check_opened(opened: Opened, today: date, *, oldest_citation: int | None = None, deep: bool = False) -> Checked:
    """Return everything that is wrong with a pack; the lints run only on one that compiles.

    `deep` adds the lints that need a proof, and shows the second validator the cases too. Raises InternalError when
    the two validators differ.
    """
    if opened.pack is None:
        return Checked(opened.problems)
    validate_again(opened.all if deep else (*opened.documents, *opened.beside))
    return _lint(opened, opened.pack, today, oldest_citation, deep)


def _lint(opened: Opened, pack: ir.Pack, today: date, oldest_citation: int | None, deep: bool) -> Checked:
    context = Context(pack, opened.documents, today, settings_of(opened.documents, oldest_citation))
    able = deep and find_spec(PROVER) is not None
    linted = run_lints(context, read_waivers(opened), waivable(), (*LINTS, *DEEP) if able else LINTS)
    left_out = () if able else tuple(lint.code for lint in DEEP)
    problems = [*opened.problems, *map(opened.place, linted.problems), *_promises(opened)]
    if deep and not able:
        problems.append(_without_proofs(left_out))
    accepted = tuple((opened.place(problem), _placed(opened, waiver)) for problem, waiver in linted.waived)
    return Checked(sort(problems), accepted, left_out)


def _promises(opened: Opened) -> list[Diagnostic]:
    """Return what is wrong with the properties as text; whether they hold is for `prove`, and a pack may have none."""
    return [problem for problem in read_properties(opened).problems if problem.code != "BW435"]


def _placed(opened: Opened, waiver: Waiver) -> Waiver:
    span = opened.place(Diagnostic(waiver.code, waiver.at, waiver.span)).span
    return waiver if span is None else replace(waiver, span=span)


def _without_proofs(codes: tuple[str, ...]) -> Diagnostic:
    message = f"{' and '.join(codes)} need proofs, and were not looked for"
    return Diagnostic("BW680", message, None, "install the extra `prove`", "note")


TOOLS = "BW42"  # coverage and mutations have findings of judgement too


def waivable() -> frozenset[str]:
    """Return the codes that a waiver may name: those of the lints, of coverage and of mutations."""
    lints = {lint.code for lint in (*LINTS, *DEEP)}
    return frozenset(lints | {f"{TOOLS}{number}" for number in range(10)})


def title_of(code: str) -> str:
    """Return what a code means, for the codes of the lints; of another code the code itself."""
    return LINT_CODES.get(code, code)
