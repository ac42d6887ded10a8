"""A record against the pack that will evaluate it: does the pack know what the record names?

Scores are not judged here: a total out of range is a fact for the record checks, not a mistake of form.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from boosterwatch.engine.diagnostics import Diagnostic, RecordError, suggest
from boosterwatch.engine.model import Assessment, Override, Record
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.ir import Instrument, Pack, Parameter
from boosterwatch.engine.pack.layers import misfit, values_in_force
from boosterwatch.engine.record.where import Where, listed, quotable, shorten, undotted

_MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Known:
    """What an assessment with one instrument may say: its methods, None for not saying, and its extra answers."""

    methods: frozenset[str | None]
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Names:
    """What a pack knows by name, as sets and dicts; made once per pack."""

    instruments: dict[str, Known]
    parameters: dict[str, Parameter]
    holds: frozenset[str]


def check_against_pack(record: Record, pack: Pack, document: Document | None = None) -> None:
    """Raise RecordError with everything that the record names and the pack does not know or allow.

    Also when the number that a patient's own value is held to has no value in force on the record's day.
    """
    problems = shorten(_problems(record, pack, Where(document)))
    if problems:
        raise RecordError(problems)


def _problems(record: Record, pack: Pack, where: Where) -> Iterator[Diagnostic]:
    names = names_of(pack)
    for form in record.assessments:
        known = names.instruments.get(form.instrument)
        if known is None:
            yield _unknown_instrument(form, names, where)
        elif form.method not in known.methods or not known.answers.issuperset(form.extra):
            yield from _unknown_parts(form, known, where)
    for fact in record.facts:
        hold = fact.fields.get("hold")
        if hold is not None and hold not in names.holds:
            yield _unknown_hold(str(hold), fact.part, names, where)
    for override in record.overrides:
        yield from _override_faults(override, names, where)
    if record.overrides:
        yield from _loosening(record, pack, names, where)


def _unknown_instrument(form: Assessment, names: Names, where: Where) -> Diagnostic:
    path = (*undotted(form.part), "instrument")
    message = f"{where.name(path)} is `{form.instrument}`, which the pack does not know"
    hint = _spelling(form.instrument, names.instruments)
    return where.problem("BW330", message, path, hint or f"it knows {listed(sorted(names.instruments))}")


def _spelling(word: str, known: Iterable[str]) -> str | None:
    """Return the suggestion of an id that differs only by `_`, else the closest one."""
    same = [name for name in known if name.replace("_", "") == word.replace("_", "")]
    return f"did you mean `{same[0]}`?" if same else suggest(word, known)


def _unknown_parts(form: Assessment, known: Known, where: Where) -> Iterator[Diagnostic]:
    part = undotted(form.part)
    if form.method is not None and form.method not in known.methods:
        path = (*part, "scale")
        message = f"{where.name(path)} is `{form.method}`, which `{form.instrument}` does not have"
        yield where.problem("BW331", message, path, _methods_hint(form.method, known))
    for key in sorted(form.extra.keys() - known.answers):
        message = f"`{form.instrument}` does not ask for {where.name((*part, key))}"
        yield where.key_problem("BW332", message, (*part, key), "delete it")


def _methods_hint(word: str, known: Known) -> str:
    methods = [method for method in known.methods if method is not None]
    if not methods:
        return "it has one scale only; delete the key"
    return suggest(word, methods) or f"write {listed(sorted(methods))}".replace(", ", " or ")


def _unknown_hold(hold: str, part: str, names: Names, where: Where) -> Diagnostic:
    path = (*undotted(part), "hold")
    message = f"{where.name(path)} is `{hold}`, which the pack does not know"
    hint = suggest(hold, names.holds) or f"it knows {listed(sorted(names.holds))}"
    return where.problem("BW337", message, path, hint)


def _override_faults(override: Override, names: Names, where: Where) -> Iterator[Diagnostic]:
    part = undotted(override.part)
    name, parameter = quotable(override.parameter), names.parameters.get(override.parameter)
    if parameter is None:
        message = f"{where.name((*part, 'parameter'))} is `{name}`, which the pack does not know"
        hint = suggest(override.parameter, names.parameters)
        yield where.problem("BW333", message, (*part, "parameter"), hint)
    elif parameter.allowed is None:
        message = f"`{name}` may not be overridden{_in(part, where)}"
        hint = "only a new version of the pack changes it"
        yield where.problem("BW334", message, (*part, "parameter"), hint)
    else:
        yield from _value_faults(override, parameter, *parameter.allowed, where)


def _value_faults(
    override: Override, parameter: Parameter, low: float, high: float, where: Where
) -> Iterator[Diagnostic]:
    path, value = (*undotted(override.part), "value"), override.value
    allowed = f"the allowed range is {low:g} to {high:g} ({parameter.unit})"
    wrong = misfit(parameter, value)
    if wrong == "outside":
        message = f"{where.name(path)} of `{parameter.name}` cannot be {value}: {allowed}"
        yield where.problem("BW335", message, path)
    elif wrong == "not_whole":
        message = f"{where.name(path)} of `{parameter.name}` must be a whole number, not {value}"
        yield where.problem("BW336", message, path, allowed)


def _loosening(record: Record, pack: Pack, names: Names, where: Where) -> Iterator[Diagnostic]:
    """Yield the patient's own values that are less strict than those they would take the place of on that day."""
    from boosterwatch.engine.overlay.loosen import guard_of, loosens  # late: few records have values of their own

    sides = guard_of(pack).parameters
    for override in record.overrides:
        side, parameter = sides.get(override.parameter), names.parameters.get(override.parameter)
        if side is None or parameter is None or parameter.allowed is None or misfit(parameter, override.value):
            continue  # it decides no hold, or has been refused
        own = values_in_force(pack, record.as_of)[parameter.name].value
        if loosens(side, override.value, own):
            path = (*undotted(override.part), "value")
            message = f"{where.name(path)} of `{parameter.name}` would loosen a hold or a safety trigger"
            hint = f"a patient's own value may be stricter: {side} than {own:g}"
            yield where.problem("BW338", message, path, hint)


def _in(path: tuple[str | int, ...], where: Where) -> str:
    return "" if where.document else f" ({where.name(path)})"


# ---------------------------------------------------------------- the names of a pack

_KEPT: dict[int, tuple[Pack, Names]] = {}
_LOCK = Lock()


def names_of(pack: Pack) -> Names:
    """Return the names that the pack knows, kept for the packs used last."""
    kept = _KEPT.get(id(pack))
    if kept is not None and kept[0] is pack:
        return kept[1]
    names = _collect(pack)
    with _LOCK:
        while len(_KEPT) >= _MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[id(pack)] = pack, names
    return names


def _collect(pack: Pack) -> Names:
    return Names(
        instruments={
            instrument.id: Known(_methods(instrument), _answers(instrument, pack)) for instrument in pack.instruments
        },
        parameters={parameter.name: parameter for parameter in pack.parameters},
        holds=frozenset(notice.id for notice in pack.notices if notice.kind == "hold"),
    )


def _methods(instrument: Instrument) -> frozenset[str | None]:
    return frozenset((None, *(method.name for method in instrument.methods)))


def _answers(instrument: Instrument, pack: Pack) -> frozenset[str]:
    parts = [scale.part for scale in pack.scales if scale.instrument == instrument.id]
    return frozenset(str(part[1]) for part in parts if part is not None and part[0] == "field")
