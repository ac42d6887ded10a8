"""The text of a small pack that is whole: one instrument, one sign, a hold, a trigger, and three recommendations.

Every number in it is a placeholder that its author replaces; the comments say what to do next.
"""

# ruff: noqa: E501  (lines of YAML)

from __future__ import annotations

FACE = """\
# The face of the pack: what it is, whom it is for, and who answers for it. Begin here.
pack: {id}
version: "{version}"
status: draft                     # draft (tests only), trial (shadow only), active, retired
effective: {today}             # the first evaluation date this version answers for
title: {title}
owner: Clinical lead
author: role:clinical-lead
approved_by: []
review_by: {review}             # the clinic reads the whole policy again by this date
applies_to: Adults (say for whom this policy is meant)
not_for: Ordering, scheduling or dosing treatment; messages to patients
basis: Every number is a placeholder; replace each by one that the clinic stands for.
"""

PARAMETERS = """\
# Numbers that belong to no single instrument. Those of an instrument are in its file under instruments/.
# `allowed` is the range a clinic may set; without it only a new version of the policy may change the number.

parameters:
  course_gap:
    says: time without an infusion after which a new course can begin
    unit: days
    values:
      - {{from: 2000-01-01, value: 56, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  course_span:
    says: longest time from the first to the last infusion of an induction
    unit: days
    values:
      - {{from: 2000-01-01, value: 28, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  course_fewest:
    says: fewest infusions that make an induction
    unit: count
    values:
      - {{from: 2000-01-01, value: 4, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  course_many:
    says: most infusions that belong to an induction
    unit: count
    values:
      - {{from: 2000-01-01, value: 8, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  course_baseline:
    says: oldest score before the first infusion that can be the baseline
    unit: days
    values:
      - {{from: 2000-01-01, value: 28, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  share_lost:
    says: share of the gain given back that makes a reading probable
    unit: fraction
    allowed: 0.3 to 0.75
    values:
      - {{from: 2000-01-01, value: 0.5, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  assess_early:
    says: time between two assessments soon after the induction
    unit: days
    allowed: 7 to 60
    values:
      - {{from: 2000-01-01, value: 14, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  assess_early_until:
    says: end of the period soon after the induction
    unit: days
    values:
      - {{from: 2000-01-01, value: 84, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  assess_every:
    says: time between two assessments
    unit: days
    allowed: 7 to 60
    values:
      - {{from: 2000-01-01, value: 28, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  assess_late:
    says: lateness of an assessment that is tolerated
    unit: days
    allowed: 1 to 60
    values:
      - {{from: 2000-01-01, value: 7, basis: clinic_policy, cite: own-policy, note: a placeholder}}
"""

CITATIONS = """\
# Where the numbers come from. A number names its source here with `cite`.

citations:
  own-policy:
    text: "{title}: a decision of this clinic, without direct evidence"
    year: {year}
"""

COURSE = """\
# How a course of treatment is found in a patient's history, how often it is assessed, and which scale leads.

course:
  gap_days: course_gap
  span_days: course_span
  least: course_fewest
  most: course_many
  baseline_days: course_baseline

roles:
  leading:
    says: leading scale
    scales: [first_scale]         # in this order; add further scales of the same kind here
    prefer: [assessable]

schedule:
  steps:                          # days after the induction; add a step for each period
    - {{until: assess_early_until, every: assess_early}}
  otherwise: assess_every
  unstarted: assess_every         # without an induction

next:
  assessment_date: assessment_day
  review_date: assessment_day     # a kind of its own, `individual_interval`, learns it from the patient's cycles
"""

MEASURES = """\
# What is worked out from a record before any rule is read. `scale` stands for each scale in turn.

score_measures:
  latest:           {{kind: latest, for: [signs, display], report: true, says: most recent valid score}}
  best:             {{kind: best, report: true, says: best score since induction and before the latest}}
  change_from_best: {{kind: change, since: best, report: true, says: points lost since the best score}}
  share_of_gain:    {{kind: fraction_lost, smallest_gain: scale.delta, report: true, says: share of the gain that has been given back}}
  assessable:       {{kind: assessable, settle: scale.settle_days, fresh: scale.fresh_days, says: "valid, interpretable, fresh, and with a reference"}}
  reason:           {{kind: reason, settle: scale.settle_days, fresh: scale.fresh_days, says: why it cannot be assessed}}

measures:
  consent_status:   {{kind: latest_fact, fact: consent, field: status, order: [withdrawn, absent, given], says: latest consent}}
  assessment_day:   {{kind: due_date, role: leading, says: date the next assessment is due}}
  days_overdue:     {{kind: days_since, of: assessment_day, says: days past the due date of the assessment}}

events:                           # dated happenings that rules speak of
  checked_safety:   {{from: review, where: kind is safety}}
"""

READINGS = """\
# How one questionnaire is read. Written once; every scale under `for` is read this way.

patterns:
  worsened:
    of: scale
    says: it has worsened by at least its own threshold, to a level that can be a sign
    all:
      - scale.change_from_best >= scale.delta
      - scale.latest reaches scale.floor

readings:
  - id: usual
    for: {{scale: [first_scale]}}   # add the id of a new instrument here, once it is used for signs
    needs: scale.assessable is yes
    reason: scale.reason
    probable:
      when: {{all: [scale worsened, scale.share_of_gain >= share_lost]}}
      because: "{{scale}} is {{scale.latest}}: {{scale.change_from_best}} worse than its best of {{scale.best}} (threshold {{scale.delta}}), and {{scale.share_of_gain}} of the gain is lost (threshold {{share_lost}})."
    possible:
      when: scale worsened
      because: "{{scale}} is {{scale.latest}}: {{scale.change_from_best}} worse than its best of {{scale.best}} (threshold {{scale.delta}})."
    absent:
      because: "{{scale}} is {{scale.latest}} against a best of {{scale.best}}; a sign needs a change of {{scale.delta}}."
"""

INSTRUMENT = """\
# One questionnaire: its range and direction, its items, its codes, and its own numbers.
instrument: first_scale
name: First questionnaire
short: FIRST
use: signs
recall: 2 weeks
licence: Say here under which terms the clinic may use it
cites: [own-policy]
codes:
  total: local first-scale-total/1
total:
  range: 0 to 27
  worse: high                     # high: more points are worse
  whole: true

parameters:
  first_scale.delta:
    says: rise of the total that counts as worse
    unit: points
    allowed: 3 to 9
    values:
      - {{from: 2000-01-01, value: 5, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  first_scale.floor:
    says: lowest total that can be a sign
    unit: points
    values:
      - {{from: 2000-01-01, value: 6, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  first_scale.settle_days:
    says: wait after an infusion before it is judged
    unit: days
    values:
      - {{from: 2000-01-01, value: 7, basis: clinic_policy, cite: own-policy, note: a placeholder}}
  first_scale.fresh_days:
    says: oldest score that is still trusted
    unit: days
    values:
      - {{from: 2000-01-01, value: 35, basis: clinic_policy, cite: own-policy, note: a placeholder}}
"""

SIGN = """\
# One sign: which scales it reads. `boosterwatch new sign` starts another.
sign: first_sign
title: First sign
says: Say here what is coming back
core: [first_scale]
absent_because: The first questionnaire shows no return.
"""

SAFETY = """\
# Read first and apart from the signs: what a clinician must look at, and how soon; then what stops a suggestion.

patient_text: Say here whom a patient calls in a crisis, and the number of the emergency services.

triggers:
  - id: intent
    title: Suicidal intent, plan or attempt reported
    due: now
    crisis: true                  # the patient text is shown with it
    event:
      from: report
      where: {{any: [kind is suicidal_intent, kind is suicidal_plan, kind is suicide_attempt]}}
      closed_by: {{checked_safety: on_or_after}}
    because: Suicidal intent, a plan or an attempt was reported on {{event.date}}, and no safety review closes it.
    basis: clinic_policy

holds:
  - id: agreement
    title: Consent withdrawn or absent
    when: {{any: [consent_status is withdrawn, consent_status is absent]}}
    because: The latest consent is withdrawn or absent.

flags:
  - id: overdue
    title: An assessment is overdue
    when: {{any: [days_overdue > assess_late, days_overdue is unknown]}}
    because: The next assessment was due on {{assessment_day}} and the {{assess_late}} days of grace are over, or there is none.
"""

RECOMMENDATIONS = """\
# One prompt for a clinician. The rows are read from the top and the first that is true wins; the last has no `when`.

recommendations:
  - id: look_now
    recommend: safety_review
    urgency: now
    when: any trigger due now
    summary: "Safety review by a clinician now: {{triggers}}."

  - id: held
    recommend: check_in
    urgency: within_7_days
    when: any hold
    summary: "Clinician check-in within 7 days: on hold for {{holds}}; {{signs}}."

  - id: returning
    recommend: check_in
    urgency: within_7_days
    when: any sign is probable
    summary: "Clinician check-in within 7 days: {{signs}}."

  - id: again
    recommend: assess_again
    when: {{any: [any sign is possible, overdue]}}
    summary: "Assess again: {{gaps}}."

  - id: wait
    recommend: carry_on
    summary: "Carry on with the next assessment as scheduled: {{signs}}."
"""

CASES = """\
# Worked patients, below, at and above a threshold. Days are counted from the last infusion of the induction.
# `boosterwatch test` runs them; `boosterwatch new case` starts another.

cases:
  - case: first_scale_delta_below
    title: "A rise of 4, below the threshold of 5"
    given: {{baseline: {{first_scale: 22}}, day 28: {{first_scale: 4}}, day 56: {{first_scale: 8}}}}
    as_of: day 57
    expect: {{signs: {{first_sign: absent}}, recommendation: carry_on}}

  - case: first_scale_delta_at
    title: "A rise of 5, at the threshold of 5"
    given: {{baseline: {{first_scale: 22}}, day 28: {{first_scale: 4}}, day 56: {{first_scale: 9}}}}
    as_of: day 57
    expect: {{signs: {{first_sign: possible}}, recommendation: assess_again}}

  - case: first_scale_half_lost
    title: "Half of the gain is lost"
    given: {{baseline: {{first_scale: 22}}, day 28: {{first_scale: 4}}, day 56: {{first_scale: 13}}}}
    as_of: day 57
    expect: {{signs: {{first_sign: probable}}, recommendation: check_in}}
"""

PARTS = {
    "parameters.yaml": PARAMETERS,
    "citations.yaml": CITATIONS,
    "course.yaml": COURSE,
    "measures.yaml": MEASURES,
    "readings.yaml": READINGS,
    "instruments/first_scale.yaml": INSTRUMENT,
    "signs/1-first-sign.yaml": SIGN,
    "safety.yaml": SAFETY,
    "recommendations.yaml": RECOMMENDATIONS,
}
