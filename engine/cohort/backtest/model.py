"""What a backtest holds. All types are frozen and plain; `docs/backtest.md` defines every number with its formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

What = Literal["prompt", "recommendation", "sign", "rule"]
ANY = "any"  # the prompt with any urgency
POSITIVE = "positive"  # a sign in any of its positive states


@dataclass(frozen=True, slots=True)
class Series:
    """The dates evaluated (ordinals): from the first to the last, so many days apart; and how far ahead is looked."""

    first: int
    last: int
    every: int
    horizon: int

    @property
    def days(self) -> range:
        """The dates."""
        return range(self.first, self.last + 1, self.every)

    @property
    def until(self) -> int:
        """The last day whose outcomes count."""
        return self.last + self.horizon


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """What can be on or off at a date: a prompt, a recommendation with its urgency, a sign from a state up, a rule."""

    what: What
    id: str
    state: str = ""

    def to_plain(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"what": self.what, "id": self.id, "state": self.state}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a rate, and the 95 % interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before a loss something was on: quartiles in days over the losses that it came before.

    `first` counts from its first date in the window, `lasting` from the beginning of the stretch that was still on at
    the last date before the loss. `from_start` losses had it at the first date of their window: it may be older.
    """

    first: tuple[float, float, float] | None
    lasting: tuple[float, float, float] | None
    still_on: int
    from_start: int


@dataclass(frozen=True, slots=True)
class Starts:
    """What became of the times that something came on; `wrong` are those with no loss within the horizon."""

    all: int
    before_loss: int
    treated: int
    late: int
    unresolved: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What one thing came to: the losses it came before, how early, and what its starts led to.

    `sensitivity` is None without losses to find, `precision` without starts that were resolved.
    """

    thing: Thing
    losses: int
    found: int
    sensitivity: Estimate | None
    lead: Lead
    starts: Starts
    wrong_per_year: Estimate | None
    precision: Estimate | None


@dataclass(frozen=True, slots=True)
class Losses:
    """The recorded losses: in the window of the series, those with a date to look at before them, and the others."""

    all: int
    looked_at: int
    before_infusion: int
    source: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """Everything that a backtest of one pack tells."""

    pack: Mapping[str, str]
    series: Series
    patients: int
    in_view: int
    years: float
    losses: Losses
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A backtest at one value of a parameter; `marks` tell whose value it is, `refused` why no site may choose it."""

    value: float
    marks: tuple[str, ...]
    refused: str | None
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Backtests over the allowed values of one parameter."""

    parameter: str
    says: str
    unit: str
    settings: tuple[Setting, ...]
