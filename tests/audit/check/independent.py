"""docs/verify_audit.py, for tests: as a module, and as a program that runs from an empty folder with nothing of ours."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parents[3] / "docs" / "verify_audit.py"


@cache
def module() -> ModuleType:
    """Return the verifier as a module."""
    spec = spec_from_file_location("verify_audit", FILE)
    assert spec is not None
    assert spec.loader is not None
    found = module_from_spec(spec)
    sys.modules[spec.name] = found  # named tuples look their module up
    spec.loader.exec_module(found)
    return found


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier from an empty folder, without site packages, environment, or the current folder on its path."""
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    copy = empty / "verify_audit.py"
    copy.write_bytes(FILE.read_bytes())
    command = [sys.executable, "-I", "-S", str(copy), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=empty, check=False, env={})
