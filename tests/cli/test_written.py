"""What the documents show is what the program prints: the README's screen and the page of commands.

`make golden` writes both; read the difference before you commit it.
"""

from __future__ import annotations

import re
from pathlib import Path

from boosterwatch.tests.cli.runs import ROOT, record_file, run
from boosterwatch.tests.cli.test_help import COMMANDS
from boosterwatch.tests.expect import REWRITE, expect_text

SCREEN = re.compile(r"(for a made-up patient:\n\n```text\n)(.*?)(\n```\n)", re.DOTALL)
DIGEST = re.compile(r"digest [0-9a-f]{12}")


def test_the_screen_in_the_readme_is_real(tmp_path: Path) -> None:
    result = run("evaluate", record_file(tmp_path, "v14"))
    assert result.exit_code == 0, result.stderr
    shown = DIGEST.sub("digest ...", result.stdout.rstrip("\n"))
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    assert SCREEN.search(text), "the README shows no screen"
    written = SCREEN.sub(lambda match: match.group(1) + shown + match.group(3), text)
    if REWRITE:
        readme.write_text(written, encoding="utf-8", newline="\n")
    assert written == text or REWRITE


def test_the_page_of_commands_is_what_help_prints() -> None:
    pages = [f"## boosterwatch {command}".rstrip() + f"\n\n```text\n{_help(command)}\n```\n" for command in COMMANDS]
    head = "# Commands\n\nWhat `--help` prints for each; written by `make golden`.\n\n"
    expect_text(ROOT / "docs" / "commands.md", head + "\n".join(pages))


def _help(command: str) -> str:
    return run(*command.split(), "--help").stdout.rstrip("\n")
