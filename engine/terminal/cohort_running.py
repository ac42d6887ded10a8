"""`cohort evaluate` and `cohort explain`: what a run came to, and one patient by rows and by columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import orjson

from boosterwatch.engine.cohort.names import SIGN
from boosterwatch.engine.cohort.results import LISTS
from boosterwatch.engine.cohort.run.run import REFUSED, Done, beside
from boosterwatch.engine.cohort.run.single import Difference, Single, evaluate_single
from boosterwatch.engine.cohort.run.tally import add
from boosterwatch.engine.cohort.run.whole import Machine, evaluate_to_file
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.explain.page import Block, Heading, Page, Table, Text
from boosterwatch.engine.explain.text import decision_page
from boosterwatch.engine.explain.which import explain_page
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.terminal.evaluating import refuse_difference
from boosterwatch.engine.terminal.guard import FINE, OURS, RunError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.terminal.waiting import progress

MOST_RULES = 15  # of those true most often, on the terminal; the page of the run has them all


def evaluate_cohort(
    place: str, pack: LoadedPack, as_of: date, out: str, machine: Machine, size: int | None, form: Form
) -> int:
    """Evaluate everybody in tables into a file and print what it came to; 1 when somebody was refused."""
    file = Path(out)
    done = evaluate_to_file(place, pack, as_of, file, machine, size, progress)
    if form == "json":
        print_json({**done.page, "already_there": done.already, "chunks": done.chunks, "chunks_found": done.found})
    else:
        print_page(tuple(_page(done, pack.ir, file)))
    refused = done.page["counts"]["status"].get("refused", 0)
    if refused:
        hint = f"`{beside(file, REFUSED)}` has the file, row and column of each"
        raise RunError("BW730", f"{_many(refused, 'patient')} refused, all others evaluated", hint)
    return FINE


def _page(done: Done, pack: ir.Pack, out: Path) -> Iterator[Block]:
    page = done.page
    counts = add([page["counts"]])
    yield Heading(f"{_many(page['patients'], 'patient')} on {page['as_of']}, by {page['pack']}@{page['pack_version']}")
    if done.already:
        yield Text(f"This very run was finished before; `{out}` is as it left it.", "quiet", 1)
    elif done.found:
        yield Text(f"{done.found} of {_many(done.chunks, 'chunk')} were there from a start before.", "quiet", 1)
    yield _counted("recommendation", counts["recommendation"], page["patients"])
    yield Heading("Signs", 3)
    yield _signs(pack, counts)
    for name in LISTS:
        if counts[name]:
            yield Heading({"fired": f"Rules true most often, of {len(counts[name])}"}.get(name, name.capitalize()), 3)
            most = dict(list(counts[name].items())[: MOST_RULES if name == "fired" else None])
            yield _counted(name.removesuffix("s") if name != "fired" else "rule", most, page["patients"])
    yield Text(f"run {page['run_id']}, {page['engine']}, written to {out}", "quiet", 1)


def _counted(head: str, counts: Mapping[str, int], of: int) -> Table:
    rows = [(word.replace("_", " "), f"{count:,}", f"{100 * count / of:.1f} %") for word, count in counts.items()]
    return Table((head, "patients", "share"), tuple(rows), (1, 2))


def _signs(pack: ir.Pack, counts: Mapping[str, Mapping[str, int]]) -> Table:
    """Return how many patients are in which state of each sign."""
    found = {sign.id: counts.get(SIGN + sign.id, {}) for sign in pack.signs}
    order = [state for table in pack.tables if table.kind == "sign" for state in (*table.states, table.otherwise)]
    states = [state for state in dict.fromkeys(order) if any(state in one for one in found.values())]
    rows = [(id.replace("_", " "), *(f"{one.get(state, 0):,}" for state in states)) for id, one in found.items()]
    return Table(
        ("sign", *(state.replace("_", " ") for state in states)), tuple(rows), tuple(range(1, len(states) + 1))
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# ---------------------------------------------------------------- one patient


class Question(NamedTuple):
    """Who is to be explained, what else to compare with, and which rule is asked about."""

    patient: str
    results: str | None = None
    why: str | None = None
    why_not: str | None = None


def explain_patient(place: str, pack: LoadedPack, as_of: date, asked: Question, form: Form) -> int:
    """Print the trace of one patient, and whether the columns give the same; 3 when they do not."""
    results = None if asked.results is None else Path(asked.results)
    single = evaluate_single(place, pack, as_of, asked.patient, results)
    refuse_difference(single.decision, pack, form)
    compared = {"columns": single.columns, **({} if single.file is None else {str(asked.results): single.file})}
    if form == "json":
        same = {name: _differences(found) for name, found in compared.items()}
        print_json({"decision": orjson.loads(to_json_bytes(single.decision)), "differences": same})
    else:
        print_page((*_explained(single, pack, asked), *_compared(compared)))
    differing = sum(len(found) for found in compared.values())
    if differing:
        message = f"rows and columns differ about `{asked.patient}` in {_many(differing, 'place')}"
        raise RunError("BW727", message, "please report it; until then rely on neither", exit_code=OURS)
    return FINE


def _explained(single: Single, pack: LoadedPack, asked: Question) -> Page:
    if asked.why or asked.why_not:
        return explain_page(single.decision, pack.ir, why=asked.why, why_not=asked.why_not)
    return decision_page(single.decision, pack.ir, detail="full")


def _compared(compared: Mapping[str, Sequence[Difference]]) -> Iterator[Block]:
    yield Heading("Rows and columns")
    for name, found in compared.items():
        shown = "the columns" if name == "columns" else f"`{name}`"
        if found:
            yield Text(f"By rows and by {shown} the results differ:", "alert", 1)
            rows = tuple((one.column, str(one.rows), str(one.other)) for one in found)
            yield Table(("column", "by rows", "otherwise"), rows)
        else:
            yield Text(f"By {shown} the results are the same, in every field.", "plain", 1)


def _differences(found: Sequence[Difference]) -> list[dict[str, str]]:
    return [{"column": one.column, "rows": str(one.rows), "other": str(one.other)} for one in found]
