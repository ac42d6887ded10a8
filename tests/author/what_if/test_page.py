"""The page about what-if shows what the program prints."""

from __future__ import annotations

import re
from pathlib import Path

from boosterwatch.tests.cli.runs import ROOT, record_file, run
from boosterwatch.tests.expect import REWRITE

SCREEN = re.compile(r"(For a made-up patient:\n\n```text\n)(.*?)(```\n)", re.DOTALL)


def test_the_screen_on_the_page_is_real(tmp_path: Path) -> None:
    result = run("explain", record_file(tmp_path, "v03"), "--what-if")
    assert result.exit_code == 0, result.stderr
    page = ROOT / "docs" / "what-if.md"
    text = page.read_text(encoding="utf-8")
    assert SCREEN.search(text), "the page shows no screen"
    written = SCREEN.sub(lambda match: match.group(1) + result.stdout + match.group(3), text)
    if REWRITE:
        page.write_text(written, encoding="utf-8", newline="\n")
    assert written == text or REWRITE
