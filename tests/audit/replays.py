"""Record many decisions, then replay all of them in processes of other kinds: every one must come out byte for byte.

    python -m boosterwatch.tests.audit.replays --decisions 100000

The decisions are about random small records, most under the small built-in pack and some under the default one, with
and without patients, overrides and a site's changes. They are replayed under another hash seed, locale and time zone, and by every
other Python that `--python` names (one with boosterwatch installed).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from boosterwatch.engine.audit.log.api import Draft
from boosterwatch.engine.audit.recording import AuditedEngine, given_from
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.flow import evaluate
from boosterwatch.tests.audit.test_recording import OVERLAY, laid_over
from boosterwatch.tests.audit.trails import ACTOR, default, in_folder, opened, quick

GROUP = 200  # decisions in one commit
KINDS: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
)


def random_record(chance: random.Random) -> dict[str, Any]:
    """Return a small record that the built-in packs can use."""
    begin = date(2025, 6, 1) + timedelta(days=chance.randrange(300))

    def day(number: int) -> str:
        return (begin + timedelta(days=number)).isoformat()

    forms = [{"instrument": "phq9", "date": day(-chance.randrange(1, 20)), "total": chance.randrange(10, 28)}]
    for visit in range(chance.randrange(6)):
        instrument, top = chance.choice([("phq9", 27), ("gad7", 21)])
        form: dict[str, Any] = {"instrument": instrument, "date": day(20 + visit * chance.randrange(1, 20))}
        if instrument == "phq9" and chance.random() < 0.4:
            form["items"] = [chance.choice([0, 1, 2, 3, None]) for _ in range(9)]
        else:
            form["total"] = chance.randrange(top + 1)
        forms.append(form)
    plain: dict[str, Any] = {"as_of": day(chance.randrange(30, 120)), "assessments": forms}
    if chance.random() < 0.9:
        plain["induction"] = {"first": day(0), "last": day(chance.randrange(1, 18))}
    if chance.random() < 0.98:
        plain["patient"] = f"p-{chance.randrange(2000):05}"
    if chance.random() < 0.1:
        plain["overrides"] = [{"parameter": "phq9.delta", "value": 6, "reason": "x", "by": "c", "date": day(1)}]
    return plain


def fill(trail: Trail, count: int, seed: int) -> None:
    """Record so many decisions, in groups, for the sake of time."""
    chance = random.Random(seed)
    engine = AuditedEngine(trail)
    drafts: list[Draft] = []
    for at in range(count):
        pack, overlay = (
            (default(), None) if at % 20 == 7 else (laid_over(), OVERLAY) if at % 20 == 13 else (quick(), None)
        )
        given = given_from(random_record(chance))
        drafts.append(engine._draft(evaluate(pack, given.facts), given, ACTOR, None, overlay))
        if len(drafts) == GROUP or at == count - 1:
            trail.log.append(drafts)
            drafts.clear()


def replay(python: str, url: str, keys: Path, jobs: int, kind: dict[str, str]) -> dict[str, Any]:
    """Replay the whole log in another process, and return what it tells."""
    arguments = ["audit", "replay", url, "--all", "--keys", str(keys), "--jobs", str(jobs), "--format", "json"]
    begun = time.monotonic()
    done = subprocess.run(
        [python, "-m", "boosterwatch.cli", *arguments],
        env={**os.environ, **kind},
        capture_output=True,
        text=True,
        check=False,
    )
    told: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"errors": done.stderr}
    told["seconds"] = round(time.monotonic() - begun, 1)
    return told


def run(count: int, jobs: int, pythons: list[str], seed: int) -> bool:
    """Record and replay, print one line of JSON for each step, and return whether all came out the same."""
    with tempfile.TemporaryDirectory() as folder:
        url, keys = in_folder(Path(folder))
        begun = time.monotonic()
        with opened(url) as trail:
            fill(trail, count, seed)
        print(json.dumps({"recorded": count, "seconds": round(time.monotonic() - begun, 1)}), flush=True)
        good = True
        for python, kind in [(sys.executable, kind) for kind in KINDS] + [(one, KINDS[0]) for one in pythons]:
            told = replay(python, url, keys, jobs, kind)
            good = good and told.get("counts") == {"same": count}
            print(json.dumps({"python": python, **kind, **told}), flush=True)
    return good


def main() -> int:
    """Run the campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--python", action="append", default=[], help="another Python that has boosterwatch")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    return 0 if run(asked.decisions, asked.jobs, asked.python, asked.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
