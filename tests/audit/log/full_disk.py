"""Fills a small disk, or runs into a limit on the size of files, with a log on it; prints what happened as JSON.

python -m boosterwatch.tests.audit.log.full_disk disk FOLDER      FOLDER is a small disk of its own
python -m boosterwatch.tests.audit.log.full_disk limit FOLDER
"""

import json
import resource
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from boosterwatch.engine.audit.log.api import Log
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.log.drafts import SIGNER, check_whole, draft, writer

_BALLAST = 300_000  # bytes
_LIMIT = 150_000


def fill_disk(folder: Path) -> Callable[[], None]:
    """Leave little room; returns what makes more."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(_BALLAST))
    return ballast.unlink


def limit_files(_folder: Path) -> Callable[[], None]:
    """Let no file grow; returns what lifts that."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def append_until_refused(log: Log, times: int) -> tuple[set[str], Counter[str], set[str]]:
    """Append until so many were refused; returns the ids acknowledged, the codes, and the ids certainly not recorded."""
    held: set[str] = set()
    absent: set[str] = set()
    codes: Counter[str] = Counter()
    while codes.total() < times:
        one = draft(b"x" * 3_000)
        try:
            held.update(receipt.id for receipt in log.append([one]))
        except LogError as error:
            codes[error.code] += 1
            if error.code == "BW507":
                absent.add(one.id)
    return held, codes, absent


def run(kind: str, folder: Path) -> dict[str, object]:
    """Return what was recorded, refused, and found in the end."""
    url = f"sqlite:///{folder / 'audit.db'}"
    create(url, SIGNER)
    relieve = {"disk": fill_disk, "limit": limit_files}[kind](folder)
    with writer(url) as log:
        held, codes, absent = append_until_refused(log, 30)
        readable = sum(1 for _ in open_reader(url).entries())
        relieve()
        more = {receipt.id for receipt in log.append([draft(b"x" * 3_000) for _ in range(10)])}
        found = {str(entry["id"]) for entry in check_whole(log)}
    return {
        "recorded": len(held),
        "codes": dict(codes),
        "lost": len((held | more) - found),
        "refused but there": len(absent & found),
        "readable while full": readable >= len(held),
    }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
