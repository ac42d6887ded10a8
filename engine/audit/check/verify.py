"""`verify`: everything that a log stores, held against what was signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from boosterwatch.engine.audit.check.earlier import Earlier
from boosterwatch.engine.audit.check.joining import Joined, compare_earlier, compare_heads, kept_sizes
from boosterwatch.engine.audit.check.problems import LIMIT, Problems, many, seqs
from boosterwatch.engine.audit.check.report import Checked, Report
from boosterwatch.engine.audit.check.slices import SLICE, Slice, Task, check_apart, check_slice
from boosterwatch.engine.audit.check.snapshot import (
    COUNT_ENTRIES,
    COUNT_MARKS,
    ENTRIES_OUTSIDE,
    LEAF_TILES_OUTSIDE,
    MARKS_OUTSIDE,
    READ_HEADS,
    READ_MARK_NAMES,
    READ_PLACES,
    READ_UPPER_TILES,
    SEALED_OUTSIDE,
    Row,
    Snapshot,
    Unreadable,
    pages,
)
from boosterwatch.engine.audit.check.structure import check_file, check_file_apart, check_info, check_tables
from boosterwatch.engine.audit.check.trees import TILE, upper_tiles
from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.audit.log.notes import HeadVerifier, NoteError
from boosterwatch.engine.audit.log.statements import Statement
from boosterwatch.engine.audit.log.stores import store_at
from boosterwatch.engine.audit.log.versions import see_version


def verify(
    url: str,
    key: HeadVerifier,
    *,
    earlier: Sequence[Earlier] = (),
    problems: Problems | None = None,
    jobs: int = 1,
) -> Report:
    """Return whether the log at an address is whole, with everything that is wrong.

    `earlier` are heads that were kept outside of the log: without one, a wiped log and an older copy put back cannot be
    told from a whole log. `problems` may bring what was already found. With `jobs` above 1 other processes help.
    Raises LogError when there is no log to read at all: BW500 to BW502, BW510, BW518.
    """
    found = Problems(LIMIT) if problems is None else problems
    store = store_at(url)
    if store.has_vanished():
        raise refusals.no_log(store.shown)
    try:
        with Snapshot(url) as snapshot:
            see_version(snapshot, store)
            return _Verification(url, snapshot, key, found).run(earlier, jobs)
    except Unreadable as error:
        raise refusals.unreadable(store.shown, str(error)) from error


class _Verification:
    def __init__(self, url: str, snapshot: Snapshot, key: HeadVerifier, problems: Problems) -> None:
        self._url = url
        self._snapshot = snapshot
        self._key = key
        self._problems = problems
        self._joined = Joined(key.log, problems)

    def run(self, earlier: Sequence[Earlier], jobs: int) -> Report:
        check_tables(self._snapshot, self._problems)
        check_info(self._snapshot, self._key, self._problems)
        heads, sizes = self._heads()
        end = max([self._number(COUNT_ENTRIES, "`entry`"), *(head.size for head in heads)])
        wanted = frozenset(head.size for head in heads) | {one.head.size for one in earlier}
        tasks = [
            Task(self._url, self._key.log, start, stop, _within(wanted, start, stop), self._problems.limit)
            for start, stop in pages(0, end, SLICE)
        ]
        for part in self._slices(tasks, jobs):
            self._joined.add(part)
        self._compare(heads, sizes, earlier, end)
        return self._report(heads, len(earlier), end)

    def _heads(self) -> tuple[list[SignedHead], list[int]]:
        """Return the heads with a good signature, and the sizes under which rows stand."""
        try:
            rows = self._snapshot.rows(READ_HEADS)
        except Unreadable as error:
            self._problems.add("BW520", f"table `head` cannot be read: {error}")
            return [], []
        found: list[SignedHead] = []
        for size, note in rows:
            try:
                head = self._key.verify(note) if isinstance(note, str) else None
                if head is None or head.size != size:
                    raise NoteError("it stands under another size, or is no text")
                found.append(head)
            except NoteError as error:
                self._problems.add("BW528", f"the head of size {size} does not count: {error}")
        return found, [size for size, _ in rows]

    def _number(self, statement: Statement, what: str, values: Sequence[object] = ()) -> int:
        try:
            return self._snapshot.number(statement, values)
        except Unreadable as error:
            self._problems.add("BW520", f"table {what} cannot be counted: {error}")
            return 0

    def _slices(self, tasks: Sequence[Task], jobs: int) -> Iterator[Slice]:
        if jobs == 1 or len(tasks) < 2:
            check_file(self._snapshot, self._problems)
            yield from (check_slice(self._snapshot, task) for task in tasks)
            return
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            file = pool.submit(check_file_apart, self._url, self._problems.limit)
            yield from pool.map(check_apart, tasks)
            self._problems.join(file.result().found, file.result().counts)

    def _compare(self, heads: Sequence[SignedHead], sizes: list[int], earlier: Sequence[Earlier], end: int) -> None:
        """Hold everything that is about the whole log against its slices."""
        compare_heads(self._joined, heads, self._problems)
        self._compare_kept(sizes, end)
        self._compare_upper_tiles()
        self._compare_outside(end)
        self._compare_mark_count()
        compare_earlier(self._joined, earlier, self._problems)

    def _compare_kept(self, sizes: list[int], end: int) -> None:
        """The heads of a log are known beforehand, so that none can be taken away."""
        newest = max(sizes, default=0)
        if newest < end:
            self._problems.add("BW530", f"no head covers {seqs(newest, end - 1)}")
        for size in sorted(kept_sizes(max(newest, end - end % TILE)) ^ {*sizes}):
            how = "is there without need" if size in sizes else "is missing"
            self._problems.add("BW530", f"the head of size {size} {how}")

    def _compare_upper_tiles(self) -> None:
        try:
            rows = self._snapshot.rows(READ_UPPER_TILES)
        except Unreadable as error:
            self._problems.add("BW520", f"table `tile` cannot be read: {error}")
            return
        stored = {(level, at): (root, hashes) for level, at, root, hashes in rows}
        for (level, at), wanted in upper_tiles(self._joined.skyline.roots).items():
            if stored.pop((level, at), None) != wanted:
                self._problems.add("BW527", f"tile {at} of level {level} is missing, or not that of its entries")
        if self._joined.lost is None:
            for level, at in stored:
                self._problems.add("BW527", f"tile {at} of level {level} is there without need")

    def _compare_outside(self, end: int) -> None:
        """Look for rows at places that the log does not have."""
        for statement, code, what, last in (
            (ENTRIES_OUTSIDE, "BW530", "entry", end),
            (MARKS_OUTSIDE, "BW525", "entry_mark", end),
            (SEALED_OUTSIDE, "BW526", "sealed", end),
            (LEAF_TILES_OUTSIDE, "BW527", "tile", end // TILE),
        ):
            count = self._number(statement, f"`{what}`", (0, last))
            if count:
                self._problems.add(code, f"table `{what}` has {many(count, 'row')} at places that no entry has")

    def _compare_mark_count(self) -> None:
        """Look for marks under names that no entry of their slice has, when there are more than the entries ask for."""
        if self._number(COUNT_MARKS, "`entry_mark`") == self._joined.marks and not self._problems.counts["BW525"]:
            return
        try:
            for sort, name in self._snapshot.rows(READ_MARK_NAMES):
                for start, end, names in self._joined.names:
                    if (sort, name) not in names:
                        self._report_marks(sort, self._snapshot.rows(READ_PLACES, (sort, name, start, end)))
        except Unreadable as error:
            self._problems.add("BW520", f"table `entry_mark` cannot be read: {error}")

    def _report_marks(self, sort: str, places: Sequence[Row]) -> None:
        for (seq,) in places:
            self._problems.add("BW525", f"entry {seq}: a mark of sort `{sort}` is there without need")

    def _report(self, heads: Sequence[SignedHead], earlier: int, end: int) -> Report:
        joined = self._joined
        roots = joined.skyline.roots
        checked = Checked(
            entries=end,
            marks=joined.marks,
            sealed=joined.sealed,
            sealed_bytes=joined.sealed_bytes,
            tiles=len(roots) + len(upper_tiles(roots)),
            heads=len(heads),
            earlier=earlier,
        )
        head = max(heads, key=lambda one: one.size, default=None)
        found = self._problems
        return Report(self._key.log, self._snapshot.store.shown, head, checked, tuple(found.found), dict(found.counts))


def _within(sizes: frozenset[int], start: int, end: int) -> frozenset[int]:
    return frozenset(size for size in sizes if start < size <= end)
