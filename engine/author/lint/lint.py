"""What a lint is: a code with its level, one bad and one good example, and a function that finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from boosterwatch.engine.author.lint.codes import LINT_CODES
from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.diagnostics import Diagnostic, Level, Span


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found: the name it is about, which a waiver repeats, and what is wrong where. `hint` is what to do."""

    at: str
    message: str
    span: Span
    hint: str


Find = Callable[[Context], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Lint:
    """One lint. `bad` and `good` are pieces of a pack that differ in what is found; `why` is for its page."""

    code: str
    level: Level
    title: str
    why: str
    bad: str
    good: str
    find: Find

    def run(self, context: Context) -> Iterator[Found]:
        """Yield what is found, each place once: a template is met once for every scale it is written out for."""
        places = set()
        for one in self.find(context):
            if one.span not in places:
                places.add(one.span)
                yield Found(Diagnostic(self.code, one.message, one.span, one.hint, self.level), one.at)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as it is reported, and the name it is about."""

    problem: Diagnostic
    at: str


def lint(code: str, level: Level, *, why: str, bad: str, good: str) -> Callable[[Find], Lint]:
    """Return a decorator that makes a lint of the function that finds."""
    return lambda find: Lint(code, level, LINT_CODES[code], why, bad, good, find)
