"""The pack in which nothing is found, edits of it, and what the lints find then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from textwrap import indent

from boosterwatch.engine.author.lint.context import Context, settings_of
from boosterwatch.engine.author.lint.lint import Lint
from boosterwatch.engine.author.lint.run import LINTS
from boosterwatch.engine.diagnostics import Diagnostic, sort
from boosterwatch.engine.pack.find import is_policy
from boosterwatch.tests.packs.files import Files, check_files, document

FOLDER = Path(__file__).parent / "sound"
FIRST_LINE = "# yaml-language-server: $schema=../../../../schemas/part.schema.json\n"
TODAY = date(2026, 11, 23)


@cache
def _sound() -> tuple[tuple[str, str], ...]:
    names = sorted((path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.yaml")), key=_face_first)
    return tuple((name, (FOLDER / name).read_text(encoding="utf-8")) for name in names)


def _face_first(name: str) -> tuple[bool, str]:
    return name != "pack.yaml", name


def sound_files() -> Files:
    """Return the files of the pack."""
    return dict(_sound())


def replaced(good: str, bad: str) -> Files:
    """Return the files with the one place that reads `good` reading `bad`; without `good`, `bad` is a new file."""
    files = sound_files()
    if not good:
        return {**files, "spare.yaml": FIRST_LINE + bad}
    for name, text in files.items():
        for depth in range(0, 12, 2):
            found = re.search(rf"^{re.escape(indent(good, ' ' * depth))}$", text, re.MULTILINE)
            if found is not None:
                changed = text[: found.start()] + indent(bad, " " * depth) + text[found.end() :]
                return {**files, name: changed}
    raise AssertionError(f"the sound pack does not hold {good!r}")


def context_of(files: Files, today: date = TODAY) -> Context:
    """Return what the lints read of a pack without errors."""
    pack, problems = check_files(files)
    assert pack is not None, problems
    assert not problems
    documents = tuple(document(name, text) for name, text in files.items() if is_policy(name))
    return Context(pack, documents, today, settings_of(documents))


def found_in(files: Files, lints: Iterable[Lint] = LINTS, today: date = TODAY) -> tuple[Diagnostic, ...]:
    """Return what the lints find in a pack without errors."""
    context = context_of(files, today)
    return sort(found.problem for lint in lints for found in lint.run(context))
