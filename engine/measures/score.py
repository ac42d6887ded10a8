"""Kinds of measures of one scale: latest, best, baseline, changes, and whether the score can be judged.

Each maker takes a measure and returns a function of a `Look`. Values on their own are raw points; changes are oriented
(positive is worse), gains too (positive is better). `trend.py` has the kinds that read more than one score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from boosterwatch.engine.measures.look import Look, best_since_induction, failures, newest_total, worst_of_day
from boosterwatch.engine.measures.undefined import (
    NO_BASELINE,
    NO_INDUCTION,
    NO_REFERENCE,
    NOT_EVALUABLE,
    SMALL_GAIN,
    STALE,
    ZERO_BASELINE,
    Number,
)
from boosterwatch.engine.model import Undefined, Value

Kind = Callable[[Look], Value]
Args = Mapping[str, str]


# ---------------------------------------------------------------- formulas


def fraction_lost(*, latest: Number, best: Number, baseline: Number, smallest_gain: Number) -> float | Undefined:
    """Return the share of the gain (baseline minus best, oriented) that `latest` has given back.

    Not clipped: above 1 is worse than baseline, below 0 is a new best.

    >>> fraction_lost(latest=13, best=5, baseline=21, smallest_gain=5)
    0.5
    >>> fraction_lost(latest=13, best=5, baseline=9, smallest_gain=5)
    Undefined(reason='small_gain')
    """
    gain = baseline - best
    if gain < smallest_gain or gain == 0:  # a tiny denominator turns noise into a large fraction
        return SMALL_GAIN
    return (latest - best) / gain


def response_fraction(*, baseline: Number, best: Number) -> float | Undefined:
    """Return the share of the baseline, in raw points, that was gained at best.

    >>> response_fraction(baseline=20, best=5)
    0.75
    >>> response_fraction(baseline=0, best=0)
    Undefined(reason='zero_baseline')
    """
    return (baseline - best) / baseline if baseline else ZERO_BASELINE


# ---------------------------------------------------------------- the latest


def _latest(_args: Args) -> Kind:
    return lambda look: look.absent or look.sign * look.latest


def _latest_date(_args: Args) -> Kind:
    return lambda look: look.absent or look.day


def _age(_args: Args) -> Kind:
    return lambda look: look.absent or look.moment.at - look.day


def _latest_within(args: Args) -> Kind:
    within = args["within"]

    def run(look: Look) -> Value:
        if look.absent is not None:
            return look.absent
        age = look.moment.at - look.day
        return STALE if age > look.moment.parameters[within] else look.sign * worst_of_day(look)

    return run


def _newest_invalid(_args: Args) -> Kind:
    def run(look: Look) -> Value:
        n = failures(look)
        return n > 0 and look.track.source.failed[n - 1] > newest_total(look)

    return run


# ---------------------------------------------------------------- references


def _best(_args: Args) -> Kind:
    def run(look: Look) -> Value:
        if look.best is None:
            return look.absent or NO_REFERENCE
        return look.sign * look.best

    return run


def _baseline(_args: Args) -> Kind:
    def run(look: Look) -> Value:
        return _no_baseline(look) if look.baseline is None else look.sign * look.baseline

    return run


def _no_baseline(look: Look) -> Undefined:
    return NO_INDUCTION if look.start is None else NO_BASELINE


def _best_since(_args: Args) -> Kind:
    def run(look: Look) -> Value:
        best = best_since_induction(look)
        return _no_best_since(look) if best is None else look.sign * best

    return run


def _no_best_since(look: Look) -> Undefined:
    return NO_INDUCTION if look.start is None else NO_REFERENCE


# ---------------------------------------------------------------- differences


def _change(args: Args) -> Kind:
    return _change_from_best if args["since"] == "best" else _change_from_baseline


def _change_from_best(look: Look) -> Value:
    if look.best is None:
        return look.absent or NO_REFERENCE
    return look.latest - look.best


def _change_from_baseline(look: Look) -> Value:
    if look.absent is not None:
        return look.absent
    return _no_baseline(look) if look.baseline is None else look.latest - look.baseline


def _gain(_args: Args) -> Kind:
    def run(look: Look) -> Value:
        if look.baseline is None:
            return _no_baseline(look)
        best = best_since_induction(look)
        return NO_REFERENCE if best is None else look.baseline - best

    return run


def _fraction_lost(args: Args) -> Kind:
    smallest_gain = args["smallest_gain"]

    def run(look: Look) -> Value:
        best, baseline = look.best, look.baseline
        if best is None:
            return look.absent or NO_REFERENCE
        if baseline is None:
            return NO_BASELINE
        smallest = look.moment.parameters[smallest_gain]
        return fraction_lost(latest=look.latest, best=best, baseline=baseline, smallest_gain=smallest)

    return run


def _response_fraction(args: Args) -> Kind:
    case_level = args["case_level"]

    def run(look: Look) -> Value:
        if look.baseline is None:
            return _no_baseline(look)
        best = best_since_induction(look)
        if best is None:
            return NO_REFERENCE
        if look.baseline < look.sign * look.moment.parameters[case_level]:
            return NOT_EVALUABLE
        return response_fraction(baseline=look.sign * look.baseline, best=look.sign * best)

    return run


# ---------------------------------------------------------------- can it be judged


def judge(look: Look, settle: Number, fresh: Number) -> str:
    """Return "assessable", or the first reason why the score says nothing about today."""
    known = look.verdict
    if known is None or known[0] != settle or known[1] != fresh:
        known = look.verdict = (settle, fresh, _judge(look, settle, fresh))
    return known[2]


def _judge(look: Look, settle: Number, fresh: Number) -> str:
    if look.absent is not None:
        return look.absent.reason
    moment = look.moment
    infusion = moment.last_infusion
    if infusion is not None and not settled(look.key, infusion, settle):
        return "settling" if moment.at - infusion < settle else "missing"
    if moment.at - look.day > fresh:
        return "stale"
    return "no_reference" if look.best is None else "assessable"


def settled(key: int, infusion: int, settle: Number) -> bool:
    """Return whether a score (by key) was given long enough after the infusion to be interpreted.

    >>> settled(key=2 * 114, infusion=100, settle=14), settled(key=2 * 113, infusion=100, settle=14)
    (True, False)
    """
    return (key >> 1) - infusion >= settle and key > 2 * infusion


def _reason(args: Args) -> Kind:
    settle, fresh = args["settle"], args["fresh"]

    def run(look: Look) -> Value:
        parameters = look.moment.parameters
        return judge(look, parameters[settle], parameters[fresh])

    return run


def _assessable(args: Args) -> Kind:
    settle, fresh = args["settle"], args["fresh"]

    def run(look: Look) -> Value:
        parameters = look.moment.parameters
        return judge(look, parameters[settle], parameters[fresh]) == "assessable"

    return run


SCORE_KINDS: Mapping[str, Callable[[Args], Kind]] = {
    "latest": _latest,
    "latest_within": _latest_within,
    "latest_date": _latest_date,
    "age": _age,
    "best": _best,
    "baseline": _baseline,
    "best_since_induction": _best_since,
    "change": _change,
    "gain": _gain,
    "fraction_lost": _fraction_lost,
    "response_fraction": _response_fraction,
    "assessable": _assessable,
    "reason": _reason,
    "newest_invalid": _newest_invalid,
}
