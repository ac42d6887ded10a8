"""`audit verify`, `prove`, `check-proof` and `anchor` on the command line: what is printed, where, and the exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER
from boosterwatch.tests.cli.runs import error_codes, printed_json, run, write


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give the address of a log of 300 entries."""
    return making.make(tmp_path / "audit.db", 300)


@pytest.fixture
def key(tmp_path: Path) -> str:
    """Give the name of a file with the public key."""
    return write(tmp_path, "key.txt", f"{KEY.line}\n")


def steady(text: str, folder: Path) -> str:
    """Return an output without what differs from run to run."""
    return re.sub(r"[\d.]+ s, [\d,]+ entries a second", "TIME", text.replace(str(folder), "."))


PAGE = """\
The log is whole.
  Log            test-log
  Kept at        ./audit.db
  Compared       300 entries, 2,412 marks, 252 sealed parts (0.1 MB), 1 tile, 3 heads
  Newest head    size 300, root {root}
  Earlier heads  {earlier}
  Took           TIME
"""


def root_of(size: int) -> str:
    """Return the root at a size."""
    rows = making.Rows()
    for one in making.entries(size):
        rows.add(one)
    return rows.peaks.root().hex()


def test_a_whole_log(url: str, key: str, tmp_path: Path) -> None:
    done = run("audit", "verify", url, "--public-key", key)
    assert done.exit_code == 0
    assert done.stderr == ""
    none = "none given: a log that was wiped or set back would not show it (--anchor, --since)"
    assert steady(done.stdout, tmp_path) == PAGE.format(root=root_of(300), earlier=none)


def test_a_log_that_is_not_whole(url: str, key: str, tmp_path: Path) -> None:
    with making.Database(url) as database:
        for seq in range(9, 14):
            database.run("UPDATE entry SET tenant = 'other' WHERE seq = ?", (seq,))
    done = run("audit", "verify", url, "--public-key", key, "--limit", "2")
    assert (done.exit_code, done.stdout) == (1, "")
    assert steady(done.stderr, tmp_path).startswith(
        "BW524 entry 9: column `tenant` is not what the entry says\n"
        "BW524 entry 10: column `tenant` is not what the entry says\n"
        "BW538 3 more problems not shown\n"
        "  hint: --limit shows more of them\n"
        "The log is not whole: 5 problems.\n"
        "  Log            test-log\n"
    )
    done = run("audit", "verify", url, "--public-key", key, "--format", "json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["whole"], found["counts"], len(found["problems"])) == (False, {"BW524": 5}, 5)


def test_a_log_as_data(url: str, key: str) -> None:
    found = printed_json(run("audit", "verify", url, "--public-key", key, "--format", "json", "--jobs", "2"))
    assert found["whole"] is True
    assert found["head"]["size"] == found["checked"]["entries"] == 300
    assert found["seconds"] > 0


def test_the_key_may_be_the_line_itself_or_in_the_keys_file(url: str, tmp_path: Path) -> None:
    assert run("audit", "verify", url, "--public-key", KEY.line).exit_code == 0
    made = f"sqlite:///{tmp_path / 'own.db'}"
    keys = str(tmp_path / "keys.json")
    assert run("audit", "init", made, "--keys", keys, "--tenant", "North").exit_code == 0
    assert run("audit", "verify", made, "--keys", keys).exit_code == 0
    assert "BW531" in run("audit", "verify", url, "--keys", keys).stderr
    without = run("audit", "verify", url)
    assert without.exit_code == 2
    assert "give --public-key KEY, or --keys FILE" in without.stderr


def test_heads_from_outside(url: str, key: str, tmp_path: Path) -> None:
    anchors = str(tmp_path / "anchors.txt")
    added = run("audit", "anchor", url, "--public-key", key, "--to", anchors)
    note = Path(anchors).read_text(encoding="utf-8")
    assert steady(added.stdout, tmp_path) == f"Appended to ./anchors.txt.\n\n{note}\n"
    again = run("audit", "anchor", url, "--public-key", key, "--to", anchors)
    assert again.stdout == f"The file has this head already.\n\n{note}\n"
    plain = printed_json(run("audit", "anchor", url, "--public-key", key, "--to", anchors, "--format", "json"))
    assert (plain["added"], plain["heads"], plain["note"]) == (False, 1, note)
    whole = run("audit", "verify", url, "--public-key", key, "--anchor", anchors, "--since", anchors)
    assert "Earlier heads  2 heads given, and the log continues all of them\n" in whole.stdout
    Path(url.removeprefix("sqlite:///")).unlink()
    making.make(tmp_path / "audit.db", 256)
    done = run("audit", "verify", url, "--public-key", key, "--since", anchors)
    assert done.exit_code == 1
    assert steady(done.stderr, tmp_path).splitlines()[0] == (
        "BW533 the head in `./anchors.txt` covers 300 entries, and there are 256: entries 256 to 299 missing"
    )
    assert "Earlier heads  1 head given; see above\n" in done.stderr
    refused = run("audit", "anchor", url, "--public-key", key, "--to", anchors)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "BW533 the log has 256 entries; the newest head in the file covers 300\n"
        "  hint: nothing was anchored: keep the file, run `boosterwatch audit verify --anchor` and find out what happened\n"
    )


def test_a_proof_is_made_and_checked(url: str, key: str, tmp_path: Path) -> None:
    file, id = str(tmp_path / "proof.json"), making.uuid7(41)
    made = run("audit", "prove", url, id, "--public-key", key, "-o", file)
    assert (made.exit_code, made.stdout) == (0, "")
    assert steady(made.stderr, tmp_path) == "written to ./proof.json: entry 41 of the 300 in log test-log\n"
    assert run("audit", "prove", url, id, "--public-key", key).stdout == Path(file).read_text(encoding="utf-8")
    checked = run("audit", "check-proof", file, "--public-key", key)
    entry = list(making.entries(42))[41].entry
    assert checked.stdout == (
        "The proof holds.\n"
        "  Entry           41 of 300 in log test-log\n"
        f"  Id              {id}\n"
        f"  Recorded        {entry['recorded']}\n"
        "  Kind            decision\n"
        f"  Recommendation  {entry['recommendation']}\n"
    )
    plain = printed_json(run("audit", "check-proof", file, "--public-key", key, "--format", "json"))
    assert (plain["holds"], plain["seq"], plain["id"]) == (True, 41, id)
    done = independent.run(tmp_path, "proof", file, "--key", key)
    assert (done.returncode, done.stdout) == (
        0,
        f"whole: entry 41 ({id}) is in log test-log, which then had 300 entries\n",
    )


def test_what_cannot_be_proved(url: str, key: str, tmp_path: Path) -> None:
    done = run("audit", "prove", url, "nothing", "--public-key", key, "--format", "json")
    assert done.exit_code == 2  # a proof is one document, whatever the format
    assert run("audit", "prove", url, "nothing", "--public-key", key).stderr.startswith(
        "BW547 `nothing` is not in the audit log\n"
    )
    nowhere = str(tmp_path / "none" / "proof.json")
    done = run("audit", "prove", url, making.uuid7(1), "--public-key", key, "-o", nowhere)
    assert (done.exit_code, steady(done.stderr, tmp_path)) == (
        1,
        "BW404 `./none/proof.json` cannot be written: no such file or directory\n",
    )
    other = HeadSigner(KEY.log, bytes(32)).verifier.line
    assert "BW534 the proof does not hold: the head is signed with another key" in (
        run("audit", "prove", url, making.uuid7(1), "--public-key", other).stderr
    )
    done = run("audit", "check-proof", str(tmp_path / "none.json"), "--public-key", key, "--format", "json")
    assert (done.exit_code, error_codes(done)) == (1, ["BW535"])


KEYS: dict[str, tuple[Callable[[Path], str], str]] = {
    "no such file": (
        lambda folder: str(folder / "none.txt"),
        "BW537 `./none.txt` is no public key of an audit log: no such file or directory",
    ),
    "no text": (
        lambda folder: write(folder, "k", b"\xff"),
        "BW537 `./k` is no public key of an audit log: it is no text",
    ),
    "another text": (
        lambda folder: write(folder, "k", "hello"),
        "BW537 `./k` is no public key of an audit log: it is no line of the form `name+id+key`",
    ),
    "a character changed": (
        lambda _: KEY.line.replace("test-log", "fest-log"),
        "BW537 `the line given` is no public key of an audit log: its id does not fit the key: a character was changed",
    ),
    "half a key": (
        lambda _: KEY.line[:-8],
        "BW537 `the line given` is no public key of an audit log: it is no line of the form `name+id+key`",
    ),
}


@pytest.mark.parametrize("what", KEYS)
def test_what_is_no_public_key(url: str, tmp_path: Path, what: str) -> None:
    made, wanted = KEYS[what]
    done = run("audit", "verify", url, "--public-key", made(tmp_path))
    assert done.exit_code == 1
    assert steady(done.stderr, tmp_path) == (
        f"{wanted}\n  hint: `boosterwatch audit public-key` prints the line; get it from whoever keeps the keys\n"
    )


def test_files_of_heads_that_cannot_be_used(url: str, key: str, tmp_path: Path) -> None:
    done = run("audit", "verify", url, "--public-key", key, "--since", str(tmp_path / "none.txt"))
    assert (done.exit_code, steady(done.stderr, tmp_path)) == (
        1,
        "BW536 the heads in `./none.txt` cannot be used: no such file or directory\n"
        "  hint: name a file of signed heads: `boosterwatch audit anchor` makes one\n",
    )
    half = write(tmp_path, "half.txt", SIGNER.sign(3, bytes(32), bytes(32)).note[:50])
    done = run("audit", "verify", url, "--public-key", key, "--anchor", half)
    assert done.exit_code == 1
    assert steady(done.stderr, tmp_path).startswith(
        "BW536 the head in `./half.txt` cannot be used: the text is no signed head of an audit log\n"
        "The log is not whole: 1 problem.\n"
    )


def test_no_log(key: str, tmp_path: Path) -> None:
    done = run("audit", "verify", f"sqlite:///{tmp_path / 'none.db'}", "--public-key", key, "--format", "json")
    assert (done.exit_code, done.stdout, error_codes(done)) == (1, "", ["BW500"])


def test_a_flipped_byte_is_found_by_a_process_of_its_own(tmp_path: Path) -> None:
    """As the shared tamper.py asks: the exit code of our own command line."""
    path = making.path_of(making.make(tmp_path / "audit.db", 8))
    command = [sys.executable, "-m", "boosterwatch.cli", "audit", "verify", f"sqlite:///{path}"]
    data = bytearray(path.read_bytes())
    for mask, code in ((0, 0), (1, 1)):
        data[data.index(b'{"about"') + 30] ^= mask
        path.write_bytes(data)
        done = subprocess.run([*command, "--public-key", KEY.line], capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False)
