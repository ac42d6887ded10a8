"""An overlay against the pack it is for: everything that the pack does not know or allow, at its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from boosterwatch.engine.diagnostics import Diagnostic, sort, suggest
from boosterwatch.engine.overlay.loosen import Side, guard_of, guarded_parameters, loosens
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.layers import misfit

_NEW_VERSION = "only a new version of the pack changes it"


def misfits(pack: ir.Pack, overlay: Document) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with laying this overlay over this pack, by place; none means it fits."""
    data = overlay.data
    if data["pack"] != pack.id:
        message = f"the overlay is for the pack `{data['pack']}`, not for `{pack.id}`"
        return (_problem("BW220", message, overlay, ("pack",), f"give it with `--pack {data['pack']}`"),)
    if not version_key(data["from"]) <= version_key(pack.version) < version_key(data["before"]):
        message = f"the overlay fits versions from {data['from']} and before {data['before']}, not {pack.version}"
        hint = "read what the version changed, then say in `from` and `before` that the overlay fits it"
        return (_problem("BW221", message, overlay, ("from",), hint),)
    return sort((*_value_faults(pack, overlay), *_switch_faults(pack, overlay), *_repeats(overlay)))


def _value_faults(pack: ir.Pack, overlay: Document) -> Iterator[Diagnostic]:
    parameters = {parameter.name: parameter for parameter in pack.parameters}
    guarded = guarded_parameters(pack)
    for at, entry in enumerate(overlay.data.get("values", ())):
        path: Path = ("values", at)
        name = entry["parameter"]
        parameter = parameters.get(name)
        if parameter is None:
            message, hint = f"the pack has no parameter `{name}`", suggest(name, parameters)
            yield _problem("BW222", message, overlay, (*path, "parameter"), hint)
        elif parameter.allowed is None:
            message = f"a site may not change `{name}`: it has no allowed range"
            yield _problem("BW223", message, overlay, (*path, "parameter"), _NEW_VERSION)
        else:
            yield from _range_fault(parameter, parameter.allowed, entry, overlay, path)
            if name in guarded:
                yield from _loosening(parameter, guarded[name], entry, overlay, path)


def _range_fault(
    parameter: ir.Parameter, allowed: tuple[float, float], entry: dict[str, Any], overlay: Document, path: Path
) -> Iterator[Diagnostic]:
    value, (low, high) = entry["value"], allowed
    says = f"the allowed range is {low:g} to {high:g} ({parameter.unit})"
    wrong = misfit(parameter, value)
    if wrong == "outside":
        message = f"`{parameter.name}` cannot be {value:g}: {says}"
        yield _problem("BW224", message, overlay, (*path, "value"), "choose a value inside the range")
    elif wrong == "not_whole":
        message = f"`{parameter.name}` must be a whole number, not {value:g}"
        yield _problem("BW224", message, overlay, (*path, "value"), says)


def _loosening(
    parameter: ir.Parameter, side: Side | None, entry: dict[str, Any], overlay: Document, path: Path
) -> Iterator[Diagnostic]:
    """Yield a problem unless the value is at least as strict as each of the pack's that it takes the place of."""
    value, own = entry["value"], _replaced(parameter, entry["from"])
    if side is None and any(value != one for one in own):
        message = f"a site may not change `{parameter.name}`: it decides a hold or a safety trigger"
        yield _problem("BW225", message, overlay, (*path, "parameter"), _NEW_VERSION)
    elif side is not None:
        strictest = max(own) if side == "higher" else min(own)
        if loosens(side, value, strictest):
            message = f"`{parameter.name}` of {value:g} would loosen a hold or a safety trigger"
            hint = f"a site may make it stricter: {side} than {strictest:g}"
            yield _problem("BW225", message, overlay, (*path, "value"), hint)


def _replaced(parameter: ir.Parameter, start: str) -> list[float]:
    """Return the pack's own values on and after a day."""
    begun = [one.value for one in parameter.values if one.start <= start]
    return [*begun[-1:], *(one.value for one in parameter.values if one.start > start)]


def _switch_faults(pack: ir.Pack, overlay: Document) -> Iterator[Diagnostic]:
    notices = {(notice.kind, notice.id): notice for notice in pack.notices}
    guarded = guard_of(pack).atoms
    for at, entry in enumerate(overlay.data.get("leave_out", ())):
        kind, id = entry["kind"], entry["id"]
        notice = notices.get((kind, id))
        if notice is None:
            hint = suggest(id, {other for of, other in notices if of == kind})
            yield _problem("BW226", f"the pack has no {kind} `{id}`", overlay, ("leave_out", at, "id"), hint)
        elif not notice.optional:
            message = f"the {kind} `{id}` may not be left out"
            hint = "the pack marks those that may be left out with `optional: true`"
            yield _problem("BW226", message, overlay, ("leave_out", at, "id"), hint)
        elif f"{kind}:{id}" in guarded:
            message = f"a site may not leave out the {kind} `{id}`: it decides a hold or a safety trigger"
            yield _problem("BW225", message, overlay, ("leave_out", at, "id"), _NEW_VERSION)


def _repeats(overlay: Document) -> Iterator[Diagnostic]:
    seen: set[tuple[object, ...]] = set()
    for at, entry in enumerate(overlay.data.get("values", ())):
        key: tuple[object, ...] = (entry["parameter"], entry["from"])
        if key in seen:
            message = f"`{entry['parameter']}` has two values from {entry['from']}"
            yield _problem("BW227", message, overlay, ("values", at, "from"), "keep one of them")
        seen.add(key)
    for at, entry in enumerate(overlay.data.get("leave_out", ())):
        key = (entry["kind"], entry["id"])
        if key in seen:
            message = f"the {entry['kind']} `{entry['id']}` is left out twice"
            yield _problem("BW227", message, overlay, ("leave_out", at, "id"), "keep one of them")
        seen.add(key)


def _problem(code: str, message: str, overlay: Document, path: Path, hint: str | None) -> Diagnostic:
    return Diagnostic(code, message, overlay.span(path), hint)
