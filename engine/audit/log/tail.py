"""The end of the log, read from the store and held against its own signed head before anything is added to it."""

from __future__ import annotations

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import SignedHead, Stored
from boosterwatch.engine.audit.log.grow import Tail
from boosterwatch.engine.audit.log.merkle import chain_next, chain_start, leaf_hash
from boosterwatch.engine.audit.log.notes import HeadSigner, NoteError
from boosterwatch.engine.audit.log.session import Fetching
from boosterwatch.engine.audit.log.statements import READ_ENTRY, READ_INFO, READ_LAST, READ_NEWEST_HEAD
from boosterwatch.engine.audit.log.tiles import StoredNodes, TileError


def read_tail(fetching: Fetching, signer: HeadSigner, shown: str) -> Tail:
    """Return the end of the log.

    Raises LogError BW509 when the keys are another log's, and BW508 when the newest head, the last entry, the chain and
    the tree do not fit each other; the driver's errors pass through.
    """
    _see_keys(fetching, signer, shown)
    heads = fetching.rows(READ_NEWEST_HEAD)
    if not heads:
        raise refusals.damaged(shown, "it has no signed head")
    size, note = heads[0]
    try:
        head = signer.verifier.verify(note)
    except NoteError as error:
        raise refusals.damaged(shown, f"{error}") from None
    if head.size != size:
        raise refusals.damaged(shown, f"the head of size {head.size} stands at {size}")
    _see_last(fetching, head, shown)
    return _tail_at(fetching, signer.log, head, shown)


def _see_keys(fetching: Fetching, signer: HeadSigner, shown: str) -> None:
    info = fetching.rows(READ_INFO)
    if len(info) != 1:
        raise refusals.damaged(shown, "it does not say which log it is")
    log, public = info[0]
    if log != signer.log:
        raise refusals.other_keys(shown, f"it is log `{log}`, the keys are of log `{signer.log}`")
    if bytes(public) != signer.verifier.public:
        raise refusals.other_keys(shown, "its heads are signed with another key")


def last_entry(fetching: Fetching) -> Stored | None:
    """Return the entry with the highest number, or None."""
    found = fetching.rows(READ_LAST)
    return _stored(found[0]) if found else None


def entry_at(fetching: Fetching, seq: int) -> Stored | None:
    """Return the entry at a place, or None."""
    found = fetching.rows(READ_ENTRY, (seq,))
    return _stored(found[0]) if found else None


def _stored(row: tuple[int, str, bytes, bytes]) -> Stored:
    seq, id_, body, leaf = row
    return Stored(seq, id_, bytes(body), bytes(leaf))


def previous_of(stored: Stored) -> bytes:
    """Return the chain hash that an entry names as the one before it; raises ValueError when it names none."""
    try:
        return bytes.fromhex(str(stored.entry()["previous"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no previous hash") from error


def _see_last(fetching: Fetching, head: SignedHead, shown: str) -> None:
    """Raise LogError BW508 unless the head ends with the last entry."""
    last = last_entry(fetching)
    size = 0 if last is None else last.seq + 1
    if size != head.size:
        raise refusals.damaged(
            shown, f"its newest head counts {head.size} entries, the last entry is number {size - 1}"
        )
    if last is None:
        fits = head.chain == chain_start(head.origin.rpartition("/")[2])
    else:
        try:
            fits = head.chain == chain_next(previous_of(last), last.leaf) and last.leaf == leaf_hash(last.body)
        except ValueError:
            fits = False
    if not fits:
        raise refusals.damaged(shown, f"its last entry, number {size - 1}, is not the one that its newest head signs")


def _tail_at(fetching: Fetching, log: str, head: SignedHead, shown: str) -> Tail:
    nodes = StoredNodes(fetching, head.size)
    try:
        peaks = nodes.peaks()
        edge = tuple(tuple(level) for level in nodes.edge())
    except TileError as error:
        raise refusals.damaged(shown, f"{error}") from None
    if peaks.root() != head.root:
        raise refusals.damaged(shown, "its tree does not have the root that its newest head signs")
    return Tail(log, head.size, head.chain, peaks, edge, head)


def continues(fetching: Fetching, before: Tail, now: Tail) -> bool:
    """Return whether the log as it is now begins with the log as it was before."""
    if now.size <= before.size:
        return now.size == before.size and now.chain == before.chain
    following = entry_at(fetching, before.size)
    try:
        return following is not None and previous_of(following) == before.chain
    except ValueError:
        return False
