"""Compare both evaluators on generated packs and records: `python -m boosterwatch.tests.differential --pairs 1000000`.

Ends with 0 when nothing differs, with 1 otherwise; each pair that differs is kept in a file for `--replay`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.tests.differential.run import compare, default_jobs, replay


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m boosterwatch.tests.differential", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000, help="how many pairs of a pack and a record")
    parser.add_argument("--seed", type=int, default=1, help="other seeds give other packs and records")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="how many processes")
    parser.add_argument("--out", type=Path, default=Path("out/differential"), help="where pairs that differ are kept")
    parser.add_argument("--replay", type=Path, help="ask one of those again")
    given = parser.parse_args()
    available, reason = durable_available()
    if not available:
        print(f"there is nothing to compare with: {reason}", file=sys.stderr)
        return 2
    if given.replay is not None:
        return replay(given.replay, say)
    return int(compare(given.pairs, given.seed, max(1, given.jobs), given.out, say) > 0)


def say(line: str) -> None:
    """Print a line at once, so that it is seen where output is collected."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
