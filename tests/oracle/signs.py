"""Sign rules of section 5: from readings to six states, sources and anchors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .facts import DIFFICULTY
from .series import (
    LEVELS,
    NEAREST,
    Reading,
    View,
    baseline_of,
    days,
    post_induction,
    read_answer,
    read_instrument,
    scores_of,
)
from .table import DEPRESSION, ROWS, day


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign's state, the reason of `cannot_assess`, and the inputs that lit it."""

    state: str
    reason: str | None = None
    lit: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """All six signs with what the recommendation needs to know about them."""

    states: dict[str, Sign]
    sources: list[str]
    anchors: list[str]
    anchor_confirmed: bool
    contradictory: bool


def read_signs(view: View) -> Signs:
    """Return every sign at this view."""
    severity, contradictory = symptom_severity(view)
    anxiety = anxiety_panic(view)
    states = {
        "symptom_severity": severity,
        "motivation": motivation(view),
        "negative_thinking": negative_thinking(view),
        "coping": coping(view),
        "anxiety_panic": anxiety,
        "sleep": sleep(view),
    }
    anchoring = (*DEPRESSION, "pcl5")
    anchors = [r for r in severity.lit if r.name in anchoring and r.level == "probable"]
    anchors += [r for r in anxiety.lit if r.level == "probable"]
    return Signs(
        states=states,
        sources=sorted({_source(r.name) for sign in states.values() for r in sign.lit}),
        anchors=sorted({r.name for r in anchors}),
        anchor_confirmed=any(r.confirmed for r in anchors),
        contradictory=contradictory,
    )


def _source(name: str) -> str:
    """PHQ-9, its items and its difficulty item are one source."""
    return "phq9" if name.startswith("phq9") else name


def highest(readings: Sequence[Reading]) -> str:
    """Return the highest level of some readings."""
    return max((r.level for r in readings), key=LEVELS.index, default="absent")


def roll_up(core: Sequence[Reading], supporting: Sequence[Reading], level: str) -> Sign:
    """Return the sign for the level its inputs reach (section 5, roll-up)."""
    lit = tuple(r for r in (*core, *supporting) if r.positive)
    if level != "absent":
        return Sign(level, lit=lit)
    if any(r.assessable for r in core):
        return Sign("absent")
    return Sign("cannot_assess", min((r.reason or "" for r in core), key=NEAREST.index))


def at_most_possible(reading: Reading) -> Reading:
    """Return the reading with `probable` lowered to `possible`."""
    return replace(reading, level="possible") if reading.level == "probable" else reading


def symptom_severity(view: View) -> tuple[Sign, bool]:
    """Sign 1, and whether the depression questionnaires contradict each other."""
    core = [read_instrument(view, name) for name in DEPRESSION]
    supporting = [read_instrument(view, "gad7")]
    pcl5_baseline = baseline_of(view, scores_of(view, "pcl5"))
    if view.ptsd or (pcl5_baseline is not None and pcl5_baseline >= 33):
        supporting.append(read_instrument(view, "pcl5"))
    others = [*core, read_instrument(view, "who5")]
    contradictory = any(contradicts(a, b) for a in core for b in others)
    if contradictory:
        core = [at_most_possible(r) for r in core]
    return roll_up(core, supporting, highest([*core, *supporting])), contradictory


def contradicts(lit: Reading, other: Reading) -> bool:
    """True when `other` had improved and has kept it, near the date of a positive `lit`."""
    if not lit.positive or lit.name == other.name or not other.assessable:
        return False
    if lit.latest is None or other.latest is None or other.change is None or other.gain is None:
        return False
    near = abs(days(lit.latest.date, other.latest.date)) <= 14
    return near and other.gain >= other.delta and other.change < other.delta / 2


def motivation(view: View) -> Sign:
    """Sign 2: items 1 and 4, SHAPS."""
    items = [read_answer(view, 0), read_answer(view, 3)]
    shaps = read_instrument(view, "shaps")
    core = [*items, shaps]
    lit = [r for r in items if r.positive]
    probable = (
        len(lit) == 2 or any(r.confirmed for r in lit) or (bool(lit) and shaps.positive) or shaps.level == "probable"
    )
    return roll_up(core, [], "probable" if probable else highest(core))


def negative_thinking(view: View) -> Sign:
    """Sign 3: items 6 and 2, PTQ, BHS."""
    item6, item2 = read_answer(view, 5), read_answer(view, 1)
    scales = [read_instrument(view, "ptq"), read_instrument(view, "bhs")]
    core = [item6, item2, *scales]
    backed = item2.positive or item6.confirmed or any(r.positive for r in scales)
    probable = (item6.positive and backed) or highest(scales) == "probable"
    return roll_up(core, [], "probable" if probable else highest(core))


def coping(view: View) -> Sign:
    """Sign 4: PSS-10, WSAS and the difficulty item; WHO-5 supports."""
    scales = [read_instrument(view, "pss10"), read_instrument(view, "wsas")]
    core = [*scales, read_answer(view, DIFFICULTY)]
    who5 = at_most_possible(read_instrument(view, "who5"))
    probable = highest(scales) == "probable" or all(r.positive for r in scales)
    return roll_up(core, [who5], "probable" if probable else highest([*core, who5]))


def sleep(view: View) -> Sign:
    """Sign 6: ISI, ESS, item 3."""
    core = [read_instrument(view, "isi"), read_instrument(view, "ess"), read_answer(view, 2)]
    return roll_up(core, [], highest(core))


def anxiety_panic(view: View) -> Sign:
    """Sign 5, which needs a success of the treatment on anxiety or panic before."""
    core = [read_instrument(view, "gad7"), read_instrument(view, "pdss_sr")]
    shown = _prior_success(view)
    if shown is None:
        after = any(post_induction(view, scores_of(view, r.name)) for r in core)
        return Sign("cannot_assess", "no_baseline" if after else "missing")
    if not shown:
        return Sign("not_applicable")
    level = highest(core)
    if level == "absent" and _new_panic_attack(view):
        return Sign("possible")
    return roll_up(core, [], level)


def _prior_success(view: View) -> bool | None:
    """Return whether prior success is shown; None when it cannot be known."""
    if clinician_benefit(view):
        return True
    known = False
    for name in ("gad7", "pdss_sr"):
        scores = scores_of(view, name)
        baseline = baseline_of(view, scores)
        after = [s.value for s in post_induction(view, scores)]
        if baseline is None or not after:
            continue
        known = True
        cut = ROWS[name].cut or 0
        if baseline >= cut and baseline - min(after) >= view.parameters[f"{name}.delta"]:
            return True
    return False if known else None


def clinician_benefit(view: View) -> bool:
    """True when a clinician reported benefit in this course."""
    return view.induction is not None and any(
        fact["kind"] == "benefit" and fact["by"] == "clinician" and day(fact["date"]) >= view.induction[0]
        for fact in view.reports
    )


def _new_panic_attack(view: View) -> bool:
    """True for a recent attack after the last infusion with a quiet time before it."""
    attacks = {day(f["date"]) for f in view.reports if f["kind"] == "panic_attack"}
    recent, free = view.parameters["panic_fresh_days"], view.parameters["panic_free_days"]
    return any(
        view.last_infusion is not None
        and attack > view.last_infusion
        and days(view.as_of, attack) <= recent
        and not any(0 < days(attack, other) <= free for other in attacks)
        for attack in attacks
    )
