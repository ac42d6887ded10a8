"""A recipe of made-up patients: found, read, and held against the pack and the record's schema.

`schemas/synthetic.schema.json` states its shape. What it names stands elsewhere and is looked up there: instruments,
methods and items in the pack, types of facts and what they may hold in the record's schema.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.schema_messages import explain_faults
from boosterwatch.engine.pack.schema_store import validator

FOLDER = "synthetic"
SCHEMA = "synthetic"
_SUFFIX = ".yaml"

Shares = dict[str, float]
Pair = list[float]


class Spread(TypedDict):
    """A value that differs from patient to patient: normal, inside its limits."""

    mean: float
    spread: float
    least: float
    most: float


class Days(TypedDict):
    """Days that differ from patient to patient by a factor."""

    middle: float
    factor: float
    least: float
    most: float


class People(TypedDict):
    """Who the patients are."""

    age: Spread
    age_stated: float
    sex: Shares
    indications: Shares
    groups: NotRequired[dict[str, Shares]]
    severity: Spread
    relief: Spread
    relief_days: Days


class Relapse(TypedDict):
    """One way in which relief fades."""

    share: float
    width: float
    times: NotRequired[float]


class Block(TypedDict):
    """How many infusions an induction has."""

    infusions: list[int]
    shares: list[float]


class Again(TypedDict):
    """Another induction after a long gap."""

    share: float
    gap: Pair
    infusions: int


class Booked(TypedDict):
    """Booked infusions."""

    share: float
    ahead: Pair


class Recorded(TypedDict):
    """Recorded outcomes of cycles."""

    share: float
    censored: float


class Course(TypedDict):
    """When infusions are given."""

    untreated: float
    days_ago: Days
    induction: Block
    induction_gap: Pair
    marked: float
    goes_on: float
    most: int
    next_after: Pair
    again: Again
    build_up: float
    booked: Booked
    cycles_recorded: Recorded


class Some(TypedDict):
    """A visit that some patients have, so many days from another day."""

    share: float
    days: Pair


class Step(TypedDict):
    """How often visits are planned, until a day after the induction."""

    until: int
    every: int


class Visits(TypedDict):
    """When forms are filled in."""

    before: Some
    steps: list[Step]
    every: int
    jitter: int
    attended: Spread
    latest: Some
    on_infusion_day: float
    time_stated: Shares


class Milder(TypedDict):
    """An item that stays lower than the others."""

    item: int
    by: float


# `for` is a keyword, so these two are written the other way.
Form = TypedDict(
    "Form",
    {
        "of_patients": float,
        "for": NotRequired[str],
        "unless": NotRequired[float],
        "at_visits": float,
        "with_items": float,
        "sum_stated": float,
        "level": Pair,
        "noise": float,
        "person": float,
        "method": NotRequired[str],
        "method_stated": NotRequired[float],
        "milder": NotRequired[list[Milder]],
        "extra": NotRequired[Shares],
    },
)


class Follows(TypedDict):
    """Another number of the same fact that a number goes up and down with."""

    field: str
    by: float


class Field(TypedDict, total=False):
    """What one field of a fact holds: a yes or no, a word, or a number."""

    stated: float
    true_for: float
    worse: float
    odds: Shares
    mean: float
    spread: float
    least: float
    most: float
    steps: float
    follows: Follows


FactKind = TypedDict(
    "FactKind",
    {"type": str, "per": str, "rate": float, "for": NotRequired[dict[str, str]], "fields": dict[str, Field]},
)


class OtherVersion(TypedDict):
    """Forms of another version of their instrument."""

    rate: float
    versions: dict[str, str]


class Mistakes(TypedDict, total=False):
    """How often which mistake is made."""

    total_left_out: float
    total_out_of_range: float
    total_not_whole: float
    total_differs: float
    item_left_blank: float
    item_out_of_range: float
    items_too_few: float
    extra_out_of_range: float
    other_method: float
    other_version: OtherVersion
    given_twice: float
    given_twice_differently: float
    dated_ahead: float
    entered_in_error: float
    fact_incomplete: float
    fact_out_of_range: float
    fact_entered_in_error: float
    infusion_twice: float
    cycle_without_infusion: float


class Recipe(TypedDict):
    """A whole recipe."""

    recipe: str
    title: str
    pack: str
    until: str
    people: People
    relapse: dict[str, Relapse]
    course: Course
    visits: Visits
    forms: dict[str, Form]
    facts: list[FactKind]
    own_values: float
    mistakes: Mistakes
    levels: dict[str, float]


def recipes() -> list[str]:
    """Return the names of the recipes that come with the rules."""
    folder = files("boosterwatch.rules").joinpath(FOLDER)
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir() if entry.name.endswith(_SUFFIX))


def read_recipe(reference: str) -> tuple[Recipe, Document]:
    """Return a recipe, by its name or its file, and the document it stands in. Raises PackError."""
    document = _load(reference)
    if not validator(SCHEMA).is_valid(document.data):
        raise PackError(explain_faults(document, SCHEMA))
    return cast(Recipe, document.data), document


def recipe_text(reference: str) -> dict[str, str]:
    """Return the text of a recipe by the name that problems call its file; empty when there is none to show."""
    try:
        found = _source(reference)
    except PackError:
        return {}
    return {found[0]: found[1].decode("utf-8", "replace")}


def _load(reference: str) -> Document:
    file, text = _source(reference)
    return load_document(text, file)


def _source(reference: str) -> tuple[str, bytes]:
    path = Path(reference)
    if path.suffix == _SUFFIX and path.is_file():
        return reference, path.read_bytes()
    known = recipes()
    if reference not in known:
        hint = suggest(reference, known) or f"there are {', '.join(known)}; or give a file that ends in {_SUFFIX}"
        raise PackError((Diagnostic("BW770", f"there is no recipe `{reference}`", None, hint),))
    name = f"{FOLDER}/{reference}{_SUFFIX}"
    return f"rules/{name}", files("boosterwatch.rules").joinpath(name).read_bytes()
