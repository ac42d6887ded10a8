"""The values of one scale at a patient's visits: baseline, best, previous and latest, from the wanted measures.

All values are oriented (higher is worse) while they are chosen, and raw points when they come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from boosterwatch.engine.author.patients.wants import EXACT, Loose, ScaleWants
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import whole

VISITS = ("baseline", "best", "previous", "latest")
Values = dict[str, int | float]
_STEPS = 20  # values of a scale that are tried
_MOST_TRIES = 2500


@dataclass(frozen=True, slots=True)
class Range:
    """The oriented values that a scale can take."""

    low: float
    high: float
    sign: int
    step: float = 1

    def within(self, value: float) -> bool:
        """Return whether the scale has the value."""
        return self.low <= value <= self.high

    def at(self, share: float) -> float:
        """Return the value at a share of the range, 0 for the best."""
        return self.low + round(share * (self.high - self.low) / self.step) * self.step

    def all(self) -> list[float]:
        """Return values from best to worst, thinned out where there are many."""
        number = int((self.high - self.low) / self.step)
        stride = max(number // _STEPS, 1)
        return [self.low + n * self.step for n in range(0, number + 1, stride)]


def range_of(scale: ir.Scale, step: float = 1) -> Range:
    """Return the oriented range of a scale."""
    sign = sign_of(scale.worse)
    ends = sorted((sign * scale.low, sign * scale.high))
    return Range(ends[0], ends[1], sign, step)


def needed(wants: ScaleWants) -> set[str]:
    """Return the visits that the wanted measures speak of."""
    kinds = {kind for kind, value in wants.items() if value is not None}
    visits = {visit for visit, told in _SPEAKS.items() if kinds & told}
    if wants.get("assessable") is True or wants.get("reason") in ("assessable", "settling", "stale"):
        visits |= {"latest", "best"}
    if wants.get("reason") == "no_reference":
        visits |= {"latest"}
    if wants.get("latest", 0) is None or wants.get("reason") == "missing":
        visits -= {"latest"}
    return visits - {visit for visit, kind in _ITSELF.items() if wants.get(kind, 0) is None}


_SPEAKS: Mapping[str, frozenset[str]] = {
    "baseline": frozenset({"baseline", "gain", "fraction_lost", "response_fraction", "change baseline"}),
    "best": frozenset({"best", "best_since_induction", "change best", "fraction_lost", "gain", "response_fraction",
                       "previous_change"}),
    "previous": frozenset({"previous", "previous_change", "previous_interpretable"}),
    "latest": frozenset({"latest", "latest_within", "latest_date", "age", "change best", "change baseline",
                         "fraction_lost", "previous", "previous_change"}),
}  # fmt: skip
_ITSELF = {"baseline": "baseline", "best": "best", "previous": "previous"}


def choose_values(scale: Range, wants: ScaleWants, visits: Iterable[str], loose: Loose = EXACT) -> Values:
    """Return the raw value at each visit that comes nearest to what is wanted."""
    best: tuple[float, Values] | None = None
    for values in islice(_candidates(scale, _Asked(wants, loose), set(visits)), _MOST_TRIES):
        off = _off(scale, values, wants, loose)
        if best is None or off < best[0]:
            best = off, values
        if off == 0:
            break
    chosen = best[1] if best else {}
    return {visit: whole(scale.sign * chosen[visit]) for visit in VISITS if visit in chosen}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the measures of a scale."""

    wants: ScaleWants
    loose: Loose

    def number(self, kind: str) -> float | None:
        """Return the wanted number, if one is."""
        value = self.wants.get(kind)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def exact(self, kind: str) -> float | None:
        """Return the wanted number where no other will do."""
        return self.number(kind) if self.loose.get(kind, "exact") == "exact" else None

    def any_of(self, *kinds: str) -> bool:
        """Return whether a number is wanted of one of the kinds."""
        return any(self.number(kind) is not None for kind in kinds)


def _candidates(scale: Range, asked: _Asked, visits: set[str]) -> Iterator[Values]:
    """Yield oriented values for the visits, the usual ones first."""
    for best in _tries(scale, asked, "best", 0.15) if "best" in visits else [None]:
        for latest in _latests(scale, asked, best) if "latest" in visits else [None]:
            for previous in _previous(scale, asked, best, latest) if "previous" in visits else [None]:
                for baseline in _baselines(scale, asked, best, latest) if "baseline" in visits else [None]:
                    told = {"baseline": baseline, "best": best, "previous": previous, "latest": latest}
                    yield {visit: value for visit, value in told.items() if value is not None}


def _tries(scale: Range, asked: _Asked, kind: str, share: float) -> list[float]:
    """Return values for a visit: the wanted one, and where that is a limit the others beyond it."""
    wanted, limit = asked.number(kind), asked.loose.get(kind, "exact")
    if wanted is None or limit == "any":
        usual = scale.at(share)
        return sorted(scale.all(), key=lambda value: (abs(value - usual), value))
    start = scale.sign * wanted
    if limit == "exact":
        return [start]
    worse = (limit == "least") is (scale.sign == 1)
    beyond = [value for value in scale.all() if (value > start if worse else value < start)]
    return [start, *(beyond if worse else reversed(beyond))]


def _latests(scale: Range, asked: _Asked, best: float | None) -> list[float]:
    change = asked.exact("change best")
    if change is not None and best is not None and asked.exact("latest") is None:
        return [best + change] if scale.within(best + change) else []
    for kind in ("latest", "latest_within"):
        if asked.number(kind) is not None:
            return _tries(scale, asked, kind, 0.5)
    if asked.any_of("fraction_lost", "change baseline", "change best"):
        return _tries(scale, asked, "latest", 0.3)
    return [scale.at(0.2) if best is None else best]


def _previous(scale: Range, asked: _Asked, best: float | None, latest: float | None) -> list[float]:
    change = asked.exact("previous_change")
    if asked.exact("previous") is None and change is not None and best is not None:
        return [best + change] if scale.within(best + change) else []
    if asked.any_of("previous", "previous_change"):
        return _tries(scale, asked, "previous", 0.5)
    return [latest if latest is not None else scale.at(0.5)]


def _baselines(scale: Range, asked: _Asked, best: float | None, latest: float | None) -> list[float]:
    lowest = min((value for value in (best, latest) if value is not None), default=scale.low)
    gain, change = asked.exact("gain"), asked.exact("change baseline")
    made = [] if gain is None else [lowest + gain]
    made += [] if change is None or latest is None else [latest - change]
    if made and asked.exact("baseline") is None:
        return [value for value in made if scale.within(value)]
    if asked.any_of("baseline", "gain", "change baseline", "fraction_lost", "response_fraction"):
        return _tries(scale, asked, "baseline", 0.75)
    return [scale.at(0.75)]


# ---------------------------------------------------------------- how near


def _off(scale: Range, values: Values, wants: ScaleWants, loose: Loose) -> float:
    """Return how far the values are from what is wanted, in points; shares count for ten."""
    if not all(scale.within(value) for value in values.values()):
        return 1e9
    asked = _Asked(wants, loose)
    off = 0.0
    for kind, value in _shown(scale, values).items():
        wanted = asked.number(kind)
        if wanted is not None:
            off += _gap(value, wanted, loose.get(kind, "exact")) * (10 if kind in _SHARES else 1)
    return round(off, 9)


_SHARES = ("fraction_lost", "response_fraction")


def _gap(value: float, wanted: float, limit: str) -> float:
    if limit == "any" or (limit == "least" and value >= wanted) or (limit == "most" and value <= wanted):
        return 0
    return abs(value - wanted)


def _shown(scale: Range, values: Values) -> dict[str, float]:
    """Return the measures that the values will give, as far as they matter here."""
    after = [values[visit] for visit in ("best", "previous", "latest") if visit in values]
    before = [values[visit] for visit in ("best", "previous") if visit in values]
    shown = {"latest": scale.sign * values["latest"]} if "latest" in values else {}
    if "latest" in values and before:
        shown["best"] = scale.sign * min(before)
        shown["change best"] = values["latest"] - min(before)
    if "baseline" in values and after:
        shown |= _against_baseline(scale, values, min(after), min(before, default=None))
    if after:
        shown["best_since_induction"] = scale.sign * min(after)
    if "previous" in values:
        shown["previous"] = scale.sign * values["previous"]
    if "baseline" in values:
        shown["baseline"] = scale.sign * values["baseline"]
    if "previous" in values and "best" in values:
        shown["previous_change"] = values["previous"] - values["best"]
    return shown


def _against_baseline(scale: Range, values: Values, lowest: float, best: float | None) -> dict[str, float]:
    baseline = values["baseline"]
    shown = {"gain": baseline - lowest}
    if baseline:
        shown["response_fraction"] = (scale.sign * baseline - scale.sign * lowest) / (scale.sign * baseline)
    if "latest" in values:
        shown["change baseline"] = values["latest"] - baseline
        if best is not None and baseline != best:
            shown["fraction_lost"] = (values["latest"] - best) / (baseline - best)
    return shown
