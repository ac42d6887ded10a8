"""Kinds of measures that read the latest safety fact stating something; on equal dates the more cautious fact wins.

A fact that does not state the field says nothing about it, so the latest fact stating the field counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from boosterwatch.engine.measures.history import History, Moment
from boosterwatch.engine.measures.undefined import NONE, Number, Parameters
from boosterwatch.engine.measures.where import Fields, compile_where
from boosterwatch.engine.model import Scalar, Value
from boosterwatch.engine.pack import ir

Kind = Callable[[Moment], Value]
Picks = tuple[list[int], list[Scalar]]
Pick = Callable[[History, Parameters], Picks]
Rank = Callable[[Scalar], tuple[Number, str]]


def _kept(name: str, pick: Pick) -> Callable[[Moment], Picks]:
    """Return a pick that is made once per history."""

    def run(moment: Moment) -> Picks:
        picks = moment.history.picks
        if name not in picks:
            picks[name] = pick(moment.history, moment.parameters)
        return picks[name]

    return run


def _newest(picks: Callable[[Moment], Picks], moment: Moment) -> tuple[int, Scalar] | None:
    days, values = picks(moment)
    n = bisect_right(days, moment.at)
    return (days[n - 1], values[n - 1]) if n else None


# ---------------------------------------------------------------- the latest stating a field


def latest_fact(measure: ir.Measure) -> Kind:
    """Return the kind: the field's value on the newest date that states it."""
    type, picks = dict(measure.args)["fact"], _picks(measure)

    def run(moment: Moment) -> Value:
        newest = _newest(picks, moment) if type in moment.history.facts else None
        return NONE if newest is None else newest[1]

    return run


def fact_date(measure: ir.Measure) -> Kind:
    """Return the kind: the newest date with a fact that states the field."""
    type, picks = dict(measure.args)["fact"], _picks(measure)

    def run(moment: Moment) -> Value:
        newest = _newest(picks, moment) if type in moment.history.facts else None
        return NONE if newest is None else newest[0]

    return run


def latest_fact_meets(measure: ir.Measure) -> Kind:
    """Return the kind: whether a fact of the newest date that states the field meets the condition."""
    return latest_fact(measure)


def _picks(measure: ir.Measure) -> Callable[[Moment], Picks]:
    args = dict(measure.args)
    pick = _pick_meets(measure, args) if "stating" in args else _pick_field(measure, args)
    return _kept(measure.name, pick)


def _pick_field(measure: ir.Measure, args: Mapping[str, str]) -> Pick:
    rank, numeric = rank_by(measure.order), measure.order in NUMERIC

    def pick(history: History, _parameters: Parameters) -> Picks:
        best: dict[int, Scalar] = {}
        for day, fields in _about(history, args):
            value = _stated(fields, args)
            if value is None or (numeric and isinstance(value, str)):
                continue
            if day not in best or rank(value) < rank(best[day]):
                best[day] = value
        return list(best), list(best.values())

    return pick


def _pick_meets(measure: ir.Measure, args: Mapping[str, str]) -> Pick:
    where = compile_where(measure.where) if measure.where is not None else None
    stating = args["stating"]

    def pick(history: History, parameters: Parameters) -> Picks:
        met: dict[int, Scalar] = {}
        for day, fields in _about(history, args):
            if stating in fields:
                meets = where is None or where(fields, parameters) is True
                met[day] = bool(met.get(day)) or meets
        return list(met), list(met.values())

    return pick


def _about(history: History, args: Mapping[str, str]) -> Iterable[tuple[int, Fields]]:
    """Return the usable facts of the type (and of the key's value), oldest first."""
    key, wanted = args.get("key"), args.get("value")
    for fact in history.facts.get(args["fact"], ()):
        if key is None or fact.fields.get(key) == wanted:
            yield fact.day, fact.fields


def _stated(fields: Fields, args: Mapping[str, str]) -> Scalar | None:
    value = fields.get(args["field"])
    if "per" not in args or value is None:
        return value
    return ratio(value, fields.get(args["per"]))


def ratio(value: Scalar, per: Scalar | None) -> float | None:
    """Return the exact quotient of two decimals, rounded once; None unless both are numbers and `per` is above 0.

    >>> 0.3 / 0.1, ratio(0.3, 0.1)
    (2.9999999999999996, 3.0)
    """
    if isinstance(value, str) or per is None or isinstance(per, str) or not per > 0:
        return None
    return float(Fraction(str(value)) / Fraction(str(per)))


# ---------------------------------------------------------------- caution


def _highest(value: Scalar) -> tuple[Number, str]:
    return (0 if isinstance(value, str) else -value, "")


def _lowest(value: Scalar) -> tuple[Number, str]:
    return (0 if isinstance(value, str) else value, "")


NUMERIC: Mapping[tuple[str, ...], Rank] = {("highest",): _highest, ("lowest",): _lowest}


def rank_by(order: tuple[str, ...]) -> Rank:
    """Return the key that puts the most cautious value first.

    >>> sorted(["given", "absent"], key=rank_by(("withdrawn", "absent", "given")))
    ['absent', 'given']
    >>> sorted([False, True], key=rank_by(("true", "false")))
    [True, False]
    """
    numeric = NUMERIC.get(order)
    if numeric is not None:
        return numeric
    places = {value: n for n, value in enumerate(order)}

    def rank(value: Scalar) -> tuple[Number, str]:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return (places.get(text, len(places)), text)

    return rank


# ---------------------------------------------------------------- holds lifted


def stands(measure: ir.Measure) -> Kind:
    """Return the kind: the hold of the date measure is not lifted by a review on or after that date."""
    args = dict(measure.args)
    date, hold = args["date"], args["hold"]

    def pick(history: History, _parameters: Parameters) -> Picks:
        reviews = history.facts.get("review", ())
        cleared = [
            fact.day
            for fact in reviews
            if fact.fields.get("kind") == "hold_cleared" and fact.fields.get("hold") == hold
        ]
        return cleared, [True] * len(cleared)

    picks = _kept(f"cleared {hold}", pick)

    def run(moment: Moment) -> Value:
        day = moment.values.get(date)
        if not isinstance(day, int):
            return NONE
        newest = _newest(picks, moment)
        return newest is None or newest[0] < day

    return run


FACT_KINDS: Mapping[str, Callable[[ir.Measure], Kind]] = {
    "latest_fact": latest_fact,
    "fact_date": fact_date,
    "latest_fact_meets": latest_fact_meets,
    "stands": stands,
}
