"""How to read a name that stands where a name of another kind belongs: what to write instead, by its kind."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack.compile.dimensions import words_of
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.schema_words import with_article

NO_READING = "write a reading for it, or add it to the `for` of one"


def report_misnamed(names: Names, name: str, wanted: str, span: Span, written: str) -> bool:
    """Report a name that is declared, but not as what is wanted; return whether it is one."""
    kind = names.kind_of(name)
    if kind is None or kind == wanted:
        return False
    message = f"`{written}` is {with_article(kind)}, not {with_article(wanted)}"
    names.report("BW208", message, span, how_to_read(names, name, kind, written), unknown=names.topic(name))
    return True


def how_to_read(names: Names, name: str, kind: str, written: str) -> str:
    """Return what to write to read a name of this kind."""
    match kind:
        case "finding" | "flag" | "trigger":
            return f"write it alone: `{written}`, under `none` when it must not be drawn"
        case "hold" | "caution":
            return f"write `any {kind}`, or the clauses of that {kind}"
        case "scale" | "role":
            value = f"name one of its measures, such as `{written}.{next(iter(names.score_measures), 'latest')}`"
            return f"{value}, or {_read_state(names, name, written)}" if name in names.tables else value
        case "sign" | "class":
            return _read_state(names, name, written)
        case "measure":
            return _read_measure(names, name, written)
        case "measure of a scale":
            return f"write the scale before it, with a dot: `scale.{written}`"
        case "parameter":
            return f"compare a measure with it: `measure >= {written}`"
        case "pattern":
            return f"write the scale before it: `scale {written}`"
        case _:
            return "declare a measure of kind `any_event` that reads it"


def _read_state(names: Names, name: str, written: str) -> str:
    return f"write `{written} is` and one of {', '.join(names.tables[name])}"


def _read_measure(names: Names, name: str, written: str) -> str:
    measure = find_measure(names, name)
    dimension = measure.dimension if measure is not None else ""
    match dimension:
        case "truth":
            return f"write `{written} is yes` or `{written} is no`"
        case "date":
            return f"write `{written} is known`, or `{written} within days of` another date"
        case _ if words_of(dimension):
            return f"write `{written} is` and one of {', '.join(words_of(dimension))}"
        case _:
            return f"compare it with a parameter: `{written} >= parameter`"
