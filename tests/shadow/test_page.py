"""The page about trials shows what the program prints for the patient that it shows."""

from __future__ import annotations

import re
from typing import Any

from boosterwatch import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.load import RECORD_LIMITS, load_document
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.shadow import shadow
from boosterwatch.engine.shadow.told import told
from boosterwatch.tests.cli.runs import ROOT
from boosterwatch.tests.expect import REWRITE

SCREEN = re.compile(r"(For this patient\n\n```yaml\n(.*?)```\n.*?```text\n)(in the shadow.*?)(```\n)", re.DOTALL)


def test_the_screen_on_the_page_is_real() -> None:
    page = ROOT / "docs" / "sites.md"
    text = page.read_text(encoding="utf-8")
    found = SCREEN.search(text)
    assert found, "the page shows no screen"
    record = load_document(found[2].encode(), "record.yaml", RECORD_LIMITS).data
    old, new = (LoadedPack(compile_reference(f"ketamine-maintenance@{number}")) for number in ("1.0.0", "1.1.0"))
    written = SCREEN.sub(lambda match: f"{match[1]}{told(shadow(old, new, record))}\n{match[4]}", text)
    if REWRITE:
        page.write_text(written, encoding="utf-8", newline="\n")
    assert written == text or REWRITE


EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_examples_on_the_page_run() -> None:
    examples = EXAMPLE.findall((ROOT / "docs" / "sites.md").read_text(encoding="utf-8"))
    names: list[dict[str, Any]] = [{} for _ in examples]
    for example, own in zip(examples, names, strict=True):
        exec(example, own)  # our own page
    _, review, trial = names
    assert (review["pack"].review.left, review["pack"].review.near) == (29, True)
    assert review["late"].review.recorded["due"] == "2027-06-30"
    assert (trial["found"].decision, trial["found"].problem) == (
        evaluate(trial["active"], {"as_of": "2026-03-20"}),
        None,
    )
