"""`evaluate --stream --audit`: one record on each line, one line of acknowledgement for each decision on disk.

A line that cannot be evaluated is told and passed over. SIGTERM and SIGINT end it in order: the decision under way is
recorded and acknowledged, the rest of the input is left.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from types import FrameType
from typing import BinaryIO

import click

from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Receipt
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.recording import AuditedEngine, Given
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, PackError, RecordError, Span
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.document import RECORD_LIMITS
from boosterwatch.engine.record.plain import canonical
from boosterwatch.engine.record.read import read_document
from boosterwatch.engine.terminal.audit_options import Recorded
from boosterwatch.engine.terminal.auditing import overlay_text, recording
from boosterwatch.engine.terminal.files import STDIN, cannot_read
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.reading import Under, pack_under
from boosterwatch.engine.terminal.streams import Form, report

MOST_PACKS = 64  # one for each day that records are evaluated for; most are the same pack
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A line sent again with another record, or whose decision was erased or kept as a digest only.
_REPEATED = frozenset({"BW511", "BW546", "BW554"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input: what to call the input, the number of the line from 1, the round, and its bytes."""

    shown: str
    number: int
    round: int
    data: bytes


class Stopped(Exception):
    """A signal came, and nothing is being decided."""


class Stop:
    """Whether to go on. A signal that comes while a line is waited for ends the wait."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting = False

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Take the signals over, and give them back at the end; what it gives is this."""
        before = {one: signal.signal(one, self._hear) for one in _SIGNALS}
        try:
            yield self
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def wait(self, read: Callable[[], bytes]) -> bytes:
        """Return what `read` gives. Raises Stopped when a signal came before it gave anything."""
        try:
            self._waiting = True
            if self.asked:
                raise Stopped
            return read()
        finally:
            self._waiting = False

    def _hear(self, _: int, __: FrameType | None) -> None:
        self.asked = True
        if self._waiting:
            raise Stopped


class PacksByDay:
    """The packs that decide, by the day of the record, so that the same pack is made ready once."""

    def __init__(self, under: Under) -> None:
        self._under = under
        self._by_day: dict[int, LoadedPack] = {}
        self._ready: dict[tuple[str, str | None], LoadedPack] = {}

    def of(self, facts: Record) -> LoadedPack:
        """Return the pack that decides about a record. Raises PackError."""
        pack = self._by_day.get(facts.as_of)
        if pack is None:
            found = pack_under(self._under, facts)
            site = found.ir.site
            pack = self._ready.setdefault((found.digest, None if site is None else site.digest), found)
            while len(self._by_day) >= MOST_PACKS:
                del self._by_day[next(iter(self._by_day))]
            self._by_day[facts.as_of] = pack
        return pack


def evaluate_stream(name: str, under: Under, audit: Recorded, form: Form) -> int:
    """Evaluate and record every line, and return whether all could be.

    Each decision is acknowledged by `ACK <id> <SHA-256 of the entry>` once it is durable. With a request key, line n of
    round m has the key `<key>:<m>:<n>`: a run that was cut off can be repeated, and nothing is recorded twice.
    Raises LogError and AuditError when a decision could not be recorded; nothing after it is evaluated.
    """
    bad = 0
    with ExitStack() as stack:
        stop = stack.enter_context(Stop().listening())
        engine = AuditedEngine(stack.enter_context(recording(audit.url, audit.keys)), store=audit.store)
        stack.enter_context(suppress(Stopped))
        decide = _decider(engine, under, audit)
        for line in _lines(name, audit.rounds, stop):
            try:
                receipt = decide(line)
            except DiagnosticError as error:
                if not _of_one_line(error):
                    raise
                bad += 1
                report([_at(problem, line) for problem in error.diagnostics], {}, form)
            else:
                click.echo(f"ACK {receipt.id} {receipt.entry_sha256}")
    if bad:
        report([_left(bad)], {}, form)
    return ERRORS if bad else FINE


def _of_one_line(error: DiagnosticError) -> bool:
    """Return whether only this line cannot be evaluated, or given again; anything else would meet the next one too."""
    if isinstance(error, LogError | AuditError):
        return error.code in _REPEATED
    return isinstance(error, RecordError | PackError)


def _decider(engine: AuditedEngine, under: Under, audit: Recorded) -> Callable[[Line], Receipt]:
    packs, overlay = PacksByDay(under), overlay_text(under.overlay)

    def decide(line: Line) -> Receipt:
        facts, document = read_document(line.data, line.shown)
        given = Given(facts, canonical(document.data))
        request = None if audit.request is None else f"{audit.request}:{line.round}:{line.number}"
        pack = packs.of(facts)
        return engine.evaluate(pack, given, actor=audit.actor, request=request, overlay=overlay).receipt

    return decide


def _lines(name: str, rounds: int, stop: Stop) -> Iterator[Line]:
    """Yield the lines that are not empty, the input again for each round. Standard input has one round."""
    for round in range(1, rounds + 1):
        with _opened(name) as file:
            number = 0
            while data := stop.wait(lambda: _next(file)):
                number += 1
                if data.strip():
                    yield Line("<stdin>" if name == STDIN else name, number, round, data)
        if name == STDIN:
            return


def _next(file: BinaryIO) -> bytes:
    """Return the next line; of one that is too long only as much as the guard needs to refuse it."""
    most = RECORD_LIMITS.bytes + 1
    line = rest = file.readline(most)
    while rest and not rest.endswith(b"\n"):
        rest = file.readline(most)
    return line


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = open(name, "rb")  # noqa: SIM115 -- closed below, outside the handler
    except (OSError, ValueError) as error:
        raise RecordError((cannot_read(name, error),)) from None
    with file:
        yield file


def _at(problem: Diagnostic, line: Line) -> Diagnostic:
    """Return a problem of one line at its place in the input; the text there is not shown, for it is a patient's."""
    span = problem.span
    return replace(problem, span=Span(line.shown, line.number, 1 if span is None else span.column))


def _left(bad: int) -> Diagnostic:
    lines = "1 line was" if bad == 1 else f"{bad} lines were"
    return Diagnostic("BW556", f"{lines} not evaluated", None, "the others are recorded; send these again when mended")
