"""Compare both evaluators, DuckDB and Spark: `python -m boosterwatch.tests.cohort.campaign --patients 100000`.

Every stage keeps what it finished in the folder, so a campaign that was stopped goes on where it was, and the columns
can be compared again later (`--again`) without the rows. Ends with 0 when everybody agrees, with 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from boosterwatch.tests.cohort.campaign.alone import evaluators
from boosterwatch.tests.cohort.campaign.columns import work_out_columns
from boosterwatch.tests.cohort.campaign.plan import DATES, DUCKDB, DURABLE, KINDS, SPARK, Plan
from boosterwatch.tests.cohort.campaign.report import report
from boosterwatch.tests.cohort.campaign.rows import work_out_rows
from boosterwatch.tests.cohort.campaign.tables import make_tables

STAGES = ("tables", "rows", "duckdb", "spark", "compare")
SPARK_CHUNK = 20_000  # patients at once


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments and run the stages."""
    given = parser().parse_args(arguments)
    engines = [engine for engine in given.engines.split(",") if engine]
    dates = tuple(date.fromisoformat(day) for day in given.dates.split(","))
    names, kinds = tuple(given.cohorts.split(",")), tuple(given.kinds.split(","))
    plan = Plan(given.folder, given.patients, given.seed, dates, names, kinds)
    stages = STAGES if given.stage == "all" else (given.stage,)
    if "tables" in stages or given.stage == "rows":
        make_tables(plan, given.jobs, say)
    if "rows" in stages:
        work_out_rows(plan, given.jobs, say)
    for engine, chunk in ((DUCKDB, None), (SPARK, given.spark_chunk)):
        if engine in stages and engine in engines:
            work_out_columns(plan, engine, chunk, say, given.again)
    if "compare" not in stages:
        return 0
    return report(plan, [*(name for name in evaluators() if name == DURABLE), *engines], say)


def parser() -> argparse.ArgumentParser:
    """Return what the command line may say."""
    made = argparse.ArgumentParser(prog="python -m boosterwatch.tests.cohort.campaign", description=__doc__)
    made.add_argument("--patients", type=int, default=2_000, help="how many, without the cases and smaller cohorts")
    made.add_argument("--seed", type=int, default=1, help="other seeds give other patients")
    made.add_argument("--jobs", type=int, default=2, help="how many processes work out rows")
    made.add_argument("--engines", default="duckdb,spark", help="those compared with rows")
    made.add_argument("--folder", type=Path, default=Path("out/agreement"), help="where everything is kept")
    made.add_argument("--stage", choices=("all", *STAGES), default="all", help="one stage only")
    made.add_argument("--dates", default=",".join(map(str, DATES)), help="YYYY-MM-DD, with commas")
    made.add_argument("--cohorts", default="main,loose,quick", help="some of the three cohorts")
    made.add_argument("--kinds", default=",".join(KINDS), help="some of the kinds of patients")
    made.add_argument("--spark-chunk", type=int, default=SPARK_CHUNK, help="patients whom Spark works out at once")
    made.add_argument("--again", action="store_true", help="work the columns out again")
    return made


def say(line: str) -> None:
    """Print a line at once, so that it is seen where output is collected."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
