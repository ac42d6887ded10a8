"""One entry more in a file: whatever its layout, every other byte stays."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from boosterwatch.engine.author.edit.insert import Entry, first_changed_line, with_entry
from boosterwatch.engine.pack.load import load_document
from boosterwatch.tests.packs.files import default_files
from boosterwatch.tests.strategies import examples

ENTRY = Entry("2026-03-01", "6", "clinic_policy", ("one", "two"), "because: {of} it # no comment")
SAID = '{from: 2026-03-01, value: 6, basis: clinic_policy, cite: [one, two], note: "because: {of} it # no comment"}'
LAYOUTS = {
    "a list of lines": (
        "parameters:\n  a:\n    values:\n      - {from: 2000-01-01, value: 5}\n  b: 1\n",
        f"parameters:\n  a:\n    values:\n      - {{from: 2000-01-01, value: 5}}\n      - {SAID}\n  b: 1\n",
    ),
    "comments behind and below": (
        "parameters:\n  a:\n    values: # from\n    - {value: 5}  # five\n\n    # about b\n  b: 1 # one\n",
        f"parameters:\n  a:\n    values: # from\n    - {{value: 5}}  # five\n    - {SAID}\n\n    # about b\n  b: 1 # one\n",
    ),
    "entries over several lines": (
        "parameters:\n  a:\n    values:\n      - value: 5\n        note: >-\n          long\n          words\n\n# end\n",
        f"parameters:\n  a:\n    values:\n      - value: 5\n        note: >-\n          long\n          words\n      - {SAID}\n\n# end\n",
    ),
    "a flow mapping over several lines": (
        "parameters:\n  a:\n    values:\n      - {value: 5,\n         note: x}\n",
        f"parameters:\n  a:\n    values:\n      - {{value: 5,\n         note: x}}\n      - {SAID}\n",
    ),
    "a list on one line": (
        "parameters:\n  a: {values: [{value: 4}, {value: 5}], says: x} # five\n",
        f"parameters:\n  a: {{values: [{{value: 4}}, {{value: 5}}, {SAID}], says: x}} # five\n",
    ),
    "no line break at the end": (
        "parameters:\n  a:\n    values:\n    - value: 5",
        f"parameters:\n  a:\n    values:\n    - value: 5\n    - {SAID}",
    ),
    "lines that end in two characters": (
        "parameters:\r\n  a:\r\n    values:\r\n    - value: 5\r\n  b: 1\r\n",
        f"parameters:\r\n  a:\r\n    values:\r\n    - value: 5\r\n    - {SAID}\r\n  b: 1\r\n",
    ),
    "the same name elsewhere": (
        "b:\n  a: {values: [1]}\nparameters:\n  b: {values: [1]}\n  a: {values: [{value: 5}]}\n",
        f"b:\n  a: {{values: [1]}}\nparameters:\n  b: {{values: [1]}}\n  a: {{values: [{{value: 5}}, {SAID}]}}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), LAYOUTS.values(), ids=LAYOUTS)
def test_each_layout(before: str, after: str) -> None:
    assert with_entry(before, "x.yaml", "a", ENTRY) == after


def test_the_first_line_that_differs() -> None:
    assert first_changed_line("a\nb\n", "a\nc\nb\n") == 2
    assert first_changed_line("a\n", "a\nb\n") == 2


FILES = default_files()
PLACES = [
    (file, name)
    for file, text in FILES.items()
    if file.endswith(".yaml") and isinstance(data := load_document(text.encode(), file).data, dict)
    for name in data.get("parameters", {})
]
NOTES = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")), min_size=1
)
ENTRIES = st.builds(
    Entry,
    st.dates().map(str),
    st.integers(-(10**6), 10**6).map(str) | st.decimals(0, 1000, places=2).map(str),
    st.sampled_from(("published", "recalled", "clinic_policy")),
    st.lists(st.sampled_from(("policy-v1", "lowe-2004")), unique=True).map(tuple),
    NOTES,
)


@examples(25)
@given(st.sampled_from(PLACES), ENTRIES)
def test_every_other_byte_of_the_default_pack_stays(place: tuple[str, str], entry: Entry) -> None:
    file, name = place
    before = FILES[file]
    after = with_entry(before, file, name, entry)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    at = first_changed_line(before, after) - 1
    assert new[:at] + new[at + 1 :] == old
    assert new[at].strip() == f"- {entry.text}"
    read, wanted = plain(after), plain(before)
    added = read["parameters"][name]["values"].pop()
    assert read == wanted
    assert (str(added["from"]), added["basis"]) == (entry.start, entry.basis)
    assert (float(added["value"]), added.get("note")) == (float(entry.value), entry.note)


def plain(text: str) -> Any:
    """Return the data as ruamel reads it, a reader that is not the one the edit was checked with."""
    return YAML(typ="safe", pure=True).load(StringIO(text))
