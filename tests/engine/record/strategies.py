"""Records for hypothesis, drawn from the schema itself, so that they cannot fall behind it."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from boosterwatch.engine.record import shape

DATES = st.dates(date(1990, 1, 1), date(2030, 12, 31)).map(date.isoformat)
NUMBERS = st.integers(-5, 200) | st.integers(-40, 1600).map(lambda eighths: eighths / 8)
NAMES = st.sampled_from(["phq9", "gad7", "who5", "isi"])
LETTERS = st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["C"])

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def values(node: shape.Node) -> st.SearchStrategy[Any]:
    """Return a strategy for what the schema's node allows."""
    node = shape.resolve(node, None)
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum") or [node["const"]])
    if shape.is_date(node):
        return DATES
    match node["type"]:
        case "object":
            return objects(node)
        case "array":
            return st.lists(values(node["items"]), max_size=6)
        case "boolean":
            return st.booleans()
        case "string":
            return NAMES if node.get("title") == "id" else st.text(LETTERS, min_size=1, max_size=9)
        case "number":
            return st.integers(1, 200) if node.keys() & {"minimum", "exclusiveMinimum"} else NUMBERS
        case _:
            return NUMBERS | st.none()


def objects(node: shape.Node) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for a mapping; what alternatives and conditions demand is left to `tidy`."""
    branches = [branch["then"] for branch in node.get("allOf", ()) if "$ref" in branch["then"]]
    if branches:
        return st.one_of([values(branch) for branch in branches])
    parts = {key: values(part) for key, part in node["properties"].items()}
    needed = {key: parts.pop(key) for key in node["required"]}
    return st.fixed_dictionaries(needed, optional=parts)


def tidy(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record without what would make it impossible."""
    record.pop("birth_date", None)
    if "induction" in record:
        first, last = sorted(record["induction"][key] for key in ("first", "last"))
        record["induction"].update(first=first, last=last)
    cycles = {cycle["infusion"]: cycle for cycle in record.get("prior_cycles", ())}
    for infusion, cycle in cycles.items():
        cycle.pop("censored", None)
        loss = cycle.setdefault("loss_of_benefit", infusion)
        cycle["loss_of_benefit"] = max(loss, infusion)
    record["prior_cycles"] = list(cycles.values())
    chosen = {(each["parameter"], each["date"]): each for each in record.get("overrides", ())}
    record["overrides"] = list(chosen.values())
    for fact in record.get("safety", ()):
        if fact["type"] == "review":
            fact.update(kind="hold_cleared", hold=fact.get("hold", "consent"))
    return record


RECORDS = objects(shape.schema()).map(tidy)
