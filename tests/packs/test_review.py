"""A pack is read again as a whole by a day: reminded before it, refused after it, unless somebody answers for more."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from boosterwatch import evaluate, load_pack
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import Diagnostic, PackError, render
from boosterwatch.engine.explain.data import explain_data
from boosterwatch.engine.explain.face import explain, summarize
from boosterwatch.engine.explain.stored import read_decision
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.find import find_pack
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.pack.review import Overdue, Review, ask_review, told
from boosterwatch.engine.pack.schema_store import validator
from boosterwatch.engine.terminal.evaluating import evaluate_record
from boosterwatch.engine.terminal.reading import Asked, Under
from boosterwatch.tests.cli.runs import run

PACK = "quick-screen"
SHOWN = f"{PACK}@1.0.0"
DUE = date(2027, 6, 30)  # what the face of the pack says
LATE = DUE + timedelta(days=1)
RECORD = {"as_of": "2026-03-14", "assessments": [{"instrument": "phq9", "date": "2026-03-13", "total": 9}]}
OVERDUE = Overdue("the committee meets on 8 July", "role:medical-director")
RECORDED = {"due": "2027-06-30", "overdue_reason": OVERDUE.reason, "by": OVERDUE.by}
HINT = (
    "  hint: read the whole policy again and release a version with a later `review_by`; to decide until then, say why and"
    " who answers for it: `--overdue-review REASON --by ROLE`, or `overdue=Overdue(REASON, ROLE)`\n"
)
SOON = "  hint: read the whole policy again, then release a version with a later `review_by`\n"


def said(problem: Diagnostic | None) -> str:
    return "" if problem is None else render([problem], {})


def refused(day: date, overdue: Overdue | None = None) -> str:
    with pytest.raises(PackError) as caught:
        load_pack(PACK, today=day, overdue=overdue)
    return render(caught.value.diagnostics, {})


# ---------------------------------------------------------------- the days


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (91, ""),
        (90, f"BW144 warning: the review of `{SHOWN}` is due on 2027-06-30, in 90 days\n{SOON}"),
        (89, f"BW144 warning: the review of `{SHOWN}` is due on 2027-06-30, in 89 days\n{SOON}"),
        (1, f"BW144 warning: the review of `{SHOWN}` is due on 2027-06-30, in 1 day\n{SOON}"),
        (0, f"BW144 warning: the review of `{SHOWN}` is due on 2027-06-30, today\n{SOON}"),
    ],
)
def test_a_reminder_begins_90_days_before(before: int, says: str) -> None:
    loaded = load_pack(PACK, today=DUE - timedelta(days=before))
    assert loaded.review == Review(DUE, before, bool(says))
    assert said(told(loaded.review, SHOWN)) == says


@pytest.mark.parametrize(("after", "ago"), [(1, "1 day ago"), (2, "2 days ago"), (400, "400 days ago")])
def test_after_the_day_nothing_is_decided(after: int, ago: str) -> None:
    assert refused(DUE + timedelta(days=after)) == (
        f"BW143 the review of `{SHOWN}` was due on 2027-06-30, {ago}\n{HINT}"
    )


def test_without_a_day_nothing_is_asked() -> None:
    assert load_pack(PACK).review is None


@pytest.mark.parametrize(("left", "near"), [(31, False), (30, True)])
def test_a_pack_may_ask_for_its_own_notice(left: int, near: bool) -> None:
    pack = compile_reference(PACK)
    pack = replace(pack, about=(*pack.about, ("review_notice", "30")))
    assert ask_review(pack, SHOWN, DUE - timedelta(days=left)) == Review(DUE, left, near)


def test_the_notice_of_the_face_is_compiled(tmp_path: Path) -> None:
    folder = copy(tmp_path, "review_by: 2027-06-30", "review_by: 2027-06-30\nreview_notice: 30")
    assert load_pack(str(folder), today=DUE - timedelta(days=30)).review == Review(DUE, 30, True)
    assert load_pack(str(folder), today=DUE - timedelta(days=31)).review == Review(DUE, 31, False)


# ---------------------------------------------------------------- who is not asked


@pytest.mark.parametrize("purpose", ["reading", "shadow"])
def test_what_decides_nothing_is_not_asked(purpose: Any) -> None:
    assert load_pack(PACK, today=LATE, purpose=purpose).review is None


def test_a_retired_version_repeats_what_it_decided(tmp_path: Path) -> None:
    folder = copy(tmp_path, "status: active", "status: retired")
    loaded = load_pack(str(folder), today=LATE)
    assert evaluate(loaded, RECORD).recommendation == "reassess"


def test_a_version_answers_for_its_own_past_when_another_took_its_place(tmp_path: Path) -> None:
    copy(tmp_path / "screen" / "1.0.0", "pack: quick-screen", "pack: screen")
    newer = copy(tmp_path / "screen" / "1.1.0", "pack: quick-screen", "pack: screen")
    edit(newer, 'version: "1.0.0"', 'version: "1.1.0"')
    edit(newer, "effective: 2000-01-01", "effective: 2027-01-01")
    search = [tmp_path]
    old = load_pack("screen", on=date(2026, 3, 14), today=LATE, search=search)
    assert (old.version, old.review) == ("1.0.0", None)
    for reference, day in (("screen", "2027-03-14"), ("screen@1.0.0", "2026-03-14")):
        with pytest.raises(PackError, match="BW143"):
            load_pack(reference, on=date.fromisoformat(day), today=LATE, search=search)


# ---------------------------------------------------------------- the override


def test_every_decision_records_the_override() -> None:
    loaded = load_pack(PACK, today=LATE, overdue=OVERDUE)
    decision = evaluate(loaded, RECORD)
    assert decision.review == RECORDED
    document = orjson.loads(to_json_bytes(decision))
    assert document["pack"] == {"id": PACK, "version": "1.0.0", "digest": loaded.digest, "review": RECORDED}
    assert validator("decision").is_valid(document)
    stored = read_decision(document)
    assert (stored.review, stored.pack) == (RECORDED, decision.pack)
    assert to_json_bytes(stored) == to_json_bytes(decision)


def test_nothing_else_of_the_decision_changes() -> None:
    with_it = orjson.loads(to_json_bytes(evaluate(load_pack(PACK, today=LATE, overdue=OVERDUE), RECORD)))
    without = orjson.loads(to_json_bytes(evaluate(load_pack(PACK), RECORD)))
    del with_it["pack"]["review"]
    assert with_it == without


def test_an_override_that_is_not_needed_is_not_recorded() -> None:
    loaded = load_pack(PACK, today=DUE, overdue=OVERDUE)
    assert evaluate(loaded, RECORD).review is None
    assert said(told(loaded.review, SHOWN, OVERDUE)) == (
        f"BW146 note: the review of `{SHOWN}` is not overdue, so the override is not recorded\n  hint: leave it out\n"
    )


@pytest.mark.parametrize(
    ("overdue", "what"),
    [
        (Overdue("", "role:director"), "a reason"),
        (Overdue(" ", "role:director"), "a reason"),
        (Overdue("two\nlines", "role:director"), "a reason"),
        (Overdue("x" * 301, "role:director"), "a reason"),
        (Overdue("the committee meets", ""), "a name"),
    ],
)
@pytest.mark.parametrize("day", [DUE, LATE])
def test_an_override_needs_a_reason_and_a_name(overdue: Overdue, what: str, day: date) -> None:
    assert refused(day, overdue) == (
        f"BW145 the override of an overdue review needs {what} on one line, of 1 to 300 characters\n"
        "  hint: every decision made under it records why it was used and who answers for that\n"
    )


def test_the_digest_is_that_of_the_policy() -> None:
    assert load_pack(PACK, today=LATE, overdue=OVERDUE).digest == load_pack(PACK).digest


def test_explanations_show_the_override() -> None:
    loaded = load_pack(PACK, today=LATE, overdue=OVERDUE)
    decision = evaluate(loaded, RECORD)
    line = (
        "The review of this policy was due on 2027-06-30. Used all the same: the committee meets on 8 July\n"
        "(role:medical-director).\n"
    )
    assert explain(decision, loaded).endswith(line)
    assert summarize(decision, loaded).endswith(line)
    pack = explain_data(decision, loaded.ir, why=None, why_not=None)["pack"]
    assert isinstance(pack, dict)
    assert pack["review"] == RECORDED


# ---------------------------------------------------------------- the command line


def test_the_command_line_says_it_once_beside_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    file.write_text(json.dumps(RECORD), encoding="utf-8")
    assert evaluate_record(str(file), Under(PACK, None, Asked(DUE)), "json") == 0
    shown = capsys.readouterr()
    assert shown.out.encode() == to_json_bytes(evaluate(load_pack(PACK), RECORD)) + b"\n"
    assert shown.err == f"BW144 warning: the review of `{SHOWN}` is due on 2027-06-30, today\n{SOON}"


def test_the_command_line_refuses_and_takes_the_override(tmp_path: Path) -> None:
    folder = copy(tmp_path, "review_by: 2027-06-30", "review_by: 2020-01-31")
    file = tmp_path / "record.json"
    file.write_text(json.dumps(RECORD), encoding="utf-8")
    for command in (("evaluate",), ("explain",), ("explain", "--what-if")):
        result = run(*command, str(file), "--pack", str(folder))
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"BW143 the review of `{folder}` was due on 2020-01-31, ")
    why = ("--overdue-review", OVERDUE.reason, "--by", OVERDUE.by)
    result = run("evaluate", str(file), "--pack", str(folder), "--format", "json", *why)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["pack"]["review"] == {**RECORDED, "due": "2020-01-31"}
    stored = tmp_path / "decision.json"
    stored.write_text(result.stdout, encoding="utf-8")
    again = run(
        "explain", str(stored), "--pack", str(folder)
    )  # a decision that was made is explained, whatever day it is
    assert (again.exit_code, again.stderr) == (0, "")
    assert "Used all the same: the committee meets on 8 July" in " ".join(again.stdout.split())


@pytest.mark.parametrize("half", [("--overdue-review", "why"), ("--by", "role:director")])
@pytest.mark.parametrize("command", ["evaluate", "explain"])
def test_half_an_override_is_wrong_usage(command: str, half: tuple[str, str]) -> None:
    result = run(command, "record.yaml", *half)
    assert result.exit_code == 2
    assert "Error: --overdue-review and --by go together: why, and who answers for it" in result.stderr


# ---------------------------------------------------------------- helpers


def copy(folder: Path, old: str, new: str) -> Path:
    """Return a copy of the pack with one edit of its face."""
    shutil.copytree(
        str(find_pack(PACK).folder), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("cases", "release.json")
    )
    edit(folder, old, new)
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    face = folder / "pack.yaml"
    text = face.read_text(encoding="utf-8")
    assert text.count(old) == 1
    face.write_text(text.replace(old, new), encoding="utf-8")


def test_a_pack_without_a_day_is_not_asked() -> None:
    pack = replace(compile_reference(PACK), about=())
    assert ask_review(pack, SHOWN, LATE) is None
    assert LoadedPack(pack).review is None
