"""Every number of a backtest on hand-made stretches and outcomes, and against the definitions read literally."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import quantiles

import duckdb
import pyarrow as pa
import pytest

from boosterwatch.engine.cohort.backtest.count import keep_past, tallies, years_in_view
from boosterwatch.engine.cohort.backtest.dates import days_of, series_of
from boosterwatch.engine.cohort.backtest.model import Losses, Series, Starts, Tally, Thing
from boosterwatch.engine.cohort.backtest.past import Past
from boosterwatch.engine.cohort.backtest.rates import rate_of, share_of
from boosterwatch.engine.cohort.backtest.runs import keep_runs
from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.cohort.impact_material import results, row
from boosterwatch.tests.packs.files import default_pack

SERIES = Series(first=1000, last=1070, every=7, horizon=30)
MOOD = Thing("sign", "mood", "positive")
PROMPT = Thing("prompt", "any")


@dataclass(frozen=True)
class Patient:
    """What is on for a patient by date, and what happened; `refused` are dates without a decision."""

    infusions: tuple[int, ...] = ()
    reported: tuple[int, ...] = ()
    recorded: tuple[tuple[int, int | None], ...] = ()
    last: int = 2000
    mood: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()


def past(patients: Mapping[str, Patient]) -> Past:
    """Return what happened as the four tables."""

    def table(rows: Iterable[tuple[object, ...]], *names: str) -> pa.Table:
        schema = pa.schema({name: pa.string() if name == "patient" else pa.int32() for name in names})
        return pa.Table.from_pylist([dict(zip(names, one, strict=True)) for one in rows], schema=schema)

    infusions = [(id, day) for id, one in patients.items() for day in one.infusions]
    reported = [(id, day) for id, one in patients.items() for day in one.reported]
    recorded = [(id, *entry) for id, one in patients.items() for entry in one.recorded]
    views = [(id, min(one.infusions), one.last) for id, one in patients.items() if one.infusions]
    return Past(
        table(infusions, "patient", "day"),
        table(reported, "patient", "day"),
        table(recorded, "patient", "infusion", "loss"),
        table(views, "patient", "start", "last"),
    )


@dataclass(frozen=True)
class Found:
    """What a backtest of such patients found."""

    losses: Losses
    in_view: int
    years: float
    tallies: Mapping[Thing, Tally]


def backtest(patients: Mapping[str, Patient], series: Series = SERIES) -> Found:
    """Return the tallies of patients whose mood sign is positive, and prompts, on the dates of `mood`."""

    def evaluate(pack: LoadedPack, as_of: int, name: str) -> pa.Table:
        rows = []
        for id, one in patients.items():
            if as_of in one.refused:
                rows.append(row(id, status="refused"))
            elif as_of in one.mood:
                rows.append(row(id, "talk", "soon", signs={"mood": "possible"}, fired=["mood_possible"]))
            else:
                rows.append(row(id))
        return results(rows)

    con = duckdb.connect()
    keep_runs(con, default_pack(), series, evaluate)
    losses = keep_past(con, past(patients), series)
    in_view, years = years_in_view(con, series)
    return Found(losses, in_view, years, {one.thing: one for one in tallies(con, series, losses, years)})


def dates(first: int, last: int, series: Series = SERIES) -> frozenset[int]:
    """Return the dates of the series from one day to another."""
    return frozenset(day for day in series.days if first <= day <= last)


# ---------------------------------------------------------------- lead times


def test_the_lead_is_from_the_first_date_with_the_sign_to_the_loss() -> None:
    found = backtest({"a": Patient(infusions=(990,), reported=(1040,), mood=dates(1021, 1070))})
    mood = found.tallies[MOOD]
    assert (mood.losses, mood.found) == (1, 1)
    assert mood.lead.first == (19, 19, 19)  # 1040 - 1021
    assert mood.lead.lasting == (19, 19, 19)
    assert (mood.lead.still_on, mood.lead.from_start) == (1, 0)


def test_a_sign_that_went_away_is_early_but_did_not_last() -> None:
    found = backtest({"a": Patient(infusions=(990,), reported=(1045,), mood=dates(1021, 1021) | dates(1042, 1042))})
    lead = found.tallies[MOOD].lead
    assert (lead.first, lead.lasting) == ((24, 24, 24), (3, 3, 3))


def test_a_sign_that_is_over_by_the_last_date_has_no_lasting_lead() -> None:
    lead = backtest({"a": Patient(infusions=(990,), reported=(1045,), mood=dates(1021, 1035))}).tallies[MOOD].lead
    assert (lead.first, lead.lasting, lead.still_on) == ((24, 24, 24), None, 0)


@pytest.mark.parametrize(
    ("loss", "found"),
    [(1021, 0), (1022, 1), (1051, 1), (1052, 0)],
    ids=["the same day", "the day after", "a horizon after", "one day more"],
)
def test_a_date_counts_from_the_day_before_the_loss_back_to_the_horizon(loss: int, found: int) -> None:
    patients = {"a": Patient(infusions=(990,), reported=(loss,), mood=dates(1021, 1021))}
    assert backtest(patients).tallies[MOOD].found == found


@pytest.mark.parametrize(("infusion", "found"), [(1020, 1), (1021, 0), (1022, 0)])
def test_the_window_begins_the_day_after_the_infusion(infusion: int, found: int) -> None:
    patients = {"a": Patient(infusions=(990, infusion), reported=(1040,), mood=dates(1021, 1021))}
    assert backtest(patients).tallies[MOOD].found == found


def test_what_was_on_at_the_first_date_of_the_window_is_counted_apart() -> None:
    patients = {"a": Patient(infusions=(990,), reported=(1040,), mood=dates(1000, 1040))}
    assert backtest(patients).tallies[MOOD].lead.from_start == 1
    assert backtest(patients).tallies[MOOD].lead.first == (
        26,
        26,
        26,
    )  # the window begins on 1010; its first date is 1014


# ---------------------------------------------------------------- losses


def test_of_a_cycle_only_the_first_loss_counts() -> None:
    found = backtest({"a": Patient(infusions=(990, 1050), reported=(1030, 1035, 1050, 1060))})
    assert (found.losses.all, found.losses.looked_at) == (2, 2)  # 1030, and 1060 after the infusion of 1050


def test_a_loss_on_the_day_of_an_infusion_ends_the_cycle_before() -> None:
    found = backtest({"a": Patient(infusions=(990, 1050), reported=(1050,), mood=dates(1049, 1049))})
    assert found.tallies[MOOD].found == 1


@pytest.mark.parametrize(
    ("entry", "lead"),
    [((990, 1025), (4, 4, 4)), ((990, None), None)],
    ids=["its own loss", "censored"],
)
def test_the_entry_for_a_cycle_decides_in_place_of_reports(
    entry: tuple[int, int | None], lead: tuple[float, float, float] | None
) -> None:
    patients = {"a": Patient(infusions=(990,), reported=(1040,), recorded=(entry,), mood=dates(1021, 1070))}
    assert backtest(patients).tallies[MOOD].lead.first == lead


def test_a_loss_without_a_decision_before_it_is_not_looked_for() -> None:
    patients = {"a": Patient(infusions=(990,), reported=(1040,), refused=dates(1000, 1070))}
    found = backtest({**patients, "b": Patient(infusions=(990,), reported=(1030,))})
    assert (found.losses.all, found.losses.looked_at) == (2, 1)


def test_a_report_before_any_infusion_is_counted_apart() -> None:
    assert backtest({"a": Patient(infusions=(1010,), reported=(1005,))}).losses == Losses(0, 0, 1, "record")


def test_only_losses_of_the_series_and_a_horizon_after_count() -> None:
    found = backtest({str(day): Patient(infusions=(900,), reported=(day,)) for day in (999, 1000, 1001, 1100, 1101)})
    assert (found.losses.all, found.losses.looked_at) == (2, 2)  # 1001 and 1100


# ---------------------------------------------------------------- starts

AT = 1021
OUTCOMES = {
    "before a loss": (Patient(infusions=(990,), reported=(1051,)), "before_loss"),
    "on the day of a loss": (Patient(infusions=(990,), reported=(1021,)), "before_loss"),
    "a loss after the horizon": (Patient(infusions=(990,), reported=(1052,)), "wrong"),
    "a loss on the day of the next infusion": (Patient(infusions=(990, 1030), reported=(1030,)), "before_loss"),
    "an infusion before the loss": (Patient(infusions=(990, 1030), reported=(1031,)), "treated"),
    "an infusion at the horizon": (Patient(infusions=(990, 1051)), "treated"),
    "an infusion after the horizon": (Patient(infusions=(990, 1052)), "wrong"),
    "an infusion on its own day": (Patient(infusions=(990, 1021)), "wrong"),
    "a loss of the same cycle before it": (Patient(infusions=(990,), reported=(1020,)), "late"),
    "a loss of the cycle before": (Patient(infusions=(990, 1010), reported=(1005,)), "wrong"),
    "the record ends before the horizon": (Patient(infusions=(990,), last=1050), "unresolved"),
    "the record ends at the horizon": (Patient(infusions=(990,), last=1051), "wrong"),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_a_start_came_to(name: str) -> None:
    patient, outcome = OUTCOMES[name]
    starts = (
        backtest({"a": Patient(patient.infusions, patient.reported, (), patient.last, dates(AT, AT))})
        .tallies[MOOD]
        .starts
    )
    assert starts == Starts(
        all=1, **{one: int(one == outcome) for one in ("before_loss", "treated", "late", "unresolved", "wrong")}
    )


def test_what_is_on_at_the_first_date_did_not_start() -> None:
    found = backtest({"a": Patient(infusions=(990,), mood=dates(1000, 1007) | dates(1028, 1035) | dates(1049, 1049))})
    assert found.tallies[MOOD].starts.all == 2


def test_a_start_outside_the_view_is_nobodys() -> None:
    before = Patient(infusions=(1030,), mood=dates(1021, 1070))
    after = Patient(infusions=(990,), last=1020, mood=dates(1021, 1070))
    assert MOOD not in backtest({"a": before, "b": after}).tallies


def test_a_prompt_a_sign_and_a_rule_are_told_apart() -> None:
    found = backtest({"a": Patient(infusions=(990,), mood=dates(AT, AT))})
    assert set(found.tallies) == {
        MOOD, PROMPT, Thing("recommendation", "carry_on"), Thing("recommendation", "talk", "soon"), Thing("rule", "mood_possible"),
    }  # fmt: skip


# ---------------------------------------------------------------- time and rates


def test_time_is_counted_in_dates_with_a_decision_between_first_infusion_and_last_fact() -> None:
    found = backtest({"a": Patient(infusions=(1014,), last=1050, refused=dates(1028, 1028)), "b": Patient()})
    assert found.in_view == 1
    assert found.years == pytest.approx(5 * 7 / 365.25)  # 1014, 1021, 1035, 1042, 1049


def test_a_rate_is_false_starts_over_time() -> None:
    found = backtest({"a": Patient(infusions=(900,), mood=dates(AT, AT) | dates(1042, 1042))})
    mood = found.tallies[MOOD]
    assert mood.starts.wrong == 2
    assert mood.wrong_per_year == rate_of(2, 11 * 7 / 365.25)
    assert mood.precision == share_of(0, 2)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_shares_have_the_interval_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    found = share_of(part, whole)
    assert found is not None
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (part / whole, low, high)


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.390), (100, 81.36, 121.63)]
)
def test_rates_have_an_interval_close_to_the_exact_one(events: int, low: float, high: float) -> None:
    found = rate_of(events, 2)
    assert found is not None
    assert found.value == events / 2
    assert [2 * found.low, 2 * found.high] == pytest.approx([low, high], abs=0.03)


def test_there_is_no_share_of_nothing_and_no_rate_without_time() -> None:
    assert share_of(0, 0) is None
    assert rate_of(3, 0) is None
    assert rate_of(0, 2) is not None


@pytest.mark.parametrize(("text", "days"), [("7d", 7), ("2w", 14), ("1", 1), ("90d", 90)])
def test_a_span_is_days_or_weeks(text: str, days: int) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize("text", ["", "0d", "-7d", "7 days", "1m", "07d"])
def test_another_span_is_refused(text: str) -> None:
    with pytest.raises(ImpactError, match=f"BW657 `{text}` is no span of days"):
        days_of(text)


def test_a_series_ends_on_its_last_date() -> None:
    series = series_of(date(2026, 1, 1), date(2026, 1, 20), "7d", "4w")
    assert [date.fromordinal(day).day for day in series.days] == [1, 8, 15]
    assert (series.last, series.horizon) == (date(2026, 1, 15).toordinal(), 28)
    with pytest.raises(ImpactError, match="BW657 the series ends on 2026-01-01, before it begins on 2026-01-20"):
        series_of(date(2026, 1, 20), date(2026, 1, 1), "7d")


# ---------------------------------------------------------------- the definitions, literally


def literally(patients: Mapping[str, Patient], series: Series) -> tuple[int, list[int], dict[str, int], int]:
    """Return losses looked at, leads, outcomes of starts, and dates in view, as docs/backtest.md defines them."""
    looked_at, leads, view = 0, [], 0
    outcomes = dict.fromkeys(("before_loss", "treated", "late", "unresolved", "wrong"), 0)
    for one in patients.values():
        losses: dict[int, int] = {}
        entries = dict(one.recorded)
        for day in one.reported:
            cycle = max((i for i in one.infusions if i < day), default=None)
            if cycle is not None and cycle not in entries:
                losses[cycle] = min(day, losses.get(cycle, day))
        losses |= {i: day for i, day in entries.items() if day is not None and i in one.infusions}
        decided = [day for day in series.days if day not in one.refused]
        for cycle, day in losses.items():
            window = [d for d in decided if max(cycle + 1, day - series.horizon) <= d < day]
            if series.first < day <= series.until and window:
                looked_at += 1
                leads += [day - d for d in window if d in one.mood][:1]
        if not one.infusions:
            continue
        start = min(one.infusions)
        view += sum(start <= day <= one.last for day in decided)
        for day in decided[0:]:
            begins = day in one.mood and (day - series.every not in one.mood or day - series.every in one.refused)
            if begins and day > series.first and start <= day <= one.last:
                outcomes[outcome(one, losses, day, series)] += 1
    return looked_at, leads, outcomes, view


def outcome(one: Patient, losses: Mapping[int, int], day: int, series: Series) -> str:
    cycle = max(i for i in one.infusions if i <= day)
    following = min((i for i in one.infusions if i > day), default=10**6)
    loss = min((d for d in losses.values() if d >= day), default=10**6)
    if losses.get(cycle, 10**6) < day:
        return "late"
    if loss <= day + series.horizon and loss <= following:
        return "before_loss"
    if following <= day + series.horizon:
        return "treated"
    return "unresolved" if one.last < day + series.horizon else "wrong"


def made_up(rng: random.Random) -> Patient:
    infusions = tuple(sorted(rng.sample(range(950, 1100), rng.randrange(0, 5))))
    entries = tuple((i, rng.choice([None, i + rng.randrange(1, 40)])) for i in infusions if rng.random() < 0.2)
    state, mood = False, set()
    for day in SERIES.days:
        state = state if rng.random() < 0.6 else not state
        mood |= {day} if state else set()
    refused = frozenset(day for day in SERIES.days if rng.random() < 0.08)
    last = rng.randrange(max(infusions, default=1000), 1200)
    reported = tuple(rng.sample(range(950, 1130), rng.randrange(0, 4)))
    return Patient(infusions, reported, entries, last, frozenset(mood), refused)


@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_are_those_of_the_definitions(seed: int) -> None:
    rng = random.Random(seed)
    patients = {f"p{number:03d}": made_up(rng) for number in range(300)}
    found = backtest(patients)
    looked_at, leads, outcomes, view = literally(patients, SERIES)
    mood = found.tallies[MOOD]
    assert (found.losses.looked_at, mood.found) == (looked_at, len(leads))
    assert mood.lead.first == tuple(quantiles(leads, n=4, method="inclusive"))
    assert mood.starts == Starts(all=sum(outcomes.values()), **outcomes)
    assert found.years == pytest.approx(view * SERIES.every / 365.25)
    assert min(outcomes.values()) > 0
