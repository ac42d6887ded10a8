"""Results as tables: printed for the eye, and written between the marks of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
COMMAND = "python -m boosterwatch.tests.bench"


@dataclass(frozen=True)
class Goal:
    """One number to reach, and the number measured."""

    what: str
    goal: str
    measured: str
    reached: bool


@dataclass(frozen=True)
class Section:
    """One benchmark's table, the goals it speaks for, and what a reader must know about it."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = field(default=())


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count.

    >>> number(0.6134), number(24.48), number(1234.5), number(0)
    ('0.613', '24.5', '1,230', '0')
    """
    if not value:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:g}"


# ---------------------------------------------------------------- for the eye


def as_text(section: Section) -> str:
    """Return the section as a plain table."""
    table = [section.columns, *section.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in enumerate(pairs))
        for pairs in (tuple(zip(row, widths, strict=True)) for row in table)
    ]
    ruled = [lines[0], "-" * len(lines[0]), *lines[1:]]
    return "\n".join([section.title, "", *ruled, *(f"- {note}" for note in section.notes), ""])


def goals_as_text(goals: Iterable[Goal]) -> str:
    """Return the goals as a plain table."""
    rows = tuple((one.what, one.goal, one.measured, _word(one)) for one in goals)
    return as_text(Section("goals", "Goals", ("what", "goal", "measured", "reached"), rows))


def _word(goal: Goal) -> str:
    return "yes" if goal.reached else "**no**"


# ---------------------------------------------------------------- for the page


def written(page: str, sections: Sequence[Section], when: str, options: str) -> str:
    """Return the page with these sections' figures put in; the figures of others stay as they are."""
    for section in sections:
        page = _between(page, section.id, _markdown(section, when, options))
    old = _goal_rows(page)
    new = {
        goal.what: f"| {goal.what} | {goal.goal} | {goal.measured} | {_word(goal)} | {when} |"
        for section in sections
        for goal in section.goals
    }
    head = ["| what | goal | measured | reached | on |", "| --- | --- | --- | --- | --- |"]
    return _between(page, "goals", "\n".join([*head, *(old | new).values()]))


def _between(page: str, id: str, text: str) -> str:
    begin, end = f"<!-- figures: {id} -->", f"<!-- end: {id} -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"the page has no place for `{id}`")
    return marked.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", page)


def _goal_rows(page: str) -> dict[str, str]:
    found = re.search(r"<!-- figures: goals -->(.*?)<!-- end: goals -->", page, re.DOTALL)
    rows = [line for line in (found.group(1) if found else "").splitlines() if line.startswith("| ")]
    return {row.split(" | ")[0].removeprefix("| "): row for row in rows[2:]}


def _markdown(section: Section, when: str, options: str) -> str:
    lines = [
        f"`{COMMAND} {section.id}{options}`, {when}, {machine()}.",
        "",
        f"| {' | '.join(section.columns)} |",
        f"| {' | '.join('---' if not at else '---:' for at in range(len(section.columns)))} |",
        *(f"| {' | '.join(row)} |" for row in section.rows),
    ]
    return "\n".join([*lines, *(["", *(f"- {note}" for note in section.notes)] if section.notes else [])])


def machine() -> str:
    """Return what the figures were measured on, and how busy it was."""
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, load {load:.1f} meanwhile"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return " ".join(found.group(1).split()) if found else platform.machine()
