"""What a campaign is about: its cohorts, its dates, and where in its folder everything is kept.

`main` is most of the patients, under the version that decides today; `loose` is tables in which every column is text,
under the version on trial; `quick` is patients of the small pack. The cases of each version are in the cohort that is
evaluated under it; the cases of the record checks are in `loose`, since typed tables cannot hold them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boosterwatch.tests.cohort.people import ready

MOVED_TO = date(2026, 5, 1)
DATES = (MOVED_TO, date(2025, 11, 3), date(2027, 1, 15))  # then part of it lies ahead; then it is long ago
BLOCK = 1_024  # patients, whom one worker works out at a time
SYNTHETIC, RANDOM, CASES, CHECKED = "synthetic", "random", "cases", "checked"
KINDS = (SYNTHETIC, RANDOM, CASES, CHECKED)
WHOLE = (CASES, CHECKED)  # kinds of which a cohort has all or none
REFERENCE, DURABLE, DUCKDB, SPARK = "reference", "durable", "duckdb", "spark"
ROW_ENGINES = (REFERENCE, DURABLE)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Patients whose tables lie in one place; `text` says that every column of them is text."""

    name: str
    reference: str
    patients: int
    kinds: tuple[str, ...]
    text: bool = False

    def blocks(self) -> list[tuple[str, int]]:
        """Return the kind of each block and how many patients it has; 0 for a kind that is there as a whole."""
        drawn = [kind for kind in self.kinds if kind not in WHOLE]
        counts = [min(BLOCK, self.patients - start) for start in range(0, self.patients, BLOCK)]
        made = [(kind, share) for count in counts for kind, share in _shared(drawn, count)]
        return [*made, *((kind, 0) for kind in self.kinds if kind in WHOLE)]


def _shared(kinds: Sequence[str], count: int) -> list[tuple[str, int]]:
    shares = [(count + place) // len(kinds) for place in range(len(kinds))]
    return [(kind, share) for kind, share in zip(kinds, shares, strict=True) if share]


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign and its folder."""

    folder: Path
    patients: int
    seed: int
    dates: tuple[date, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS

    def cohorts(self) -> list[Cohort]:
        """Return the cohorts asked for."""
        few = max(self.patients // 50, 20)
        made = (
            Cohort("main", "ketamine-maintenance@1.0.0", self.patients, self._some(SYNTHETIC, RANDOM, CASES)),
            Cohort("loose", "ketamine-maintenance@1.1.0", few, self._some(*KINDS), text=True),
            Cohort("quick", "quick-screen@1.0.0", few, self._some(RANDOM, CASES)),
        )
        return [cohort for cohort in made if cohort.name in self.names]

    def _some(self, *kinds: str) -> tuple[str, ...]:
        return tuple(kind for kind in kinds if kind in self.kinds)

    def tables(self, cohort: Cohort) -> Path:
        """Return where the tables of a cohort are: a folder for each table, in it a file for each block."""
        return self.folder / "tables" / cohort.name

    def rows(self, cohort: Cohort, day: date) -> Path:
        """Return where the answers by rows are: a file for each block."""
        return self.folder / "rows" / cohort.name / key(cohort, day)

    def columns(self, cohort: Cohort, day: date, engine: str) -> Path:
        """Return the file with the answers by columns of an engine."""
        return self.folder / engine / cohort.name / f"{key(cohort, day)}.parquet"

    def stated(self) -> str:
        """Return what the people of this campaign are made of, as JSON."""
        about = {"patients": self.patients, "seed": self.seed, "moved_to": MOVED_TO.isoformat(), "kinds": self.kinds}
        return json.dumps(about, indent=1)


def key(cohort: Cohort, day: date) -> str:
    """Return what the answers hang on: the digest of the pack, and the date."""
    return f"{ready(cohort.reference).digest.removeprefix('sha256:')[:16]}-{day}"


def file_of(block: int) -> str:
    """Return the file name of a block."""
    return f"{block:05d}.parquet"
