"""What an overlay may not do: every problem at its line, with what to do about it."""

from __future__ import annotations

import pytest

from boosterwatch.tests.overlay.site import FACE, laid_over, refused

DELTA = "parameter: phq9.delta, value: {}, from: 2026-02-01"
HOLD = "parameter: bp_hold_systolic, value: {}, from: 2026-02-01"


def test_another_pack() -> None:
    assert refused(face=FACE.replace("pack: ketamine-maintenance", "pack: other-pack")) == (
        "site.yaml:3:7: BW220 the overlay is for the pack `other-pack`, not for `ketamine-maintenance`\n"
        "  hint: give it with `--pack other-pack`\n"
    )


@pytest.mark.parametrize(("first", "before"), [("1.0.1", "2.0.0"), ("0.9.0", "1.0.0"), ("1.0.0", "1.0.0")])
def test_another_version(first: str, before: str) -> None:
    face = FACE.replace('"1.0.0"', f'"{first}"').replace('"2.0.0"', f'"{before}"')
    assert refused(face=face) == (
        f"site.yaml:4:7: BW221 the overlay fits versions from {first} and before {before}, not 1.0.0\n"
        "  hint: read what the version changed, then say in `from` and `before` that the overlay fits it\n"
    )


@pytest.mark.parametrize(("first", "before"), [("1.0.0", "1.0.1"), ("0.9.0", "10.0.0")])
def test_a_version_inside_the_range(first: str, before: str) -> None:
    assert laid_over(face=FACE.replace('"1.0.0"', f'"{first}"').replace('"2.0.0"', f'"{before}"')).site is not None


def test_an_unknown_parameter() -> None:
    assert refused("parameter: phq9.dleta, value: 6, from: 2026-02-01") == (
        "site.yaml:7:17: BW222 the pack has no parameter `phq9.dleta`\n  hint: did you mean `phq9.delta`?\n"
    )


def test_a_parameter_without_a_range() -> None:
    assert refused("parameter: phq9.cut, value: 11, from: 2026-02-01") == (
        "site.yaml:7:17: BW223 a site may not change `phq9.cut`: it has no allowed range\n"
        "  hint: only a new version of the pack changes it\n"
    )


@pytest.mark.parametrize("value", [3, 4, 8])
def test_a_value_inside_the_range(value: int) -> None:
    assert laid_over(DELTA.format(value)).site is not None


@pytest.mark.parametrize("value", [2, 9])
def test_a_value_outside_the_range(value: int) -> None:
    assert refused(DELTA.format(value)) == (
        f"site.yaml:7:36: BW224 `phq9.delta` cannot be {value}: the allowed range is 3 to 8 (points)\n"
        "  hint: choose a value inside the range\n"
    )


def test_a_value_that_must_be_whole() -> None:
    assert refused(DELTA.format(5.5)) == (
        "site.yaml:7:36: BW224 `phq9.delta` must be a whole number, not 5.5\n"
        "  hint: the allowed range is 3 to 8 (points)\n"
    )


def test_a_caution_that_is_not_optional() -> None:
    assert refused("kind: caution, id: hepatic") == (
        "site.yaml:7:25: BW226 the caution `hepatic` may not be left out\n"
        "  hint: the pack marks those that may be left out with `optional: true`\n"
    )


def test_a_caution_that_is_not_there() -> None:
    assert refused("kind: caution, id: brestfeeding") == (
        "site.yaml:7:25: BW226 the pack has no caution `brestfeeding`\n  hint: did you mean `breastfeeding`?\n"
    )


def test_a_hold_cannot_even_be_named() -> None:
    assert "BW1" in refused("kind: hold, id: pregnancy")


def test_the_same_twice() -> None:
    text = refused(
        DELTA.format(6), DELTA.format(7), "kind: caution, id: breastfeeding", "kind: caution, id: breastfeeding"
    )
    assert text == (
        "site.yaml:8:45: BW227 `phq9.delta` has two values from 2026-02-01\n  hint: keep one of them\n"
        "site.yaml:11:25: BW227 the caution `breastfeeding` is left out twice\n  hint: keep one of them\n"
    )


def test_all_problems_in_one_run() -> None:
    text = refused(DELTA.format(9), "parameter: nothing_here, value: 6, from: 2026-02-01", "kind: flag, id: nowhere")
    assert [line.split()[1] for line in text.splitlines() if "site.yaml" in line] == ["BW224", "BW222", "BW226"]
