"""One scale at one date: its latest value, the best before it, and the baseline, which the score kinds are made from.

A total's latest value is the newest valid total. A part's (an item or an extra answer) is read from one form, see
`Source.newest_answers`; its best, baseline and preceding values use every usable answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from boosterwatch.engine.measures.history import Moment, Track
from boosterwatch.engine.measures.series import Series
from boosterwatch.engine.measures.source import Part, Source, given_answer, usable_answer
from boosterwatch.engine.measures.undefined import INVALID, MISSING, Number
from boosterwatch.engine.model import Undefined


class Look:
    """What a scale shows at one date; all values oriented so that higher is worse.

    Without a latest value `absent` is the reason. The series ends before `end`; its post-induction values begin at
    `start`, None without an induction. `preceding` and `verdict` keep what several kinds ask, with its windows.
    """

    __slots__ = (
        "absent",
        "baseline",
        "best",
        "day",
        "end",
        "key",
        "latest",
        "moment",
        "preceding",
        "running_best",
        "series",
        "sign",
        "start",
        "track",
        "verdict",
    )

    absent: Undefined | None
    baseline: Number | None
    best: Number | None
    day: int
    end: int
    key: int
    latest: Number
    moment: Moment
    preceding: tuple[Number, Number, int | None] | None
    running_best: Sequence[Number]
    series: Series
    sign: int
    start: int | None
    track: Track
    verdict: tuple[Number, Number, str] | None


NO_FORMS = Track(None, 1, Source("", ()), Series([], []), (), 0)


def look_at(track: Track, moment: Moment) -> Look:
    """Return what the scale shows at the moment."""
    look = Look()
    look.track = track
    look.moment = moment
    look.sign = track.sign
    look.series = series = track.series
    look.end = end = bisect_right(series.keys, moment.key)
    look.preceding = look.verdict = None
    look.absent = None
    if track.part is not None:
        _read_part(track.part, look)
    elif end:
        look.latest = series.values[end - 1]
        look.key = series.keys[end - 1]
        look.day = look.key >> 1
    else:
        _set_absent(look, INVALID if failures(look) else MISSING)
    course = moment.course
    if course is None:
        look.best = look.baseline = look.start = None
        return look
    stretch = series.stretch(course, track.baseline_days)
    look.start, look.running_best, look.baseline = stretch
    look.best = None if look.absent is not None else best_before(look, look.day)
    return look


def _set_absent(look: Look, reason: Undefined) -> None:
    look.absent = reason
    look.latest = look.key = look.day = 0


def _read_part(part: Part, look: Look) -> None:
    """Read the latest answer from the one form that answers are read from at this date."""
    moment, source = look.moment, look.track.source
    known = moment.newest
    form = known[source.id] if source.id in known else known.setdefault(source.id, source.newest_answers(moment.key))
    if form is None:
        _set_absent(look, _reason_without_form(look))
        return
    answer = usable_answer(form, part)
    if answer is None:
        _set_absent(look, MISSING if given_answer(form.form, part) is None else INVALID)
        return
    look.latest = look.sign * answer
    look.key = form.key
    look.day = form.key >> 1


def _reason_without_form(look: Look) -> Undefined:
    """Return `invalid` when no form has usable items and the answer was given but never usable.

    Where a form has usable items, a newer valid total without items has made all of them missing.
    """
    rejected, key = look.track.rejected, look.moment.key
    given = bool(rejected) and rejected[0] <= key
    spoilt = given and look.end == 0 and not look.track.source.has_answers(key)
    return INVALID if spoilt else MISSING


def same_evidence(one: Look, other: Look) -> bool:
    """Return whether two looks at a track see the same values and infusions, and with these the same course."""
    return (
        one.end == other.end
        and one.key == other.key
        and one.absent is other.absent
        and one.moment.last_infusion == other.moment.last_infusion
    )


# ---------------------------------------------------------------- what the kinds ask


def failures(look: Look) -> int:
    """Return how many forms of the instrument had a total that was rejected."""
    failed = look.track.source.failed
    return bisect_right(failed, look.moment.key) if failed else 0


def newest_total(look: Look) -> int:
    """Return the key of the newest valid total of the instrument; -1 without one."""
    keys = look.track.source.total_keys
    n = bisect_right(keys, look.moment.key)
    return keys[n - 1] if n else -1


def best_before(look: Look, day: int) -> Number | None:
    """Return the best post-induction value dated strictly before `day`."""
    if look.start is None:
        return None
    n = bisect_left(look.series.keys, 2 * day, 0, look.end) - look.start
    return look.running_best[n - 1] if n > 0 else None


def best_since_induction(look: Look) -> Number | None:
    """Return the best of all post-induction values up to the date."""
    if look.start is None or look.end <= look.start:
        return None
    return look.running_best[look.end - look.start - 1]


def worst_of_day(look: Look) -> Number:
    """Return the worst value dated as the latest: before and after an infusion, the more cautious one."""
    series = look.series
    first = bisect_left(series.keys, 2 * look.day, 0, look.end)
    return max(series.values[first : bisect_right(series.keys, 2 * look.day + 1, first, look.end)])
