"""`audit replay` on the command line: what differs is told by its place, and by value only when asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from boosterwatch.engine.audit.keys import read_keys
from boosterwatch.engine.audit.recording import AuditedEngine, given_from
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.audit.terminal import CANARY, entries, recorded, said
from boosterwatch.tests.audit.trails import ACTOR, opened, quick, record
from boosterwatch.tests.cli.runs import printed_json, run


def test_one_decision_is_replayed_and_that_is_recorded(at: Path, log_url: str) -> None:
    id = recorded(at, log_url)
    assert said(run("audit", "replay", log_url, id)) == (0, "1 decision replayed.\n  the same, byte for byte  1\n", "")
    read = entries(log_url)[1]
    assert (read["kind"], read["about"], read["actor"], read["how"]) == ("read", id, ACTOR, "replay")
    assert printed_json(run("audit", "replay", log_url, id, "--format", "json")) == {
        "counts": {"same": 1},
        "good": True,
        "decisions": [
            {"id": id, "seq": 0, "verdict": "same", "pack": "quick-screen@1.0.0", "why": None, "differences": []}
        ],
    }


def forged(at: Path, log_url: str) -> str:
    """Record a decision that nobody made, and return its id."""
    keys = read_keys(at / "keys.json")
    with opened(f"sqlite:///{at / 'audit.db'}", keys) as trail:
        decision = replace(evaluate(quick(), record(CANARY)), summary=f"{CANARY} says so", prepared=None)
        draft = AuditedEngine(trail)._draft(decision, given_from(record(CANARY)), ACTOR, None, None)
        return trail.log.append([draft])[0].id


def test_a_difference_is_told_by_its_place_and_its_values_only_when_asked(at: Path, log_url: str) -> None:
    id = forged(at, log_url)
    result = run("audit", "replay", log_url, "--all")
    assert said(result) == (
        1,
        "1 decision replayed.\n  different  1\n",
        f"BW550 entry 0, `{id}`, under quick-screen@1.0.0: different\n"
        "  hint: replay it alone with `--show-values` to see what differs\n"
        "BW550 entry 0, `summary` was a text, now another\n",
    )
    shown = run("audit", "replay", log_url, id, "--show-values")
    assert shown.exit_code == 1
    assert f'BW550 entry 0, `summary` was "{CANARY} says so", now "' in shown.stderr
    in_json = run("audit", "replay", log_url, "--all", "--format", "json")
    assert (in_json.exit_code, CANARY in in_json.stdout) == (1, False)
    [one] = json.loads(in_json.stdout)["decisions"]
    assert one["differences"] == [{"path": "summary", "differs": "a text, now another"}]
    with_values = json.loads(run("audit", "replay", log_url, id, "--show-values", "--format", "json").stdout)
    assert with_values["decisions"][0]["differences"][0]["was"] == f"{CANARY} says so"


def test_a_lost_key_and_a_missing_pack_are_told(at: Path, log_url: str) -> None:
    lost = recorded(at, log_url, patient="p-lost")
    keys = read_keys(at / "keys.json")
    with opened(f"sqlite:///{at / 'audit.db'}", keys) as trail:
        trail.vault.destroy(keys.pseudonym("p-lost"), "nobody")
        engine = AuditedEngine(trail)
        gone = LoadedPack(replace(quick().ir, digest="f" * 64))
        draft = engine._draft(evaluate(gone, record()), given_from(record()), ACTOR, None, None)
        trail.log.append([draft])
    result = run("audit", "replay", log_url, "--all")
    assert said(result) == (
        1,
        "2 decisions replayed.\n  pack not found, not replayed  1\n  key lost, not replayed        1\n",
        f"BW551 entry 1, `{draft.id}`, under quick-screen@1.0.0: pack not found, not replayed: "
        "no `quick-screen@1.0.0` with digest ffffffffffff can be found\n"
        "  hint: name the folder of packs or the bundle that has it with `--packs`\n"
        f"BW552 entry 0, `{lost}`, under quick-screen@1.0.0: key lost, not replayed: "
        f"the key that sealed the entry `{lost}` is not in the vault\n"
        "  hint: no erasure is recorded: put the vault back from its own backup\n",
    )


def test_what_to_replay_must_be_said(log_url: str) -> None:
    for arguments in ([], ["01932c07-9c1e-7a3b-8f00-0123456789ab", "--all"]):
        result = run("audit", "replay", log_url, *arguments)
        assert (result.exit_code, "give the ID of a decision, or --all" in result.stderr) == (2, True)


def test_an_empty_log_and_an_unknown_decision(log_url: str) -> None:
    assert said(run("audit", "replay", log_url, "--all")) == (0, "No decision to replay.\n", "")
    result = run("audit", "replay", log_url, "17")
    assert said(result) == (
        1,
        "",
        "BW547 `17` is not in the audit log\n  hint: `boosterwatch audit list` shows the decisions\n",
    )
