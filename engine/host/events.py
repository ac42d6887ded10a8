"""What happens to a host, as data: told to the embedder, and the last of it kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, to_json
from boosterwatch.engine.host.looking import Refused
from boosterwatch.engine.pack.manifest import Manifest

Kind = Literal["accepted", "refused", "stopped", "noticed", "failed"]
Problems = tuple[Diagnostic, ...]
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `pack` is `id@version`, `manifest` the SHA-256 of its release.json, where one is known.

    `accepted`: a release is in use. `refused`: something offered is not used, and nothing else changed. `stopped`: the
    release in use may not be used any more. `noticed`: something will happen. `failed`: something around the host is
    broken. `source` says where it came from; no event holds anything of a patient.
    """

    at: datetime
    kind: Kind
    source: str
    pack: str | None = None
    manifest: str | None = None
    diagnostics: Problems = ()

    def to_json(self) -> dict[str, object]:
        """Return the event as plain data for a log."""
        return {
            "at": self.at.isoformat(),
            "kind": self.kind,
            "source": self.source,
            "pack": self.pack,
            "manifest": self.manifest,
            "diagnostics": [to_json(diagnostic) for diagnostic in self.diagnostics],
        }


Listener = Callable[[Event], object]


class Journal:
    """The last events, and what was told before. Safe to share between threads."""

    def __init__(self, listener: Listener | None, keep: int) -> None:
        self._listener = listener
        self._kept: deque[Event] = deque(maxlen=keep)
        self._told: dict[object, None] = {}
        self._broken: dict[str, object] = {}
        self._lock = Lock()

    @property
    def events(self) -> tuple[Event, ...]:
        """The last events, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def tell(self, events: Iterable[Event]) -> None:
        """Keep events and hand them to the listener; when it raises, that is an event too, and it is not told that."""
        for event in events:
            self._keep(event)
            if self._listener is not None:
                try:
                    self._listener(event)
                except Exception as error:  # an embedder's mistake must not stop a host
                    message = f"the listener raised {type(error).__name__} on an event of kind `{event.kind}`"
                    problem = Diagnostic("BW485", message, None, "mend `on_event`; the events are kept in `events`")
                    self._keep(Event(event.at, "failed", "on_event", diagnostics=(problem,)))

    def _keep(self, event: Event) -> None:
        with self._lock:
            self._kept.append(event)

    def first_time(self, key: object) -> bool:
        """Return whether this was not asked before; of very many keys the oldest are forgotten."""
        with self._lock:
            if key in self._told:
                return False
            self._told[key] = None
            if len(self._told) > _MOST_REMEMBERED:
                del self._told[next(iter(self._told))]
            return True

    def breaks(self, what: str, how: object) -> bool:
        """Return whether something was whole, or broken in another way, when it was last asked for."""
        with self._lock:
            before = self._broken.get(what)
            self._broken[what] = how
            return before != how

    def works(self, what: str) -> None:
        """Note that something is whole, so that its next fault is told."""
        with self._lock:
            self._broken.pop(what, None)


class News:
    """What one look has to tell, gathered until the look is over; what was told before is left out."""

    def __init__(self, at: datetime, journal: Journal) -> None:
        self._at = at
        self._journal = journal
        self.events: list[Event] = []

    def tell(self, kind: Kind, source: str, manifest: Manifest | None = None, problems: Problems = ()) -> None:
        """Add an event."""
        name = None if manifest is None else f"{manifest.id}@{manifest.version}"
        digest = None if manifest is None else manifest.sha256
        self.events.append(Event(self._at, kind, source, name, digest, problems))

    def refused(self, one: Refused) -> None:
        """Add that bytes are not used; of the same bytes only when the reasons are others than before."""
        if self._journal.first_time((one.sha256, codes(one.problems))):
            waiting = all(problem.level == "note" for problem in one.problems)
            self.tell("noticed" if waiting else "refused", one.source, one.manifest, one.problems)

    def stopped(self, one: Refused) -> None:
        """Add that the release in use may not be used any more; that its bundle is refused from now on is no news."""
        self._journal.first_time((one.sha256, codes(one.problems)))
        self.tell("stopped", one.source, one.manifest, one.problems)

    def failed(self, what: str, problems: Problems) -> None:
        """Add that something around the host is broken, once until it `works` again."""
        if self._journal.breaks(what, codes(problems)):
            self.tell("failed", what, problems=problems)

    def works(self, what: str) -> None:
        """Note that something around the host is whole."""
        self._journal.works(what)

    def once(self, key: object, source: str, manifest: Manifest, problem: Diagnostic) -> None:
        """Add that something will happen, once for a key."""
        if self._journal.first_time(key):
            self.tell("noticed", source, manifest, (problem,))


def codes(problems: Problems) -> frozenset[str]:
    """Return the codes of problems. Their messages may count days, and a day that passes is no news."""
    return frozenset(problem.code for problem in problems)
