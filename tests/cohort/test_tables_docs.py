"""What docs/cohort-tables.md says of each column is what the tables hold, word by word, and its examples run.

The tables of the page are made by `python -m boosterwatch.tests.cohort.test_tables_docs`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from boosterwatch.engine.cohort.tables.layout import MARKED, PATIENTS, SAFETY, Layout, fact_node, fact_types, layouts
from boosterwatch.engine.cohort.tables.load import told
from boosterwatch.engine.record import shape
from boosterwatch.engine.terminal.commands.cohort_tables import convert
from boosterwatch.tests.cohort.tables_made import database, loaded, opened
from boosterwatch.tests.packs.files import default_pack

PAGE = Path(__file__).parents[2] / "docs" / "cohort-tables.md"
HOLDS = {
    "text": "text",
    "number": "number",
    "truth": "true or false",
    "date": "date",
    "texts": "list of text",
    "numbers": "list of numbers",
}


def columns_of(layout: Layout) -> str:
    """Return a table's columns as a table of the page."""
    lines = ["| column | holds | needed | |", "| --- | --- | --- | --- |"]
    for column in layout.columns:
        needed = "yes" if column.needed else ""
        lines.append(f"| `{column.name}` | {HOLDS[column.kind]} | {needed} | {says(layout.name, column.name)} |")
    return "\n".join(lines)


def says(table: str, column: str) -> str:
    """Return what the record's schema says of a column, in one sentence."""
    definitions = shape.schema()["definitions"]
    if column == "patient":
        return "Whose row it is."
    if table == SAFETY:
        return _of_facts(column)
    if column == "as_of":
        return "The date that the patient's record stated; for `cohort convert`, which gives it back."
    if table == PATIENTS:
        marked = column.startswith(f"{MARKED}_")
        node = definitions["induction"] if marked else shape.schema()
        return _first(node["properties"][column.removeprefix(f"{MARKED}_") if marked else column])
    entry = shape.resolve(shape.schema()["properties"][table]["items"], None)
    return _first(entry["properties"][column]) if "properties" in entry else "One row for each date."


def _of_facts(column: str) -> str:
    if column == "type":
        return "What kind of fact it is: " + ", ".join(f"`{type}`" for type in fact_types()) + "."
    types = [type for type in fact_types() if column in fact_node(type)["properties"]]
    if len(types) == len(fact_types()):
        return "The day of the fact." if column == "date" else _first(fact_node(types[0])["properties"][column])
    return "Of " + ", ".join(f"`{type}`" for type in types) + "."


def _first(node: shape.Node) -> str:
    text: str = node.get("description") or shape.resolve(node, None)["description"]
    return text.split(". ")[0].split(", as the pack")[0].rstrip(".") + "."


def sections() -> dict[str, str]:
    return {name: columns_of(layout) for name, layout in layouts().items()}


@pytest.mark.parametrize("name", sorted(layouts()))
def test_the_page_tells_every_column(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"### `{name}`\n\n" in text
    assert sections()[name] in text


def examples() -> dict[str, str]:
    """Return the files that the page shows, by name."""
    found = re.findall(r"`(\w+\.(?:csv|ndjson))`:\n\n```\w*\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return dict(found)


def test_the_example_is_a_cohort(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for name, text in examples().items():
        (tmp_path / "tables" / name).write_text(text, encoding="utf-8")
    con, tables = database(), opened(tmp_path / "tables")
    found = loaded(con, tables, default_pack())
    assert sorted(examples()) == ["assessments.csv", "infusions.csv", "patients.csv", "safety.ndjson"]
    assert told(con, tables, found.refused) == []
    assert found.cohort.patients.count().to_pyarrow().as_py() == 2
    done = CliRunner().invoke(
        convert, [str(tmp_path / "tables"), str(tmp_path / "out.ndjson"), "--as-of", "2026-05-01"]
    )
    assert done.stderr == "records have no place for group_clinic: left out\n"
    assert done.exit_code == 0


if __name__ == "__main__":
    for name, text in sections().items():
        print(f"### `{name}`\n\n{text}\n")
