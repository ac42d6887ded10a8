"""The group of commands about whole clinics; each stands in a file beside this one."""

from __future__ import annotations

from typing import Any

import click

from boosterwatch.engine.terminal.options import LazyGroup

LAZY: dict[str, str] = {  # command: module:attribute below engine/terminal/commands
    "backtest": "cohort_backtest:backtest",
    "convert": "cohort_tables:convert",
    "evaluate": "cohort_running:evaluate",
    "explain": "cohort_running:explain",
    "synth": "cohort_synth:synth",
}
NEEDED = {"duckdb": "duckdb", "ibis": "ibis-framework", "pyarrow": "pyarrow"}  # module: what installs it


class CohortGroup(LazyGroup):
    """A group whose commands need the extra `cohort`; without it, each of them says so."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for, when what it needs is installed."""
        from boosterwatch.engine.terminal.guard import run

        missing = run(need_cohort, "text")
        return ctx.exit(missing) if missing else super().invoke(ctx)


def need_cohort() -> None:
    """Raise RunError BW403 when what evaluates cohorts is not installed."""
    from importlib.util import find_spec

    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        from boosterwatch.engine.terminal.guard import RunError

        hint = "install the extra: pip install 'boosterwatch[cohort]'"
        raise RunError("BW403", f"cohorts need {', '.join(missing)}, not installed here", hint)


@click.group(
    cls=CohortGroup,
    lazy=LAZY,
    epilog="TABLES is a folder of Parquet, CSV or NDJSON files, or a database. "
    "Exit codes: 0 fine, 1 a patient or a table was refused, 2 wrong usage, 3 our own fault.",
)
def cohort() -> None:
    """Evaluate whole clinics: tables in, one row per patient out.

    \b
    boosterwatch cohort convert records/ tables/
    boosterwatch cohort evaluate tables/ --as-of 2026-11-24 -o today.parquet
    boosterwatch cohort explain tables/ --as-of 2026-11-24 --patient p-0001
    """
