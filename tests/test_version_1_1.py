"""Version 1.1.0 of the default pack: two more self-harm answers raise safety triggers, and nothing else differs.

It is a trial: an id alone goes on meaning 1.0.0, on every day. What the change says is read a second time here, with
the oracle's reading of screeners, reviews and courses, and compared with both versions on made-up patients.
"""

from __future__ import annotations

import json
import random
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from boosterwatch import evaluate, load_pack
from boosterwatch.engine.author.cases import find_cases, run_cases
from boosterwatch.engine.author.diff.answers import RECOMMENDATION, recommended
from boosterwatch.engine.author.diff.bump import bump
from boosterwatch.engine.author.diff.compare import compare
from boosterwatch.engine.author.diff.model import Difference
from boosterwatch.engine.author.lint.checked import check_opened
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.tests.cli.runs import printed_json, run
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.oracle.self_harm_items import ITEMS, RULES, triggers_wanted, with_items, without_items

PACK = "ketamine-maintenance"
OLD, NEW = "1.0.0", "1.1.0"
DAY = date(2026, 11, 1)  # no waiver has expired, no review is near
PATIENTS = 300

REACHED = {"recommendation", "urgency", "summary", "flags", "trace", "not_fired", "notices"}  # by a trigger
SUPPRESSED = {f"suppressed_{why}" for why in ("booked", "min_interval", "max_frequency")}
SHOWN = {f"{form}_self_harm.recent" for form in ITEMS}

Record = dict[str, Any]


@cache
def opened(version: str) -> Opened:
    """Return a version of the pack with its cases; it must have no error."""
    found = open_pack(f"{PACK}@{version}")
    assert found.pack is not None, found.problems
    return found


@cache
def ready(version: str) -> LoadedPack:
    """Return a version ready to evaluate, whatever its status allows."""
    pack = opened(version).pack
    assert pack is not None
    return LoadedPack(pack)


def both(record: Record) -> tuple[Decision, Decision]:
    """Return what the two versions decide about a patient."""
    return evaluate(ready(OLD), record), evaluate(ready(NEW), record)


def recommendation_wanted(old: Decision, raised: set[str]) -> tuple[str, str | None]:
    """Return the recommendation and urgency that follow from those of 1.0.0 and the triggers raised."""
    kinds = {name[:2] for name in raised}
    if "u2" in kinds or old.urgency == "now":
        return "urgent_safety_review", "now"
    if "c1" in kinds or old.urgency == "same_day":
        return "provider_check_in", "same_day"
    if "c2" in kinds:
        return "provider_check_in", "within_7_days"
    return old.recommendation, old.urgency


# ---------------------------------------------------------------- both versions on the same patients


def told(decision: Decision) -> dict[str, object]:
    """Return a decision without what names the pack and its lines, and without what only 1.1.0 can name."""
    plain = {
        name: getattr(decision, name)
        for name in (
            "as_of", "patient", "record_digest", "recommendation", "urgency", "summary", "signs", "response", "holds",
            "cautions", "flags", "next", "missing", "rejected", "notices", "error", "engine",
        )
    }  # fmt: skip
    plain["measures"] = {name: value for name, value in decision.measures.items() if name not in SHOWN}
    plain["trace"] = [(one.rule, one.effect, one.because, one.parameters) for one in decision.trace]
    plain["not_fired"] = {(one.rule, one.effect, one.truth) for one in decision.not_fired if one.rule not in RULES}
    return plain


def test_the_vignettes_are_decided_alike() -> None:
    vignettes = [case for case in find_cases(opened(OLD)) if case.document.file.endswith("/vignettes.yaml")]
    assert len(vignettes) == 15
    for case in vignettes:
        old, new = both(dict(case.record))
        assert told(new) == told(old), case.id


def test_without_the_items_both_versions_decide_alike() -> None:
    for seed in range(PATIENTS):
        old, new = both(without_items(random_record(random.Random(seed))))
        assert told(new) == told(old), seed
        assert [new.measures[name] for name in sorted(SHOWN)] == [None, None]


def test_with_the_items_they_differ_as_the_change_says() -> None:
    met: set[str] = set()
    for seed in range(PATIENTS):
        rng = random.Random(seed)
        record = with_items(random_record(rng), rng)
        old, new = both(record)
        raised = {one.rule for one in new.trace} & RULES
        assert raised == triggers_wanted(record), seed
        assert (new.recommendation, new.urgency) == recommendation_wanted(old, raised), seed
        assert differing(old, new) <= (REACHED if raised else set()), seed
        assert set(old.flags) ^ set(new.flags) <= SUPPRESSED, seed
        assert fired_triggers(old) == fired_triggers(new) - RULES, seed
        met |= raised
    assert met == RULES


def differing(old: Decision, new: Decision) -> set[str]:
    """Return the parts of a decision in which two differ."""
    first, second = told(old), told(new)
    return {name for name in first if first[name] != second[name]}


def fired_triggers(decision: Decision) -> set[str]:
    """Return the triggers of a decision."""
    return {one.rule for one in decision.trace if one.effect.startswith("trigger")}


# ---------------------------------------------------------------- what is proved of the change


@cache
def difference() -> Difference:
    return compare(ready(OLD), ready(NEW), most=0)


def test_it_is_a_minor_change_of_triggers_alone() -> None:
    found = difference()
    assert (found.proved, found.problems, bump(found)) == (True, (), "minor")
    assert {one.id for one in found.changes if one.part == "rule" and one.how == "added"} == RULES
    assert {(one.part, one.how) for one in found.changes} == {
        *((part, "added") for part in ("parameter", "scale", "event", "measure", "rule", "notice")),
        ("rule", "changed"),  # the rows that ask for any trigger
        ("pack", "wording"),
    }
    ((face,),) = ((one for one in found.changes if one.how == "wording"),)
    assert [(one.name, one.old, one.new) for one in face.fields] == [
        ("status", "active", "trial"), ("effective", "2000-01-01", "2027-01-01")
    ]  # fmt: skip


def test_a_new_number_reaches_the_triggers_that_compare_with_it() -> None:
    numbers = [one for one in difference().changes if one.part == "parameter"]
    assert [(one.id, one.effect) for one in numbers] == [
        (f"{form}_self_harm.{level}", "looser") for form in sorted(ITEMS) for level in ("present", "urgent")
    ]


def test_a_new_notice_is_weighed_by_who_gets_it() -> None:
    notices = {one.id: one.effect for one in difference().changes if one.part == "notice"}
    assert notices == {f"trigger:{rule}": "looser" for rule in RULES}


def test_no_patient_loses_a_safety_trigger_and_none_is_told_less_urgently() -> None:
    """What is not among the shifts is proved to be given to the same patients."""
    shifts = {one.answer: one for one in difference().shifts}
    assert {one.kind for one in shifts} == {RECOMMENDATION, "trigger", "flag"}
    assert {one.id for one in shifts if one.kind == "trigger"} == RULES
    assert {shifts[one].lost for one in shifts if one.kind == "trigger"} == {"never"}
    assert {one.id for one in shifts if one.kind == "flag"} == SUPPRESSED
    gained = {(one.id, one.state): shift.gained for one, shift in shifts.items() if one.kind == RECOMMENDATION}
    assert {one for one, verdict in gained.items() if verdict == "never"} == {
        ("consider_booster", "within_7_days"), ("continue", ""), ("reassess", "")
    }  # fmt: skip
    assert shifts[recommended("urgent_safety_review", "now")].lost == "never"


# ---------------------------------------------------------------- the pack itself


def test_it_is_sound_and_waives_nothing_about_self_harm() -> None:
    checked = check_opened(opened(NEW), DAY)
    assert checked.sound(strict=True)
    assert {problem.code for problem, _ in checked.waived} == {"BW663"}


def test_every_case_passes_and_those_of_1_0_0_are_all_there() -> None:
    results = run_cases(opened(NEW), ready(NEW))
    assert [one.case.id for one in results if one.status != "passed"] == []
    inherited = {one.id: (one.record, one.expect) for one in find_cases(opened(OLD))}
    kept = {one.case.id: (one.case.record, one.case.expect) for one in results}
    assert inherited.items() <= kept.items()


# ---------------------------------------------------------------- a trial decides for nobody

DAYS = ("2020-02-29", "2026-03-20", "2026-12-31", "2027-01-01", "2028-06-01", "2035-01-01")
ASKED = {"instrument": "qids_sr16", "items": [0] * 11 + [3] + [0] * 4}


@pytest.mark.parametrize("as_of", DAYS)
def test_an_id_alone_means_1_0_0_on_any_day(as_of: str, tmp_path: Path) -> None:
    record = {"as_of": as_of, "assessments": [{**ASKED, "date": as_of}]}
    decision = evaluate(load_pack(PACK, on=date.fromisoformat(as_of)), record)
    assert (decision.pack["version"], decision.recommendation) == (OLD, "reassess")
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    for more in ((), ("--pack", PACK)):
        printed = printed_json(run("evaluate", str(file), "--format", "json", *more))
        assert (printed["pack"]["version"], printed["recommendation"]) == (OLD, "reassess")


def test_an_id_alone_means_1_0_0_without_a_day_and_to_the_tools() -> None:
    assert load_pack(PACK).version == OLD
    assert open_pack(PACK).found.shown == f"{PACK}@{OLD}"
    assert printed_json(run("packs", "show", PACK, "--format", "json"))["version"] == OLD


def test_the_trial_runs_only_where_it_is_named_and_in_the_shadow() -> None:
    with pytest.raises(PackError) as caught:
        load_pack(f"{PACK}@{NEW}")
    assert str(caught.value) == (
        f"BW142 `{PACK}@{NEW}` is a trial and may not decide\n"
        "  hint: a trial runs only in the shadow of an active version; name another version, or make it active "
        "through a release"
    )
    shadow = load_pack(f"{PACK}@{NEW}", purpose="shadow")
    record = {"as_of": "2026-03-20", "assessments": [{**ASKED, "date": "2026-03-20"}]}
    assert evaluate(shadow, record).recommendation == "urgent_safety_review"


def test_the_lists_of_packs_show_the_trial() -> None:
    listed = printed_json(run("packs", "list", "--format", "json"))
    assert [(one["version"], one["status"]) for one in listed["packs"] if one["id"] == PACK] == [
        (OLD, "active"), (NEW, "trial")
    ]  # fmt: skip
    history = run("packs", "history", PACK)
    assert [line.split() for line in history.stdout.splitlines() if line.strip().startswith("1.")] == [
        [NEW, "trial", "never", "-"], [OLD, "active", "2000-01-01", "today", "and", "later"]
    ]  # fmt: skip
