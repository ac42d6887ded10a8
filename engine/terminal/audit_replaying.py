"""`audit replay`: recorded decisions evaluated again and compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from boosterwatch.engine.audit.difference import ABSENT, Difference
from boosterwatch.engine.audit.reads import record_read
from boosterwatch.engine.audit.replay import GOOD, Replayed, Tally, Verdict, replay
from boosterwatch.engine.audit.replay_all import Source, replay_all
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.explain.page import Block, Pairs, Text
from boosterwatch.engine.terminal.auditing import recording
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page, report

_SAID: dict[Verdict, str] = {
    "same": "the same, byte for byte",
    "other engine": "the same, by another release of the engine",
    "differs": "different",
    "erased": "erased, not replayed",
    "digest only": "kept as a digest, not replayed",
    "no pack": "pack not found, not replayed",
    "key lost": "key lost, not replayed",
    "unreadable": "sealed part does not open",
}


class Asked(NamedTuple):
    """Which log, with which keys, where packs are looked for, who asks, and whether values are shown."""

    url: str
    keys: str
    places: tuple[str, ...]
    actor: str
    show_values: bool


def replay_one(asked: Asked, id: str, form: Form) -> int:
    """Replay one decision, and record that somebody looked at it."""
    with recording(asked.url, asked.keys) as trail:
        known = trail.decision(id)
        record_read(trail, known, actor=asked.actor, how="replay")
        one = replay(trail, Packs([Path(place) for place in asked.places]), known)
    tally = Tally()
    tally.add(one)
    if one.verdict == "same":
        tally.told.append(one)
    return _tell(tally, asked, form)


def replay_all_of(asked: Asked, jobs: int, form: Form) -> int:
    """Replay every decision. Values are shown by replaying one: that is recorded for its patient."""
    source = Source(asked.url, Path(asked.keys), tuple(Path(place) for place in asked.places))
    return _tell(replay_all(source, jobs=jobs), asked._replace(show_values=False), form)


def _tell(tally: Tally, asked: Asked, form: Form) -> int:
    bad = [one for one in tally.told if one.verdict not in GOOD]
    if form == "json":
        print_json(_data(tally, asked))
    else:
        print_page(tuple(_page(tally)))
        if bad:
            report([problem for one in bad for problem in _problems(one, asked)], {}, form)
    return FINE if tally.good else ERRORS


def _page(tally: Tally) -> Iterator[Block]:
    total = tally.counts.total()
    yield Text(
        f"{total} decision{'' if total == 1 else 's'} replayed." if total else "No decision to replay.", "strong"
    )
    rows = tuple((said, f"{tally.counts[verdict]:,}") for verdict, said in _SAID.items() if tally.counts[verdict])
    if rows:
        yield Pairs(rows)


_TOLD_AS: dict[Verdict, str] = {"no pack": "BW551", "key lost": "BW552", "unreadable": "BW545"}
_HINTS: dict[Verdict, str] = {
    "differs": "replay it alone with `--show-values` to see what differs",
    "no pack": "name the folder of packs or the bundle that has it with `--packs`",
    "key lost": "no erasure is recorded: put the vault back from its own backup",
    "unreadable": "`boosterwatch audit verify` tells whether the log is whole",
}


def _problems(one: Replayed, asked: Asked) -> Iterator[Diagnostic]:
    code = _TOLD_AS.get(one.verdict, "BW550")
    why = f": {one.why}" if one.why else ""
    hint = None if asked.show_values and one.differences else _HINTS.get(one.verdict)
    yield Diagnostic(code, f"entry {one.seq}, `{one.id}`, under {one.pack}: {_SAID[one.verdict]}{why}", None, hint)
    for difference in one.differences:
        yield Diagnostic(code, f"entry {one.seq}, {_place(difference, asked.show_values)}")


def _place(difference: Difference, show_values: bool) -> str:
    said = f"{_shown(difference.was)}, now {_shown(difference.now)}" if show_values else difference.kinds()
    return f"`{difference.path or 'the bytes'}` was {said}"


def _shown(value: object) -> str:
    return "nothing" if value is ABSENT else orjson.dumps(value).decode()


def _data(tally: Tally, asked: Asked) -> dict[str, object]:
    return {
        "counts": {verdict: tally.counts[verdict] for verdict in _SAID if tally.counts[verdict]},
        "good": tally.good,
        "decisions": [_one(one, asked.show_values) for one in tally.told],
    }


def _one(one: Replayed, show_values: bool) -> dict[str, object]:
    return {
        "id": one.id,
        "seq": one.seq,
        "verdict": one.verdict,
        "pack": one.pack,
        "why": one.why,
        "differences": [_difference(difference, show_values) for difference in one.differences],
    }


def _difference(one: Difference, show_values: bool) -> dict[str, object]:
    if not show_values:
        return {"path": one.path, "differs": one.kinds()}
    sides = {"was": one.was, "now": one.now}
    return {"path": one.path, **{side: value for side, value in sides.items() if value is not ABSENT}}
