"""Answers, shares and counts of a comparison in words, from the names that the packs give."""

from __future__ import annotations

from boosterwatch.engine.cohort.impact.model import Answer
from boosterwatch.engine.explain.names import Names, state_in_words, words

REFUSED = "refused"


class Words:
    """The words of two packs: the new one's, and the old one's for what only it has."""

    def __init__(self, old: Names, new: Names) -> None:
        self._sides = (new, old)

    def title(self, kind: str, id: str) -> str:
        """Return what a sign or a notice is called."""
        titles = [side.title(kind, id) for side in self._sides]
        return titles[1] if titles[0] == words(id) else titles[0]

    def rule(self, id: str) -> str:
        """Return what a rule concludes."""
        return next((side.rule(id) for side in self._sides if id in side.rules), words(id))

    def answer(self, answer: Answer) -> str:
        """Return an answer as a reader knows it."""
        match answer.what:
            case "recommendation":
                return recommended((answer.id, answer.state))
            case "sign":
                return f"{self.title('sign', answer.id)} {state_in_words(answer.state)}"
            case "rule":
                return self.rule(answer.id)
            case "refused":
                return "record refused"
            case "response":
                return f"response {words(answer.id)}"
            case _:
                return f"{answer.what}: {self.title(answer.what, answer.id)}"


def recommended(pair: tuple[str, str] | None) -> str:
    """Return a recommendation with its urgency in words.

    >>> recommended(("call_back", "this_week")), recommended(("wait", "")), recommended(None)
    ('call back, this week', 'wait', 'refused')
    """
    if pair is None:
        return REFUSED
    return f"{words(pair[0])}, {words(pair[1])}" if pair[1] else words(pair[0])


def share(part: int, whole: int) -> str:
    """Return a share in per cent, never rounded to nothing or to all.

    >>> share(1, 3), share(1, 100_000), share(0, 5), share(5, 5), share(99_999, 100_000), share(0, 0)
    ('33.3 %', 'under 0.1 %', '0 %', '100 %', 'over 99.9 %', '')
    """
    if not whole:
        return ""
    if part in (0, whole):
        return "0 %" if not part else "100 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "under 0.1 %"
    return "over 99.9 %" if percent > 99.9 else f"{percent:.1f} %"


def count(number: int) -> str:
    """Return a count with its thousands apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def signed(number: int) -> str:
    """Return a difference with its sign; nothing is nothing.

    >>> signed(3), signed(-2), signed(0)
    ('+3', '-2', '0')
    """
    return f"{number:+,}" if number else "0"


def many(number: int, noun: str) -> str:
    """Return a count with its noun.

    >>> many(1, "patient"), many(2, "patient")
    ('1 patient', '2 patients')
    """
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"
