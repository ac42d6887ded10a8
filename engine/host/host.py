"""The host: one pack for an embedding service, always a release that may be used, swapped whole when a better comes.

It looks when told to (`refresh`) or every so often (`start`). What is wrong with what it finds is an event, and the
release in use stays. It stops deciding only when its own release was withdrawn, or may not be used any more: then
`evaluate` raises, and goes on as soon as a good release is there. What the host does is in `watch.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.host.events import Event, Journal, Listener, News
from boosterwatch.engine.host.load import Day, Hosted, HostPurpose, Site
from boosterwatch.engine.host.repeat import Repeat
from boosterwatch.engine.host.sources import Source
from boosterwatch.engine.host.store import Store
from boosterwatch.engine.host.watch import NotRunning, Watch, our_fault
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.overlay import read_overlay
from boosterwatch.engine.pack.review import Overdue
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.engine.trust.model import Approved, Keyring

__all__ = ["EngineHost", "NotRunning"]


class EngineHost:
    """Runs one pack for an embedding service; safe to share between threads.

    `source` is a folder that is watched, or a callable that returns bytes or None. `keyring` is a keyring, or the file
    of one, which is read again at every look. `state` is a folder of the host's own, where it keeps the floor and the
    last known good bundle. `clock` returns now, in the clinic's own time zone. `on_event` is called with every event,
    on the thread that found it. `overlay` is the file of a site's changes, `overdue` the override of an overdue review.

    Nothing is looked at before the first `refresh` or `start`, except the overlay and the clock. Raises PackError for
    an overlay with errors, OSError when it cannot be read, ValueError when the clock tells no time zone, TypeError for
    another kind of source.
    """

    def __init__(
        self,
        pack: str,
        *,
        source: Source,
        keyring: Keyring | Path,
        state: Path,
        clock: Callable[[], datetime],
        on_event: Listener | None = None,
        purpose: HostPurpose = "decisions",
        overlay: Path | None = None,
        overdue: Overdue | None = None,
        keep_events: int = 100,
    ) -> None:
        self._moment = clock()
        if self._moment.tzinfo is None:
            raise ValueError("the clock must tell its time zone, such as `lambda: datetime.now(UTC)`")
        if not isinstance(source, Path) and not callable(source):
            raise TypeError("the source must be a Path or a callable that returns bytes or None")
        laid = None if overlay is None else read_overlay(overlay.read_bytes(), str(overlay))
        self._pack = pack
        self._clock = clock
        self._watch = Watch(pack, source, keyring, Store(state, pack), Site(purpose, laid, overdue))
        self._journal = Journal(on_event, keep_events)
        self._looking = Lock()
        self._repeat: Repeat | None = None

    def evaluate(self, record: Mapping[str, Any] | Record) -> Decision:
        """Return the decision about one patient, wholly under the release that was in use when this was called.

        Raises NotRunning when no release may be used (BW480), and RecordError when the record cannot be used, or is of
        a day before the release began (BW481).
        """
        hosted = self._now()
        facts = record if isinstance(record, Record) else record_from_mapping(record)
        begins = hosted.manifest.effective
        if facts.as_of < date.fromisoformat(begins).toordinal():
            message = f"the record is of a day before `{hosted.name}` began, which was {begins}"
            hint = f'load the version of that day: `load_pack("{self._pack}", on=DAY)`'
            raise RecordError((Diagnostic("BW481", message, None, hint),))
        return evaluate(hosted.pack, facts)

    @property
    def pack(self) -> LoadedPack:
        """The pack in use. Raises NotRunning."""
        return self._now().pack

    @property
    def approved(self) -> Approved:
        """Who approved the release in use, and until when. Raises NotRunning."""
        return self._now().approved

    @property
    def events(self) -> tuple[Event, ...]:
        """The last events, the oldest first."""
        return self._journal.events

    def refresh(self) -> tuple[Event, ...]:
        """Look once, and return what happened; nothing is raised, whatever the source, clock and listener do."""
        with self._looking:
            news = News(self._moment, self._journal)
            try:
                self._moment = self._clock()
                news = News(self._moment, self._journal)
                self._watch.look(Day.of(self._moment), news)
                news.works("host")
            except Exception as error:  # the last line of defence: what is in use stays in use
                news.failed("host", (our_fault(error),))
        self._journal.tell(news.events)
        return tuple(news.events)

    def start(self, every_seconds: float) -> Self:
        """Look now, and then every so often on a thread of its own, until `stop`. Raises RuntimeError when started."""
        if self._repeat is not None:
            raise RuntimeError("the host was started already")
        self.refresh()
        self._repeat = Repeat(self.refresh, every_seconds, f"boosterwatch-{self._pack}")
        return self

    def stop(self) -> None:
        """End the looking; what is in use goes on deciding. Stopping a host that was not started does nothing."""
        repeat, self._repeat = self._repeat, None
        if repeat is not None:
            repeat.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _now(self) -> Hosted:
        """Return what is in use at this moment; that it may not be used any more is told like any event."""
        moment = self._clock()
        news = News(moment, self._journal)
        try:
            return self._watch.now(Day.of(moment), news)
        finally:
            self._journal.tell(news.events)
