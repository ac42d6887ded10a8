"""`audit verify`, `prove`, `check-proof` and `anchor`: files, processes and the stopwatch enter here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import click

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.check.anchor import anchor
from boosterwatch.engine.audit.check.earlier import Earlier, cannot_read, read_earlier
from boosterwatch.engine.audit.check.problems import Problems, many
from boosterwatch.engine.audit.check.proof import check_proof, prove, read_proof
from boosterwatch.engine.audit.check.public_key import no_public_key, read_public_key
from boosterwatch.engine.audit.check.report import Report
from boosterwatch.engine.audit.check.verify import verify
from boosterwatch.engine.audit.keys import read_keys, reason
from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.audit.log.notes import HeadSigner, HeadVerifier
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, render
from boosterwatch.engine.durable_files import write_durably
from boosterwatch.engine.explain.page import Block, Pairs, Text, Verbatim
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.terminal.guard import ERRORS, FINE, RunError
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page

_MOST_HEADS = 64 << 20  # bytes of a file of heads: a hundred thousand of them
_MOST_PROOF = 16 << 20
_MANY = 200_000  # entries from which a second process is worth its start
_MEGA = 1_000_000


class Asked(NamedTuple):
    """Which log, and who must have signed its heads: `public` is a line or a file, `keys` the file of all secrets."""

    url: str
    public: str | None
    keys: str | None

    @property
    def key(self) -> HeadVerifier:
        """Return the public key."""
        return key_of(self.public, self.keys)


def key_of(public: str | None, keys: str | None) -> HeadVerifier:
    """Return the public key; raises PublicKeyError BW537, AuditError BW540 or BW541, or a usage error for none."""
    if public is None:
        if keys is None:
            raise click.UsageError("give --public-key KEY, or --keys FILE")
        found = read_keys(Path(keys))
        return HeadSigner(found.log, found.signing).verifier
    if "+" in public and not os.path.exists(public):
        return read_public_key(public, "the line given")
    try:
        return read_public_key(Path(public).read_text(encoding="utf-8"), public)
    except (OSError, ValueError) as error:
        raise no_public_key(public, reason(error) if isinstance(error, OSError) else "it is no text") from None


# ---------------------------------------------------------------- verify


def verify_log(asked: Asked, files: Sequence[str], jobs: int | None, limit: int, form: Form) -> int:
    """Print whether a log is whole; as text, problems and the verdict on a log that is not go to standard error."""
    began = perf_counter()
    key, problems = asked.key, Problems(limit)
    earlier = [head for name in files for head in _heads_in(name, key, problems)]
    report = verify(asked.url, key, earlier=earlier, problems=problems, jobs=_jobs(asked.url) if jobs is None else jobs)
    seconds = perf_counter() - began
    if form == "json":
        print_json(report.to_json() | {"seconds": round(seconds, 3)})
    else:
        page = tuple(_page(report, seconds))
        if report.whole:
            print_page(page)
        else:
            note("".join(render([problem], {}) for problem in _shown(report)).rstrip("\n"))
            note(to_text(page).rstrip("\n"))
    return FINE if report.whole else ERRORS


def _jobs(url: str) -> int:
    """Return how many processes a log of this size is worth; one for what cannot be read, so that it is told once."""
    try:
        reader = open_reader(url)
    except DiagnosticError:
        return 1
    try:
        return min(4, os.cpu_count() or 1) if reader.size() >= _MANY else 1
    except DiagnosticError:
        return 1
    finally:
        reader.close()


def _heads_in(name: str, key: HeadVerifier, problems: Problems) -> list[Earlier]:
    try:
        with open(name, encoding="utf-8") as file:
            text = file.read(_MOST_HEADS)
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(name, reason(error) if isinstance(error, OSError) else "it is no text") from None
    return read_earlier(text, name, key, problems)


def _shown(report: Report) -> Iterator[Diagnostic]:
    yield from report.problems
    more = report.total - len(report.problems)
    if more:
        hint = "--limit shows more of them"
        yield Diagnostic("BW538", f"{many(more, 'more problem')} not shown", hint=hint)


def _page(report: Report, seconds: float) -> Iterator[Block]:
    checked = report.checked
    verdict = "The log is whole." if report.whole else f"The log is not whole: {many(report.total, 'problem')}."
    yield Text(verdict, "strong" if report.whole else "alert")
    counts = (
        many(checked.entries, "entry", "entries"),
        many(checked.marks, "mark"),
        f"{many(checked.sealed, 'sealed part')} ({checked.sealed_bytes / _MEGA:,.1f} MB)",
        many(checked.tiles, "tile"),
        many(checked.heads, "head"),
    )
    head = report.head
    rows = [
        ("Log", report.log),
        ("Kept at", report.shown),
        ("Compared", ", ".join(counts)),
        ("Newest head", "none that counts" if head is None else f"size {head.size:,}, root {head.root.hex()}"),
        ("Earlier heads", _about_earlier(report)),
        ("Took", f"{seconds:.1f} s, {checked.entries / max(seconds, 1e-9):,.0f} entries a second"),
    ]
    yield Pairs(tuple(rows))


def _about_earlier(report: Report) -> str:
    count = report.checked.earlier
    if not count:
        return "none given: a log that was wiped or set back would not show it (--anchor, --since)"
    if {"BW532", "BW533", "BW536"} & report.counts.keys():
        return f"{many(count, 'head')} given; see above"
    return f"{many(count, 'head')} given, and the log continues {'it' if count == 1 else 'all of them'}"


# ---------------------------------------------------------------- proofs


def prove_entry(asked: Asked, id: str, out: str | None) -> int:
    """Write the proof that an entry is in the log."""
    key, reader = asked.key, open_reader(asked.url)
    try:
        stored = reader.entry(id)
        if stored is None:
            raise errors.no_decision(id)
        proof = prove(reader, stored, key)
    finally:
        reader.close()
    if out is None:
        print_json(proof.to_json().rstrip(b"\n"))
        return FINE
    try:
        write_durably(Path(out), proof.to_json())
    except OSError as error:
        raise RunError("BW404", f"`{out}` cannot be written: {reason(error)}") from None
    note(f"written to {out}: entry {proof.seq} of the {proof.head.size} in log {key.log}")
    return FINE


def check_proof_in(name: str, key: HeadVerifier, form: Form) -> int:
    """Print what a proof shows; raises ProofError BW534 when it does not hold, BW535 when it is none."""
    try:
        with open(name, "rb") as file:
            data = file.read(_MOST_PROOF)
    except OSError as error:
        raise RunError("BW535", f"`{name}` is no proof: {reason(error)}") from None
    proof = read_proof(data, name)
    entry = check_proof(proof, key)
    said = {name: entry.get(name) for name in ("id", "recorded", "kind", "recommendation")}
    if form == "json":
        print_json({"holds": True, "log": key.log, "seq": proof.seq, "size": proof.head.size, **said})
        return FINE
    rows = [(title.capitalize(), str(value)) for title, value in said.items() if value is not None]
    place = f"{proof.seq} of {proof.head.size:,} in log {key.log}"
    print_page((Text("The proof holds.", "strong"), Pairs((("Entry", place), *rows))))
    return FINE


# ---------------------------------------------------------------- anchors


def anchor_head(asked: Asked, file: str, form: Form) -> int:
    """Append the newest head to a file, and print it."""
    key, reader = asked.key, open_reader(asked.url)
    try:
        done = anchor(reader, key, Path(file))
    finally:
        reader.close()
    if form == "json":
        print_json(
            {"file": file, "added": not done.known, "heads": done.before + (not done.known), **_plain(done.head)}
        )
        return FINE
    told = "The file has this head already." if done.known else f"Appended to {file}."
    print_page((Text(told, "strong"), Verbatim(done.head.note)))
    return FINE


def _plain(head: SignedHead) -> dict[str, object]:
    return {"size": head.size, "root": head.root.hex(), "chain": head.chain.hex(), "note": head.note}
