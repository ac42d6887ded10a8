"""The release in use, and what changes it: a better one that was found, a withdrawal, a day that passes.

The one thing that evaluations see is `_using`; each reads it once, and it is replaced whole. What is wrong is told as
news; only `now` raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import Lock

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.host.ahead import reminders
from boosterwatch.engine.host.bundle import Bundle
from boosterwatch.engine.host.events import News, Problems
from boosterwatch.engine.host.floor import Floor
from boosterwatch.engine.host.load import Day, Hosted, Site, Terms, compile_bundle, make_ready, renew
from boosterwatch.engine.host.looking import Candidate, Opened, Refused, open_offers, reason_of, usable, withdrawals
from boosterwatch.engine.host.sources import Offer, Source, Unreadable, look
from boosterwatch.engine.host.store import Store
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.trust.keyring import read_keyring
from boosterwatch.engine.trust.model import Keyring, Statement

_MOST_COMPILED = 4
_NEVER = "the events of the host tell what was offered, and why it was refused"
_STOPPED = "it decides again as soon as a release is offered that may be used"


class NotRunning(PackError):
    """A host has no release that may be used: BW480, and why."""


@dataclass(frozen=True, slots=True)
class _Using:
    """What is in use, and the day on which that was last asked; without a pack, why it was stopped."""

    hosted: Hosted | None = None
    day: Day | None = None
    problems: Problems = ()


class Watch:
    """Keeps the best release that may be used in use; `look` is called by one thread at a time, the rest by any."""

    def __init__(self, pack: str, source: Source, keyring: Keyring | Path, store: Store, site: Site) -> None:
        self._pack = pack
        self._source = source
        self._keyring = keyring
        self._store = store
        self._site = site
        self._terms: Terms | None = None
        self._using = _Using()
        self._swapping = Lock()  # held for milliseconds; compiling is done before
        self._withdrawn: dict[str, str] = {}  # what this process has seen, whether or not the floor could be written
        self._compiled: dict[str, ir.Pack] = {}

    # ---------------------------------------------------------------- what is in use

    def now(self, day: Day, news: News) -> Hosted:
        """Return what is in use on a day. On another day than before it is asked first whether it still may be.

        Raises NotRunning, with every reason.
        """
        if self._using.day != day and self._terms is not None:
            self._ask_again(self._terms, day, news)
        using = self._using
        if using.hosted is None:
            message = f"no release of `{self._pack}` may be used here"
            hint = _STOPPED if using.problems else _NEVER
            raise NotRunning((Diagnostic("BW480", message, None, hint), *using.problems))
        return using.hosted

    def _ask_again(self, terms: Terms, day: Day, news: News) -> None:
        """Ask whether what is in use may be used on this day and under these terms; if not, nothing is in use."""
        with self._swapping:
            hosted = self._using.hosted
            if hosted is None:
                return
            try:
                renewed = renew(hosted, terms, day, Floor(withdrawn=self._withdrawn))
                self._using = _Using(renewed, day)
            except PackError as error:
                self._using = _Using(None, day, error.diagnostics)
                news.stopped(Refused(hosted.bundle.shown, hosted.bundle.sha256, error.diagnostics, hosted.manifest))

    # ---------------------------------------------------------------- one look

    def look(self, day: Day, news: News) -> None:
        """Look at the keyring, at what is offered, and at what is in use; take the best release into use."""
        self._read_keyring(news)
        if self._terms is None:
            return
        hosted = self._using.hosted
        opened = open_offers(self._offers(news), self._pack, hosted.bundle.sha256 if hosted else None)
        for refused in opened.refused:
            news.refused(refused)
        floor = self._heed_withdrawals(opened, self._terms, news)
        self._ask_again(self._terms, day, news)
        if floor is not None:
            self._take_best(opened, self._terms, day, floor, news)
        if self._using.hosted is not None:
            for key, problem in reminders(self._using.hosted, day, self._site.overdue):
                news.once(key, self._using.hosted.bundle.shown, self._using.hosted.manifest, problem)

    def _read_keyring(self, news: News) -> None:
        """Read the keyring again where it is a file; one that cannot be read leaves the last good one in force."""
        if not isinstance(self._keyring, Path):
            self._terms = self._site.under(self._keyring)
            return
        try:
            self._terms = self._site.under(read_keyring(self._keyring.read_bytes(), str(self._keyring)))
            news.works("keyring")
        except PackError as error:
            news.failed("keyring", error.diagnostics)
        except OSError as error:
            message = (
                f"the keyring `{self._keyring}` cannot be read: {(error.strerror or 'it is no file name').lower()}"
            )
            hint = "the last keyring that could be read stays in force; without one, nothing is used"
            news.failed("keyring", (Diagnostic("BW487", message, None, hint),))

    def _offers(self, news: News) -> list[Offer]:
        """Return what the source offers, and the last known good bundle."""
        found: list[Offer | Unreadable | None] = []
        try:
            found += look(self._source)
            news.works("source")
        except Exception as error:  # whatever an embedder's callable raises
            news.failed("source", (_source_failed(error),))
        found.append(self._store.last_good())
        for one in found:
            if isinstance(one, Unreadable):
                message = f"`{one.shown}` cannot be read: {one.reason}"
                news.failed(one.shown, (Diagnostic("BW484", message, None, "let the host's account read it"),))
        return [one for one in found if isinstance(one, Offer)]

    def _heed_withdrawals(self, opened: Opened, terms: Terms, news: News) -> Floor | None:
        """Return the floor with what was withdrawn; None when it cannot be trusted or kept: nothing is then taken."""
        found, refused = withdrawals(opened, self._pack, terms.keyring)
        for one in refused:
            news.refused(one)
        for manifest, said in found.items():
            self._note_withdrawal(manifest, said, news)
        try:
            floor = self._store.floor()
            if not self._withdrawn.keys() <= floor.withdrawn.keys():
                floor = self._store.withdraw(self._withdrawn)
            news.works("floor")
        except PackError as error:
            news.failed("floor", error.diagnostics)
            return None
        self._withdrawn |= floor.withdrawn  # other hosts may share the floor
        return floor

    def _note_withdrawal(self, manifest: str, said: Statement, news: News) -> None:
        """Remember a withdrawal; that of what is in use is told when that is stopped, any other at once."""
        hosted = self._using.hosted
        if manifest not in self._withdrawn and (hosted is None or hosted.manifest.sha256 != manifest):
            message = f"`{said.pack}@{said.version}` was withdrawn: {reason_of(said)}"
            problem = Diagnostic("BW271", message, None, "it is not taken into use here", "note")
            news.tell("noticed", "withdrawal", problems=(problem,))
        self._withdrawn.setdefault(manifest, reason_of(said))

    def _take_best(self, opened: Opened, terms: Terms, day: Day, floor: Floor, news: News) -> None:
        candidates, refused = usable(opened.bundles, terms, day, floor)
        for one in refused:
            news.refused(one)
        hosted = self._using.hosted
        rank = None if hosted is None else Candidate(hosted.bundle, hosted.approved).rank
        for candidate in candidates:
            if rank is not None and candidate.rank <= rank:
                return
            if self._take(candidate, terms, day, news):
                return

    def _take(self, candidate: Candidate, terms: Terms, day: Day, news: News) -> bool:
        """Return whether a release was taken into use: compiled, kept, and only then swapped in."""
        bundle = candidate.bundle
        try:
            pack = self._ready(bundle, terms, day)
        except PackError as error:
            news.refused(Refused(bundle.shown, bundle.sha256, error.diagnostics, bundle.manifest))
            return False
        except Exception as error:  # a fault of ours must not keep a host from its last known good
            news.refused(Refused(bundle.shown, bundle.sha256, (our_fault(error),), bundle.manifest))
            return False
        try:
            self._store.accept(bundle)
            news.works("state")
        except PackError as error:
            news.failed("state", error.diagnostics)
            return False
        with self._swapping:
            self._using = _Using(Hosted(pack, bundle, candidate.approved, pack.review), day)
        news.tell("accepted", bundle.shown, bundle.manifest)
        return True

    def _ready(self, bundle: Bundle, terms: Terms, day: Day) -> LoadedPack:
        """Return the pack of a bundle; what was compiled stays so, for a bundle may come again with new signatures."""
        digest = bundle.manifest.sha256
        if digest not in self._compiled:
            if len(self._compiled) == _MOST_COMPILED:
                del self._compiled[next(iter(self._compiled))]
            self._compiled[digest] = compile_bundle(bundle)
        return make_ready(self._compiled[digest], terms, day)


def _source_failed(error: Exception) -> Diagnostic:
    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else type(error).__name__
    hint = "what is in use stays in use; the source is asked again at the next look"
    return Diagnostic("BW484", f"the source cannot be looked at: {reason}", None, hint)


def our_fault(error: Exception) -> Diagnostic:
    """Return an error that should not be as a problem: its kind and place, never a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    message = f"the host failed, our own fault: {type(error).__name__}{place}"
    return Diagnostic("BW489", message, None, "what is in use stays in use; report it with this line")
