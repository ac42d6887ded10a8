"""A run over a cohort: chunks worked out one after the other, joined into one file, taken up again after a kill.

Flow: identity and cuts -> each chunk evaluated, kept and added to the results -> refused rows, results and page of the
run in their places -> the folder of chunks removed. Wherever it is killed, starting it again gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated, Worker, chunks_of
from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.cohort.run.folder import Note, WorkFolder, digest_of, open_folder
from boosterwatch.engine.cohort.run.identity import Identity, canonical
from boosterwatch.engine.cohort.run.output import Results, results_file, write_joined, write_page, writing
from boosterwatch.engine.cohort.run.tally import add

CHUNK = 250_000  # patients; the more, the less is repeated, and the more memory it takes
Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
REFUSED, PAGE, WORK = ".refused.ndjson", ".run.json", ".work"


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to: its page, how many chunks it found finished, and whether all of it was there already."""

    page: dict[str, Any]
    found: int
    chunks: int
    already: bool


def quietly(what: str, total: int) -> AbstractContextManager[Callable[[], None]]:
    """Give what is called after each piece of work, and says nothing."""
    return nullcontext(lambda: None)


def run(
    identity: Identity,
    worker: Worker,
    schema: pa.Schema,
    out: Path,
    folder: WorkFolder,
    size: int = CHUNK,
    progress: Progress = quietly,
) -> Done:
    """Return what a run came to, with its results in `out`; `folder` is that of `run_folder`.

    Beside them stand the rows that were refused (`.refused.ndjson`) and the page of the run (`.run.json`). A run whose
    files are there and whole is not run again. Raises RunFault, and whatever the worker raises: what was finished
    stays.
    """
    page = _already(identity, out)
    if page is not None:
        folder.finish()
        return Done(page, 0, 0, already=True)
    chunks = chunks_of(worker.cuts(size))
    with writing(folder.path):
        folder.begin({"run_id": identity.run_id, "cuts": [chunk.low for chunk in chunks]})
    with results_file(out, folder.path, schema, identity.metadata()) as results:
        notes, found = _evaluate(folder, results, worker, chunks, progress)
        write_joined(beside(out, REFUSED), folder.path, [folder.refused(note["chunk"]) for note in notes])
    page = _page(identity, out, notes)
    write_page(beside(out, PAGE), folder.path, canonical(page))
    folder.finish()
    return Done(page, found, len(chunks), already=False)


@contextmanager
def run_folder(out: Path) -> Iterator[WorkFolder]:
    """Give the folder of a run's chunks. Raises RunFault BW720 while another process has it, BW721 for no such place.

    What an unfinished run finished of its chunks stays in it; without any, or when all is done, it goes.
    """
    path = beside(out, WORK)
    with ExitStack() as held:
        with writing(path):
            folder = held.enter_context(open_folder(path))
        yield folder


def beside(out: Path, ending: str) -> Path:
    """Return a file that goes with the results.

    >>> beside(Path("out.parquet"), ".run.json").name
    'out.parquet.run.json'
    """
    return out.with_name(out.name + ending)


def _already(identity: Identity, out: Path) -> dict[str, Any] | None:
    """Return the page of this very run when its files are there and whole."""
    try:
        page: dict[str, Any] = json.loads(beside(out, PAGE).read_bytes())
        whole = all(digest_of(file) == page["files"][kind] for kind, file in _files(out).items())
        return page if whole and page["run_id"] == identity.run_id else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(out: Path) -> dict[str, Path]:
    return {"results": out, "refused": beside(out, REFUSED)}


class _Keeper:
    """Keeps finished chunks one after the other, and adds their rows to the results."""

    def __init__(self, folder: WorkFolder, results: Results) -> None:
        self._folder = folder
        self._results = results
        self.notes: list[Note] = []

    def add(self, chunk: Chunk, note: Note | None, evaluated: Evaluated | None) -> None:
        """Add a chunk that has just been worked out, which is kept first; or one that an earlier start kept."""
        if evaluated is not None:
            with writing(self._folder.path):
                note = self._folder.keep(chunk, evaluated)
        assert note is not None, "a chunk is found, or worked out"
        self._results.add(self._folder.read(chunk) if evaluated is None else evaluated.results)
        self.notes.append(note)


def _evaluate(
    folder: WorkFolder, results: Results, worker: Worker, chunks: Sequence[Chunk], progress: Progress
) -> tuple[list[Note], int]:
    """Return the note of every chunk, and how many were there: the others are worked out, each while the last is kept.

    One at most waits to be kept, since its rows take memory.
    """
    keeper, found = _Keeper(folder, results), 0
    with progress("evaluating", len(chunks)) as advance, ThreadPoolExecutor(1, "boosterwatch-keeper") as aside:
        kept: Future[None] | None = None
        for chunk in chunks:
            note = folder.finished(chunk)
            found += note is not None
            evaluated = _evaluated(worker, chunk) if note is None else None
            if kept is not None:
                kept.result()
            kept = aside.submit(keeper.add, chunk, note, evaluated)
            advance()
        if kept is not None:
            kept.result()
    return keeper.notes, found


def _evaluated(worker: Worker, chunk: Chunk) -> Evaluated:
    evaluated = worker.evaluate(chunk)
    check_patients(evaluated.results["patient"], chunk)
    return evaluated


def check_patients(patients: pa.ChunkedArray, chunk: Chunk) -> None:
    """Raise RunFault BW725 unless every patient stands there once, in order, and inside the chunk."""
    ordered = patients.combine_chunks()
    steps = pc.less(ordered.slice(0, max(len(ordered) - 1, 0)), ordered.slice(1))
    inside = not len(ordered) or (
        (chunk.low is None or ordered[0].as_py() >= chunk.low)
        and (chunk.high is None or ordered[-1].as_py() < chunk.high)
    )
    if ordered.null_count or not inside or not pc.all(steps, min_count=0).as_py():
        message = f"chunk {chunk.number} has not one row for each patient in the order of their ids"
        raise RunFault([run_fault("BW725", message, "nothing of it was kept; this is our own fault, please report it")])


def _page(identity: Identity, out: Path, notes: Sequence[Note]) -> dict[str, Any]:
    """Return what a run was and came to."""
    return {
        **{name.partition(".")[2]: value for name, value in identity.metadata().items()},
        "inputs": dict(identity.inputs),
        "patients": sum(note["patients"] for note in notes),
        "refused_rows": sum(note["refused"] for note in notes),
        "counts": add(note["tally"] for note in notes),
        "files": {kind: digest_of(file) for kind, file in _files(out).items()},
    }
