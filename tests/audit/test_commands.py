"""The audited path on the command line: `audit init` and `evaluate --audit`, what is printed where, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.audit import recording
from boosterwatch.engine.audit.keys import read_keys
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.flow import evaluate
from boosterwatch.tests.audit.terminal import CANARY, UUID, entries, file, recorded, said
from boosterwatch.tests.audit.test_recording import OVERLAY
from boosterwatch.tests.audit.trails import ACTOR, opened
from boosterwatch.tests.cli.runs import error_codes, printed_json, run, write

# ---------------------------------------------------------------- init


def test_init_makes_a_log_a_vault_and_keys(at: Path) -> None:
    result = run("audit", "init", "sqlite:///audit.db", "--tenant", "North clinic", "--keys", "other.json")
    keys = read_keys(at / "other.json")
    line = HeadSigner(keys.log, keys.signing).verifier.line
    assert said(result) == (
        0,
        "A new audit log.\n"
        f"  Log         {keys.log}\n"
        "  Keys        other.json\n"
        "  Vault       audit.keys.db\n"
        f"  Public key  {line}\n",
        "keep the keys file apart from the database: who has it can read and sign, and nobody can read without it\n",
    )
    assert keys.tenant == "North clinic"
    public = run("audit", "public-key", "--keys", "other.json")
    assert said(public) == (0, f"{line}\n", "")
    as_json = run("audit", "public-key", "--keys", "other.json", "--format", "json")
    assert printed_json(as_json) == {"log": keys.log, "public_key": line}


def test_init_overwrites_nothing(at: Path, log_url: str) -> None:
    before = {path.name: path.read_bytes() for path in at.iterdir()}
    again = run("audit", "init", log_url, "--tenant", "North clinic")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("BW542 there is already a file `keys.json`\n")
    for keys in ("second.json", "third.json"):  # its keys are taken back when the log cannot be made
        other = run("audit", "init", log_url, "--tenant", "North clinic", "--keys", keys)
        assert other.stderr.startswith("BW543 the vault of patients' keys at `audit.keys.db` is already there\n")
    assert {path.name: path.read_bytes() for path in at.iterdir()} == before


def test_init_that_fails_takes_back_what_it_made(at: Path, log_url: str) -> None:
    for name in ("keys.json", "audit.keys.db", "audit.keys.db-journal"):
        (at / name).unlink()
    before = {path.name for path in at.iterdir()}
    for url, code in ((log_url, "BW514"), ("sqlite:///nowhere/audit.db", "BW518")):
        result = run("audit", "init", url, "--tenant", "North clinic", "--format", "json")
        assert (result.exit_code, error_codes(result)) == (1, [code])
        assert {path.name for path in at.iterdir()} == before


def test_init_refuses_what_is_no_address(at: Path) -> None:
    result = run("audit", "init", "nonsense", "--tenant", "North clinic", "--format", "json")
    assert (result.exit_code, error_codes(result)) == (1, ["BW518"])
    assert list(at.iterdir()) == []


# ---------------------------------------------------------------- evaluate


def test_the_answer_is_the_one_without_a_log(at: Path, log_url: str) -> None:
    name = file(at)
    for form in ("text", "json"):
        plain = run("evaluate", name, "--pack", "quick-screen", "--format", form)
        audited = run("evaluate", name, "--pack", "quick-screen", "--format", form, "--audit", log_url)
        assert (audited.exit_code, audited.stdout) == (0, plain.stdout)
        assert re.fullmatch(rf"recorded as {UUID} \(entry \d of log [a-z2-7]+\)\n", audited.stderr)
    assert [one["actor"] for one in entries(log_url)] == [ACTOR, ACTOR]


def test_a_request_key_gives_the_same_decision(at: Path, log_url: str) -> None:
    first = recorded(at, log_url, "--request", "visit 17")
    assert recorded(at, log_url, "--request", "visit 17") == first
    other = run(
        "evaluate",
        file(at, total=3),
        "--pack",
        "quick-screen",
        "--audit",
        log_url,
        "--request",
        "visit 17",
        "--format",
        "json",
    )
    assert (other.exit_code, other.stdout, error_codes(other)) == (1, "", ["BW511"])
    assert len(entries(log_url)) == 1


def test_a_site_and_a_digest(at: Path, log_url: str) -> None:
    site = write(at, "site.yaml", OVERLAY)
    pack = ("--pack", "ketamine-maintenance@1.0.0", "--overlay", site)
    assert run("evaluate", file(at), *pack, "--audit", log_url).exit_code == 0
    assert recorded(at, log_url, "--store", "digest-only")
    result = run("audit", "replay", log_url, "--all", "--format", "json")
    assert printed_json(result)["counts"] == {"same": 1, "digest only": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stream"], "--stream and --request go with --audit"),
        (["--request", "x"], "--stream and --request go with --audit"),
        (
            ["--audit", "sqlite:///audit.db", "--stream", "--full"],
            "--stream goes without --picture, --full and --shadow",
        ),
    ],
)
def test_options_that_do_not_go_together(at: Path, arguments: list[str], message: str) -> None:
    result = run("evaluate", file(at), *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_without_keys_it_says_which(at: Path, log_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOSTERWATCH_AUDIT_KEYS")
    result = run("evaluate", file(at), "--audit", log_url)
    assert result.exit_code == 2
    assert "--audit needs --keys FILE, or BOOSTERWATCH_AUDIT_KEYS" in result.stderr


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda at: (at / "audit.db").unlink(), "BW500"),
        (lambda at: (at / "audit.keys.db").unlink(), "BW543"),
        (lambda at: (at / "keys.json").unlink(), "BW540"),
        (lambda at: (at / "keys.json").chmod(0o644), "BW541"),
    ],
    ids=["log", "vault", "keys", "open keys"],
)
def test_without_a_record_there_is_no_answer(at: Path, log_url: str, damage: Any, code: str) -> None:
    damage(at)
    result = run("evaluate", file(at, CANARY), "--pack", "quick-screen", "--audit", log_url, "--format", "json")
    assert (result.exit_code, result.stdout, error_codes(result)) == (1, "", [code])
    assert CANARY not in result.stderr


def test_a_second_writer_is_refused(at: Path, log_url: str) -> None:
    with opened(f"sqlite:///{at / 'audit.db'}", read_keys(at / "keys.json")):
        result = run("evaluate", file(at), "--pack", "quick-screen", "--audit", log_url, "--format", "json")
    assert (result.exit_code, result.stdout, error_codes(result)) == (1, "", ["BW505"])


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from boosterwatch.cli import main
main(sys.argv[2:], prog_name="boosterwatch")
"""


@pytest.mark.parametrize("room", [9_000, 36_000], ids=["opening", "committing"])
def test_a_full_disk_gives_no_answer_and_heals(at: Path, log_url: str, room: int) -> None:
    recorded(at, log_url, patient=CANARY)
    arguments = ["evaluate", file(at, CANARY), "--pack", "quick-screen", "--audit", log_url, "--format", "json"]
    command = [sys.executable, "-c", FULL, str(room), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(done.stderr)["errors"][0]["code"] == "BW507"
    assert CANARY not in done.stderr
    recorded(at, log_url)
    assert [one["seq"] for one in entries(log_url)] == [0, 1]


def test_the_account_is_the_actor_when_nobody_says_otherwise(
    at: Path, log_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOOSTERWATCH_ACTOR")
    monkeypatch.setattr("getpass.getuser", lambda: "account-7")
    recorded(at, log_url)

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nameless)
    recorded(at, log_url)
    assert [one["actor"] for one in entries(log_url)] == ["account-7", "unknown"]


def test_nothing_of_the_log_is_imported_for_a_plain_answer(at: Path) -> None:
    code = (
        "import sys\nfrom boosterwatch.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'cryptography', 'alembic'}))"
    )
    command = [sys.executable, "-c", code, "evaluate", file(at), "--pack", "quick-screen"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.splitlines()[-1] == ""


def test_without_the_extra_every_command_says_so(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = file(at)

    def find(module: str) -> object:
        return None if module in ("sqlalchemy", "alembic") else module

    monkeypatch.setattr("importlib.util.find_spec", find)
    message = (
        "BW403 the audit log needs alembic, sqlalchemy, not installed here\n"
        "  hint: install the extra: pip install 'boosterwatch[audit]'\n"
    )
    assert said(run("audit", "list", "sqlite:///audit.db")) == (1, "", message)
    assert said(run("audit", "verify", "sqlite:///audit.db")) == (1, "", message)
    assert said(run("evaluate", name, "--audit", "sqlite:///audit.db")) == (1, "", message)
    assert run("audit", "--help").exit_code == 0


def test_evaluators_that_differ_are_recorded_and_give_no_answer(
    at: Path, log_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"rule": "a", "reference": True, "durable": False}]
    error = {"code": "engine_disagreement", "message": "they differ on a", "rules": rows, "tables": [], "traces": {}}

    def differ(*given: Any) -> Any:
        return replace(evaluate(*given), recommendation="none", error=error, prepared=None)

    monkeypatch.setattr(recording, "evaluate", differ)
    result = run("evaluate", file(at), "--pack", "quick-screen", "--audit", log_url)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("recorded as ")
    assert result.stderr.splitlines()[-1] == "BW402 no recommendation: they differ on a"
    [entry] = entries(log_url)
    assert (entry["recommendation"], entry["error"]) == ("none", "engine_disagreement")
