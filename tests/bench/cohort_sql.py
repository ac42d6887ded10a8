"""The policy as one SQL statement for DuckDB, written by hand for this kind of data; see `cohort_numbers.py`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from boosterwatch.tests.bench.cohort_numbers import COLUMNS, ROWS, SCALES, UNSEEN

SETTINGS = "SET preserve_insertion_order = false"


def evaluate(tables: Path, as_of: date, out: Path, threads: int | None = None) -> None:
    """Write the answers about every patient of some tables."""
    with duckdb.connect() as con:
        con.execute(SETTINGS)
        if threads is not None:
            con.execute(f"SET threads = {threads}")
        con.execute(statement(tables, as_of, out))


def statement(tables: Path, as_of: date, out: Path) -> str:
    """Return the statement."""
    files = {name: f"read_parquet('{tables / name}.parquet')" for name in _TABLES}
    scales = ", ".join(f"('{name}', {', '.join(map(str, scale))})" for name, scale in SCALES.items())
    unseen = ", ".join(f"'cannot_assess' AS sign_{sign}" for sign in UNSEEN)
    rows = {n: "NULL" if urgency is None else f"'{urgency}'" for n, (_, urgency) in enumerate(ROWS, 1)}
    names = " ".join(f"WHEN {n} THEN '{name}'" for n, (name, _) in enumerate(ROWS, 1))
    urgencies = " ".join(f"WHEN {n} THEN {urgency}" for n, urgency in rows.items())
    query = _QUERY.format(
        day=f"DATE '{as_of.isoformat()}'",
        scales=scales,
        pivot=",\n    ".join(map(_wide, SCALES)),
        unseen=unseen,
        names=names,
        urgencies=urgencies,
        columns=", ".join(COLUMNS),
        **files,
    )
    return f"COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"


def _wide(scale: str) -> str:
    """Return the columns of one questionnaire for one patient; a level of 2 is probable, null cannot be judged."""
    level = "CASE WHEN reason = 'assessable' THEN CASE WHEN it.probable THEN 2 WHEN it.worse THEN 1 ELSE 0 END END"
    columns = {
        "level": level, "positive": f"CASE WHEN {level} > 0 THEN 1 ELSE 0 END", "twice": "it.confirmed",
        "baseline": "baseline", "since": "best_since", "why": "reason", "day": "day", "total": "it.total",
    }  # fmt: skip
    return ", ".join(
        f"any_value({column}) FILTER (instrument = '{scale}') AS {scale}_{name}" for name, column in columns.items()
    )


_TABLES = ("patients", "infusions", "booked", "assessments", "safety")
_QUERY = """
WITH scale(instrument, high, delta, floor, cut, settle, fresh) AS (VALUES {scales}),
given AS (
  SELECT patient, instrument, date AS day, total, total BETWEEN 0 AND high AND total = floor(total) AS valid
  FROM {assessments} JOIN scale USING (instrument)
  WHERE date <= {day} AND entered_in_error IS NOT TRUE AND total IS NOT NULL
),
by_day AS (
  SELECT patient, instrument, day, min(total) FILTER (valid) AS total,
    min(total) FILTER (valid) <> max(total) FILTER (valid) AS conflict, bool_or(NOT valid) AS invalid
  FROM given GROUP BY ALL
),
problem AS (
  SELECT patient, bool_or(invalid) AS invalid_score, coalesce(bool_or(conflict), false) AS duplicate_conflict,
    max(day) FILTER (instrument = 'phq9' AND (invalid OR conflict)) AS phq9_failed
  FROM by_day WHERE invalid OR conflict GROUP BY patient
),
infusion AS (SELECT DISTINCT patient, date AS day FROM {infusions} WHERE date <= {day}),
island AS (
  SELECT *, count(*) FILTER (starts) OVER (PARTITION BY patient ORDER BY day) AS number FROM (
    SELECT *, lag(day) OVER w AS before, before IS NULL OR day - before >= 56 AS starts
    FROM infusion WINDOW w AS (PARTITION BY patient ORDER BY day))
),
placed AS (
  SELECT *, first_value(day) OVER w AS first, row_number() OVER w AS place, first_value(before) OVER w AS previous
  FROM island WINDOW w AS (PARTITION BY patient, number ORDER BY day)
),
block AS (
  SELECT patient, number, first, max(day) AS last, any_value(previous) AS previous
  FROM placed WHERE day - first <= 28 AND place <= 8 GROUP BY patient, number, first HAVING count(*) >= 4
),
course AS (
  SELECT patient, max(number) AS number, arg_max(first, number) AS first, arg_max(last, number) AS last,
    CASE WHEN count(*) > 1 THEN arg_max(previous, number) END AS floor
  FROM block GROUP BY patient
),
treated AS (
  SELECT i.patient, max(day) AS last_infusion,
    count(*) FILTER ({day} - day < 28 AND (c.first IS NULL OR day NOT BETWEEN c.first AND c.last)) AS in_28,
    count(*) FILTER ({day} - day < 365) AS in_365
  FROM infusion i LEFT JOIN course c USING (patient) GROUP BY i.patient
),
score AS (
  SELECT s.patient, s.instrument, s.day, s.total, i.day AS cycle, c.last AS induction_last,
    c.last IS NOT NULL AND s.day > c.last AS post,
    s.day <= c.first AND s.day >= c.first - 28 AND (c.floor IS NULL OR s.day > c.floor) AS before
  FROM by_day s LEFT JOIN course c USING (patient) ASOF LEFT JOIN infusion i ON s.patient = i.patient AND s.day > i.day
  WHERE total IS NOT NULL AND NOT conflict
),
referenced AS (
  SELECT *, min(total) FILTER (post) OVER (PARTITION BY patient, instrument ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best,
    arg_max(total, day) FILTER (before) OVER (PARTITION BY patient, instrument) AS baseline
  FROM score
),
judged AS (
  SELECT *, coalesce(total - best >= delta AND total >= floor, false) AS worse,
    cycle IS NULL OR day - cycle >= settle AS settled
  FROM referenced JOIN scale USING (instrument)
),
confirmed AS (
  SELECT *, worse AND coalesce(last_value(worse AND settled) OVER (
      PARTITION BY patient, instrument, cycle ORDER BY day RANGE BETWEEN 42 PRECEDING AND 5 PRECEDING), false) AS confirmed
  FROM (SELECT * REPLACE (day - DATE '1970-01-01' AS day, cycle - DATE '1970-01-01' AS cycle) FROM judged)
),
level AS (
  SELECT *, settled AND worse AND total >= cut
      AND (confirmed OR coalesce(baseline - best >= delta AND (total - best) / (baseline - best) >= 0.5, false)) AS probable
  FROM confirmed
),
person AS (
  SELECT patient, list_contains(indications, 'ptsd') AS ptsd, birth_date > {day} - INTERVAL 18 YEAR AS young FROM {patients}
),
newest AS (
  SELECT patient, instrument, max(day) AS day, arg_max(struct_pack(total, best, settled, worse, probable, confirmed, cycle), day) AS it,
    min(total) FILTER (post) AS best_since, any_value(baseline) AS baseline, any_value(settle) AS settle, any_value(fresh) AS fresh
  FROM level GROUP BY patient, instrument
),
reading AS (
  SELECT n.*, CASE
      WHEN last_infusion IS NOT NULL AND NOT (day > infused AND day - infused >= settle)
        THEN CASE WHEN today - infused < settle THEN 'settling' ELSE 'missing' END
      WHEN today - day > fresh THEN 'stale'
      WHEN it.best IS NULL THEN 'no_reference' ELSE 'assessable' END AS reason
  FROM (SELECT *, {day} - DATE '1970-01-01' AS today, last_infusion - DATE '1970-01-01' AS infused
        FROM newest LEFT JOIN treated USING (patient)) n
),
wide AS (
  SELECT patient,
    {pivot}
  FROM reading GROUP BY patient
),
loss AS (
  SELECT l.patient, l.cycle, min(l.day) - l.cycle AS length
  FROM level l JOIN person p USING (patient) LEFT JOIN wide w USING (patient)
  WHERE l.probable AND l.post AND l.cycle >= l.induction_last - DATE '1970-01-01'
    AND (l.instrument IN ('phq9', 'gad7') OR (l.instrument = 'pcl5' AND (p.ptsd OR w.pcl5_baseline >= 33)))
  GROUP BY l.patient, l.cycle
),
interval AS (
  SELECT patient, least(greatest(floor(0.8 * median(length) + 0.5), 21), 365) AS days FROM (
    SELECT *, row_number() OVER (PARTITION BY patient ORDER BY cycle DESC) AS back, count(*) OVER (PARTITION BY patient) AS many FROM loss)
  WHERE many >= 2 AND back <= 3 GROUP BY patient
),
pressure AS (
  SELECT patient, date, max(systolic) AS systolic, max(diastolic) AS diastolic FROM {safety}
  WHERE type = 'bp' AND date <= {day} AND entered_in_error IS NOT TRUE AND diastolic < systolic
    AND systolic BETWEEN 50 AND 260 AND diastolic BETWEEN 30 AND 160
  GROUP BY patient, date QUALIFY row_number() OVER (PARTITION BY patient ORDER BY date DESC) = 1
),
screen AS (
  SELECT patient, max(date) FILTER (coalesce(q1, q2, q6_recent) IS NOT NULL) AS screened,
    max(date) FILTER (q6_recent) AS acted, max(date) FILTER (q1 OR q2) AS positive
  FROM {safety} WHERE type = 'cssrs' AND date <= {day} AND entered_in_error IS NOT TRUE GROUP BY patient
),
ahead AS (
  SELECT DISTINCT patient, true AS future_dated FROM (
    SELECT patient FROM {assessments} WHERE date > {day} AND entered_in_error IS NOT TRUE
    UNION ALL SELECT patient FROM {safety} WHERE date > {day} AND entered_in_error IS NOT TRUE
    UNION ALL SELECT patient FROM {infusions} WHERE date > {day})
),
booking AS (SELECT patient, min(date) AS booked FROM {booked} WHERE date >= {day} GROUP BY patient),
fact AS (
  SELECT p.patient, w.* EXCLUDE (patient), c.last AS induction_last, t.* EXCLUDE (patient),
    coalesce(pr.invalid_score, false) AS invalid_score, coalesce(pr.duplicate_conflict, false) AS duplicate_conflict,
    coalesce(phq9_failed - DATE '1970-01-01' > coalesce(phq9_day, -1), false) AS newest_invalid,
    coalesce(phq9_why, CASE WHEN phq9_failed IS NULL THEN 'missing' ELSE 'invalid' END) AS primary_reason,
    coalesce(phq9_why = 'assessable', false) AS primary_ok,
    p.ptsd OR coalesce(pcl5_baseline >= 33, false) AS ptsd, coalesce(young, false) AS young,
    {day} - DATE '1970-01-01' AS today, {day} - last_infusion AS since, c.last - DATE '1970-01-01' AS ended,
    coalesce(i.days, 28) AS interval, coalesce(booked - {day} <= 14, false) AS booked,
    coalesce(systolic >= 160 OR diastolic >= 100, false) AS pressed,
    coalesce(systolic > 140 OR diastolic > 90, false) AS raised,
    coalesce((systolic >= 180 OR diastolic >= 120) AND {day} - b.date <= 7, false) AS crisis,
    coalesce(acted >= coalesce(last_infusion, acted), false) AS acted,
    coalesce(positive >= coalesce(last_infusion, positive) AND {day} - positive <= 90, false) AS positive,
    coalesce({day} - screened > 35, true) AS unscreened,
    coalesce(gad7_baseline >= 10 AND gad7_baseline - gad7_since >= 4, false) AS success,
    coalesce(in_28 >= 2 OR in_365 >= 18, false) AS at_limit, coalesce(future_dated, false) AS future_dated
  FROM person p LEFT JOIN wide w USING (patient) LEFT JOIN course c USING (patient) LEFT JOIN treated t USING (patient)
    LEFT JOIN problem pr USING (patient) LEFT JOIN interval i USING (patient) LEFT JOIN booking USING (patient) LEFT JOIN ahead USING (patient)
    LEFT JOIN pressure b USING (patient) LEFT JOIN screen USING (patient)
),
state AS (
  SELECT *, (phq9_baseline - phq9_since) / phq9_baseline AS gained,
    CASE WHEN phq9_baseline IS NULL OR phq9_since IS NULL THEN 'unknown' WHEN phq9_baseline < 10 THEN 'not_evaluable'
      WHEN gained >= 0.5 THEN 'responder' WHEN gained >= 0.25 THEN 'partial' ELSE 'non_responder' END AS response,
    greatest(phq9_level, gad7_level, CASE WHEN ptsd THEN pcl5_level END, 0) AS severity,
    CASE WHEN success THEN coalesce(gad7_level, 0) ELSE 0 END AS anxiety,
    phq9_positive + gad7_positive + isi_positive + wsas_positive + CASE WHEN ptsd THEN pcl5_positive ELSE 0 END AS sources,
    coalesce(phq9_level = 2 OR (ptsd AND pcl5_level = 2) OR (success AND gad7_level = 2), false) AS anchor,
    coalesce((phq9_level = 2 AND phq9_twice) OR (ptsd AND pcl5_level = 2 AND pcl5_twice) OR (success AND gad7_level = 2 AND gad7_twice), false) AS anchor_twice,
    CASE WHEN ended IS NULL THEN phq9_day ELSE greatest(coalesce(phq9_day, ended), ended) END
      + CASE WHEN ended IS NULL THEN 28 WHEN today - ended <= 28 THEN 7 WHEN today - ended <= 84 THEN 14 ELSE 28 END AS due
  FROM (SELECT * REPLACE (coalesce(phq9_positive, 0) AS phq9_positive, coalesce(gad7_positive, 0) AS gad7_positive,
    coalesce(isi_positive, 0) AS isi_positive, coalesce(wsas_positive, 0) AS wsas_positive, coalesce(pcl5_positive, 0) AS pcl5_positive) FROM fact)
),
flagged AS (
  SELECT *, anchor AND (coalesce(sources, 0) >= 2 OR anchor_twice) AND primary_ok AND NOT young
      AND (response IN ('responder', 'partial') OR anxiety = 2) AS core,
    response = 'non_responder' AND primary_ok AND today - ended >= 28 AS non_responder,
    primary_ok AND coalesce(phq9_total - phq9_baseline >= 5, false) AS worse_than_baseline,
    coalesce(today - due > 7, true) AS overdue,
    coalesce(since >= interval AND coalesce((last_infusion - DATE '1970-01-01') + interval - phq9_day > 7, true), false) AS review_due
  FROM state
),
signed AS (
  SELECT *,
    CASE severity WHEN 2 THEN 'probable' WHEN 1 THEN 'possible' ELSE CASE WHEN primary_ok THEN 'absent' ELSE 'cannot_assess' END END AS sign_symptom_severity,
    {unseen},
    CASE wsas_level WHEN 2 THEN 'probable' WHEN 1 THEN 'possible' WHEN 0 THEN 'absent' ELSE 'cannot_assess' END AS sign_coping,
    CASE WHEN NOT success THEN CASE WHEN gad7_baseline - gad7_since IS NOT NULL THEN 'not_applicable' ELSE 'cannot_assess' END
      ELSE CASE gad7_level WHEN 2 THEN 'probable' WHEN 1 THEN 'possible' WHEN 0 THEN 'absent' ELSE 'cannot_assess' END END AS sign_anxiety_panic,
    CASE isi_level WHEN 2 THEN 'probable' WHEN 1 THEN 'possible' WHEN 0 THEN 'absent' ELSE 'cannot_assess' END AS sign_sleep,
    [sign_symptom_severity, sign_coping, sign_anxiety_panic, sign_sleep] AS states,
    CASE WHEN acted OR crisis THEN 1 WHEN positive THEN 2 WHEN pressed THEN 3 WHEN core AND booked AND NOT unscreened THEN 4
      WHEN core AND since < 21 THEN 5 WHEN core AND at_limit THEN 6 WHEN core AND unscreened THEN 7 WHEN core THEN 8
      WHEN list_contains(states, 'probable') OR sources >= 2 OR non_responder OR worse_than_baseline THEN 9
      WHEN list_contains(states, 'possible') OR primary_reason IN ('missing', 'stale', 'no_reference') OR newest_invalid OR overdue OR review_due THEN 10
      ELSE 11 END AS found
  FROM flagged
)
SELECT {columns} FROM (SELECT *, CASE found {names} END AS recommendation, CASE found {urgencies} END AS urgency,
  CASE WHEN pressed THEN ['blood_pressure'] ELSE [] END AS holds,
  list_filter([CASE WHEN raised THEN 'blood_pressure' END, CASE WHEN at_limit THEN 'infusion_count' END], lambda x: x IS NOT NULL) AS cautions,
  list_filter([CASE WHEN future_dated THEN 'future_dated' END, CASE WHEN invalid_score THEN 'invalid_score' END, CASE WHEN duplicate_conflict THEN 'duplicate_conflict' END,
    CASE primary_reason WHEN 'settling' THEN 'settling' WHEN 'stale' THEN 'stale' END,
    CASE WHEN phq9_since IS NOT NULL AND phq9_baseline IS NULL THEN 'baseline_missing' END,
    CASE WHEN non_responder THEN 'non_responder' END, CASE WHEN worse_than_baseline THEN 'worse_than_baseline' END,
    CASE WHEN overdue THEN 'assessment_overdue' END, CASE WHEN review_due THEN 'review_due' END,
    CASE WHEN young THEN 'outside_population' END, CASE WHEN unscreened THEN 'suicidality_not_assessed' END,
    CASE found WHEN 4 THEN 'suppressed_booked' WHEN 5 THEN 'suppressed_min_interval' WHEN 6 THEN 'suppressed_max_frequency' END], lambda x: x IS NOT NULL) AS flags
  FROM signed)
"""
