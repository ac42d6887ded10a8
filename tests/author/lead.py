"""What a clinical lead works with in tests: a folder with a small pack, and the command line."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from boosterwatch.cli import main
from boosterwatch.tests.packs.files import Files
from boosterwatch.tests.packs.small import SMALL


def small_pack(folder: Path, files: Files = SMALL) -> Path:
    """Return the folder with the files of a pack in it."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return folder


def run(*arguments: str) -> Result:
    """Return what a command printed and its exit code."""
    return CliRunner().invoke(main, arguments, prog_name="boosterwatch")
