"""A pack from its folder to its compiled form: find, load, validate, compile. All problems are reported together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.budget import state_budget
from boosterwatch.engine.pack.compiled import read_compiled
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.find import Found, Source, find_pack, is_case, is_policy, read_sources
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.manifest import refuse_changed
from boosterwatch.engine.pack.pack_files import BESIDE, PackFile, schema_of, sort_files


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack that was read: what it compiled to (None when it has errors), its texts, its cases, its problems.

    `beside` holds what is neither policy nor cases: the properties and the waivers.
    """

    found: Found
    pack: ir.Pack | None
    documents: tuple[Document, ...]
    cases: tuple[Document, ...]
    beside: tuple[Document, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def all(self) -> tuple[Document, ...]:
        """Every document of the pack."""
        return (*self.documents, *self.cases, *self.beside)

    def modeline(self, name: str) -> str:
        """Return the first line that a file of this name has in the pack, so that editors know its schema."""
        face = next(file for file in sort_files(self.documents) if file.schema == "pack")
        path = PurePosixPath(name)
        return PackFile(face.document, path, schema_of(path), face.schemas).modeline

    @property
    def sources(self) -> dict[str, str]:
        """The text of every file by the name used in messages."""
        return {f"{self.found.shown}/{document.file}": document.text for document in self.all}

    def place(self, problem: Diagnostic) -> Diagnostic:
        """Return a problem found in one of the documents with the file named as the reader would open it."""
        return _place(self.found, problem)


def open_pack(reference: str, search: Sequence[Path] = ()) -> Opened:
    """Return the pack with every problem found; it is not raised. Raises PackError when there is no such pack."""
    found = find_pack(reference, search)
    return _open(found, read_sources(found.folder))


def compile_reference(reference: str, search: Sequence[Path] = ()) -> ir.Pack:
    """Return the compiled pack that a reference names, whatever its status. Raises PackError as `compile_found`."""
    return compile_found(find_pack(reference, search))


def compile_found(found: Found) -> ir.Pack:
    """Return the compiled pack in a folder, from its kept compiled form when that is current.

    Raises PackError with every error when it has one, and for a released pack that was changed since (BW237).
    """
    sources = read_sources(found.folder, whole=False)
    refuse_changed(found.folder, sources, found.shown)
    return read_compiled(found.folder, sources) or compile_sources(found, sources)


def compile_sources(found: Found, sources: Sequence[Source]) -> ir.Pack:
    """Return the compiled pack. Raises PackError with every error when it has one."""
    opened = _open(found, sources)
    if opened.pack is None:
        raise PackError(_errors(opened.problems))
    return opened.pack


def _open(found: Found, sources: Sequence[Source]) -> Opened:
    from boosterwatch.engine.pack.compile import compile_pack  # late: a kept compiled form needs no compiler
    from boosterwatch.engine.pack.validate import validate

    documents, problems = _load(sources)
    if not problems:
        problems = validate(documents)
    cases = tuple(document for document in documents if is_case(document.file))
    beside = tuple(document for document in documents if document.file in BESIDE)
    parts = tuple(document for document in documents if is_policy(document.file))
    pack = None
    if not _errors(problems):
        pack, more = compile_pack(parts)
        problems = [*problems, *more]
        pack = pack and state_budget(pack, parts[0])
    return Opened(found, pack, parts, cases, beside, tuple(_place(found, problem) for problem in problems))


def _errors(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [problem for problem in problems if problem.level == "error"]


def _load(sources: Sequence[Source]) -> tuple[list[Document], list[Diagnostic]]:
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    for source in sources:
        try:
            documents.append(load_document(source.data, source.name))
        except PackError as error:
            problems.extend(error.diagnostics)
    return documents, problems


def _place(found: Found, problem: Diagnostic) -> Diagnostic:
    """Return the problem with the file named as the reader would open it."""
    if problem.span is None:
        return problem
    return replace(problem, span=replace(problem.span, file=f"{found.shown}/{problem.span.file}"))
