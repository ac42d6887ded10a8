"""The policy in Polars, written by hand for this kind of data; see `cohort_numbers.py`. Days are counted from 1970."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from boosterwatch.tests.bench.cohort_numbers import COLUMNS, SCALES
from boosterwatch.tests.bench.cohort_polars_rules import concluded, stated

EPOCH = date(1970, 1, 1)
SERIES = ["pid", "scale"]
Frame = pl.LazyFrame
SCALE = pl.Enum(list(SCALES))


def evaluate(tables: Path, as_of: date, out: Path) -> None:
    """Write the answers about every patient of some tables."""
    answers(tables, as_of).collect().write_parquet(out, compression="zstd")


def answers(tables: Path, as_of: date) -> Frame:
    """Return the answers about every patient of some tables."""
    today = (as_of - EPOCH).days
    people = pl.scan_parquet(tables / "patients.parquet").with_row_index("pid").collect().lazy()
    ids = people.select("patient", "pid")
    infusions = _read(tables, "infusions", ids).unique()
    given = _given(tables, ids)
    facts = _read(tables, "safety", ids, "type", "systolic", "diastolic", "q1", "q2", "q6_recent")
    known, course = (
        infusions.filter(pl.col("day") <= today).collect().lazy(),
        _course(infusions, today).collect().lazy(),
    )
    ahead = pl.concat([one.filter(pl.col("day") > today).select("pid") for one in (given, facts, infusions)]).unique()
    by_day = _by_day(given, today).collect().lazy()
    scores = _judged(by_day, known, course).collect().lazy()
    newest = _newest(scores, _treated(known, course, today), today).collect()
    wide = _wide(newest).lazy()
    joined = people.select("patient", "pid", *_person(as_of))
    parts = (wide, course, _treated(known, course, today), _problems(by_day), _bookings(tables, ids, today))
    for part in (*parts, *_facts(facts, today), ahead.with_columns(future_dated=True)):
        joined = joined.join(part, on="pid", how="left")
    relevant = joined.select("pid", trauma=pl.col("ptsd") | (pl.col("pcl5_baseline") >= 33).fill_null(False))
    joined = joined.join(_interval(scores, relevant), on="pid", how="left")
    return concluded(stated(joined, today), today).select(COLUMNS)


def _read(tables: Path, name: str, ids: Frame, *columns: str | pl.Expr) -> Frame:
    """Return a table with the patient and the day as numbers, without what was entered in error."""
    frame = pl.scan_parquet(tables / f"{name}.parquet")
    if "entered_in_error" in frame.collect_schema().names():
        frame = frame.filter(~pl.col("entered_in_error").fill_null(False))
    day = pl.col("date").cast(pl.Int32).alias("day")
    return frame.join(ids, on="patient").select("pid", day, *columns)


def _person(as_of: date) -> list[pl.Expr]:
    adult = pl.lit(as_of).dt.offset_by("-18y")
    return [
        pl.col("indications").list.contains("ptsd").alias("ptsd"),
        (pl.col("birth_date") > adult).fill_null(False).alias("young"),
    ]


# ---------------------------------------------------------------- infusions


def _course(infusions: Frame, today: int) -> Frame:
    """Return first and last day of the induction that counts, and the infusion before it."""
    day, before = pl.col("day"), pl.col("before")
    known = infusions.filter(day <= today).sort("pid", "day")
    placed = known.with_columns(before=day.shift(1).over("pid")).with_columns(
        number=(before.is_null() | (day - before >= 56)).cast(pl.Int32).cum_sum().over("pid")
    )
    blocks = (
        placed.group_by("pid", "number", maintain_order=True)
        .agg(first=day.first(), last=day.head(8).filter(day.head(8) - day.first() <= 28).last(),
             many=(day.head(8) - day.first() <= 28).sum(), previous=before.first())
        .filter(pl.col("many") >= 4)
    )  # fmt: skip
    return blocks.group_by("pid", maintain_order=True).agg(
        pl.col("first", "last").last(), floor=pl.when(pl.len() > 1).then(pl.col("previous").last())
    )


def _treated(known: Frame, course: Frame, today: int) -> Frame:
    age, day = today - pl.col("day"), pl.col("day")
    outside = pl.col("first").is_null() | ~day.is_between(pl.col("first"), pl.col("last"))
    return (
        known.join(course, on="pid", how="left")
        .group_by("pid")
        .agg(infused=day.max(), in_28=((age < 28) & outside).sum(), in_365=(age < 365).sum())
    )


def _bookings(tables: Path, ids: Frame, today: int) -> Frame:
    booked = pl.scan_parquet(tables / "booked.parquet").join(ids, on="patient")
    ahead = booked.select("pid", ahead=pl.col("date").cast(pl.Int32) - today).filter(pl.col("ahead") >= 0)
    return ahead.group_by("pid").agg(pl.col("ahead").min())


# ---------------------------------------------------------------- scores


def _given(tables: Path, ids: Frame) -> Frame:
    scale = pl.col("instrument").cast(SCALE).alias("scale")
    return _read(tables, "assessments", ids, scale, "total")


def _of(field: int) -> pl.Expr:
    """Return a number of the row's questionnaire, by its place in `Scale`."""
    values = {name: scale[field] for name, scale in SCALES.items()}
    return pl.col("scale").replace_strict(values, return_dtype=pl.Int32)


HIGH, DELTA, FLOOR, CUT, SETTLE, FRESH = (_of(place) for place in range(6))


def _by_day(given: Frame, today: int) -> Frame:
    total = pl.col("total")
    valid = total.is_between(0, HIGH) & (total == total.floor())
    return (
        given.filter(pl.col("day") <= today, total.is_not_null())
        .with_columns(valid=valid, total=pl.when(valid).then(total))
        .group_by("pid", "scale", "day")
        .agg(total.min(), most=total.max(), invalid=(~pl.col("valid")).any())
        .with_columns(conflict=(pl.col("most") != total).fill_null(False))
    )


def _problems(by_day: Frame) -> Frame:
    wrong = pl.col("invalid") | pl.col("conflict")
    failed = pl.col("day").filter(pl.col("scale") == "phq9").max()
    return (
        by_day.filter(wrong)
        .group_by("pid")
        .agg(invalid_score=pl.col("invalid").any(), duplicate_conflict=pl.col("conflict").any(), failed=failed)
    )


def _judged(by_day: Frame, known: Frame, course: Frame) -> Frame:
    """Return each score against its own reference: worse, settled, confirmed, probable."""
    day, total, best, gain = pl.col("day"), pl.col("total"), pl.col("best"), pl.col("baseline") - pl.col("best")
    infused = known.select("pid", "day", cycle="day").sort("day")
    scores = (
        by_day.filter(total.is_not_null() & ~pl.col("conflict"))
        .select("pid", "scale", "day", "total")
        .sort("day")
        .join_asof(infused, on="day", by="pid", strategy="backward", allow_exact_matches=False, check_sortedness=False)
        .join(course, on="pid", how="left")
        .sort("pid", "scale", "day")
    )
    floor = pl.col("floor").is_null() | (day > pl.col("floor"))
    scores = scores.with_columns(
        post=(day > pl.col("last")).fill_null(False),
        before=(day.is_between(pl.col("first") - 28, pl.col("first")) & floor).fill_null(False),
    ).with_columns(
        best=pl.when("post").then(total).cum_min().shift(1).over(SERIES),
        baseline=total.filter("before").last().over(SERIES),
    )
    worse = (((total - best) >= DELTA) & (total >= FLOOR)).fill_null(False)
    settled = pl.col("cycle").is_null() | (day - pl.col("cycle") >= SETTLE)
    scores = scores.with_columns(worse=worse, settled=settled).collect().lazy()
    earlier = scores.filter("worse", "settled").select(*SERIES, "cycle", visit="day")
    visits = scores.select(*SERIES, "cycle", seen="day")
    again = (
        scores.filter("worse")
        .select(*SERIES, "cycle", "day", until=day - 5)
        .sort("until")
        .join_asof(
            visits.sort("seen"), left_on="until", right_on="seen", by=[*SERIES, "cycle"], strategy="backward",
            tolerance=37, check_sortedness=False,
        )
        .join(earlier, left_on=[*SERIES, "cycle", "seen"], right_on=[*SERIES, "cycle", "visit"], how="semi", nulls_equal=True)
        .select(*SERIES, "day", twice=True)
    )  # fmt: skip
    lost = ((gain >= DELTA) & ((total - best) / gain >= 0.5)).fill_null(False)
    level = scores.join(again, on=[*SERIES, "day"], how="left").with_columns(pl.col("twice").fill_null(False))
    return level.with_columns(probable=pl.col("settled") & pl.col("worse") & (total >= CUT) & (pl.col("twice") | lost))


def _newest(scores: Frame, treated: Frame, today: int) -> Frame:
    """Return each patient's newest score of each questionnaire, and what it says about today."""
    kept = [pl.col(name).last() for name in ("day", "total", "best", "worse", "probable", "twice", "baseline")]
    newest = (
        scores.sort("pid", "scale", "day")
        .group_by(SERIES, maintain_order=True)
        .agg(*kept, since=pl.col("total").filter("post").min())
        .join(treated.select("pid", "infused"), on="pid", how="left")
    )
    day, infused = pl.col("day"), pl.col("infused")
    early = (infused.is_not_null() & ~((day > infused) & (day - infused >= SETTLE))).fill_null(False)
    why = (
        pl.when(early)
        .then(pl.when(today - infused < SETTLE).then(pl.lit("settling")).otherwise(pl.lit("missing")))
        .when(today - day > FRESH)
        .then(pl.lit("stale"))
        .when(pl.col("best").is_null())
        .then(pl.lit("no_reference"))
        .otherwise(pl.lit("assessable"))
    )
    level = pl.when("probable").then(2).when("worse").then(1).otherwise(0)
    return newest.with_columns(why=why).with_columns(level=pl.when(pl.col("why") == "assessable").then(level))


def _wide(newest: pl.DataFrame) -> pl.DataFrame:
    values = ["level", "twice", "baseline", "since", "why", "day", "total"]
    parts = [
        newest.filter(pl.col("scale") == name).select("pid", *(pl.col(one).alias(f"{name}_{one}") for one in values))
        for name in SCALES
    ]
    wide = newest.select("pid").unique()
    for part in parts:
        wide = wide.join(part, on="pid", how="left")
    return wide


def _interval(scores: Frame, relevant: Frame) -> Frame:
    """Return the interval that the last observed cycles suggest."""
    counts = (pl.col("scale") != "pcl5") | pl.col("trauma")
    of_it = pl.col("probable") & pl.col("post") & (pl.col("cycle") >= pl.col("last"))
    losses = (
        scores.filter(of_it, pl.col("scale").is_in(["phq9", "gad7", "pcl5"]))
        .join(relevant, on="pid")
        .filter(counts)
        .group_by("pid", "cycle")
        .agg(length=pl.col("day").min() - pl.col("cycle").first())
        .sort("cycle")
    )
    days = (0.8 * pl.col("length").tail(3).median() + 0.5).floor().clip(21, 365)
    return losses.group_by("pid", maintain_order=True).agg(interval=pl.when(pl.len() >= 2).then(days))


# ---------------------------------------------------------------- facts


def _facts(facts: Frame, today: int) -> tuple[Frame, Frame]:
    known, day = facts.filter(pl.col("day") <= today), pl.col("day")
    up, down = pl.col("systolic"), pl.col("diastolic")
    pressure = (
        known.filter((pl.col("type") == "bp") & (down < up) & up.is_between(50, 260) & down.is_between(30, 160))
        .filter(day == day.max().over("pid"))
        .group_by("pid")
        .agg(up.max(), down.max(), measured=day.max())
    )
    asked = pl.col("q1").is_not_null() | pl.col("q2").is_not_null() | pl.col("q6_recent").is_not_null()
    screen = (
        known.filter(pl.col("type") == "cssrs")
        .group_by("pid")
        .agg(
            screened=day.filter(asked).max(),
            acted=day.filter(pl.col("q6_recent")).max(),
            positive=day.filter(pl.col("q1").fill_null(False) | pl.col("q2").fill_null(False)).max(),
        )
    )
    return pressure, screen
