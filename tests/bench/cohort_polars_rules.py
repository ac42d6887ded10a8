"""The rules of the policy in Polars, on what `cohort_polars.py` has worked out for each patient."""

from __future__ import annotations

import polars as pl

from boosterwatch.tests.bench.cohort_numbers import ROWS, SCALES, UNSEEN

Frame = pl.LazyFrame


def stated(joined: Frame, today: int) -> Frame:
    """Return what the rules read, nothing of it missing but dates and scores."""

    def sure(expression: pl.Expr) -> pl.Expr:
        return expression.fill_null(False)

    up, down, infused, ended = pl.col("systolic"), pl.col("diastolic"), pl.col("infused"), pl.col("last")
    fell, begun = pl.col("phq9_baseline") - pl.col("phq9_since"), pl.col("phq9_baseline")
    never = pl.when(pl.col("failed").is_null()).then(pl.lit("missing")).otherwise(pl.lit("invalid"))
    every = pl.when(today - ended <= 28).then(7).when(today - ended <= 84).then(14).otherwise(28)
    due = (
        pl.when(ended.is_null()).then(pl.col("phq9_day") + 28).otherwise(pl.max_horizontal("phq9_day", "last") + every)
    )
    trauma = sure(pl.col("ptsd") | (pl.col("pcl5_baseline") >= 33))
    return joined.with_columns(
        trauma=trauma,
        why=pl.col("phq9_why").fill_null(never),
        since=today - infused,
        interval=pl.col("interval").fill_null(28),
        success=sure((pl.col("gad7_baseline") >= 10) & (pl.col("gad7_baseline") - pl.col("gad7_since") >= 4)),
        booked=sure(pl.col("ahead") <= 14),
        pressed=sure((up >= 160) | (down >= 100)),
        raised=sure((up > 140) | (down > 90)),
        crisis=sure(((up >= 180) | (down >= 120)) & (today - pl.col("measured") <= 7)),
        acted=sure(pl.col("acted") >= infused.fill_null(0)),
        positive=sure((pl.col("positive") >= infused.fill_null(0)) & (today - pl.col("positive") <= 90)),
        unscreened=(today - pl.col("screened") > 35).fill_null(True),
        at_limit=sure((pl.col("in_28") >= 2) | (pl.col("in_365") >= 18)),
        newest_invalid=sure(pl.col("failed") > pl.col("phq9_day").fill_null(-1)),
        overdue=(today - due > 7).fill_null(True),
        response=pl.when(fell.is_null()).then(pl.lit("unknown")).when(begun < 10).then(pl.lit("not_evaluable"))
        .when(fell / begun >= 0.5).then(pl.lit("responder")).when(fell / begun >= 0.25).then(pl.lit("partial"))
        .otherwise(pl.lit("non_responder")),
        gad7_fell=pl.col("gad7_baseline") - pl.col("gad7_since"),
        **{name: sure(pl.col(name)) for name in ("invalid_score", "duplicate_conflict", "future_dated")},
    ).with_columns(
        fine=pl.col("why") == "assessable",
        pcl5_level=pl.when("trauma").then("pcl5_level"),
        trusted=pl.when("success").then("gad7_level"),
    )  # fmt: skip


def concluded(facts: Frame, today: int) -> Frame:
    """Return signs, flags, and the first row of the table that is true."""
    levels = [pl.col(f"{name}_level") for name in SCALES]
    anchors = {"phq9": pl.col("phq9_level"), "pcl5": pl.col("pcl5_level"), "gad7": pl.col("trusted")}
    anchor = [(level == 2).fill_null(False) for level in anchors.values()]
    twice = [((level == 2) & pl.col(f"{name}_twice")).fill_null(False) for name, level in anchors.items()]
    shown = pl.col("response").is_in(["responder", "partial"]) | (pl.col("trusted") == 2).fill_null(False)
    late = pl.col("infused") + pl.col("interval") - pl.col("phq9_day") > 7
    found = facts.with_columns(
        several=pl.sum_horizontal([(level > 0).fill_null(False).cast(pl.Int32) for level in levels]) >= 2,
        severity=pl.max_horizontal("phq9_level", "gad7_level", "pcl5_level").fill_null(0),
        non_responder=(pl.col("response") == "non_responder") & pl.col("fine") & (today - pl.col("last") >= 28),
        worse_than_baseline=(pl.col("fine") & (pl.col("phq9_total") - pl.col("phq9_baseline") >= 5)).fill_null(False),
        review_due=((pl.col("since") >= pl.col("interval")) & late.fill_null(True)).fill_null(False),
        anchor=pl.any_horizontal(anchor), confirmed=pl.any_horizontal(twice),
    ).with_columns(
        core=pl.col("anchor") & (pl.col("several") | pl.col("confirmed")) & pl.col("fine") & shown & ~pl.col("young")
    )  # fmt: skip
    return _told(found.with_columns(*_signs()).with_columns(row=_row()))


def _state(level: str, otherwise: pl.Expr) -> pl.Expr:
    code = pl.col(level)
    return pl.when(code == 2).then(pl.lit("probable")).when(code == 1).then(pl.lit("possible")).otherwise(otherwise)


def _signs() -> list[pl.Expr]:
    def absent(known: pl.Expr) -> pl.Expr:
        return pl.when(known).then(pl.lit("absent")).otherwise(pl.lit("cannot_assess"))

    failed = (
        pl.when(pl.col("gad7_fell").is_not_null()).then(pl.lit("not_applicable")).otherwise(pl.lit("cannot_assess"))
    )
    trusted = _state("trusted", absent(pl.col("trusted").is_not_null()))
    return [
        _state("severity", absent(pl.col("fine"))).alias("sign_symptom_severity"),
        *(pl.lit("cannot_assess").alias(f"sign_{sign}") for sign in UNSEEN),
        _state("wsas_level", absent(pl.col("wsas_level").is_not_null())).alias("sign_coping"),
        pl.when("success").then(trusted).otherwise(failed).alias("sign_anxiety_panic"),
        _state("isi_level", absent(pl.col("isi_level").is_not_null())).alias("sign_sleep"),
    ]


def _row() -> pl.Expr:
    def any_sign(state: str) -> pl.Expr:
        names = ("symptom_severity", "coping", "anxiety_panic", "sleep")
        return pl.any_horizontal([pl.col(f"sign_{name}") == state for name in names])

    core = pl.col("core")
    rows = (
        pl.col("acted") | pl.col("crisis"), pl.col("positive"), pl.col("pressed"),
        core & pl.col("booked") & ~pl.col("unscreened"), core & (pl.col("since") < 21), core & pl.col("at_limit"),
        core & pl.col("unscreened"), core,
        any_sign("probable") | pl.col("several") | pl.col("non_responder") | pl.col("worse_than_baseline"),
        any_sign("possible") | pl.col("why").is_in(["missing", "stale", "no_reference"]) | pl.col("newest_invalid")
        | pl.col("overdue") | pl.col("review_due"),
    )  # fmt: skip
    found = pl.lit(len(rows) + 1, pl.Int32)
    for place in range(len(rows), 0, -1):
        found = pl.when(rows[place - 1]).then(pl.lit(place, pl.Int32)).otherwise(found)
    return found


def _told(found: Frame) -> Frame:
    """Return the answers in words; a list of words is made once for each pattern of flags that there is."""
    flags = {
        "future_dated": pl.col("future_dated"), "invalid_score": pl.col("invalid_score"),
        "duplicate_conflict": pl.col("duplicate_conflict"), "settling": pl.col("why") == "settling",
        "stale": pl.col("why") == "stale",
        "baseline_missing": pl.col("phq9_since").is_not_null() & pl.col("phq9_baseline").is_null(),
        "non_responder": pl.col("non_responder"), "worse_than_baseline": pl.col("worse_than_baseline"),
        "assessment_overdue": pl.col("overdue"), "review_due": pl.col("review_due"), "outside_population": pl.col("young"),
        "suicidality_not_assessed": pl.col("unscreened"), "suppressed_booked": pl.col("row") == 4,
        "suppressed_min_interval": pl.col("row") == 5, "suppressed_max_frequency": pl.col("row") == 6,
    }  # fmt: skip
    names, row = [name for name, _ in ROWS], pl.col("row") - 1
    said = dict(enumerate(names))
    soon = {place: urgency for place, (_, urgency) in enumerate(ROWS)}
    return found.with_columns(
        recommendation=row.replace_strict(said, return_dtype=pl.String),
        urgency=row.replace_strict(soon, return_dtype=pl.String),
        holds=_words({"blood_pressure": pl.col("pressed")}),
        cautions=_words({"blood_pressure": pl.col("raised"), "infusion_count": pl.col("at_limit")}),
        flags=_words(flags),
    )


def _words(truths: dict[str, pl.Expr]) -> pl.Expr:
    """Return the words that are true: as a number of bits first, because a list made for each row takes long."""
    bits = pl.sum_horizontal(
        [truth.fill_null(False).cast(pl.Int32) * (1 << n) for n, truth in enumerate(truths.values())]
    )
    return bits.map_batches(lambda column: _spelled(column, list(truths)), return_dtype=pl.List(pl.String))


def _spelled(bits: pl.Series, words: list[str]) -> pl.Series:
    patterns = bits.unique()
    lists = [[word for n, word in enumerate(words) if code >> n & 1] for code in patterns]
    table = pl.DataFrame({"bits": patterns, "words": pl.Series(lists, dtype=pl.List(pl.String))})
    return pl.DataFrame({"bits": bits}).join(table, on="bits", how="left", maintain_order="left")["words"]
