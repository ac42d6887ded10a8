"""A backtest as a page: what there was to find, how early each sign was, what the prompts came to, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from boosterwatch.engine.author.prose.amounts import with_unit
from boosterwatch.engine.cohort.backtest.model import (
    ANY,
    POSITIVE,
    Backtest,
    Calibration,
    Estimate,
    Setting,
    Tally,
    Thing,
)
from boosterwatch.engine.cohort.impact.model import POSITIVE as POSITIVE_STATES
from boosterwatch.engine.cohort.impact.told import count, many, recommended
from boosterwatch.engine.explain.names import Names, state_in_words
from boosterwatch.engine.explain.page import Block, Heading, Page, Pairs, Table, Text
from boosterwatch.engine.pack import ir

MOST_RULES = 24
LEAD_CAPTION = "Lead times: from the lower to the upper quartile, with the median."
TRADE_CAPTION = "Found and false: losses found against false starts, for each sign and prompt."


def title_of(found: Backtest) -> str:
    """Return the title of the page."""
    first, last = (date.fromordinal(day).isoformat() for day in (found.series.first, found.series.last))
    return f"Backtest of {found.pack['id']}@{found.pack['version']}, {first} to {last}"


def page_of(
    found: Backtest, pack: ir.Pack, calibrations: Sequence[Calibration] = (), captions: Sequence[str] = ()
) -> Page:
    """Return the page of a backtest of this pack; `captions` stand where a document has its pictures."""
    names = Names(pack)
    return (
        *_face(found),
        *_leads(found, names, captions),
        *_prompts(found, names, captions),
        *_rules(found, names),
        *(block for one in calibrations for block in _calibration(one, captions)),
    )


def _face(found: Backtest) -> Iterator[Block]:
    series, losses = found.series, found.losses
    yield Text(title_of(found), "strong")
    dates = f"{count(len(series.days))}, every {many(series.every, 'day')}"
    rows = (
        ("Pack", f"{found.pack['id']}@{found.pack['version']}, {found.pack['status']}, {found.pack['digest'][:12]}"),
        ("Dates", dates),
        ("Looking ahead", many(series.horizon, "day")),
        ("Patients", f"{count(found.patients)}, {count(found.in_view)} in view"),
        ("Time in view", f"{found.years:,.1f} patient-years"),
        ("Losses of benefit", f"{count(losses.all)}, {count(losses.looked_at)} with a date to look at before them"),
    )
    yield Pairs(rows)
    yield Text("Shares and rates have their 95 % interval beside them, times are medians with both quartiles.", "quiet")
    if losses.before_infusion:
        yield Text(f"{many(losses.before_infusion, 'report')} of a loss before any infusion is left out.", "quiet")
    if not losses.looked_at:
        yield Text("There is no loss to find, so nothing is said of how many are found.", "alert")


# ---------------------------------------------------------------- lead times


def _leads(found: Backtest, names: Names, captions: Sequence[str]) -> Iterator[Block]:
    yield Heading("Lead time of each sign")
    yield Text(
        "Days before a recorded loss: from the first date with the sign, and of the stretch that lasted until then."
    )
    signs = [one for one in found.tallies if one.thing.what == "sign"]
    order = [sign.id for sign in names.pack.signs]
    signs.sort(key=lambda one: (order.index(one.thing.id), one.thing.state != POSITIVE))
    heads = ("sign", "at least", "found", "share", "lead", "lasting")
    rows = [
        (
            names.title("sign", one.thing.id),
            "possible" if one.thing.state == POSITIVE else state_in_words(one.thing.state),
            f"{count(one.found)} of {count(one.losses)}",
            percent(one.sensitivity),
            quartiles(one.lead.first),
            quartiles(one.lead.lasting),
        )
        for one in signs
    ]
    yield Table(heads, tuple(rows), (2, 3, 4, 5))
    yield from (Text(caption, "quiet") for caption in captions if caption == LEAD_CAPTION)


def named(thing: Thing, names: Names) -> str:
    """Return what a thing is called."""
    match thing.what:
        case "prompt":
            return "any prompt with an urgency"
        case "recommendation":
            return recommended((thing.id, thing.state))
        case "sign":
            state = "possible or probable" if thing.state == POSITIVE else state_in_words(thing.state)
            return f"{names.title('sign', thing.id)}, {state}"
        case _:
            return names.rule(thing.id)


def percent(found: Estimate | None) -> str:
    """Return a share with its interval, in per cent.

    >>> percent(Estimate(0.25, 0.1, 0.5)), percent(None)
    ('25 % (10-50)', '')
    """
    return (
        "" if found is None else f"{found.value:.0%} ({100 * found.low:.0f}-{100 * found.high:.0f})".replace("%", " %")
    )


def rate(found: Estimate | None) -> str:
    """Return a rate with its interval.

    >>> rate(Estimate(0.25, 0.1, 0.5))
    '0.25 (0.10-0.50)'
    """
    return "" if found is None else f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"


def quartiles(found: tuple[float, float, float] | None) -> str:
    """Return the median with the quartiles around it, in whole days.

    >>> quartiles((7.0, 14.0, 21.25)), quartiles(None)
    ('14 (7-21)', '')
    """
    return "" if found is None else f"{found[1]:.0f} ({found[0]:.0f}-{found[2]:.0f})"


# ---------------------------------------------------------------- prompts


def _prompts(found: Backtest, names: Names, captions: Sequence[str]) -> Iterator[Block]:
    yield Heading("Prompts, and what came of them")
    yield Text(
        f"A start is false when no loss, no infusion and no end of the record came within {found.series.horizon} days."
    )
    wanted = [one for one in found.tallies if shown_as_prompt(one.thing)]
    wanted.sort(key=lambda one: (one.thing.id != ANY, one.thing))
    heads = (
        "prompt",
        "starts",
        "before a loss",
        "treated",
        "late",
        "open",
        "false",
        "false a year",
        "right",
    )
    rows = [
        (
            named(one.thing, names),
            *map(count, (one.starts.all, one.starts.before_loss, one.starts.treated, one.starts.late)),
            *map(count, (one.starts.unresolved, one.starts.wrong)),
            rate(one.wrong_per_year),
            percent(one.precision),
        )
        for one in wanted
    ]
    yield Table(heads, tuple(rows), tuple(range(1, len(heads))))
    yield from (Text(caption, "quiet") for caption in captions if caption == TRADE_CAPTION)


def shown_as_prompt(thing: Thing) -> bool:
    """Return whether a thing is a prompt: a recommendation with an urgency, or any of them."""
    return thing.what == "prompt" or (thing.what == "recommendation" and bool(thing.state))


# ---------------------------------------------------------------- rules


def _rules(found: Backtest, names: Names) -> Iterator[Block]:
    """Yield the rules that came before most losses, of those that say that something is worse."""
    kinds = {rule.id: rule for rule in names.pack.rules}
    rules = [
        one for one in found.tallies if one.thing.what == "rule" and one.found and _about_worse(kinds[one.thing.id])
    ]
    if not rules:
        return
    yield Heading("Sensitivity by rule")
    rules.sort(key=lambda one: (-one.found, one.starts.wrong, one.thing.id))
    heads = ("rule", "says", "found", "share", "lead", "false a year")
    rows = [
        (
            one.thing.id,
            named(one.thing, names),
            f"{count(one.found)} of {count(one.losses)}",
            percent(one.sensitivity),
            quartiles(one.lead.first),
            rate(one.wrong_per_year),
        )
        for one in rules[:MOST_RULES]
    ]
    yield Table(heads, tuple(rows), (2, 3, 4, 5))
    if len(rules) > MOST_RULES:
        yield Text(f"and {count(len(rules) - MOST_RULES)} more, which `--format json` lists", "quiet")


def _about_worse(rule: ir.Rule) -> bool:
    """Return whether a rule says that something is worse: a trigger, or a positive reading or sign."""
    return rule.kind == "trigger" or (rule.kind in ("reading", "sign") and rule.state in POSITIVE_STATES)


# ---------------------------------------------------------------- calibration


def _calibration(one: Calibration, captions: Sequence[str]) -> Iterator[Block]:
    yield Heading(f"Backtests over {one.parameter}")
    yield Text(f"{one.says}: every allowed value against what happened. Any prompt with an urgency.")
    yield from (Text(caption, "quiet") for caption in captions if caption == calibration_caption(one))
    heads = (
        "value",
        "",
        "found",
        "share",
        "lead",
        "false a year",
        "right",
    )
    rows = [
        (with_unit(setting.value, one.unit), ", ".join(setting.marks), *_setting(setting)) for setting in one.settings
    ]
    yield Table(heads, tuple(rows), (0, *range(2, len(heads))))
    refused = [setting for setting in one.settings if setting.refused and not setting.marks]
    if refused:
        listed = ", ".join(with_unit(setting.value, one.unit) for setting in refused)
        yield Text(f"Only a new version of the pack may choose {listed}: {refused[0].refused}.", "quiet")


def any_prompt(tallies: Sequence[Tally]) -> Tally | None:
    """Return the tally of any prompt; None when there never was one."""
    return next((one for one in tallies if one.thing.what == "prompt"), None)


def _setting(setting: Setting) -> tuple[str, ...]:
    one = any_prompt(setting.tallies)
    if one is None:
        return ("0", "", "", "", "")
    found = f"{count(one.found)} of {count(one.losses)}"
    return (
        found,
        percent(one.sensitivity),
        quartiles(one.lead.first),
        rate(one.wrong_per_year),
        percent(one.precision),
    )


def calibration_caption(one: Calibration) -> str:
    """Return the caption of the picture of a calibration."""
    return f"{one.parameter}: losses found, and false prompts, at each allowed value."
