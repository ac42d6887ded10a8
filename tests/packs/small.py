"""A small valid pack in neutral names, to which a test adds the one thing that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack import ir
from boosterwatch.tests.packs.files import Files, check_files, compile_files

FACE = """# yaml-language-server: $schema=../../../schemas/pack.schema.json
pack: small-pack
version: "0.1.0"
status: draft
effective: 2000-01-01
title: Small
owner: Nobody
author: role:nobody
approved_by: []
review_by: 2030-01-01
applies_to: Nobody
not_for: Anything
basis: Made up
"""
GLOW = """# yaml-language-server: $schema=../../../../schemas/part.schema.json
instrument: glow
name: Glow scale
short: Glow
use: signs
licence: Made up
total: {range: 0 to 30, worse: high, items: {count: 10, range: 0 to 3}}
parts:
  glow_first: {item: 1, short: Glow item 1, says: the first answer, parameters: glow_item}
parameters:
  glow.delta: {says: change, unit: points, allowed: 2 to 9, values: [{from: 2000-01-01, value: 5, basis: published}]}
  glow.floor: {says: floor, unit: points, values: [{from: 2000-01-01, value: 6, basis: published}]}
  glow.settle: {says: wait, unit: days, values: [{from: 2000-01-01, value: 7, basis: published}]}
  glow.fresh: {says: age, unit: days, values: [{from: 2000-01-01, value: 30, basis: published}]}
  glow_item.delta: {says: change, unit: points, values: [{from: 2000-01-01, value: 1, basis: published}]}
  glow_item.floor: {says: floor, unit: points, values: [{from: 2000-01-01, value: 2, basis: published}]}
  glow_item.settle: {says: wait, unit: days, values: [{from: 2000-01-01, value: 7, basis: published}]}
  glow_item.fresh: {says: age, unit: days, values: [{from: 2000-01-01, value: 30, basis: published}]}
"""
EMBER = """# yaml-language-server: $schema=../../../../schemas/part.schema.json
instrument: ember
name: Ember scale
short: Ember
use: signs
licence: Made up
total: {range: 0 to 100, worse: low}
parameters:
  ember.delta: {says: change, unit: points, values: [{from: 2000-01-01, value: 10, basis: published}]}
  ember.floor: {says: floor, unit: points, values: [{from: 2000-01-01, value: 50, basis: published}]}
  ember.settle: {says: wait, unit: days, values: [{from: 2000-01-01, value: 7, basis: published}]}
  ember.fresh: {says: age, unit: days, values: [{from: 2000-01-01, value: 30, basis: published}]}
"""
PARAMETERS = """# yaml-language-server: $schema=../../../schemas/part.schema.json
parameters:
  gap: {says: gap, unit: days, values: [{from: 2000-01-01, value: 40, basis: published}]}
  span: {says: span, unit: days, values: [{from: 2000-01-01, value: 28, basis: published}]}
  least: {says: least, unit: count, values: [{from: 2000-01-01, value: 2, basis: published}]}
  most: {says: most, unit: count, values: [{from: 2000-01-01, value: 8, basis: published}]}
  window: {says: window, unit: days, allowed: 5 to 60, values: [{from: 2000-01-01, value: 28, basis: published}]}
  half: {says: half, unit: fraction, values: [{from: 2000-01-01, value: 0.5, basis: published}]}
  pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 150, basis: published}]}
  adult: {says: age, unit: years, values: [{from: 2000-01-01, value: 18, basis: published}]}
"""
MEASURES = """# yaml-language-server: $schema=../../../schemas/part.schema.json
score_measures:
  now: {kind: latest, report: true, says: latest}
  dated: {kind: latest_date, says: date}
  age: {kind: age, says: age}
  best: {kind: best, says: best}
  rise: {kind: change, since: best, says: rise}
  share: {kind: fraction_lost, smallest_gain: scale.delta, says: share}
  sound: {kind: assessable, settle: scale.settle, fresh: scale.fresh, says: sound}
  why: {kind: reason, settle: scale.settle, fresh: scale.fresh, says: why}
measures:
  given: {kind: course_date, which: last_infusion, says: last infusion}
  waited: {kind: days_since, of: given, report: true, says: days since the last infusion}
  years: {kind: age_years, says: age}
  sex: {kind: attribute, of: sex, says: sex}
  pressed: {kind: latest_fact, fact: bp, field: systolic, order: [highest], unit: mmHg, says: pressure}
  agreed: {kind: latest_fact, fact: consent, field: status, order: [withdrawn, absent, given], says: consent}
  reported: {kind: any_event, of: report, says: a report}
events:
  infusion: {from: infusions}
  report: {from: report, where: kind is benefit}
roles:
  chosen: {says: chosen scale, scales: [glow, glow_first], prefer: [sound]}
patterns:
  fell:
    of: scale
    says: it fell
    all: [scale.rise >= scale.delta, scale.now reaches scale.floor]
"""
RULES = """# yaml-language-server: $schema=../../../schemas/part.schema.json
readings:
  - id: whole
    for: {scale: [glow, ember]}
    needs: scale.sound is yes
    reason: scale.why
    probable: {when: {all: [scale fell, scale.share >= half]}, because: "{scale} {scale.now}"}
    possible: {when: scale fell, because: "{scale} {scale.now}"}
    absent: {because: "{scale} is well"}
  - id: part
    for: {scale: [glow_first]}
    needs: scale.sound is yes
    reason: scale.why
    possible: {when: scale fell, because: "{scale} {scale.now}"}
    absent: {because: "{scale} is well"}
classes:
  - id: answered
    says: answer
    rows:
      - {state: unknown, when: waited is unknown, because: Nothing is known.}
      - {state: late, when: waited >= window, because: It is late.}
    otherwise: early
holds:
  - {id: consent, title: Consent, when: agreed is withdrawn, because: Consent is withdrawn.}
flags:
  - {id: minor, title: Minor, when: years < adult, because: "The patient is under {adult}."}
  - {id: raised, title: Raised}
cautions:
  - {id: pressure, title: Pressure, when: pressed >= pressure, because: "Pressure is {pressed}."}
triggers:
  - {id: alarm, title: Alarm, due: now, event: {from: cssrs, where: q5 is yes}, because: "Alarm of {event.date}."}
course: {gap_days: gap, span_days: span, least: least, most: most, baseline_days: window}
schedule: {steps: [{until: gap, every: window}], otherwise: window, unstarted: window}
lookback: {signs: [dim], state: probable}
report: {response: answered}
recommendations:
  - {id: stop, recommend: look, urgency: now, when: any hold, summary: "{holds}"}
  - {id: act, recommend: act, flags: [raised], when: any sign is probable, summary: "{signs}"}
  - {id: rest, recommend: wait, summary: "{signs}"}
"""
SIGN = """# yaml-language-server: $schema=../../../../schemas/part.schema.json
sign: dim
title: Dim
says: Light is fading
core: [glow, {scale: glow_first, at_most: possible}]
supporting: [{scale: ember, only_when: minor}]
absent_because: Nothing is dim.
"""
SMALL: Files = {
    "pack.yaml": FACE,
    "instruments/ember.yaml": EMBER,
    "instruments/glow.yaml": GLOW,
    "measures.yaml": MEASURES,
    "parameters.yaml": PARAMETERS,
    "rules.yaml": RULES,
    "signs/dim.yaml": SIGN,
}
MODELINE = "# yaml-language-server: $schema=../../../schemas/part.schema.json\n"


def with_part(text: str, name: str = "more.yaml") -> Files:
    """Return the small pack with one more file."""
    return SMALL | {name: MODELINE + text}


def with_clause(clause: str) -> Files:
    """Return the small pack with a finding `probe` of one clause."""
    return with_part(f'findings:\n  - {{id: probe, says: probe, when: "{clause}", because: It is so.}}\n')


def condition_of(files: Files, rule: str = "probe") -> ir.Condition:
    """Return the condition of a rule of the compiled pack."""
    return next(one.when for one in compile_files(files).rules if one.id == rule)


def problems_of(files: Files) -> Sequence[Diagnostic]:
    """Return the problems of a pack that is refused."""
    pack, problems = check_files(files)
    assert pack is None, "the pack was not refused"
    return problems


__all__ = ["SMALL", "condition_of", "problems_of", "with_clause", "with_part"]
