"""`bundle`: a released pack as one file, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boosterwatch.engine.durable_files import write_durably
from boosterwatch.engine.explain.page import Block, Heading, Pairs, Table, Text
from boosterwatch.engine.host.bundle import Bundle, build_bundle, open_bundle
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.released import Released, keyring_of, released_pack
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.trust.approve import require_approval
from boosterwatch.engine.trust.model import Approved, Statement
from boosterwatch.engine.trust.statement import time_text


@dataclass(frozen=True, slots=True)
class _Made:
    """A bundle that was written, and who approved it; None when nobody asked."""

    file: str
    bundle: Bundle
    approved: Approved | None

    @property
    def name(self) -> str:
        return f"{self.bundle.manifest.id}@{self.bundle.manifest.version}"


def bundle_pack(
    reference: str, out: str, keyring_file: str | None, signatures: str | None, on: date, form: Form
) -> int:
    """Write the bundle of a released pack, and print what is in it; with a keyring only an approved one is written.

    `on` is the day of the approval, in UTC. Raises PackError with every reason why it is not written.
    """
    released = released_pack(reference, signatures)
    made = _made(released, out, keyring_file, on)
    _write(Path(out), made.bundle.data)
    if form == "json":
        print_json(_data(made))
    else:
        print_page(tuple(_page(made)))
    return FINE


def _made(released: Released, out: str, keyring_file: str | None, on: date) -> _Made:
    envelopes = released.envelopes()
    data = build_bundle(released.found.folder, released.found.shown, envelopes)
    bundle = open_bundle(data, out)  # as a host will: what it would refuse is never written
    if keyring_file is None:
        return _Made(out, bundle, None)
    return _Made(out, bundle, require_approval(released.manifest, envelopes, keyring_of(keyring_file), on))


def _write(path: Path, data: bytes) -> None:
    try:
        write_durably(path, data)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a file name").lower()
        raise RunError("BW404", f"`{path}` cannot be written: {reason}", "give another place with -o") from None


def _page(made: _Made) -> Iterator[Block]:
    manifest, said = made.bundle.manifest, _said(made)
    yield Text(f"{made.name} is bundled in {made.file}.", "strong")
    yield Pairs(
        (
            ("SHA-256", made.bundle.sha256),
            ("Size", f"{len(made.bundle.data)} bytes"),
            ("Files", f"{len(manifest.files)} of the release, its manifest, {_many(len(said), 'signature')}"),
            ("Manifest", manifest.sha256),
            ("Digest", manifest.digest),
            ("Approval", _approval(made)),
        )
    )
    if said:
        yield Heading("Signatures")
        yield Table(("who", "did", "when", "meaning"), tuple(map(_row, said)))


def _said(made: _Made) -> list[Statement]:
    return [envelope.statement for envelope in made.bundle.envelopes]


def _approval(made: _Made) -> str:
    return "not asked: no keyring was given" if made.approved is None else f"holds until {made.approved.until}"


def _many(count: int, word: str) -> str:
    return f"{count or 'no'} {word}" + ("" if count == 1 else "s")


def _row(said: Statement) -> tuple[str, ...]:
    return said.person, said.act, time_text(said.time), said.meaning


def _data(made: _Made) -> dict[str, object]:
    manifest = made.bundle.manifest
    return {
        "pack": {"id": manifest.id, "version": manifest.version, "digest": manifest.digest},
        "manifest": manifest.sha256,
        "file": made.file,
        "sha256": made.bundle.sha256,
        "bytes": len(made.bundle.data),
        "files": [entry.name for entry in manifest.files],
        "signatures": [
            {"act": said.act, "person": said.person, "time": time_text(said.time), "meaning": said.meaning}
            for said in _said(made)
        ],
        "until": None if made.approved is None else made.approved.until.isoformat(),
    }
