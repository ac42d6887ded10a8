"""`audit respond`, `erase` and `hold`: what is added to a log by hand."""

from __future__ import annotations

import sys
from typing import NamedTuple

from boosterwatch.engine.audit.erase import Erased, erase, lift_hold, put_hold
from boosterwatch.engine.audit.keys import Keys, checked_name
from boosterwatch.engine.audit.log.api import Receipt
from boosterwatch.engine.audit.respond import Response, respond
from boosterwatch.engine.explain.page import Text
from boosterwatch.engine.terminal.auditing import recording
from boosterwatch.engine.terminal.files import STDIN
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

Whom = tuple[str | None, str | None]  # a patient's id, or what the log calls the patient


class Said(NamedTuple):
    """A response as it was given on the command line."""

    id: str
    response: Response
    reason: str
    note: str | None
    request: str | None


def respond_to(url: str, keys: str, actor: str, said: Said, form: Form) -> int:
    """Record a response to a decision."""
    note = sys.stdin.read() if said.note == STDIN else said.note
    with recording(url, keys) as trail:
        receipt = respond(
            trail, said.id, said.response, reason=said.reason, actor=actor, note=note, request=said.request
        )
    return _tell(receipt, f"Recorded: {said.response} of {said.id}, because {said.reason}.", form)


def erase_patient(url: str, keys: str, actor: str, whom: Whom, form: Form) -> int:
    """Erase a patient, and tell which entries say so."""
    with recording(url, keys) as trail:
        erased = erase(trail, _holder(trail.keys, whom), actor=actor)
    if form == "json":
        print_json({"patient": erased.holder, "begun": erased.begun, "done": erased.done, "again": erased.again})
    else:
        print_page((Text(_told(erased), "strong"),))
    return FINE


def hold_patient(url: str, keys: str, actor: str, whom: Whom, reason: str | None, form: Form) -> int:
    """Put a patient under legal hold for a reason, or lift the hold without one."""
    with recording(url, keys) as trail:
        holder = _holder(trail.keys, whom)
        if reason is not None:
            receipt = put_hold(trail, holder, reason=reason, actor=actor)
            return _tell(receipt, f"{holder} is under legal hold ({reason}).", form)
        lifted = lift_hold(trail, holder, actor=actor)
    if lifted is None:
        return _tell(None, f"{holder} is under no legal hold.", form)
    return _tell(lifted, f"{holder} is no longer under legal hold.", form)


def _holder(keys: Keys, whom: Whom) -> str:
    patient, pseudonym = whom
    if patient is not None:
        return keys.pseudonym(patient)  # as the record has it, whatever it is
    return checked_name("the pseudonym", pseudonym or "")


def _told(erased: Erased) -> str:
    if erased.again:
        return f"{erased.holder} was erased before (entry {erased.begun})."
    return f"{erased.holder} is erased: begun with entry {erased.begun}, done with entry {erased.done}."


def _tell(receipt: Receipt | None, sentence: str, form: Form) -> int:
    if form == "text":
        print_page((Text(sentence, "strong"),))
    elif receipt is None:
        print_json({"id": None})
    else:
        print_json({"id": receipt.id, "seq": receipt.seq, "entry_sha256": receipt.entry_sha256})
    return FINE
