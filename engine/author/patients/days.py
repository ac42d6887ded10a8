"""Days of a made-up patient: a record writes dates as ISO text, everything here counts ordinals."""

from __future__ import annotations

from datetime import date

AS_OF = date(2026, 3, 14).toordinal()  # always the same, so that a patient reads the same for ever
USUAL_AGE = 57  # days since the induction, where nothing else is wanted


def iso(day: int) -> str:
    """Return the date of an ordinal as a record writes it.

    >>> iso(AS_OF)
    '2026-03-14'
    """
    return date.fromordinal(day).isoformat()


def ordinal(text: object) -> int:
    """Return the ordinal of a date of a record, ISO text or a `date`."""
    return text.toordinal() if isinstance(text, date) else date.fromisoformat(str(text)).toordinal()
