"""Every lint: its good example is a piece of a pack in which nothing is found, its bad one is found, and alone."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, fill

import pytest

from boosterwatch.engine.author.lint.codes import LINT_CODES
from boosterwatch.engine.author.lint.deep import DEEP
from boosterwatch.engine.author.lint.lint import Lint
from boosterwatch.engine.author.lint.run import LINTS, run_lints
from boosterwatch.tests.author.lint.sound_pack import context_of, found_in, replaced, sound_files
from boosterwatch.tests.expect import expect_text

ALL = (*LINTS, *DEEP)


def test_nothing_is_found_in_the_sound_pack() -> None:
    assert found_in(sound_files()) == ()


def test_no_proof_finds_anything_in_the_sound_pack() -> None:
    assert found_in(sound_files(), DEEP) == ()


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.code)
def test_the_bad_example_is_found_and_nothing_else(lint: Lint) -> None:
    assert [(one.code, one.level) for one in found_in(replaced(lint.good, lint.bad))] == [(lint.code, lint.level)]


@pytest.mark.parametrize("lint", DEEP, ids=lambda lint: lint.code)
def test_the_bad_example_of_a_proof_is_found_by_proof_alone(lint: Lint) -> None:
    files = replaced(lint.good, lint.bad)
    assert found_in(files) == ()
    assert [(one.code, one.level) for one in found_in(files, DEEP)] == [(lint.code, lint.level)]


@pytest.mark.parametrize("code", ["BW641", "BW643", "BW645", "BW650"])
def test_a_proof_does_not_say_again_what_was_said(code: str) -> None:
    lint = next(one for one in LINTS if one.code == code)
    context = context_of(replaced(lint.good, lint.bad))
    assert any(found for deep in DEEP for found in deep.run(context))
    assert [one.code for one in run_lints(context, (), (), ALL).problems] == [code]


@pytest.mark.parametrize("lint", ALL, ids=lambda lint: lint.code)
def test_what_a_waiver_repeats_stands_in_the_message(lint: Lint) -> None:
    (found,) = lint.run(context_of(replaced(lint.good, lint.bad)))
    assert f"`{found.at}`" in found.problem.message
    assert found.problem.hint
    assert not found.problem.message.endswith(".")


ROOT = Path(__file__).parents[3]
NO_EXAMPLE = "Remove it, or use it where it belongs."


def page(lint: Lint) -> str:
    """Return the page of a lint's code, made of what the lint says of itself."""
    right = block(lint.good) if lint.good else f"{NO_EXAMPLE}\n"
    why = fill(
        f"{lint.why} `check` reports it as {ARTICLES[lint.level]}.", 118, break_long_words=False, break_on_hyphens=False
    )
    return f"# {lint.code}: {lint.title}\n\n## Wrong\n\n{block(lint.bad)}\n## Right\n\n{right}\n## Why\n\n{why}\n"


ARTICLES = {"error": "an error", "warning": "a warning", "note": "a note"}


def block(example: str) -> str:
    return f"```yaml\n{dedent(example).rstrip()}\n```\n"


@pytest.mark.parametrize("lint", ALL, ids=lambda lint: lint.code)
def test_the_page_of_a_lint_shows_its_examples(lint: Lint) -> None:
    expect_text(ROOT / "docs" / "codes" / f"{lint.code}.md", page(lint))


def test_every_code_is_that_of_a_lint_or_of_a_waiver() -> None:
    codes = [lint.code for lint in ALL]
    assert len(codes) == len(set(codes))
    assert LINT_CODES.keys() - set(codes) == {"BW680", "BW690", "BW691", "BW692"}
