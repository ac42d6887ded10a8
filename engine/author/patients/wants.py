"""A scene, sorted for building: which values are wanted of which scale, fact and event, with dates made real.

A scene names measures as a pack does; only their kinds and settings say what they are about. Dates in it are day
numbers of any calendar: they are moved so that the day of the evaluation is `AS_OF`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boosterwatch.engine.author.patients.days import AS_OF, USUAL_AGE
from boosterwatch.engine.measures.plan import SCALE_KINDS
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

Scene = Mapping[str, Scalar | None]
Loose = Mapping[str, str]  # by measure: "least" where more is as good, "most" where less is, "any" where all are
ScaleWants = dict[str, Scalar | None]
EXACT: Loose = {}
_LONG_AGO = 10_000  # days; dates nearer than that are of the real calendar


@dataclass(frozen=True, slots=True)
class Wants:
    """What a patient should show. `scene` has real dates; `scales` holds the values by scale and kind of measure.

    The kinds `change` are told apart by what they count from: `change best`, `change baseline`. `loose` says by scale
    and kind which values are limits only.
    """

    scene: Scene
    measures: Mapping[str, ir.Measure]
    scales: Mapping[str, ScaleWants]
    loose: Mapping[str, Loose]

    def of_kind(self, *kinds: str) -> list[tuple[ir.Measure, dict[str, str], Scalar | None]]:
        """Return the wanted measures of these kinds, with their settings and values."""
        found = [self.measures[name] for name in self.scene if self.measures[name].kind in kinds]
        return [(measure, dict(measure.args), self.scene[measure.name]) for measure in found]

    def age_of(self, date_measure: str) -> int | None:
        """Return how many days before the evaluation a date should be; None when nothing says so."""
        day = self.scene.get(date_measure)
        if isinstance(day, int | float) and not isinstance(day, bool):
            return AS_OF - int(day)
        for _, args, value in self.of_kind("days_since"):
            if args["of"] == date_measure and isinstance(value, int | float):
                return int(value)
        return None


def sort_wants(pack: ir.Pack, parameters: Mapping[str, float], scene: Scene, loose: Loose = EXACT) -> Wants:
    """Return the scene sorted; names that the pack does not have are left out."""
    measures = {measure.name: measure for measure in pack.measures}
    known = {name: value for name, value in scene.items() if name in measures}
    dated = _with_distances(measures, _with_real_dates(measures, known))
    scales: dict[str, ScaleWants] = {}
    limits: dict[str, dict[str, str]] = {}
    for name, (value, said) in _with_roles(pack, measures, dated).items():
        measure = measures[name]
        if measure.kind in SCALE_KINDS and measure.scale is not None:
            scales.setdefault(measure.scale, {})[kind_of(measure)] = value
            limits.setdefault(measure.scale, {})[kind_of(measure)] = loose.get(said, "exact")
    _add_ages(pack, parameters, measures, dated, scales)
    return Wants(dated, measures, scales, limits)


def kind_of(measure: ir.Measure) -> str:
    """Return the kind of a measure of a scale; for a change with what it counts from."""
    return f"change {dict(measure.args)['since']}" if measure.kind == "change" else measure.kind


# ---------------------------------------------------------------- dates


def _with_real_dates(measures: Mapping[str, ir.Measure], scene: Scene) -> dict[str, Scalar | None]:
    shift = AS_OF - _evaluated_on(measures, scene)
    moved: dict[str, Scalar | None] = {}
    for name, value in scene.items():
        is_date = measures[name].dimension == "date" and isinstance(value, int | float)
        moved[name] = int(value) + shift if is_date and value is not None else value
    return moved


def _evaluated_on(measures: Mapping[str, ir.Measure], scene: Scene) -> int:
    """Return the day of the evaluation in the scene's own calendar: what its ages and dates agree on."""
    for name, value in scene.items():
        measure = measures[name]
        if measure.kind == "days_since" and _is_number(value):
            day = scene.get(dict(measure.args)["of"])
            if _is_number(day):
                return int(day) + int(value)  # type: ignore[arg-type]
    for day, age in _latest_dates(measures, scene):
        return day + age
    days = [value for name, value in scene.items() if measures[name].dimension == "date" and _is_number(value)]
    newest = int(max(days)) if days else AS_OF  # type: ignore[type-var, arg-type]
    return AS_OF if AS_OF - _LONG_AGO < newest <= AS_OF else newest + 1


def _latest_dates(measures: Mapping[str, ir.Measure], scene: Scene) -> list[tuple[int, int]]:
    days = {measures[n].scale: value for n, value in scene.items() if measures[n].kind == "latest_date"}
    ages = {measures[n].scale: value for n, value in scene.items() if measures[n].kind == "age"}
    both = [(days[scale], ages.get(scale)) for scale in days]
    return [(int(day), int(age)) for day, age in both if _is_number(day) and _is_number(age)]  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_distances(measures: Mapping[str, ir.Measure], scene: Scene) -> dict[str, Scalar | None]:
    """Return the scene with the dates that its days between two dates ask for."""
    whole = dict(scene)
    for name, value in scene.items():
        if measures[name].kind in ("days_between", "days_apart") and _is_number(value):
            args, days = dict(measures[name].args), int(value)  # type: ignore[arg-type]
            start, end = whole.get(args["from"]), whole.get(args["to"])
            if start is None and args["from"] in measures:
                whole[args["from"]] = (end if isinstance(end, int) else AS_OF - 1) - days
                whole.setdefault(args["to"], AS_OF - 1)
            elif end is None and isinstance(start, int):
                whole[args["to"]] = start - days if measures[name].kind == "days_apart" else start + days
    return whole


def _add_ages(
    pack: ir.Pack,
    parameters: Mapping[str, float],
    measures: Mapping[str, ir.Measure],
    scene: Scene,
    scales: dict[str, ScaleWants],
) -> None:
    """Add how old the latest form should be, where days since it, or since its next due date, are wanted."""
    for name, value in scene.items():
        if measures[name].kind != "days_since" or not _is_number(value):
            continue
        of, age = measures[dict(measures[name].args)["of"]], int(value)  # type: ignore[arg-type]
        if of.kind == "latest_date" and of.scale is not None:
            scales.setdefault(of.scale, {}).setdefault("age", age)
        elif of.kind == "due_date":
            role = next(role for role in pack.roles if role.id == dict(of.args)["role"])
            every = int(_interval(pack.schedule, parameters))
            scales.setdefault(_scale_of(role, measures, scene), {}).setdefault("age", max(age + every, 0))


def _interval(schedule: ir.Schedule, parameters: Mapping[str, float]) -> float:
    """Return the days between assessments at the usual point of a course."""
    for until, every in schedule.steps:
        if parameters[until] >= USUAL_AGE:
            return parameters[every]
    return parameters[schedule.otherwise]


# ---------------------------------------------------------------- roles


def _with_roles(
    pack: ir.Pack, measures: Mapping[str, ir.Measure], scene: Scene
) -> dict[str, tuple[Scalar | None, str]]:
    """Return each wanted value with the name it was wanted by: a role's are said of the scale that stands for it."""
    whole = {name: (value, name) for name, value in scene.items()}
    for role in pack.roles:
        stands = _scale_of(role, measures, scene)
        for name, value in scene.items():
            args = dict(measures[name].args)
            own = f"{stands}.{args.get('measure')}"
            if measures[name].kind == "role" and args["role"] == role.id and own in measures:
                whole.setdefault(own, (value, name))
    return whole


def _scale_of(role: ir.Role, measures: Mapping[str, ir.Measure], scene: Scene) -> str:
    for name, value in scene.items():
        measure = measures[name]
        if measure.kind == "choice" and dict(measure.args)["role"] == role.id and isinstance(value, str):
            return value
    spoken = {measures[name].scale for name, value in scene.items() if value is not None}
    return next((scale for scale in role.scales if scale in spoken), role.scales[0])
