"""Expected texts kept in files; `make golden` rewrites them, and the diff is read in review."""

import os
from pathlib import Path

REWRITE = os.environ.get("BOOSTERWATCH_GOLDEN") == "1"


def expect_text(path: Path, actual: str) -> None:
    """Compare `actual` with the text in `path`, or write it there when rewriting."""
    if REWRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path.name} is missing; write it with `make golden`"
    assert actual == path.read_text(encoding="utf-8")
