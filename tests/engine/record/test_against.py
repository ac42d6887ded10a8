"""A record against a pack: names that the pack does not know, and overrides that it does not allow."""

from dataclasses import replace
from typing import Any

import pytest

from boosterwatch.engine.diagnostics import RecordError, render
from boosterwatch.engine.record.against import names_of
from boosterwatch.engine.record.read import (
    check_against_pack,
    read_document,
    record_from_mapping,
)
from boosterwatch.tests.engine.record.packs import instrument, small_pack

PACK = small_pack()
DAY = "2026-03-14"


def form(**more: Any) -> dict[str, Any]:
    return {"assessments": [{"instrument": "phq9", "date": DAY, **more}]}


def override(name: str, value: float) -> dict[str, Any]:
    chosen = {"parameter": name, "value": value, "reason": "r", "by": "b", "date": DAY}
    return {"overrides": [chosen]}


def cleared(hold: str) -> dict[str, Any]:
    return {"safety": [{"type": "review", "kind": "hold_cleared", "date": DAY, "hold": hold}]}


KNOWN: list[dict[str, Any]] = [
    {},
    form(total=9, difficulty=1),
    form(total=999),
    form(instrument="who5", scale="raw"),
    override("gain_lost_probable", 0.3),
    override("gain_lost_probable", 0.75),
    override("min_interval_days", 56.0),
    override("bp_hold_systolic", 140),
    override("bp_hold_systolic", 160),
    cleared("consent"),
]


@pytest.mark.parametrize("facts", KNOWN, ids=str)
def test_what_the_pack_knows_passes(facts: dict[str, Any]) -> None:
    check_against_pack(record_from_mapping({"as_of": DAY, **facts}), PACK)


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        form(instrument="phq"),
        "BW330 `assessments[0].instrument` is `phq`, which the pack does not know\n  hint: did you mean `phq9`?\n",
    ),
    (
        form(instrument="pdsssr"),
        "BW330 `assessments[0].instrument` is `pdsssr`, which the pack does not know\n"
        "  hint: did you mean `pdss_sr`?\n",
    ),
    (
        form(instrument="madrs"),
        "BW330 `assessments[0].instrument` is `madrs`, which the pack does not know\n"
        "  hint: it knows `pdss_sr`, `phq9`, `who5`\n",
    ),
    (
        form(scale="raw"),
        "BW331 `assessments[0].scale` is `raw`, which `phq9` does not have\n"
        "  hint: it has one scale only; delete the key\n",
    ),
    (
        form(instrument="who5", scale="percnt"),
        "BW331 `assessments[0].scale` is `percnt`, which `who5` does not have\n  hint: did you mean `percent`?\n",
    ),
    (
        form(instrument="who5", scale="sum"),
        "BW331 `assessments[0].scale` is `sum`, which `who5` does not have\n  hint: write `percent` or `raw`\n",
    ),
    (
        form(instrument="who5", difficulty=1),
        "BW332 `who5` does not ask for `assessments[0].difficulty`\n  hint: delete it\n",
    ),
    (
        override("gain_lost_probabl", 0.5),
        "BW333 `overrides[0].parameter` is `gain_lost_probabl`, which the pack does not know\n"
        "  hint: did you mean `gain_lost_probable`?\n",
    ),
    (
        override("nothing", 0.5),
        "BW333 `overrides[0].parameter` is `nothing`, which the pack does not know\n",
    ),
    (
        override("phq9.cut", 12),
        "BW334 `phq9.cut` may not be overridden (`overrides[0]`)\n  hint: only a new version of the pack changes it\n",
    ),
    (
        override("gain_lost_probable", 0.29),
        "BW335 `overrides[0].value` of `gain_lost_probable` cannot be 0.29:"
        " the allowed range is 0.3 to 0.75 (fraction)\n",
    ),
    (
        override("gain_lost_probable", 0.76),
        "BW335 `overrides[0].value` of `gain_lost_probable` cannot be 0.76:"
        " the allowed range is 0.3 to 0.75 (fraction)\n",
    ),
    (
        override("gain_lost_probable", 0.7500001),
        "BW335 `overrides[0].value` of `gain_lost_probable` cannot be 0.7500001:"
        " the allowed range is 0.3 to 0.75 (fraction)\n",
    ),
    (
        override("min_interval_days", 20.5),
        "BW336 `overrides[0].value` of `min_interval_days` must be a whole number, not 20.5\n"
        "  hint: the allowed range is 7 to 56 (days)\n",
    ),
    (
        override("phq9.delta", 5.5),
        "BW336 `overrides[0].value` of `phq9.delta` must be a whole number, not 5.5\n"
        "  hint: the allowed range is 3 to 8 (points)\n",
    ),
    (
        override("bp_hold_systolic", 161),
        "BW338 `overrides[0].value` of `bp_hold_systolic` would loosen a hold or a safety trigger\n"
        "  hint: a patient's own value may be stricter: lower than 160\n",
    ),
    (
        cleared("blood_presure"),
        "BW337 `safety[0].hold` is `blood_presure`, which the pack does not know\n"
        "  hint: did you mean `blood_pressure`?\n",
    ),
    (
        cleared("alcohol"),
        "BW337 `safety[0].hold` is `alcohol`, which the pack does not know\n"
        "  hint: it knows `blood_pressure`, `consent`\n",
    ),
]


@pytest.mark.parametrize(("facts", "expected"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_the_pack_does_not_know_is_refused(facts: dict[str, Any], expected: str) -> None:
    record = record_from_mapping({"as_of": DAY, **facts})
    with pytest.raises(RecordError) as caught:
        check_against_pack(record, PACK)
    assert render(caught.value.diagnostics, {}) == expected


WITHDRAWN = [form(instrument="phq"), cleared("x_y"), override("nothing", 1)]


@pytest.mark.parametrize("facts", WITHDRAWN, ids=str)
def test_what_was_withdrawn_is_not_looked_at(facts: dict[str, Any]) -> None:
    ((entry,),) = facts.values()
    entry["entered_in_error"] = True
    check_against_pack(record_from_mapping({"as_of": DAY, **facts}), PACK)


TEXT = """\
as_of: 2026-03-14
assessments:
  - {instrument: phq9, date: 2026-03-13, total: 9}
  - {instrument: phq, date: 2026-03-01, scale: raw}
  - {instrument: who5, date: 2026-03-02, scale: summ, difficulty: 1}
overrides:
  - {parameter: phq9.cut, value: 12, reason: r, by: b, date: 2026-03-01}
  - {parameter: phq9.delta, value: 9, reason: r, by: b, date: 2026-03-01}
"""

MESSAGE = """\
r.yaml:4:18: BW330 `instrument` is `phq`, which the pack does not know
  |   - {instrument: phq, date: 2026-03-01, scale: raw}
  |                  ^
  hint: did you mean `phq9`?
r.yaml:5:49: BW331 `scale` is `summ`, which `who5` does not have
  |   - {instrument: who5, date: 2026-03-02, scale: summ, difficulty: 1}
  |                                                 ^
  hint: write `percent` or `raw`
r.yaml:5:55: BW332 `who5` does not ask for `difficulty`
  |   - {instrument: who5, date: 2026-03-02, scale: summ, difficulty: 1}
  |                                                       ^
  hint: delete it
r.yaml:7:17: BW334 `phq9.cut` may not be overridden
  |   - {parameter: phq9.cut, value: 12, reason: r, by: b, date: 2026-03-01}
  |                 ^
  hint: only a new version of the pack changes it
r.yaml:8:36: BW335 `value` of `phq9.delta` cannot be 9: the allowed range is 3 to 8 (points)
  |   - {parameter: phq9.delta, value: 9, reason: r, by: b, date: 2026-03-01}
  |                                    ^
"""


def test_a_document_gives_the_places() -> None:
    record, document = read_document(TEXT.encode(), "r.yaml")
    with pytest.raises(RecordError) as caught:
        check_against_pack(record, PACK, document)
    assert render(caught.value.diagnostics, {"r.yaml": TEXT}) == MESSAGE


def test_each_pack_has_its_own_names() -> None:
    packs = [replace(PACK, instruments=(instrument(f"form{number}"),)) for number in range(40)]
    for _ in range(2):
        for number, pack in enumerate(packs):
            assert list(names_of(pack).instruments) == [f"form{number}"]
