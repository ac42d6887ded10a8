"""Reading a log on the command line: what is printed, what is recorded of it, and that no patient is told of."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.audit.respond import respond
from boosterwatch.tests.audit.check import independent
from boosterwatch.tests.audit.check.making import Database
from boosterwatch.tests.audit.terminal import entries, said
from boosterwatch.tests.audit.trails import ACTOR, KEYS, fill, in_folder, opened
from boosterwatch.tests.cli.runs import error_codes, printed_json, run

URL = "sqlite:///audit.db"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Make a log once: twenty decisions about three patients, one with a response."""
    folder = tmp_path_factory.mktemp("made")
    url, _ = in_folder(folder)
    with opened(url) as trail:
        ids = fill(trail, 20)
        respond(trail, ids[14], "dismiss", reason="too_early", actor=ACTOR, note="canary-note")
    return folder, ids


@pytest.fixture(autouse=True)
def ids(made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the ids of the decisions of that log, copied into the current folder."""
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOSTERWATCH_AUDIT_KEYS", "keys.json")
    monkeypatch.setenv("BOOSTERWATCH_ACTOR", "role:auditor")
    return made[1]


def listed(*arguments: str) -> list[int]:
    """Return the places of the entries that are listed."""
    told = printed_json(run("audit", "list", URL, "--format", "json", "--limit", "99", *arguments))
    return [one["seq"] for one in told["entries"]]


# ---------------------------------------------------------------- list


def test_a_list_is_a_page_and_says_how_to_go_on(ids: list[str]) -> None:
    entry = entries(URL)[0]
    result = run("audit", "list", URL, "--limit", "1")
    assert said(result) == (
        0,
        "  entry  recorded (UTC)       id                                    what\n"
        f"      0  2026-11-24 01:02:03  {ids[0]}  reassess (quick-screen@1.0.0)\n",
        "there are more: go on with --after 0\n",
    )
    assert printed_json(run("audit", "search", URL, "--limit", "1", "--format", "json")) == {
        "entries": [entry],
        "after": 0,
    }
    assert printed_json(run("audit", "list", URL, "--after", "19", "--format", "json")) == {
        "entries": [],
        "after": None,
    }
    assert said(run("audit", "list", URL, "--after", "19")) == (0, "No entry.\n", "")


def test_ids_are_the_decisions_with_the_digests_of_their_entries(ids: list[str]) -> None:
    result = run("audit", "list", URL, "--format", "ids")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ids
    reader = json.loads(run("audit", "list", URL, "--limit", "1", "--format", "json").stdout)["entries"][0]
    body = json.dumps(reader, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert result.stdout.splitlines()[0].split()[1] == sha256(body).hexdigest()
    assert len(run("audit", "list", URL, "--format", "ids", "--limit", "3").stdout.splitlines()) == 3


def test_a_patient_is_found_by_id_with_the_keys_and_by_pseudonym_without(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [*range(1, 20, 3)]
    assert listed("--patient", "p-0001") == expected
    given = run("audit", "list", URL, "--patient", "-", "--format", "json", given=b"p-0001\n")
    assert [one["seq"] for one in printed_json(given)["entries"]] == expected
    monkeypatch.delenv("BOOSTERWATCH_AUDIT_KEYS")
    assert listed("--pseudonym", KEYS.pseudonym("p-0001")) == expected
    refused = run("audit", "list", URL, "--patient", "p-0001")
    assert (refused.exit_code, "--patient needs --keys FILE, or" in refused.stderr) == (2, True)
    both = run("audit", "list", URL, "--patient", "p-0001", "--pseudonym", "x")
    assert (both.exit_code, "give --patient or --pseudonym" in both.stderr) == (2, True)


def test_other_kinds_are_listed_in_words() -> None:
    assert listed("--kind", "response") == [20]
    result = run("audit", "list", URL, "--kind", "response")
    assert " ".join(result.stdout.split()).endswith("response: dismiss, too early, by role:nurse")
    assert listed("--kind", "all", "--after", "18") == [19, 20]
    assert listed("--pack", "quick-screen@1.0.0", "--after", "18") == [19]
    assert listed("--pack", "quick-screen@2.0.0") == []


def test_a_time_that_is_none_is_refused() -> None:
    result = run("audit", "list", URL, "--from", "24.11.2026", "--format", "json")
    assert (result.exit_code, result.stdout, error_codes(result)) == (1, "", ["BW560"])


def test_listing_takes_no_lock_and_records_nothing() -> None:
    before: list[dict[str, Any]] = entries(URL)
    with opened(URL):
        assert len(listed()) == 20
    assert entries(URL) == before


# ---------------------------------------------------------------- show


def test_show_tells_everything_about_a_decision_and_is_recorded_first(ids: list[str]) -> None:
    result = run("audit", "show", URL, ids[14])
    assert (result.exit_code, result.stderr) == (0, "")
    text = " ".join(result.stdout.split())
    name = KEYS.pseudonym("p-0002")
    for part in (
        f"About patient {name} (pseudonym), as of 2026-03-14 Asked by role:nurse, North clinic",
        "The recommendation and what it rests on",
        "Numbers used",
        "Facts given as of 2026-03-14 induction first 2026-01-05, last 2026-01-16",
        "2026-03-02 phq9 14 yes",
        "Who approved the policy ",
        "role:nurse dismiss too early canary-note",
        "Who looked at it when (UTC) who how",
        "role:auditor show",
        "Is it in the log, unchanged? Yes: ",
    ):
        assert part in text
    assert "p-0002" not in text
    last = entries(URL)[-1]
    assert (last["kind"], last["how"], last["actor"], last["about"]) == ("read", "show", "role:auditor", ids[14])


def test_show_as_json(ids: list[str]) -> None:
    told = printed_json(run("audit", "show", URL, ids[14], "--format", "json"))
    assert told["entry"] == entries(URL)[14]
    assert told["decision"]["patient"] == told["entry"]["patient"] == KEYS.pseudonym("p-0002")
    assert told["decision"]["recommendation"] == told["entry"]["recommendation"]
    assert [(one["reason"], one["note"]) for one in told["responses"]] == [("too_early", "canary-note")]
    assert (told["proof"]["holds"], told["proof"]["seq"], told["proof"]["size"]) == (True, 14, 22)


def test_one_rule_is_explained_from_the_record(ids: list[str]) -> None:
    fired, rule = entries(URL)[14]["rules"][0], "recommend_urgent"
    why = run("audit", "show", URL, ids[14], "--why", fired)
    assert (why.exit_code, fired in why.stdout) == (0, True)
    why_not = printed_json(run("audit", "show", URL, ids[3], "--why-not", rule, "--format", "json"))
    assert [(one["rule"], one["fired"]) for one in why_not["rules"]] == [(rule, False)]


def test_without_a_record_of_the_reading_nothing_is_shown(ids: list[str]) -> None:
    with opened(URL):
        for arguments in (("show", URL, ids[0]), ("export", URL, ids[0]), ("export", URL)):
            result = run("audit", *arguments)
            assert (result.exit_code, result.stdout, result.stderr[:5]) == (1, "", "BW505")


def test_what_was_erased_is_told_with_all_that_remains(ids: list[str], tmp_path: Path) -> None:
    assert run("audit", "erase", URL, "p-0002").exit_code == 0
    result = run("audit", "show", URL, ids[14])
    text = " ".join(result.stdout.split())
    assert (
        f"The facts cannot be shown: the content of the entry `{ids[14]}` was erased. What follows is public." in text
    )
    assert "Rules that fired" in text
    assert "canary-note" not in text
    assert result.exit_code == 0
    refused = run("audit", "show", URL, ids[14], "--why", "any", "--format", "json")
    assert (refused.exit_code, refused.stdout, error_codes(refused)) == (1, "", ["BW546"])
    run("audit", "export", URL, ids[14], "--open", "--format", "html", "--out", "out")
    assert f"`{ids[14]}` was erased" in (tmp_path / "out" / f"{ids[14]}.html").read_text(encoding="utf-8")


def test_a_lost_key_and_a_changed_entry_are_errors(ids: list[str]) -> None:
    with Database(URL) as database:
        database.run(
            "UPDATE sealed SET blob = CAST(substr(blob, 1, 60) || x'0000' || substr(blob, 63) AS BLOB) WHERE seq = 3"
        )
        database.run(
            "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'nurse', 'guest') AS BLOB) WHERE seq = 5"
        )
    result = run("audit", "show", URL, ids[3])
    assert (result.exit_code, result.stderr) == (1, "")
    assert "what is sealed with the entry" in result.stdout
    result = run("audit", "show", URL, ids[5], "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["proof"]["holds"]) == (1, False)


def test_an_unknown_decision_is_refused_and_not_recorded(ids: list[str]) -> None:
    for arguments in (("show", URL, "17"), ("export", URL, ids[0], "17")):
        result = run("audit", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("BW547 `17` is not in the audit log\n")
    assert len(entries(URL)) == 21


# ---------------------------------------------------------------- export


def verified(tmp_path: Path, name: str) -> tuple[int, str]:
    """Return what the verifier of the standard library says of an export."""
    key = run("audit", "public-key").stdout.strip()
    done = independent.run(tmp_path, "export", str(tmp_path / name), "--key", key)
    return done.returncode, done.stdout


def test_the_whole_log_is_exported_with_the_reading_itself(tmp_path: Path) -> None:
    result = run("audit", "export", URL, "--sealed", "-o", "log.jsonl")
    assert said(result) == (0, "", "written to log.jsonl\n")
    assert verified(tmp_path, "log.jsonl") == (0, "whole: 22 entries, 2 heads, newest of size 22\n")
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o777 == 0o600
    last = entries(URL)[-1]
    assert (last["how"], last["count"], last["asked"]) == ("export", 21, {"content": "sealed", "format": "jsonl"})


def test_a_selection_carries_the_path_of_each_entry(tmp_path: Path, ids: list[str]) -> None:
    arguments = ("--patient", "p-0002", "--kind", "decision", "--rule", entries(URL)[2]["rules"][0])
    run("audit", "export", URL, *arguments, "-o", "some.jsonl")
    code, text = verified(tmp_path, "some.jsonl")
    assert (code, text.endswith("1 heads, newest of size 22\n")) == (0, True)
    assert "p-0002" not in (tmp_path / "some.jsonl").read_text(encoding="utf-8")
    run("audit", "export", URL, ids[3], ids[5], "-o", "two.jsonl")
    assert verified(tmp_path, "two.jsonl") == (0, "whole: 2 entries, 1 heads, newest of size 24\n")
    assert [(one["about"], one["how"]) for one in entries(URL)[-2:]] == [(ids[3], "export"), (ids[5], "export")]
    text = (tmp_path / "two.jsonl").read_text(encoding="utf-8")
    (tmp_path / "two.jsonl").write_text(text.replace("quick-screen", "quick-scream"), encoding="utf-8")
    assert verified(tmp_path, "two.jsonl")[0] == 1


def test_only_an_open_export_holds_facts(tmp_path: Path, ids: list[str]) -> None:
    closed = run("audit", "export", URL, ids[14]).stdout
    opened_ = run("audit", "export", URL, ids[14], "--open").stdout
    line = json.loads(opened_.splitlines()[2])
    assert json.loads(line["opened"]["record"])["patient"] == "p-0002"
    assert "opened" not in closed
    for flags, expected in (((), False), (("--open",), True)):
        run("audit", "export", URL, ids[14], "--format", "html", "--out", "out", *flags)
        page = (tmp_path / "out" / f"{ids[14]}.html").read_text(encoding="utf-8")
        assert ("<td>phq9</td><td>14</td>" in page, "canary-note" in page) == (expected, expected)
        assert "p-0002" not in page
        assert "python verify_audit.py proof proof.json" in page


def test_a_dossier_holds_a_proof_that_checks_elsewhere(tmp_path: Path, ids: list[str]) -> None:
    result = run("audit", "export", URL, "--kind", "decision", "--format", "html", "--out", "all")
    assert said(result) == (0, "", "20 dossiers written to all\n")
    assert sorted(path.stem for path in (tmp_path / "all").iterdir()) == sorted(ids)
    page = (tmp_path / "all" / f"{ids[7]}.html").read_text(encoding="utf-8")
    proof = unescape(page.split("<pre tabindex='0'>")[1].split("</pre>")[0])
    (tmp_path / "proof.json").write_text(proof, encoding="utf-8")
    key = run("audit", "public-key").stdout.strip()
    assert independent.run(tmp_path, "proof", str(tmp_path / "proof.json"), "--key", key).returncode == 0
    assert not re.search(r"<script|src=|href='[^#]|url\(", page)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "html"), "--format html needs --out FOLDER"),
        (("--format", "html", "--out", "x", "--sealed"), "--sealed goes with --format jsonl"),
        (("some-id", "--rule", "x"), "give IDs, or what to look for"),
    ],
)
def test_options_that_do_not_go_together(arguments: tuple[str, ...], message: str) -> None:
    result = run("audit", "export", URL, *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_a_place_that_cannot_be_written_is_told() -> None:
    result = run("audit", "export", URL, "-o", "no/such/folder")
    assert said(result) == (1, "", "BW404 `no/such/folder` cannot be written: no such file or directory\n")


# ---------------------------------------------------------------- stats


def test_stats_join_responses_to_the_rules_that_fired(ids: list[str]) -> None:
    told = printed_json(run("audit", "stats", URL, "--budget", "2", "--format", "json"))
    decisions = [one for one in entries(URL) if one["kind"] == "decision"]
    assert (told["decisions"], told["from"], told["to"]) == (20, "2026-11-24", "2026-11-24")
    assert told["responses"] == {"dismiss": 1}
    for row in told["rules"]:
        rule = row["rule"]
        assert row["fired"] == sum(rule in one["rules"] for one in decisions)
        assert row["near"] == sum(rule in one["near"] for one in decisions)
        dismissed = {"too_early": 1} if rule in decisions[14]["rules"] else {}
        assert row["reasons"] == dismissed
    prompts = Counter(one["patient"] for one in decisions if "urgency" in one)
    assert told["prompts"]["per_patient_and_month"] == sorted(prompts.values())
    assert {one["patient"]: one["prompts"] for one in told["prompts"]["over"]} == {
        patient: count for patient, count in prompts.items() if count > 2
    }
    text = run("audit", "stats", URL, "--budget", "2").stdout
    assert "20 decisions from 2026-11-24 to 2026-11-24." in text
    assert "too early 1" in text
    assert "Over the budget of 2: " in text


def test_stats_of_no_time() -> None:
    assert said(run("audit", "stats", URL, "--to", "2025")) == (0, "No decision in this time.\n", "")
    assert error_codes(run("audit", "stats", URL, "--to", "x", "--format", "json")) == ["BW560"]
