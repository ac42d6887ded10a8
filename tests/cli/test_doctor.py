"""`doctor` and `demo`: what works here, and a first look for a newcomer."""

from pathlib import Path

import pytest

from boosterwatch.engine.chain import durable
from boosterwatch.engine.explain import picture
from boosterwatch.engine.terminal import demo, doctor
from boosterwatch.tests.cli.runs import PACK, printed_json, run


def checks() -> dict[str, dict[str, str]]:
    return {check["what"]: check for check in printed_json(run("doctor", "--format", "json"))["checks"]}


def test_a_healthy_installation() -> None:
    result = run("doctor")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{PACK}@1.0.0" in result.stdout
    assert "broken" not in result.stdout


def test_without_the_second_evaluator_it_is_degraded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "durable_available", lambda: (False, "no C extension here"))
    found = checks()["chaining engine"]
    assert found["state"] == "degraded"
    assert "no C extension here" in found["detail"]
    assert "pip install" in found["advice"]


@pytest.mark.parametrize(
    ("name", "detail", "extra"),
    [
        ("altair", "not installed: no pictures", "picture"),
        ("z3-solver", "not installed: no proofs", "prove"),
        ("cryptography", "not installed: no signatures, no audit", "audit"),
        ("psycopg", "not installed: no audit in PostgreSQL", "audit"),
    ],
)
def test_without_an_extra_it_is_degraded(name: str, detail: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    advice = f"pip install 'boosterwatch[{extra}]'"
    assert checks()[name] == {"what": name, "state": "degraded", "detail": detail, "advice": advice}


def test_what_is_needed_and_missing_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor._NEEDED, "a-library-that-is-not-there", "nowhere")
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("Something that is needed is broken.")
    assert "a-library-that-is-not-there: install again" in result.stdout


def test_a_check_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[bool, str]:
        raise RuntimeError("no\nway")

    monkeypatch.setattr(durable, "durable_available", broken)
    result = run("doctor")
    assert result.exit_code == 1
    assert "RuntimeError: no" in result.stdout
    assert "orjson" in result.stdout


# ---------------------------------------------------------------- demo


def test_the_demo_shows_one_patient_for_each_recommendation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "draw_svg", lambda *_, **__: "<svg/>")
    result = run("demo", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    pictures = sorted((tmp_path / "out").glob("*.svg"))
    assert len(pictures) >= 4
    assert all(str(file) in result.stderr for file in pictures)
    assert result.stdout.count("Trace\n") == len(pictures)


def test_the_demo_without_the_picture_extra_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> str:
        raise picture.PictureExtraMissing("a picture needs Altair and vl-convert, which are not installed")

    monkeypatch.setattr(demo, "draw_svg", missing)
    answer = run("demo", "--out", str(tmp_path / "out"), "--format", "json")
    assert answer.stderr.count("\n") == 1
    assert "pip install 'boosterwatch[picture]'" in answer.stderr
    patients = printed_json(answer)["patients"]
    assert len({one["decision"]["recommendation"] for one in patients}) == len(patients) >= 4
    assert all(one["picture"] is None for one in patients)
