"""One decision as a page: for `audit show` on a screen, and as a dossier on paper for who has no access to the log.

The order is that of an auditor's questions: what was recommended, why, on which facts, under whose rules, what became
of it, and how to check all that. Without what is sealed only the public part is told, which holds no fact of a patient.
The patient is never named but by pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson

from boosterwatch.engine.audit.check.proof import Proof
from boosterwatch.engine.audit.reading.seen import Opened, Remark, Seen
from boosterwatch.engine.audit.reading.told import answer, moment, policy
from boosterwatch.engine.explain.names import Names, state_in_words, words
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.explain.why import chain_page
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir

NAMELESS = "nameless"
_ACTS = {"author": "wrote it", "approve": "approved it", "release": "released it", "withdraw": "WITHDREW it"}


def show_page(seen: Seen) -> Page:
    """Return one decision for the screen: the same as the dossier, but for the bytes of the proof."""
    return (*_summary(seen), *_reasons(seen), *_approvals(seen), *_remarks(seen), *_proof(seen))


def dossier(seen: Seen) -> Page:
    """Return one decision with everything that it takes to check it elsewhere."""
    return (*show_page(seen), *_check(seen))


def title_of(seen: Seen) -> str:
    """Return the title of a dossier."""
    return f"Decision {seen.known.stored.id}"


def named(decision: Decision, entry: Mapping[str, Any]) -> Decision:
    """Return the decision with the pseudonym in the place of the patient's id."""
    return replace(decision, patient=entry.get("patient"), prepared=None)


# ---------------------------------------------------------------- what and why


def _summary(seen: Seen) -> Iterator[Block]:
    entry = seen.entry
    if seen.opened is None:
        yield Text(f"{answer(entry)}.".capitalize(), "strong")
    else:
        yield Text(seen.opened.decision.summary, "strong")
    yield Pairs(
        (
            ("Recommendation", answer(entry)),
            ("Policy", policy(entry)),
            ("About", f"patient {entry.get('patient', NAMELESS)} (pseudonym), as of {entry['as_of']}"),
            ("Asked by", f"{entry['actor']}, {entry['tenant']}"),
            ("Recorded", f"{moment(entry['recorded'])} UTC, as entry {entry['seq']} of log {entry['log']}"),
            ("Decision", seen.known.stored.id),
        )
    )
    if seen.shut is not None:
        yield Text(f"The facts cannot be shown: {seen.shut.message}. What follows is public.", "alert")
    elif seen.opened is None:
        yield Text("Made without opening what is sealed: no facts of the patient are in it.", "quiet")


def _reasons(seen: Seen) -> Iterator[Block]:
    if seen.opened is None:
        yield from _public(seen.entry, seen.pack)
        return
    if seen.pack is None:
        yield Text("The pack that decided cannot be found: give its folder or bundle with --packs.", "alert")
        yield from _public(seen.entry, None)
    else:
        decision = named(seen.opened.decision, seen.entry)
        yield from _without_imprint(decision_page(decision, seen.pack))[_answer_ends(decision, seen.pack) :]
        yield from chain_page(decision, seen.pack)[1:]
    yield from _facts(seen.opened)


def _answer_ends(decision: Decision, pack: ir.Pack) -> int:
    """Return where the first part of a decision's page begins; what stands before it is in the summary."""
    page = decision_page(decision, pack)
    return next((at for at, block in enumerate(page) if isinstance(block, Heading)), len(page))


def _without_imprint(page: Page) -> Page:
    """Return a decision's page without its last lines, which stand below the chain of reasons."""
    return page[: max(at for at, block in enumerate(page) if block == Text(""))]


def _public(entry: Mapping[str, Any], pack: ir.Pack | None) -> Iterator[Block]:
    """Yield what the entry itself says of the reasons: names, with their places in the policy when that is here."""
    names = None if pack is None else Names(pack)
    if entry.get("signs"):
        yield Heading("Signs")
        titles = {id: words(id) if names is None else names.title("sign", id) for id in entry["signs"]}
        yield Pairs(tuple((titles[id], state_in_words(state)) for id, state in entry["signs"].items()))
    for key, kind in (("holds", "Holds"), ("flags", "Flags")):
        if entry.get(key):
            yield Heading(kind)
            yield Items(tuple(words(id) for id in entry[key]))
    yield from _public_rules("Rules that fired", entry.get("rules", ()), names)
    yield from _public_rules("Rules that were false by a hair", entry.get("near", ()), names)


def _public_rules(title: str, ids: Sequence[str], names: Names | None) -> Iterator[Block]:
    if not ids:
        return
    yield Heading(title)
    if names is None:
        yield Items(tuple(ids))
        return
    yield Table(("rule", "in the policy at", "says"), tuple(_public_rule(id, names) for id in ids))


def _public_rule(id: str, names: Names) -> tuple[str, ...]:
    """Return a rule with its sentence as the policy has it: the values are facts, and stay sealed."""
    rule = names.rules.get(id)
    return (id, "", "") if rule is None else (id, f"{rule.span.file}:{rule.span.line}", rule.because or "-")


# ---------------------------------------------------------------- facts


def _facts(opened: Opened) -> Iterator[Block]:
    """Yield the record as it was given, without the patient's id, with what was not used marked as such."""
    why = {one.part: one.reason for one in opened.decision.rejected}
    given = {key: value for key, value in opened.record.items() if key != "patient"}
    yield Heading("Facts given")
    yield Pairs(tuple((words(key), _plain(value)) for key, value in given.items() if not _is_rows(value)))
    for key, rows in given.items():
        if _is_rows(rows):
            yield Heading(words(key).capitalize(), 3)
            yield _rows(key, rows, why)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _rows(key: str, rows: list[dict[str, Any]], why: Mapping[str, str]) -> Table:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = tuple(
        (
            *(_plain(row[name]) if name in row else "" for name in columns),
            f"no: {why[f'{key}[{at}]']}" if f"{key}[{at}]" in why else "yes",
        )
        for at, row in enumerate(rows)
    )
    return Table((*map(words, columns), "used"), cells)


def _plain(value: Any) -> str:
    match value:
        case str():
            return value
        case list():
            return ", ".join(map(_plain, value))
        case dict():
            return ", ".join(f"{words(str(key))} {_plain(one)}" for key, one in value.items())
        case None:
            return "-"
    return orjson.dumps(value).decode()


# ---------------------------------------------------------------- who approved, what became of it


def _approvals(seen: Seen) -> Iterator[Block]:
    yield Heading("Who approved the policy")
    release, pack = seen.release, seen.entry["pack"]
    if release is None:
        name = f"{pack['id']}@{pack['version']} with digest {pack['digest'][:12]}"
        yield Text(f"Not signed: no release of {name} was found here.")
        return
    manifest = release.manifest
    name = f"{manifest.id}@{manifest.version}, released on {manifest.released}"
    yield Pairs((("Release", name), ("release.json", f"SHA-256 {manifest.sha256}")))
    if not release.statements:
        yield Text("Not signed: no signature lies beside the release.")
        return
    rows = tuple((f"{one.time:%Y-%m-%d %H:%M}", one.person, _ACTS[one.act], one.meaning) for one in release.statements)
    yield Table(("when (UTC)", "who", "did what", "meaning"), rows)
    yield Text("Whether the signatures count: boosterwatch verify PACK --keyring FILE.", "quiet")


def _remarks(seen: Seen) -> Iterator[Block]:
    responses, reads = seen.kind("response"), seen.kind("read")
    yield Heading("What became of it")
    if responses:
        yield Table(("when (UTC)", "who", "response", "reason", "note"), tuple(map(_response, responses)))
    else:
        yield Text("No response is recorded.")
    if reads:
        yield Heading("Who looked at it")
        rows = tuple((moment(one.entry["recorded"]), one.entry["actor"], one.entry["how"]) for one in reads)
        yield Table(("when (UTC)", "who", "how"), rows)


def _response(one: Remark) -> tuple[str, ...]:
    entry = one.entry
    note = one.note or ("sealed" if "sealed" in entry else "")
    return moment(entry["recorded"]), entry["actor"], entry["response"], words(entry["reason"]), note


# ---------------------------------------------------------------- proof


def _proof(seen: Seen) -> Iterator[Block]:
    yield Heading("Is it in the log, unchanged?")
    proof = seen.proof
    if not isinstance(proof, Proof):
        yield Text(f"Not proved: {proof.diagnostics[0].message}.", "alert")
        return
    head = proof.head
    yield Text(f"Yes: {len(proof.path)} hashes lead from the entry to the root that the log signed.")
    yield Pairs(
        (
            ("Entry", f"{proof.seq}, SHA-256 {sha256(proof.entry).hexdigest()}"),
            ("Head", f"size {head.size:,}, root {head.root.hex()}"),
            ("Key", seen.key),
        )
    )


def _check(seen: Seen) -> Iterator[Block]:
    if not isinstance(seen.proof, Proof):
        return
    yield Heading("How to check this elsewhere")
    yield Items(
        (
            "Compare the key above with the one that the keeper of the log gave you in person.",
            "Save the document below as proof.json.",
            "With boosterwatch: boosterwatch audit check-proof proof.json --public-key KEY",
            "With Python alone: python verify_audit.py proof proof.json --key KEY (docs/verify_audit.py)",
        )
    )
    yield Verbatim(seen.proof.to_json().decode())
