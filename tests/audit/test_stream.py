"""`evaluate --stream --audit`: each line acknowledged once it is on disk, bad lines told, signals obeyed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.pack.document import RECORD_LIMITS
from boosterwatch.tests.audit.terminal import CANARY, UUID, entries, said
from boosterwatch.tests.audit.trails import record
from boosterwatch.tests.cli.runs import run, write


def lines(at: Path, *texts: str) -> str:
    """Return the name of a file with these lines."""
    return write(at, "records.ndjson", "".join(f"{text}\n" for text in texts))


def acknowledged(text: str) -> list[tuple[str, str]]:
    """Return the ids and digests of the lines of acknowledgement; there may be no other line."""
    found = [re.fullmatch(rf"ACK ({UUID}) ([0-9a-f]{{64}})", line) for line in text.splitlines()]
    assert all(found), text
    return [(one[1], one[2]) for one in found if one]


def test_each_line_is_acknowledged(at: Path, log_url: str) -> None:
    name = lines(at, *(json.dumps(record(f"p-{number}", number)) for number in range(5)), "", " ")
    result = run("evaluate", name, "--stream", "--pack", "quick-screen", "--audit", log_url, "--repeat", "2")
    assert (result.exit_code, result.stderr) == (0, "")
    reader = open_reader(log_url)
    assert acknowledged(result.stdout) == [(one.id, sha256(one.body).hexdigest()) for one in reader.entries()]
    assert reader.size() == 10
    reader.close()
    assert run("audit", "list", log_url, "--format", "ids").stdout == result.stdout.replace("ACK ", "")


def test_a_bad_line_is_told_by_its_number_and_the_others_go_on(at: Path, log_url: str) -> None:
    good = json.dumps(record())
    bad = json.dumps(record(CANARY) | {"as_of": "2026-02-30"})
    name = lines(at, good, "{", bad, good, json.dumps({"as_of": "2026-03-14", "patient": CANARY, "mood": 1}), good)
    result = run("evaluate", name, "--stream", "--pack", "quick-screen", "--audit", log_url)
    assert result.exit_code == 1
    assert len(acknowledged(result.stdout)) == 3
    assert CANARY not in result.stderr
    heads = [line for line in result.stderr.splitlines() if not line.startswith("  ")]
    assert [line.removeprefix(str(at)).split(":")[1] for line in heads[:-1]] == ["2", "3", "5"]
    assert result.stderr.endswith(
        "BW556 3 lines were not evaluated\n  hint: the others are recorded; send these again when mended\n"
    )


def test_a_line_too_long_is_one_line(at: Path, log_url: str) -> None:
    good = json.dumps(record())
    name = lines(at, good, '{"as_of": "' + "x" * RECORD_LIMITS.bytes + '"}', good)
    result = run("evaluate", name, "--stream", "--pack", "quick-screen", "--audit", log_url)
    assert (result.exit_code, len(acknowledged(result.stdout))) == (1, 2)
    assert result.stderr.splitlines()[0].startswith(f"{name}:2:1: BW113 ")
    assert len(result.stderr) < 500


def test_standard_input_with_request_keys_can_be_sent_again(at: Path, log_url: str) -> None:
    text = "".join(json.dumps(record(f"p-{number}")) + "\n" for number in range(4)).encode()
    arguments = ("evaluate", "-", "--stream", "--pack", "quick-screen", "--audit", log_url, "--request", "day-1")
    first = run(*arguments, given=text[: len(text) // 2])
    whole = run(*arguments, given=text)
    assert acknowledged(whole.stdout)[:2] == acknowledged(first.stdout)[:2]
    assert len(entries(log_url)) == 4


def test_a_line_that_cannot_be_given_again_is_told_and_the_others_go_on(at: Path, log_url: str) -> None:
    people = [json.dumps(record(f"p-{number}")) for number in range(4)]
    more = ("--stream", "--pack", "quick-screen", "--audit", log_url, "--request", "day-1")
    assert run("evaluate", lines(at, *people[:3]), *more).exit_code == 0
    assert run("audit", "erase", log_url, "p-0").exit_code == 0
    changed = [people[0], people[1], json.dumps(record("p-2", 3)), people[3]]
    result = run("evaluate", lines(at, *changed), *more, "--format", "json")
    assert (result.exit_code, len(acknowledged(result.stdout))) == (1, 2)
    told = [json.loads(line)["errors"][0] for line in result.stderr.splitlines()]
    assert [one["code"] for one in told] == ["BW546", "BW511", "BW556"]
    assert [one["span"]["line"] for one in told[:2]] == [1, 3]


def test_the_version_of_each_day_decides(at: Path, log_url: str) -> None:
    name = lines(at, json.dumps(record(as_of="2026-03-14")), json.dumps(record(as_of="2026-03-15")))
    result = run("evaluate", name, "--stream", "--pack", "quick-screen", "--audit", log_url)
    assert (result.exit_code, [one["as_of"] for one in entries(log_url)]) == (0, ["2026-03-14", "2026-03-15"])


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_in_order_while_it_waits(at: Path, log_url: str, signal_name: str) -> None:
    import signal

    command = [sys.executable, "-m", "boosterwatch.cli", "evaluate", "-", "--stream", "--pack", "quick-screen"]
    process = subprocess.Popen(
        [*command, "--audit", log_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(60, process.kill)
    timer.start()
    process.stdin.write(json.dumps(record()) + "\n")
    process.stdin.flush()
    first = process.stdout.readline()
    process.send_signal(getattr(signal, signal_name))
    rest, errors = process.communicate()
    timer.cancel()
    assert (process.returncode, rest, errors) == (0, "", "")
    assert [id for id, _ in acknowledged(first)] == [one["id"] for one in entries(log_url)]


def test_a_missing_file(log_url: str) -> None:
    result = run("evaluate", "nothing.ndjson", "--stream", "--audit", log_url)
    assert said(result) == (
        1,
        "",
        "BW110 `nothing.ndjson` cannot be read: no such file or directory\n"
        "  hint: give the path of a record, or `-` for standard input\n",
    )
