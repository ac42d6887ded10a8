"""A bundle, verified before use: who approved it, what it may be used for, whether it is old, what it compiles to.

Flow: open -> **require, compile** -> evaluate. Nothing of a bundle is compiled before its approval holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.host.bundle import Bundle, open_bundle
from boosterwatch.engine.host.floor import Floor
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.find import Found
from boosterwatch.engine.pack.manifest import Manifest
from boosterwatch.engine.pack.open import compile_found
from boosterwatch.engine.pack.review import Overdue, Review, ask_review
from boosterwatch.engine.trust.approve import require_approval
from boosterwatch.engine.trust.model import Approved, Keyring

HostPurpose = Literal["decisions", "shadow"]
_MAY: dict[HostPurpose, tuple[str, ...]] = {"decisions": ("active",), "shadow": ("active", "trial")}


@dataclass(frozen=True, slots=True)
class Day:
    """One moment as two calendar days: signatures hold by the day in UTC, a pack begins by the day at the clinic."""

    utc: date
    clinic: date

    @classmethod
    def of(cls, moment: datetime) -> Day:
        """Return the days of a moment in the clinic's own zone; a moment without a zone is taken as UTC."""
        return cls(moment.astimezone(UTC).date() if moment.tzinfo else moment.date(), moment.date())


@dataclass(frozen=True, slots=True)
class Site:
    """What a site does with every pack: what for, with which changes, and under which override of an overdue review."""

    purpose: HostPurpose = "decisions"
    overlay: Document | None = None
    overdue: Overdue | None = None

    def under(self, keyring: Keyring) -> Terms:
        """Return what is asked of a bundle at this site under a keyring."""
        return Terms(keyring, self)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of every bundle, and what is laid over it."""

    keyring: Keyring
    site: Site


@dataclass(frozen=True, slots=True)
class Hosted:
    """A pack that may be used, with the bundle it came in, who approved it, and how its review stands today."""

    pack: LoadedPack
    bundle: Bundle
    approved: Approved
    review: Review | None

    @property
    def manifest(self) -> Manifest:
        """What was released."""
        return self.bundle.manifest

    @property
    def name(self) -> str:
        """The pack as `id@version`."""
        return f"{self.manifest.id}@{self.manifest.version}"


def load_bundle(
    data: bytes,
    shown: str,
    keyring: Keyring,
    on: date,
    floor: Floor | None = None,
    *,
    purpose: HostPurpose = "decisions",
    overlay: Document | None = None,
    overdue: Overdue | None = None,
) -> Hosted:
    """Return the pack of a bundle, ready to evaluate. `on` is today; `shown` is what messages call the file.

    Without a `floor` an older version than before is not noticed. Raises PackError with every reason why the bundle may
    not be used: changed bytes (BW261 to BW267), no approval (BW248 to BW259), a status that does not allow the use
    (BW142), not begun (BW483), an old or withdrawn release (BW269 to BW271), an overdue review (BW143), an overlay that
    does not fit (BW220 to BW227), rules that are not those of the release (BW268).
    """
    terms, day = Terms(keyring, Site(purpose, overlay, overdue)), Day(on, on)
    bundle = open_bundle(data, shown)
    approved = require_use(bundle, terms, day, floor or Floor())
    pack = make_ready(compile_bundle(bundle), terms, day)
    return Hosted(pack, bundle, approved, pack.review)


def require_use(bundle: Bundle, terms: Terms, day: Day, floor: Floor) -> Approved:
    """Return who approved a bundle that may be used today. Raises PackError with every reason why it may not."""
    problems = [*_of_release(bundle.manifest, terms.site.purpose, day), *floor.problems(bundle.manifest)]
    try:
        approved = require_approval(bundle.manifest, bundle.envelopes, terms.keyring, day.utc)
    except PackError as error:
        raise PackError((*error.diagnostics, *problems)) from None
    if problems:
        raise PackError(problems)
    return approved


def _of_release(manifest: Manifest, purpose: HostPurpose, day: Day) -> Iterator[Diagnostic]:
    name = f"`{manifest.id}@{manifest.version}`"
    if manifest.status not in _MAY[purpose]:
        what = "decide" if purpose == "decisions" else "run in a shadow"
        hint = f"this host runs what is {' or '.join(_MAY[purpose])}; release a version with that status"
        yield Diagnostic("BW142", f"{name} is {manifest.status} and may not {what} in a host", None, hint)
    if date.fromisoformat(manifest.effective) > day.clinic:
        hint = "leave it where it is: it is taken into use on that day"
        yield Diagnostic("BW483", f"{name} begins on {manifest.effective}", None, hint, "note")


def compile_bundle(bundle: Bundle) -> ir.Pack:
    """Return the compiled pack of a bundle that may be used.

    Raises PackError: BW268 when it is not what was released, as with an engine that compiles in another way.
    """
    manifest = bundle.manifest
    pack = compile_found(Found(bundle.folder, bundle.shown))
    released = (manifest.id, manifest.version, manifest.status, manifest.effective, manifest.digest)
    if (pack.id, pack.version, pack.status, pack.effective, pack.digest) != released:
        digests = f"{pack.digest[:12]}, not {manifest.digest[:12]}"
        message = f"`{bundle.shown}` compiles to other rules than were released: {digests}"
        hint = f"run it with boosterwatch {manifest.tool}, which released it, or release it again with this one"
        raise PackError((Diagnostic("BW268", message, None, hint),))
    return pack


def make_ready(pack: ir.Pack, terms: Terms, day: Day) -> LoadedPack:
    """Return a compiled pack ready to evaluate at this site today; all that is built once is built here.

    Raises PackError when its review is overdue (BW143), or the site's overlay does not fit (BW220 to BW227).
    """
    review = _review(pack, terms, day)
    laid = pack if terms.site.overlay is None else lay_over(pack, terms.site.overlay)
    ready = LoadedPack(laid, review)
    _ = ready.plan, ready.evaluators  # else the first patients would wait for them
    return ready


def renew(hosted: Hosted, terms: Terms, day: Day, floor: Floor) -> Hosted:
    """Return a pack in use as it may be used on another day, or under another keyring.

    Raises PackError with every reason why it may not be used any more.
    """
    approved = require_use(hosted.bundle, terms, day, floor)
    pack, review, before = hosted.pack, _review(hosted.pack.ir, terms, day), hosted.pack.review
    if (before and before.recorded) != (review and review.recorded):  # what decisions say of it has changed
        pack = LoadedPack(pack.ir, review)
    return replace(hosted, pack=pack, approved=approved, review=review)


def _review(pack: ir.Pack, terms: Terms, day: Day) -> Review | None:
    """Return how the review of a pack stands; None for one that only runs in a shadow. Raises PackError (BW143)."""
    if terms.site.purpose == "shadow":
        return None
    return ask_review(pack, f"{pack.id}@{pack.version}", day.clinic, terms.site.overdue)
