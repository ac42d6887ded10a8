"""The values of a swept parameter, and the pack with one of them: laid over it as a site's own value would be."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.overlay import read_overlay
from boosterwatch.engine.overlay.fit import misfits
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.layers import WHOLE_UNITS

STEPS = 20
_ID = "sweep"
_DIGITS = 10  # more than anybody sets, and few enough that 0.3 + 0.1 is 0.4


def swept(pack: ir.Pack, name: str) -> ir.Parameter:
    """Return the parameter to sweep. Raises ImpactError (BW649) when there is none, or it has no allowed range."""
    known = {parameter.name: parameter for parameter in pack.parameters}
    parameter = known.get(name)
    if parameter is None:
        hint = suggest(name, known) or "`packs show` lists the parameters with their ranges"
        raise ImpactError([Diagnostic("BW649", f"{pack.id}@{pack.version} has no parameter `{name}`", None, hint)])
    if parameter.allowed is None:
        message = f"`{name}` cannot be swept: it has no allowed range"
        hint = "only a new version of the pack changes it: compare that version"
        raise ImpactError([Diagnostic("BW649", message, parameter.span, hint)])
    return parameter


def allowed_values(parameter: ir.Parameter, steps: int | None = None) -> tuple[float, ...]:
    """Return the values to look at, from low to high: every whole number, or twenty equal steps of a fraction.

    With `steps`, at most so many steps, still of whole numbers where only those are allowed.
    """
    assert parameter.allowed is not None, "asked only where there is a range"
    low, high = parameter.allowed
    if parameter.unit not in WHOLE_UNITS:
        parts = steps or STEPS
        return tuple(round(low + (high - low) * at / parts, _DIGITS) for at in range(parts + 1))
    first, last = ceil(low), floor(high)
    parts = min(steps or last - first, last - first)
    if parts < 1:
        return (first,)
    return tuple(dict.fromkeys(first + round((last - first) * at / parts) for at in range(parts + 1)))


def with_value(pack: ir.Pack, parameter: ir.Parameter, value: float) -> tuple[ir.Pack, str | None]:
    """Return the pack with a value laid over it from the first day on, and why a site may not choose it, if so.

    A site's other values stay. Patients keep their own: a site's value comes before theirs.
    """
    start = min(one.start for one in parameter.values)
    entry: dict[str, str | float] = {
        "parameter": parameter.name,
        "value": value,
        "from": start,
        "reason": "Swept.",
        "by": "role:author",
    }
    overlay = read_overlay(_text(pack, {**entry, "date": start}).encode(), _ID)
    problems = misfits(replace(pack, site=None), overlay)
    own = ir.SiteValue(parameter.name, value, start, "swept")
    site = pack.site or ir.Site(_ID, _ID, overlay.digest, (), ())
    others = tuple(one for one in site.values if one.parameter != parameter.name)
    laid = replace(pack, site=replace(site, digest=overlay.digest, values=(*others, own)))
    return laid, problems[0].message if problems else None


def _text(pack: ir.Pack, entry: dict[str, str | float]) -> str:
    """Return the overlay that a site would write."""
    before = f"{version_key(pack.version)[0] + 1}.0.0"
    lines = [f"overlay: {_ID}", f"title: {_ID}", f"pack: {pack.id}", f'from: "{pack.version}"', f'before: "{before}"']
    fields = [f"{key}: {value}" for key, value in entry.items()]
    return "\n".join((*lines, "values:", f"  - {{{', '.join(fields)}}}", ""))
