"""Waivers: read from a file beside the policy, in force up to a day, and checked themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine.author.lint.waivers import Waiver, check_waivers, read_waivers, unused_waivers, waived
from boosterwatch.engine.diagnostics import Span, render
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.tests.packs.files import default_files, write_pack

FIRST_LINE = "# yaml-language-server: $schema=../../../schemas/waivers.schema.json\n"
LAST_DAY = date(2027, 1, 31)
WAIVER = Waiver("BW601", "some.delta", "Looked at.", "role:lead", LAST_DAY, Span("waivers.yaml", 3, 12, 5))
CODES = ("BW601", "BW602")

TEXT = (
    FIRST_LINE
    + """waivers:
  - {code: BW601, at: some.delta, reason: Looked at., by: "role:lead", expires: 2027-01-31}
"""
)


def opened(folder: Path, text: str | None) -> Opened:
    """Return the default pack with these waivers beside it, or without the file."""
    files = {name: content for name, content in default_files().items() if name != "waivers.yaml"}
    return open_pack(str(write_pack(files if text is None else {**files, "waivers.yaml": text}, folder)))


def test_waivers_are_read_with_their_places(tmp_path: Path) -> None:
    assert read_waivers(opened(tmp_path, TEXT)) == (WAIVER,)


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read_waivers(opened(tmp_path, None)) == ()


def test_waivers_change_nothing_of_the_policy(tmp_path: Path) -> None:
    with_waivers, without = opened(tmp_path / "a", TEXT).pack, opened(tmp_path / "b", None).pack
    assert with_waivers is not None
    assert with_waivers == without


@pytest.mark.parametrize(
    ("today", "in_force"),
    [(date(2027, 1, 30), True), (LAST_DAY, True), (date(2027, 2, 1), False)],
    ids=["before the last day", "on the last day", "after it"],
)
def test_a_waiver_holds_up_to_its_last_day(today: date, in_force: bool) -> None:
    assert waived((WAIVER,), "BW601", "some.delta", today) == (WAIVER if in_force else None)
    problems = tuple(check_waivers((WAIVER,), CODES, today))
    assert [problem.code for problem in problems] == ([] if in_force else ["BW690"])


@pytest.mark.parametrize(("code", "at"), [("BW602", "some.delta"), ("BW601", "some.floor"), ("BW601", "")])
def test_a_waiver_is_for_one_finding(code: str, at: str) -> None:
    assert waived((WAIVER,), code, at, LAST_DAY) is None


def test_the_problems_of_waivers_read() -> None:
    old = Waiver("BW602", "some.cut", "Looked at.", "role:lead", date(2026, 1, 31), Span("waivers.yaml", 4, 12, 5))
    odd = Waiver("BW611", "some.cut", "Looked at.", "role:lead", LAST_DAY, Span("waivers.yaml", 5, 12, 5))
    far = Waiver("BW999", "some.cut", "Looked at.", "role:lead", LAST_DAY, Span("waivers.yaml", 6, 12, 5))
    assert render(check_waivers((WAIVER, old, odd, far), CODES, LAST_DAY), {}) == (
        "waivers.yaml:4:12: BW690 the waiver of BW602 at `some.cut` expired on 2026-01-31\n"
        "  hint: mend the finding, or decide again and give a new date\n"
        "waivers.yaml:5:12: BW692 no finding that can be waived has the code `BW611`\n"
        "  hint: did you mean `BW601`?\n"
        "waivers.yaml:6:12: BW692 no finding that can be waived has the code `BW999`\n"
        "  hint: copy the code from the report\n"
    )


@pytest.mark.parametrize(
    ("used", "codes", "today", "expected"),
    [
        ((), CODES, LAST_DAY, "waivers.yaml:3:12: BW691 warning: the waiver of BW601 at `some.delta` waives nothing\n"),
        ((WAIVER,), CODES, LAST_DAY, ""),
        ((), ("BW602",), LAST_DAY, ""),
        ((), CODES, date(2027, 2, 1), ""),
    ],
    ids=["nothing found", "used", "another tool's", "expired"],
)
def test_a_waiver_that_waives_nothing_is_told(
    used: tuple[Waiver, ...], codes: tuple[str, ...], today: date, expected: str
) -> None:
    found = render(unused_waivers((WAIVER,), used, codes, today), {})
    assert found == (f"{expected}  hint: remove it, or correct the name\n" if expected else "")


def line(**changes: str) -> str:
    """Return the file with one waiver, with some of its values changed; an empty one leaves the key out."""
    entry = {"code": "BW601", "at": "x", "reason": "Looked at.", "by": '"role:lead"', "expires": "2027-01-31"}
    kept = {key: value for key, value in (entry | changes).items() if value}
    return f"{FIRST_LINE}waivers:\n  - {{{', '.join(f'{key}: {value}' for key, value in kept.items())}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line(), []),
        (line(reason=""), ["BW150 waiver 1 lacks `reason`"]),
        (line(reason='" "'), ["BW160 `reason` is blank"]),
        (line(by=""), ["BW150 waiver 1 lacks `by`"]),
        (line(expires=""), ["BW150 waiver 1 lacks `expires`"]),
        (line(expires="2027-02-30"), ["BW158 `expires` is not a day of the calendar: `2027-02-30`"]),
        (line(code="601"), ["BW155 `code` must be a code, not a number"]),
        (line(until="2027-01-31"), ["BW103 unknown key `until` in waiver 1"]),
        (f"{FIRST_LINE}waivers: []\n", ["BW160 `waivers` is empty"]),
    ],
    ids=["good", "no reason", "blank reason", "nobody", "no end", "no such day", "no code", "another key", "none"],
)
def test_the_schema_asks_for_every_part(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [f"{one.code} {one.message}" for one in opened(tmp_path, text).problems] == expected
