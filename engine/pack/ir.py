"""The compiled pack: the one form that every evaluator, the proof and the cohort compiler read.

Flow: load -> validate -> **compile -> ir.Pack** -> measures, chain, decide, explain.
Everything here is immutable and plain, so it serialises to canonical JSON (`ir_json.py`) with a stable digest.
It holds no behaviour: how a measure is computed is `engine/measures`, how a condition is evaluated is `engine/chain`.

A pack is measured, then chained:

* **measures** turn one record into named values or `Undefined(reason)`;
* **rules** test measures, parameters and conclusions of earlier strata, in Kleene logic, and a rule that is true
  draws its conclusion (an *atom*); a conclusion not drawn is false for later strata;
* **tables** are ordered rules of which the first true one wins: readings, signs, classes, the recommendation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from boosterwatch.engine.diagnostics import Span

Direction = Literal["high", "low"]
Op = Literal[">=", "<=", ">", "<"]


# ---------------------------------------------------------------- citations and parameters


@dataclass(frozen=True, slots=True)
class Citation:
    """A source a pack refers to by id."""

    id: str
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a date on (ISO text) until the next dated value."""

    start: str
    value: float | int
    basis: str
    cites: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number somebody chose. `dimension` is a unit, or `points of <group>` for a score.

    `allowed` is the inclusive range that a clinic or a patient's override may set; None means that only a new
    version of the pack may change it.
    """

    name: str
    says: str
    unit: str
    dimension: str
    values: tuple[DatedValue, ...]
    span: Span
    allowed: tuple[float, float] | None = None


# ---------------------------------------------------------------- instruments and scales


@dataclass(frozen=True, slots=True)
class Method:
    """One way of totalling an instrument; a stated total is multiplied by `times`. An unusable method is ambiguous."""

    name: str
    low: float
    high: float
    times: float = 1
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Unstated:
    """What a total means when the record names no method: ambiguous inside the range, else `otherwise`."""

    otherwise: str
    ambiguous: tuple[float, float] | None = None
    items_settle: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """Item answers in form order. `domains` (1-based positions) sums the highest of each; empty sums all items.

    `blank` says what a blank answer does to the total: `no_total` (none, even if stated) or `total_stands`.
    `method` names the method that the item sum is on, None for the only one.
    """

    count: int
    low: int
    high: int
    reversed: tuple[int, ...] = ()
    domains: tuple[tuple[int, ...], ...] = ()
    blank: Literal["no_total", "total_stands"] = "total_stands"
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire or rating: how its total is read and checked. It is one *source* of evidence."""

    id: str
    name: str
    short: str
    low: float
    high: float
    whole: bool
    worse: Direction
    items: Items | None
    methods: tuple[Method, ...]
    unstated: Unstated | None
    codes: tuple[tuple[str, str], ...]
    licence: str
    cites: tuple[str, ...]
    recall: str
    use: Literal["signs", "display", "safety"]
    span: Span


@dataclass(frozen=True, slots=True)
class Scale:
    """A series of values over time: an instrument's total, one of its items, or an extra answer of the form.

    `part` is None for the total, ("item", n) with n counted from 1, or ("field", name) for an extra answer.
    `group` names the scale's parameters: `<group>.delta` and so on; scales of one group share their points.
    """

    id: str
    instrument: str
    part: tuple[str, int | str] | None
    group: str
    short: str
    says: str
    low: float
    high: float
    worse: Direction
    span: Span


@dataclass(frozen=True, slots=True)
class Role:
    """A scale chosen per patient: the first that meets the first of `prefer` that any meets, else the first of all."""

    id: str
    scales: tuple[str, ...]
    prefer: tuple[str, ...]
    says: str
    span: Span


# ---------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class Right:
    """The right side of a comparison: a parameter, a measure, a fact's field, or a product of two parameters."""

    kind: Literal["parameter", "measure", "field", "product"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; unknown when either side is."""

    left: str
    op: Op
    right: Right


@dataclass(frozen=True, slots=True)
class Equals:
    """`left is value`. With `negated`, `left is not value`; unknown when left is.

    With `recorded` and `negated`, `left is not recorded as value`: true when left is unknown.
    """

    left: str
    value: str | bool
    negated: bool = False
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """`left is known`, or `left is unknown`; never unknown itself."""

    left: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """An earlier stratum drew this conclusion; never unknown."""

    atom: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One clause of a rule with its words and its place in the text."""

    test: Compare | Equals | Known | Drawn
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is, false when one is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when one part is, false when every part is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` (a parameter) of these conclusions were drawn; never unknown."""

    count: str
    atoms: tuple[str, ...]
    text: str
    span: Span


Condition = Leaf | All | Any | Not | AtLeast


# ---------------------------------------------------------------- facts, events, measures


@dataclass(frozen=True, slots=True)
class FactCheck:
    """Facts of this type are used only when `keep` is true; the others are rejected with `code`."""

    fact: str
    keep: Condition
    code: str
    says: str
    span: Span


@dataclass(frozen=True, slots=True)
class EventSet:
    """Dated happenings of one record up to `as_of`, selected; each filter is optional and all must hold.

    source            `infusions`, `booked`, `answers` (with `scale`: every answer given, rejected records included),
                      or a type of safety fact
    where             true for the fact's fields (for answers: `value`, `best_before`)
    within            at most so many days old (a parameter)
    since             `course`: on or after the induction's first date; `last_infusion`: after it
    followed_by       another event set has a date on or after this one's
    not_followed_by   the opposite
    not_preceded_by   no date of that set in the (parameter) days before this one's
    closed_by         no date of the set `on_or_after`, or `after`, this one's
    silenced_by       no date of the set on or after the first of these events
    """

    id: str
    source: str
    span: Span
    scale: str | None = None
    where: Condition | None = None
    within: str | None = None
    since: Literal["course", "last_infusion"] | None = None
    followed_by: str | None = None
    not_followed_by: str | None = None
    not_preceded_by: tuple[str, str] | None = None
    closed_by: tuple[tuple[str, Literal["on_or_after", "after"]], ...] = ()
    silenced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A named value derived from a record. `kind` is one of the closed set of `engine/measures`.

    `dimension` types it: `points of <group>`, a unit, `date`, `truth`, or `one of a, b, c` (a category).
    `args` are the kind's settings, all text: names of parameters, event sets, fields, other measures.
    """

    name: str
    kind: str
    dimension: str
    says: str
    span: Span
    args: tuple[tuple[str, str], ...] = ()
    scale: str | None = None
    where: Condition | None = None
    order: tuple[str, ...] = ()
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a course is assessed: every `every` days until `until` days after induction, then `otherwise`.

    All names are parameters. `unstarted` is the interval without an induction.
    """

    steps: tuple[tuple[str, str], ...]
    otherwise: str
    unstarted: str
    span: Span


@dataclass(frozen=True, slots=True)
class Course:
    """The parameters of course detection (policy: induction) and of the baseline."""

    gap_days: str
    span_days: str
    least: str
    most: str
    baseline_days: str


# ---------------------------------------------------------------- rules and tables


@dataclass(frozen=True, slots=True)
class Rule:
    """Condition and conclusion. When `when` is true the rule draws `atom`; `because` explains it with values.

    `kind` is reading, sign, class, finding, source, trigger, hold, caution, flag or recommendation.
    """

    id: str
    kind: str
    subject: str
    state: str
    atom: str
    when: Condition
    because: str
    stratum: int
    span: Span
    basis: str | None = None
    cites: tuple[str, ...] = ()
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Ordered rules; the first true row draws `<id>=<state>`, else `<id>=<otherwise>`.

    `reason` names the measure that says why a reading cannot be assessed; other tables have none.
    """

    id: str
    kind: str
    rows: tuple[str, ...]
    states: tuple[str, ...]
    otherwise: str
    stratum: int
    span: Span
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """What the sign is called and which scales it reads; its rules are the rows of the table of the same id.

    `reasons` maps the rule id of a cannot_assess row to the reason it states; without one the reason is that of
    the core scale nearest to assessable.
    """

    id: str
    title: str
    says: str
    core: tuple[str, ...]
    supporting: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Notice:
    """A hold, caution, flag or trigger: its words, and its urgency where it has one.

    An `optional` caution or flag may be left out by a site's overlay.
    """

    id: str
    kind: Literal["hold", "caution", "flag", "trigger"]
    title: str
    urgency: str | None
    span: Span
    patient_text: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One row of the recommendation table: what it recommends, how soon, and the flags it raises when it wins."""

    rule: str
    recommendation: str
    urgency: str | None
    summary: str
    flags: tuple[str, ...]
    checklist: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rules whose inputs are finished, by position in `Pack.rules`, and the tables decided after them."""

    number: int
    rules: tuple[int, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookback:
    """What is evaluated at earlier dates: an event happened when one of `atoms` was drawn at an assessment date.

    `rules` (positions in `Pack.rules`) and `measures` are the slice of the pack that decides `atoms`.
    """

    atoms: tuple[str, ...]
    events: tuple[str, ...]
    rules: tuple[int, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteValue:
    """A site's value of a parameter from a date on (ISO text); `note` says why, by whom and on what it rests."""

    parameter: str
    value: float | int
    start: str
    note: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site's overlay, laid over a pack; `digest` is the SHA-256 of its text, `left_out` holds atoms never drawn."""

    id: str
    title: str
    digest: str
    values: tuple[SiteValue, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole policy, compiled. `digest` is the SHA-256 of the canonical JSON of everything but `site`.

    With a `site` its optional rules that are left out can never be true, and its values come before the pack's own; the
    digest stays that of the policy as it was released.
    """

    id: str
    version: str
    title: str
    status: str
    effective: str
    digest: str
    about: tuple[tuple[str, str], ...]
    citations: tuple[Citation, ...]
    parameters: tuple[Parameter, ...]
    instruments: tuple[Instrument, ...]
    scales: tuple[Scale, ...]
    roles: tuple[Role, ...]
    course: Course
    schedule: Schedule
    fact_checks: tuple[FactCheck, ...]
    events: tuple[EventSet, ...]
    measures: tuple[Measure, ...]
    rules: tuple[Rule, ...]
    tables: tuple[Table, ...]
    strata: tuple[Stratum, ...]
    lookback: Lookback | None
    signs: tuple[Sign, ...]
    notices: tuple[Notice, ...]
    recommendations: tuple[Recommendation, ...]
    words: tuple[tuple[str, str], ...] = ()
    checklist: tuple[str, ...] = ()
    tasks: tuple[str, ...] = field(default=())
    site: Site | None = None
