"""The policy in pandas and NumPy, written by hand for this kind of data; see `cohort_numbers.py`. Days are from 1970."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boosterwatch.tests.bench.cohort_numbers import COLUMNS, ROWS, SCALES, SIGNS, UNSEEN

EPOCH = date(1970, 1, 1)
NAMES = list(SCALES)
SERIES = ["pid", "scale"]
Frame = Any  # what pandas calls typed is not worth the words in a benchmark


def evaluate(tables: Path, as_of: date, out: Path) -> None:
    """Write the answers about every patient of some tables."""
    today = (as_of - EPOCH).days
    people = pd.read_parquet(tables / "patients.parquet", columns=["patient", "birth_date", "indications"])
    ids = pd.Series(np.arange(len(people)), index=people["patient"])
    infusions = _read(tables, "infusions", ids).drop_duplicates()
    given = _read(tables, "assessments", ids, "instrument", "total")
    facts = _read(tables, "safety", ids, "type", "systolic", "diastolic", "q1", "q2", "q6_recent")
    ahead = pd.concat([one.loc[one["day"] > today, "pid"] for one in (infusions, given, facts)]).unique()
    known = infusions[infusions["day"] <= today].sort_values(["pid", "day"])
    course = _course(known)
    by_day = _by_day(given[given["day"] <= today])
    scores = _judged(by_day, known, course)
    treated = _treated(known, course, today)
    patients = pd.DataFrame(index=pd.RangeIndex(len(people)))
    patients["ptsd"] = [words is not None and "ptsd" in words for words in people["indications"]]
    patients["young"] = [born is not None and born == born and _age(born, as_of) < 18 for born in people["birth_date"]]
    patients["future_dated"] = patients.index.isin(ahead)
    parts = [course, treated, _wide(scores, treated, today), _problems(by_day), _bookings(tables, ids, today)]
    patients = patients.join([*parts, *_facts(facts[facts["day"] <= today])])
    patients["trauma"] = patients["ptsd"] | (patients["pcl5_baseline"] >= 33)
    patients = patients.join(_interval(scores, patients["trauma"]))
    answers = _told(_concluded(_stated(patients, today), today))
    answers.insert(0, "patient", people["patient"].to_numpy())
    answers[list(COLUMNS)].to_parquet(out, index=False, compression="zstd")


def _read(tables: Path, name: str, ids: Frame, *columns: str) -> Frame:
    """Return a table with the patient and the day as numbers, without what was entered in error."""
    error = [] if name in ("infusions", "booked") else ["entered_in_error"]
    frame = pd.read_parquet(
        tables / f"{name}.parquet",
        columns=["patient", "date", *columns, *error],
        engine="pyarrow",
        dtype_backend="pyarrow",
    )
    if error:
        frame = frame[~frame["entered_in_error"].fillna(False).astype(bool)]
    found = {"pid": ids.reindex(frame["patient"].to_numpy()).to_numpy(), "day": _days(frame["date"])}
    for column in columns:
        values = frame[column]
        found[column] = (
            values.to_numpy()
            if column in ("instrument", "type")
            else values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        )
    return pd.DataFrame(found)


def _days(dates: Frame) -> Frame:
    return dates.astype("datetime64[s]").to_numpy().astype("datetime64[D]").astype(np.int64)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# ---------------------------------------------------------------- infusions


def _course(known: Frame) -> Frame:
    """Return first and last day of the induction that counts, and the infusion before it."""
    before = known.groupby("pid")["day"].shift()
    number = (before.isna() | (known["day"] - before >= 56)).groupby(known["pid"]).cumsum()
    placed = known.assign(number=number, before=before)
    key = ["pid", "number"]
    grouped = placed.groupby(key)
    inside = (placed["day"] - grouped["day"].transform("first") <= 28) & (grouped.cumcount() < 8)
    blocks = (
        placed[inside]
        .groupby(key)
        .agg(first=("day", "first"), last=("day", "last"), many=("day", "size"), previous=("before", "first"))
    )
    blocks = blocks[blocks["many"] >= 4].reset_index()
    course = blocks.groupby("pid").agg(
        first=("first", "last"), last=("last", "last"), floor=("previous", "last"), blocks=("first", "size")
    )
    course["floor"] = course["floor"].where(course["blocks"] > 1)
    return course[["first", "last", "floor"]]


def _treated(known: Frame, course: Frame, today: int) -> Frame:
    frame = known.join(course, on="pid")
    age = today - frame["day"]
    outside = ~frame["day"].between(frame["first"], frame["last"])
    counted = frame.assign(in_28=(age < 28) & outside, in_365=age < 365).groupby("pid")
    return counted.agg(infused=("day", "max"), in_28=("in_28", "sum"), in_365=("in_365", "sum"))


def _bookings(tables: Path, ids: Frame, today: int) -> Frame:
    booked = _read(tables, "booked", ids)
    ahead = booked[booked["day"] >= today]
    return (ahead.groupby("pid")["day"].min() - today).to_frame("ahead")


# ---------------------------------------------------------------- scores


def _numbers(scale: Frame, field: str) -> Frame:
    """Return a number of each row's questionnaire."""
    return np.array([getattr(SCALES[name], field) for name in NAMES])[scale.to_numpy()]


def _by_day(given: Frame) -> Frame:
    codes = pd.Categorical(given["instrument"], NAMES).codes
    frame = given.assign(scale=codes)[(codes >= 0) & given["total"].notna().to_numpy()]
    valid = frame["total"].between(0, _numbers(frame["scale"], "high")) & (frame["total"] % 1 == 0)
    frame = frame.assign(total=frame["total"].where(valid), invalid=~valid)
    by_day = frame.groupby([*SERIES, "day"], as_index=False).agg(
        total=("total", "min"), most=("total", "max"), invalid=("invalid", "any")
    )
    return by_day.assign(conflict=by_day["total"].notna() & (by_day["most"] != by_day["total"]))


def _problems(by_day: Frame) -> Frame:
    wrong = by_day[by_day["invalid"] | by_day["conflict"]]
    failed = wrong["day"].where(wrong["scale"] == NAMES.index("phq9"))
    found = wrong.assign(failed=failed).groupby("pid")
    return found.agg(invalid_score=("invalid", "any"), duplicate_conflict=("conflict", "any"), failed=("failed", "max"))


def _judged(by_day: Frame, known: Frame, course: Frame) -> Frame:
    """Return each score against its own reference: worse, settled, confirmed, probable."""
    scores = by_day.loc[by_day["total"].notna() & ~by_day["conflict"], [*SERIES, "day", "total"]]
    infused = known.assign(cycle=known["day"]).sort_values("day")
    scores = pd.merge_asof(scores.sort_values("day"), infused, on="day", by="pid", allow_exact_matches=False)
    scores = scores.join(course, on="pid").sort_values([*SERIES, "day"], ignore_index=True)
    day, total = scores["day"], scores["total"]
    post = day > scores["last"]
    before = day.between(scores["first"] - 28, scores["first"]) & ~(day <= scores["floor"])
    key = [scores["pid"], scores["scale"]]
    best = total.where(post).groupby(key).cummin().groupby(key).shift()
    baseline = total.where(before).groupby(key).transform("last")
    numbers = {name: _numbers(scores["scale"], name) for name in ("delta", "floor", "cut", "settle")}
    worse = (total - best >= numbers["delta"]) & (total >= numbers["floor"])
    settled = scores["cycle"].isna() | (day - scores["cycle"] >= numbers["settle"])
    scores = scores.assign(post=post, best=best, baseline=baseline, worse=worse, settled=settled)
    scores["twice"] = worse & _confirmed(scores)
    gain = baseline - best
    lost = (gain >= numbers["delta"]) & ((total - best) / gain.where(gain > 0) >= 0.5)
    return scores.assign(probable=settled & worse & (total >= numbers["cut"]) & (scores["twice"] | lost))


def _confirmed(scores: Frame) -> Frame:
    """Return whether the visit 5 to 42 days before, in the same cycle, was settled and worse too."""
    visits = scores.assign(cycle=scores["cycle"].fillna(-1), good=scores["worse"] & scores["settled"])
    asked = visits[visits["worse"]].reset_index()[["index", *SERIES, "cycle", "day"]]
    asked = asked.assign(until=asked["day"] - 5).sort_values("until")
    seen = visits[[*SERIES, "cycle", "day", "good"]].rename(columns={"day": "seen"}).sort_values("seen")
    found = pd.merge_asof(asked, seen, left_on="until", right_on="seen", by=[*SERIES, "cycle"], tolerance=37)
    confirmed = pd.Series(False, index=scores.index)
    confirmed[found.loc[found["good"].eq(True), "index"].to_numpy()] = True
    return confirmed


def _wide(scores: Frame, treated: Frame, today: int) -> Frame:
    """Return for each patient the newest score of each questionnaire, and what it says about today."""
    newest = scores.drop_duplicates(SERIES, keep="last").reset_index(drop=True)
    since = scores["total"].where(scores["post"]).groupby([scores["pid"], scores["scale"]]).min()
    newest["since"] = since.to_numpy()  # both in the order of patient and questionnaire
    infused = newest["pid"].map(treated["infused"])
    settle, fresh = (_numbers(newest["scale"], name) for name in ("settle", "fresh"))
    early = infused.notna() & ~((newest["day"] > infused) & (newest["day"] - infused >= settle))
    reasons = [early & (today - infused < settle), early, today - newest["day"] > fresh, newest["best"].isna()]
    newest["why"] = np.select(reasons, ["settling", "missing", "stale", "no_reference"], "assessable")
    level = np.where(newest["probable"], 2, np.where(newest["worse"], 1, 0))
    newest["level"] = np.where(newest["why"] == "assessable", level, np.nan)
    values = ["level", "twice", "baseline", "since", "why", "day", "total"]
    parts = [
        newest[newest["scale"] == code].set_index("pid")[values].add_prefix(f"{name}_")
        for code, name in enumerate(NAMES)
    ]
    return pd.concat(parts, axis=1)


def _interval(scores: Frame, trauma: Frame) -> Frame:
    """Return the interval that the last observed cycles suggest."""
    of_it = scores["probable"] & scores["post"] & (scores["cycle"] >= scores["last"])
    losses = scores[of_it & scores["scale"].isin([NAMES.index(name) for name in ("phq9", "gad7", "pcl5")])]
    losses = losses[(losses["scale"] != NAMES.index("pcl5")) | losses["pid"].map(trauma)]
    first = losses.groupby(["pid", "cycle"], as_index=False)["day"].min()
    lengths = (first["day"] - first["cycle"]).groupby(first["pid"])
    last = first.assign(length=first["day"] - first["cycle"]).groupby("pid").tail(3).groupby("pid")["length"].median()
    days = np.floor(0.8 * last + 0.5).clip(21, 365)
    return days[lengths.size() >= 2].to_frame("interval")


def _facts(known: Frame) -> tuple[Frame, Frame]:
    up, down = known["systolic"], known["diastolic"]
    pressure = known[(known["type"] == "bp") & (down < up) & up.between(50, 260) & down.between(30, 160)]
    pressure = pressure[pressure["day"] == pressure.groupby("pid")["day"].transform("max")].groupby("pid")
    screens = known[known["type"] == "cssrs"]
    day, asked = screens["day"], screens[["q1", "q2", "q6_recent"]].notna().any(axis=1)
    screen = pd.DataFrame({
        "pid": screens["pid"], "screened": day.where(asked), "acted": day.where(screens["q6_recent"] == 1),
        "positive": day.where((screens["q1"] == 1) | (screens["q2"] == 1)),
    })  # fmt: skip
    return pressure.agg(
        systolic=("systolic", "max"), diastolic=("diastolic", "max"), measured=("day", "max")
    ), screen.groupby("pid").max()


# ---------------------------------------------------------------- conclusions


def _stated(p: Frame, today: int) -> Frame:
    """Return what the rules read."""
    sure = ["invalid_score", "duplicate_conflict", *(f"{name}_twice" for name in NAMES)]
    p[sure] = p[sure].eq(True)
    never = np.where(p["failed"].isna(), "missing", "invalid")
    p["why"] = p["phq9_why"].where(p["phq9_why"].notna(), never)
    p["fine"] = p["why"] == "assessable"
    p["since"], p["interval"] = today - p["infused"], p["interval"].fillna(28)
    fell = p["phq9_baseline"] - p["phq9_since"]
    share = fell / p["phq9_baseline"]
    p["response"] = np.select(
        [fell.isna(), p["phq9_baseline"] < 10, share >= 0.5, share >= 0.25],
        ["unknown", "not_evaluable", "responder", "partial"], "non_responder",
    )  # fmt: skip
    p["gad7_fell"] = p["gad7_baseline"] - p["gad7_since"]
    p["success"] = (p["gad7_baseline"] >= 10) & (p["gad7_fell"] >= 4)
    p["pcl5_level"], p["trusted"] = p["pcl5_level"].where(p["trauma"]), p["gad7_level"].where(p["success"])
    up, down = p["systolic"], p["diastolic"]
    p["pressed"], p["raised"] = (up >= 160) | (down >= 100), (up > 140) | (down > 90)
    p["crisis"] = ((up >= 180) | (down >= 120)) & (today - p["measured"] <= 7)
    last = p["infused"].fillna(0)
    p["acted"], p["positive"] = p["acted"] >= last, (p["positive"] >= last) & (today - p["positive"] <= 90)
    p["unscreened"], p["booked"] = ~(today - p["screened"] <= 35), p["ahead"] <= 14
    p["at_limit"] = (p["in_28"] >= 2) | (p["in_365"] >= 18)
    p["newest_invalid"] = p["failed"] > p["phq9_day"].fillna(-1)
    ended = p["last"]
    every = np.select([today - ended <= 28, today - ended <= 84], [7, 14], 28)
    due = np.where(ended.isna(), p["phq9_day"] + 28, np.fmax(p["phq9_day"], ended) + every)
    p["overdue"] = ~(today - due <= 7)
    return p


def _concluded(p: Frame, today: int) -> Frame:
    """Return signs, flags, and the first row of the table that is true."""
    levels = p[[f"{name}_level" for name in NAMES]]
    several = (levels > 0).sum(axis=1) >= 2
    severity = p[["phq9_level", "gad7_level", "pcl5_level"]].max(axis=1).fillna(0)
    anchors = {"phq9": p["phq9_level"] == 2, "pcl5": p["pcl5_level"] == 2, "gad7": p["trusted"] == 2}
    anchor = np.logical_or.reduce(list(anchors.values()))
    twice = np.logical_or.reduce([drawn & p[f"{name}_twice"] for name, drawn in anchors.items()])
    p["non_responder"] = (p["response"] == "non_responder") & p["fine"] & (today - p["last"] >= 28)
    p["worse_than_baseline"] = p["fine"] & (p["phq9_total"] - p["phq9_baseline"] >= 5)
    late = ~(p["infused"] + p["interval"] - p["phq9_day"] <= 7)
    p["review_due"] = (p["since"] >= p["interval"]) & late
    shown = p["response"].isin(["responder", "partial"]) | (p["trusted"] == 2)
    core = anchor & (several | twice) & p["fine"] & shown & ~p["young"]
    p["sign_symptom_severity"] = _state(severity, np.where(p["fine"], "absent", "cannot_assess"))
    for sign in UNSEEN:
        p[f"sign_{sign}"] = "cannot_assess"
    for sign, level in (("coping", p["wsas_level"]), ("anxiety_panic", p["trusted"]), ("sleep", p["isi_level"])):
        p[f"sign_{sign}"] = _state(level, np.where(level.notna(), "absent", "cannot_assess"))
    gone = np.where(p["gad7_fell"].notna(), "not_applicable", "cannot_assess")
    p["sign_anxiety_panic"] = p["sign_anxiety_panic"].where(p["success"], gone)
    signs = p[[f"sign_{sign}" for sign in SIGNS]]
    probable, possible = ((signs == state).any(axis=1) for state in ("probable", "possible"))
    missing = p["why"].isin(["missing", "stale", "no_reference"])
    rows = [
        p["acted"] | p["crisis"], p["positive"], p["pressed"], core & p["booked"] & ~p["unscreened"],
        core & (p["since"] < 21), core & p["at_limit"], core & p["unscreened"], core,
        probable | several | p["non_responder"] | p["worse_than_baseline"],
        possible | missing | p["newest_invalid"] | p["overdue"] | p["review_due"],
    ]  # fmt: skip
    p["row"] = np.select(rows, range(len(rows)), len(rows))
    return p


def _state(level: Frame, otherwise: Frame) -> Frame:
    return np.select([level == 2, level == 1], ["probable", "possible"], otherwise)


def _told(p: Frame) -> Frame:
    """Return the answers in words."""
    why, row = p["why"], p["row"]
    flags = {
        "future_dated": p["future_dated"], "invalid_score": p["invalid_score"], "duplicate_conflict": p["duplicate_conflict"],
        "settling": why == "settling", "stale": why == "stale", "baseline_missing": p["phq9_since"].notna() & p["phq9_baseline"].isna(),
        "non_responder": p["non_responder"], "worse_than_baseline": p["worse_than_baseline"], "assessment_overdue": p["overdue"],
        "review_due": p["review_due"], "outside_population": p["young"], "suicidality_not_assessed": p["unscreened"],
        "suppressed_booked": row == 3, "suppressed_min_interval": row == 4, "suppressed_max_frequency": row == 5,
    }  # fmt: skip
    answers = p[["response", *(f"sign_{sign}" for sign in SIGNS)]].copy()
    answers["recommendation"] = np.array([name for name, _ in ROWS])[row]
    answers["urgency"] = np.array([urgency for _, urgency in ROWS], dtype=object)[row]
    answers["holds"] = _words({"blood_pressure": p["pressed"]})
    answers["cautions"] = _words({"blood_pressure": p["raised"], "infusion_count": p["at_limit"]})
    answers["flags"] = _words(flags)
    return answers


def _words(truths: dict[str, Frame]) -> Frame:
    """Return the words that are true, one list for each pattern that there is."""
    words = list(truths)
    bits = sum(truth.to_numpy().astype(np.int64) << n for n, truth in enumerate(truths.values()))
    patterns, which = np.unique(bits, return_inverse=True)
    lists = np.empty(len(patterns), dtype=object)
    lists[:] = [[word for n, word in enumerate(words) if code >> n & 1] for code in patterns]
    return lists[which]
