"""What must hold of every pack and every record, not only of the ones that somebody thought of."""

from __future__ import annotations

import copy
import datetime
import hashlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.decide import decide, to_json_bytes
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.kinds import KINDS
from boosterwatch.engine.pack.ir_json import digest_of, from_json, to_json
from boosterwatch.tests import strategies
from boosterwatch.tests.differential.derive import Derived, derive
from boosterwatch.tests.engine.record import strategies as shapes
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import Files, compile_files, default_files, default_pack, document, edit, load_files
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.records import random_record_for
from boosterwatch.tests.strategies import Invented

Record = dict[str, Any]
LISTS = ("infusions", "booked", "prior_cycles", "assessments", "safety", "overrides", "indications")
RULES = ("reading", "sign", "class", "finding", "source", "trigger", "hold", "caution", "flag", "recommendation")
few_packs = strategies.examples(12)
many_packs = strategies.examples(20)
many_patients = strategies.examples(60)


def answer(pack: LoadedPack, record: Mapping[str, Any]) -> bytes:
    """Return the decision as it leaves the engine."""
    return to_json_bytes(evaluate(pack, record))


def plain(pack: LoadedPack, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decision as plain data."""
    decision: dict[str, Any] = orjson.loads(answer(pack, record))
    return decision


# ---------------------------------------------------------------- the invented packs themselves


def nodes(value: object) -> Iterator[Any]:
    """Yield every dataclass inside a compiled pack."""
    if is_dataclass(value):
        yield value
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)


def used(pack: ir.Pack) -> Iterator[str]:
    """Yield what a pack uses of the language."""
    yield from (f"measure {measure.kind}" for measure in pack.measures)
    yield from (f"rule {rule.kind}" for rule in pack.rules)
    yield from (f"notice {notice.kind} {notice.urgency}" for notice in pack.notices)
    yield from (f"scale {scale.worse} {scale.part and scale.part[0]}" for scale in pack.scales)
    yield from (f"instrument {one.use} {bool(one.items)} {bool(one.methods)}" for one in pack.instruments)
    yield from (f"unit {parameter.unit}" for parameter in pack.parameters)
    for event in pack.events:
        yield f"event from {event.source if event.source in ('infusions', 'booked', 'answers') else 'a fact'}"
        yield from (f"event {field.name}" for field in fields(event) if getattr(event, field.name))
    for node in nodes(pack):
        match node:
            case ir.Compare(_, op, right):
                yield f"{op} {right.kind}"
            case ir.Equals(_, value, negated, recorded):
                yield f"is {type(value).__name__} {negated} {recorded}"
            case ir.Known(_, known):
                yield f"is known {known}"
            case ir.Drawn() | ir.All() | ir.Any() | ir.Not() | ir.AtLeast():
                yield type(node).__name__
    if pack.lookback is not None:
        yield "lookback"


def test_invented_packs_use_the_whole_language() -> None:
    found = {word for seed in range(18) for word in used(compile_files(invent_pack(seed, 3)))}
    assert {f"measure {kind}" for kind in KINDS} <= found
    assert {f"rule {kind}" for kind in RULES} <= found
    assert {f"notice trigger {due}" for due in ("now", "same_day", "within_7_days")} <= found
    assert {f"scale {worse} {part}" for worse in ("high", "low") for part in (None, "item", "field")} <= found
    assert {
        f"{op} {kind}" for op in (">=", "<=", ">", "<") for kind in ("parameter", "measure", "field", "product")
    } <= found
    assert {f"is {kind} {no} {said}" for kind in ("str", "bool") for no in (True, False) for said in (True, False)} - {
        "is str False True", "is bool False True",  # `is recorded as` is `is`
    } <= found  # fmt: skip
    assert {"is known True", "is known False", "Drawn", "All", "Any", "Not", "AtLeast", "lookback"} <= found
    assert {f"event from {source}" for source in ("infusions", "booked", "answers", "a fact")} <= found
    assert {f"event {field.name}" for field in fields(ir.EventSet)} <= found


def test_records_for_invented_packs_reach_every_state_and_every_rejection() -> None:
    found: set[str] = set()
    for seed in range(5):
        pack = load_files(invent_pack(seed, 1))
        for number in range(20):
            decision = evaluate(pack, random_record_for(pack.ir, random.Random(number)))
            found |= {sign.state for sign in decision.signs.values()}
            found |= {rejection.code for rejection in decision.rejected}
    assert {"absent", "possible", "probable", "cannot_assess"} <= found
    assert {"future_dated", "invalid_score", "duplicate_conflict", "version_mismatch"} <= found


# ---------------------------------------------------------------- nothing fails


@many_packs
@given(strategies.packs(records=6))
def test_a_validated_pack_never_fails_on_a_valid_record(invented: Invented) -> None:
    pack = invented.load()
    for record in invented.records(pack):
        check_told(pack, record)


@many_patients
@given(strategies.patients())
def test_the_default_pack_never_fails_on_a_valid_record(record: Record) -> None:
    check_told(default_pack(), record)


@many_patients
@given(shapes.RECORDS, st.sampled_from((None, "1900-01-01", "2199-12-31", "2024-02-29")))
def test_a_record_of_the_right_shape_is_decided_or_refused_in_words(record: Record, as_of: str | None) -> None:
    """Whatever the schema allows: instruments that the pack does not know, dates far apart, scores beyond all range."""
    given_record = record | ({"as_of": as_of} if as_of is not None else {})
    try:
        evaluate(default_pack(), given_record)
    except RecordError as refused:
        assert refused.diagnostics
    else:
        check_told(default_pack(), given_record)


@few_packs
@given(strategies.packs(), st.sampled_from(("1990-01-01", "2024-02-29", "2199-12-31")))
def test_a_patient_of_whom_nothing_is_known_is_told_so(invented: Invented, as_of: str) -> None:
    pack = invented.load()
    try:
        told = plain(pack, {"as_of": as_of})
    except RecordError as refused:
        assert {problem.code for problem in refused.diagnostics} == {"BW340"}  # no value in force as early as that
    else:
        assert told["rejected"] == []
        check_told(pack, {"as_of": as_of})


@cache
def decision_shape() -> jsonschema_rs.Validator:
    """Return the schema of a decision, compiled."""
    text = files("boosterwatch.schemas").joinpath("decision.schema.json").read_bytes()
    return jsonschema_rs.validator_for(orjson.loads(text))


def check_told(pack: LoadedPack, record: Record) -> None:
    """Check that a decision has its shape, tells every rule once and every sign in full, with nothing left in braces."""
    told = plain(pack, record)
    assert "error" not in told
    assert told["pack"]["digest"] == pack.digest
    assert told["recommendation"] in {row.recommendation for row in pack.ir.recommendations}
    assert told["signs"].keys() == {sign.id for sign in pack.ir.signs}
    assert all((sign["state"] == "cannot_assess") is ("reason" in sign) for sign in told["signs"].values())
    decision_shape().validate(told)
    rules = [row["rule"] for row in (*told["trace"], *told["not_fired"])]
    assert sorted(rules) == sorted(rule.id for rule in pack.ir.rules)
    assert all(row["truth"] is not True for row in told["not_fired"])
    sentences = [told["summary"], *(row["because"] for row in (*told["trace"], *told["signs"].values()))]
    assert all(sentence and "{" not in sentence for sentence in sentences)


# ---------------------------------------------------------------- order


def shuffled(record: Record, rng: random.Random) -> tuple[Record, dict[str, str]]:
    """Return the record with its lists and keys in another order, and where each part stood before."""
    moved: dict[str, str] = {}
    other: Record = {}
    for key in rng.sample(list(record), len(record)):
        other[key] = record[key]
        if key in LISTS:
            order = rng.sample(range(len(record[key])), len(record[key]))
            other[key] = [record[key][place] for place in order]
            moved |= {f"{key}[{now}]": f"{key}[{before}]" for now, before in enumerate(order)}
    return other, moved


def without_order(decision: dict[str, Any], moved: Mapping[str, str]) -> dict[str, Any]:
    """Return the decision with rejected parts named by where they stood, and without the digest of the record.

    The digest covers the record as it was given, with its lists in their order, so that a replay can show it again.
    """
    parts = [row | {"part": renamed(row["part"], moved)} for row in decision["rejected"]]
    return decision | {"record_digest": None, "rejected": sorted(parts, key=lambda row: sorted(row.items()))}


def renamed(part: str, moved: Mapping[str, str]) -> str:
    return re.sub(r"\w+\[\d+\]", lambda found: moved.get(found[0], found[0]), part)


def check_order(pack: LoadedPack, record: Record, rng: random.Random) -> None:
    other, moved = shuffled(record, rng)
    assert without_order(plain(pack, other), moved) == without_order(plain(pack, record), {})


@many_patients
@given(strategies.patients(), strategies.SEEDS)
def test_the_order_of_facts_changes_nothing(record: Record, seed: int) -> None:
    check_order(default_pack(), record, random.Random(seed))


@few_packs
@given(strategies.packs(records=6), strategies.SEEDS)
def test_the_order_of_facts_changes_nothing_in_any_pack(invented: Invented, seed: int) -> None:
    pack = invented.load()
    for record in invented.records(pack):
        check_order(pack, record, random.Random(seed))


def test_the_order_of_keys_changes_not_even_the_digest() -> None:
    record = random_record(random.Random(5))
    turned = dict(reversed(record.items()))
    turned["assessments"] = [dict(reversed(form.items())) for form in record["assessments"]]
    assert list(turned) != list(record)
    assert answer(default_pack(), turned) == answer(default_pack(), record)


# ---------------------------------------------------------------- the future


FUTURE = ("assessments", "safety", "infusions", "overrides", "prior_cycles")


def with_future(record: Record, rng: random.Random) -> Record:
    """Return the record with facts dated after the evaluation at the end of its lists."""
    after = datetime.date.fromisoformat(record["as_of"]) + datetime.timedelta(days=rng.choice((1, 2, 30)))
    day = after.isoformat()
    facts: dict[str, Any] = {
        "assessments": {"instrument": "phq9", "date": day, "total": 27, "items": [3] * 9},
        "safety": rng.choice(
            (
                {"type": "cssrs", "date": day, "q5": True},
                {"type": "consent", "date": day, "status": "withdrawn"},
                {"type": "review", "date": day, "kind": "safety"},
                {"type": "bp", "date": day, "systolic": 200, "diastolic": 130},
                {"type": "report", "date": day, "by": "clinician", "kind": "loss_of_benefit"},
            )
        ),
        "infusions": day,
        "overrides": {"parameter": "phq9.delta", "value": 8, "reason": "made up", "by": "x", "date": day},
        "prior_cycles": {"infusion": day, "loss_of_benefit": day},
    }
    later = copy.deepcopy(record)
    for key in rng.sample(FUTURE, rng.randint(1, len(FUTURE))):
        later[key] = [*later.get(key, ()), facts[key]]
    return later


def rules_of(rows: Iterable[Mapping[str, Any]], *left_out: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["rule"] not in left_out]


@many_patients
@given(strategies.patients(), strategies.SEEDS)
def test_a_fact_after_the_evaluation_changes_only_flags_and_what_is_rejected(record: Record, seed: int) -> None:
    now, later = plain(default_pack(), record), plain(default_pack(), with_future(record, random.Random(seed)))
    changed = {key for key in now if now[key] != later[key]}
    assert changed <= {"flags", "rejected", "record_digest", "trace", "not_fired"}
    assert set(later["flags"]) - set(now["flags"]) <= {"future_dated"}
    assert set(now["flags"]) <= set(later["flags"])
    for key in ("trace", "not_fired"):
        assert rules_of(later[key], "flag_future_dated") == rules_of(now[key], "flag_future_dated")
    more = [row for row in later["rejected"] if row not in now["rejected"]]
    assert [row for row in now["rejected"] if row not in later["rejected"]] == []
    codes = {row["code"] for row in more}
    assert codes <= {"future_dated", "not_yet"}  # a decision or an outcome recorded for later is not yet in force
    assert ("future_dated" in later["flags"]) is ("future_dated" in now["flags"] or "future_dated" in codes)


# ---------------------------------------------------------------- the same bytes everywhere


AWAY = """
import hashlib, random, sys
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.tests.engine.record import strategies as shapes
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.records import random_record_for

invented = load_files(invent_pack(7, 2))
print(default_pack().digest, invented.digest)
for seed in range(10):
    record = random_record(random.Random(seed))
    print(hashlib.sha256(to_json_bytes(evaluate(default_pack(), record))).hexdigest())
    record = random_record_for(invented.ir, random.Random(seed))
    print(hashlib.sha256(to_json_bytes(evaluate(invented, record))).hexdigest())
"""
PLACES = {
    "another_hash_seed": {"PYTHONHASHSEED": "1"},
    "a_third_hash_seed_and_no_locale": {"PYTHONHASHSEED": "4711", "LC_ALL": "C", "PYTHONUTF8": "0"},
    "germany": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Europe/Berlin"},
    "nepal": {"LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "2"},
    "samoa_without_asserts": {"TZ": "Pacific/Apia", "PYTHONOPTIMIZE": "1"},
}


def run_away(**place: str) -> str:
    """Return what a fresh interpreter prints at a place."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", **place}
    done = subprocess.run([sys.executable, "-c", AWAY], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def at_home() -> str:
    return run_away()


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_same_inputs_give_the_same_bytes_everywhere(at_home: str, place: dict[str, str]) -> None:
    assert len(at_home.split()) == 22
    assert run_away(**place) == at_home


# ---------------------------------------------------------------- packs


def recompiled(texts: Files) -> LoadedPack:
    """Return the pack compiled from its text once more, without what was kept of the first time."""
    document.cache_clear()
    return load_files(texts)


@pytest.mark.parametrize("texts", [default_files(), invent_pack(3, 3)], ids=["default", "invented"])
def test_compiling_is_deterministic(texts: Files) -> None:
    first, second = recompiled(texts).ir, recompiled(texts).ir
    assert first == second
    assert to_json(first) == to_json(second)
    assert first.digest == second.digest == digest_of(second)


def test_the_order_of_the_files_on_disk_is_their_order_by_name() -> None:
    names = list(default_files())
    face, *parts = sorted(names, key=lambda name: (name != "pack.yaml", name))
    assert names == [face, *parts]


@few_packs
@given(strategies.packs())
def test_a_compiled_pack_comes_back_from_its_json(invented: Invented) -> None:
    pack = compile_files(invented.files)
    again = from_json(to_json(pack))
    assert again == pack
    assert digest_of(again) == pack.digest


# ---------------------------------------------------------------- both evaluators, and the slow one


def check_evaluators(pack: LoadedPack, record: Record) -> None:
    derived = derive(pack, record)
    values, parameters = derived.measures.values, derived.parameters
    slow = evaluate_slowly(pack.ir, values, parameters)
    reference = pack.evaluators.reference.evaluate(values, parameters)
    assert reference == slow
    told = told_by(pack, derived)
    assert told == answer(pack, record)
    if pack.evaluators.durable is not None:
        durable = pack.evaluators.durable.evaluate(values, parameters)
        assert durable == slow
        assert all(one is other for one, other in zip(durable.truths, slow.truths, strict=True))


def told_by(pack: LoadedPack, derived: Derived) -> bytes:
    """Return the decision that the slow evaluator's outcome makes."""
    outcome = evaluate_slowly(pack.ir, derived.measures.values, derived.parameters)
    _, agreement = pack.evaluators.evaluate(derived.measures.values, derived.parameters)
    made = decide(pack.ir, derived.facts, derived.measures, derived.chosen, outcome, agreement, derived.rejected)
    return to_json_bytes(made)


@few_packs
@given(strategies.packs(records=6))
def test_every_evaluator_finds_the_same_in_any_pack(invented: Invented) -> None:
    pack = invented.load()
    for record in invented.records(pack):
        check_evaluators(pack, record)


@many_patients
@given(strategies.patients())
def test_every_evaluator_finds_the_same_in_the_default_pack(record: Record) -> None:
    check_evaluators(default_pack(), record)


@pytest.mark.skipif(not durable_available()[0], reason="durable_rules does not run here")
def test_two_evaluators_ran() -> None:
    decision = evaluate(default_pack(), random_record(random.Random(1)))
    assert decision.engine["agreement"] is True
    assert decision.engine["evaluators"] == ("reference", "durable_rules")


# ---------------------------------------------------------------- holds


RANK = {None: 0, "within_7_days": 1, "same_day": 2, "now": 3}


def check_held(before: dict[str, Any], after: dict[str, Any], hold: str) -> None:
    assert hold in after["holds"]
    assert set(before["holds"]) <= set(after["holds"])
    assert after["recommendation"] in ("urgent_safety_review", "provider_check_in")
    assert RANK[after["urgency"]] >= RANK[before["urgency"]]
    if before["recommendation"] == "urgent_safety_review":
        assert after["recommendation"] == "urgent_safety_review"


RAISING: dict[str, Record] = {
    "consent": {"type": "consent", "status": "withdrawn"},
    "clinician": {"type": "condition", "name": "other_hold", "status": "active"},
    "psychosis": {"type": "condition", "name": "psychosis", "status": "active"},
    "pregnancy": {"type": "pregnancy", "status": "pregnant"},
    "hypersensitivity": {"type": "condition", "name": "ketamine_hypersensitivity", "status": "active"},
}


@many_patients
@given(strategies.patients(), strategies.SEEDS)
def test_a_fact_that_raises_a_hold_never_strengthens_the_recommendation(record: Record, seed: int) -> None:
    hold = random.Random(seed).choice(list(RAISING))
    safety = [fact for fact in record.get("safety", ()) if fact.get("hold") != hold]
    before = record | {"safety": safety}
    after = record | {"safety": [*safety, RAISING[hold] | {"date": record["as_of"]}]}
    check_held(plain(default_pack(), before), plain(default_pack(), after), hold)


ONE_MORE_HOLD = """holds:
  - id: one_more
    title: One more
    when: {any: [age_years is known, age_years is unknown]}
    because: Always.
"""


def test_one_more_hold_in_the_pack_never_strengthens_a_recommendation() -> None:
    held = load_files(edit(default_files(), "holds.yaml", "holds:\n", ONE_MORE_HOLD))
    for seed in range(60):
        record = random_record(random.Random(seed))
        check_held(plain(default_pack(), record), plain(held, record), "one_more")


# ---------------------------------------------------------------- threads


THREADS, ROUNDS = 4, 10


def test_threads_do_not_disturb_each_other() -> None:
    invented = load_files(invent_pack(11, 1))
    asked = [(default_pack(), random_record(random.Random(seed))) for seed in range(20)]
    asked += [(invented, random_record_for(invented.ir, random.Random(seed))) for seed in range(30)]
    alone = [answer(pack, record) for pack, record in asked]

    def work(thread: int) -> str:
        found = hashlib.sha256()
        for turn in range(ROUNDS):
            for n in random.Random(f"{thread} {turn}").sample(range(len(asked)), len(asked)):
                assert answer(*asked[n]) == alone[n]
                found.update(alone[n])
        return found.hexdigest()

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(work, range(THREADS)))) == THREADS
