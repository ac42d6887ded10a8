"""Kill `evaluate --stream --audit` again and again, and see that nothing it acknowledged is ever lost or doubled.

    python -m boosterwatch.tests.audit.crashloop --rounds 1000

Each round starts the command line, lets it acknowledge decisions, and kills it: while it starts, shortly after its nth
acknowledgement, or after a while; always with SIGKILL, or with `--stop` by SIGTERM, which must end it in order. Then
every acknowledged id must be there once, with the digest that was acknowledged; chain, tree and signed head must hold; at the
end every decision must open and come out of a replay as it was. `--warm` forks a process that has everything imported
already, so that a hundred kills fit into the tests. A kill leaves the page cache alive: this tests the order in which the
program does things, not a power cut.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import orjson

from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.replay_all import Source, replay_all
from boosterwatch.tests.audit.log.drafts import root_of
from boosterwatch.tests.audit.trails import KEYS, in_folder, record

PATIENTS = 400
START_LIMIT, STOP_LIMIT = 60.0, 10.0  # seconds
MOST_FAULTS = 5


@dataclass
class Loop:
    """One store under fire: what was acknowledged, and what went wrong."""

    folder: Path
    seed: int = 1
    warm: bool = False
    stop: bool = False
    request: str | None = None
    acknowledged: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    kills: int = 0
    silent: int = 0

    def __post_init__(self) -> None:
        """Make the store, and a file of records with patients enough that new keys are made while kills come."""
        self.url, self.keys = in_folder(self.folder)
        self.records = self.folder / "records.ndjson"
        lines = (orjson.dumps(record(f"p-{at:04}", at % 28)) for at in range(PATIENTS))
        self.records.write_bytes(b"".join(line + b"\n" for line in lines))
        self.chance = random.Random(self.seed)

    @property
    def arguments(self) -> list[str]:
        """What the command line is called with."""
        more = ["--request", self.request] if self.request else ["--repeat", "100000"]
        where = ["--audit", self.url, "--keys", str(self.keys), "--actor", "role:crash"]
        return ["evaluate", str(self.records), "--stream", "--pack", "quick-screen", *where, *more]

    # ---------------------------------------------------------------- one round

    def round(self, number: int) -> None:
        """Start, listen, kill, and note what was acknowledged."""
        pid, out = self._fork() if self.warm else self._spawn()
        begun = time.monotonic()
        listener = _Listener(out)
        after = self.chance.randint(1, 25) if number % 3 == 0 else 1
        early = number % 5 == 4 and not self.stop  # while it starts
        wait = self.chance.uniform(0, 0.9 * min(self.starts, default=0.1)) if early else START_LIMIT
        listener.until(lambda: len(listener.lines) >= after, begun + wait)
        if listener.lines:
            self.starts.append(listener.first - begun)
        elif not early:
            self.faults.append(f"round {number}: acknowledged nothing in {START_LIMIT:g} s")
        if number % 3 == 1:
            listener.until(lambda: False, time.monotonic() + self.chance.uniform(0, 0.06))
        self._end(pid, number)
        listener.until(lambda: False, time.monotonic() + START_LIMIT)  # until the pipe is closed
        self.silent += not listener.lines
        for line in listener.lines:
            _, id, digest = line.split()
            self.acknowledged[id] = digest

    def _end(self, pid: int, number: int) -> None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if not (self.request and status == 0):  # with request keys the input comes to its end
                self.faults.append(f"round {number}: ended by itself with status {status}")
            return
        os.kill(pid, signal.SIGTERM if self.stop else signal.SIGKILL)
        self.kills += 1
        until = time.monotonic() + STOP_LIMIT
        while not done and time.monotonic() < until:
            done, status = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.001)
        if not done:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if self.stop and (not done or status != 0):
            self.faults.append(f"round {number}: SIGTERM ended it with status {status if done else 'none'}")

    def _spawn(self) -> tuple[int, int]:
        command = [sys.executable, "-m", "boosterwatch.cli", *self.arguments]
        reading, writing = os.pipe()
        with open(self.folder / "stderr", "ab") as errors:
            process = subprocess.Popen(command, stdout=writing, stderr=errors)
        os.close(writing)
        process.returncode = 0  # waited for below, by its id
        return process.pid, reading

    def _fork(self) -> tuple[int, int]:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _become(self.arguments, writing, self.folder / "stderr")
        os.close(writing)
        return pid, reading

    # ---------------------------------------------------------------- looking

    def look(self, number: int, *, whole: bool) -> int:
        """Look whether the store holds what was acknowledged; with `whole`, whether every hash and the head hold."""
        reader = open_reader(self.url)
        entries = list(reader.entries())
        head = reader.head()
        reader.close()
        have = {one.id: sha256(one.body).hexdigest() for one in entries}
        lost = sum(have.get(id) != digest for id, digest in self.acknowledged.items())
        if lost:
            self.faults.append(f"round {number}: {lost} acknowledged decisions are lost or changed")
        if len(have) != len(entries):
            self.faults.append(f"round {number}: {len(entries) - len(have)} ids are doubled")
        if self.stop and len(have) != len(self.acknowledged):
            self.faults.append(f"round {number}: {len(have) - len(self.acknowledged)} recorded and not acknowledged")
        if whole:
            self._hashes(number, [one.body for one in entries], head.note)
        return len(entries)

    def _hashes(self, number: int, bodies: list[bytes], note: str) -> None:
        chain = sha256(b"\x03" + KEYS.log.encode()).digest()
        for at, body in enumerate(bodies):
            said = orjson.loads(body)
            if (said["seq"], said["previous"]) != (at, chain.hex()):
                self.faults.append(f"round {number}: the chain breaks at entry {at}")
                return
            chain = sha256(b"\x02" + chain + sha256(b"\x00" + body).digest()).digest()
        head = HeadSigner(KEYS.log, KEYS.signing).verifier.verify(note)
        if (head.size, head.root, head.chain) != (len(bodies), root_of(bodies), chain):
            self.faults.append(f"round {number}: the signed head is over other entries")

    def requests(self) -> Counter[str]:
        """Return how often each request key was recorded."""
        reader = open_reader(self.url)
        found = Counter(str(one.entry().get("request")) for one in reader.entries())
        reader.close()
        return found

    def run(self, rounds: int, *, whole_every: int = 10) -> dict[str, object]:
        """Run the rounds, and return what came of them; `faults` is empty when all is well."""
        begun, stored, number = time.monotonic(), 0, 0
        for number in range(1, rounds + 1):
            self.round(number)
            stored = self.look(number, whole=number % whole_every == 0 or number == rounds)
            if len(self.faults) >= MOST_FAULTS:
                break
        tally = replay_all(Source(self.url, self.keys))
        if dict(tally.counts) != {"same": stored}:
            self.faults.append(f"replay: {dict(tally.counts)}")
        return {
            "rounds": number,
            "kills": self.kills,
            "acknowledged": len(self.acknowledged),
            "stored": stored,
            "killed_before_the_first": self.silent,
            "replayed_the_same": tally.counts["same"],
            "start_seconds_median": round(sorted(self.starts)[len(self.starts) // 2], 3) if self.starts else None,
            "seconds": round(time.monotonic() - begun, 1),
            "faults": self.faults[:MOST_FAULTS],
        }


class _Listener:
    """Reads the acknowledgements of one process; a line that was cut off is none."""

    def __init__(self, out: int) -> None:
        self.lines: list[str] = []
        self.first = 0.0
        self._out, self._rest, self._open = out, b"", True
        self._selector = selectors.DefaultSelector()
        self._selector.register(out, selectors.EVENT_READ)

    def until(self, enough: Callable[[], bool], end: float) -> None:
        """Read until it is enough, the time is up, or the process has closed its output."""
        while self._open and not enough():
            left = end - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                return
            data = os.read(self._out, 1 << 16)
            if not data:
                self._open = False
                self._selector.close()
                os.close(self._out)
                return
            *whole, self._rest = (self._rest + data).split(b"\n")
            if whole and not self.lines:
                self.first = time.monotonic()
            self.lines += [line.decode() for line in whole if line.startswith(b"ACK ")]


def _become(arguments: list[str], out: int, errors: Path) -> NoReturn:
    """Turn this forked process into the command line; it never comes back."""
    from boosterwatch.cli import main

    code = 3
    try:
        os.dup2(out, 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
        code = main(arguments, prog_name="boosterwatch", standalone_mode=False) or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def import_everything() -> None:
    """Import what a recording run imports, so that a fork of this process need not."""
    import boosterwatch.engine.audit.recording
    import boosterwatch.engine.chain.durable
    import boosterwatch.engine.terminal.audit_stream
    import boosterwatch.engine.terminal.evaluating  # noqa: F401


def main() -> int:
    """Run the loop from the command line, print what came of it, and return whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm", action="store_true", help="fork instead of starting Python anew")
    parser.add_argument("--stop", action="store_true", help="end by SIGTERM")
    parser.add_argument("--request", help="record each line once under this key, however often it is started")
    asked = parser.parse_args()
    if asked.warm:
        import_everything()
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(Path(folder), asked.seed, asked.warm, asked.stop, asked.request)
        report = loop.run(asked.rounds)
        if asked.request:
            report["most_of_one_request"] = max(loop.requests().values())
    print(json.dumps(report))
    return 1 if report["faults"] or report.get("most_of_one_request", 1) != 1 else 0


if __name__ == "__main__":
    sys.exit(main())
