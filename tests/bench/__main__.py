"""Run the benchmarks, print their tables, and on request write them to docs/performance.md."""

from __future__ import annotations

import argparse
from datetime import date

from boosterwatch.tests.bench import report, sections


def main() -> None:
    """Run what the command line asks for."""
    given = _arguments()
    size = sections.QUICK if given.quick else sections.FULL
    print(report.machine(), "\n")
    goals: list[report.Goal] = []
    for name in given.only or sections.BENCHMARKS:
        section = sections.BENCHMARKS[name](size)
        goals += section.goals
        print(report.as_text(section), flush=True)
        if given.write:
            _write(section, given.write.isoformat(), " --quick" if given.quick else "")
    print(report.goals_as_text(goals))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=report.COMMAND, description=__doc__)
    names = ", ".join(sections.BENCHMARKS)
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"which of {names}; all by default")
    parser.add_argument("--quick", action="store_true", help="measure less: the figures are rough")
    parser.add_argument(
        "--write", metavar="DATE", type=date.fromisoformat, help="write docs/performance.md, as of DATE"
    )
    given = parser.parse_args()
    unknown = [name for name in given.only if name not in sections.BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {names}")
    return given


def _write(section: report.Section, when: str, options: str) -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    report.PAGE.write_text(report.written(page, [section], when, options), encoding="utf-8")


if __name__ == "__main__":
    main()
