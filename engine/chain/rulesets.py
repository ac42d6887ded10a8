"""The only module that talks to durable_rules: one thread's private, warmed rulesets, driven through the C extension.

What is done here, and what is left out, follows measurements (docs/decisions/003): no host and its endless threads, no
events, no joins, one fact at a time under one constant session, which is retracted again; and after any error at all
the rulesets are thrown away, because a half-matched session answers nothing without saying so.
"""

from __future__ import annotations

import importlib
import weakref
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Protocol, Self, cast

from boosterwatch.engine.chain.plan import NAME_LENGTH, Chunk
from boosterwatch.engine.chain.properties import DurableError

FACT_END = '"id":"f","sid":"s"}'
_SESSION = "s"
_GONE = '{"id":"f","sid":"s"}'
_WARM = '{"warm":1,"id":"f","sid":"s"}'
_MATCHED, _NOTHING_MATCHED = 0, 1
_NAME = slice(2, 2 + NAME_LENGTH)  # a firing is {"<name>":{"m":{<fact>}}}


class Library(Protocol):
    """The functions of the C extension that are used. A handle names a ruleset, a place its session."""

    def create_ruleset(self, name: str, rules: str) -> int: ...
    def delete_ruleset(self, handle: int) -> object: ...
    def delete_state(self, handle: int, sid: str) -> object: ...
    def assert_fact(self, handle: int, fact: str) -> tuple[int, int]: ...
    def retract_fact(self, handle: int, fact: str) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, place: int) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, place: int) -> str | None: ...


@cache
def durable_available() -> tuple[bool, str]:
    """Return whether the library's C extension can be imported here, and why not."""
    try:
        importlib.import_module("durable_rules_engine")
    except Exception as problem:  # a stale build fails in more ways than ImportError
        return False, f"durable_rules cannot be imported: {type(problem).__name__}: {problem}"
    return True, ""


def library() -> Library:
    """Return the C extension; raises DurableError where it cannot be imported."""
    available, reason = durable_available()
    if not available:
        raise DurableError(reason)
    return cast(Library, importlib.import_module("durable_rules_engine"))


class Rulesets:
    """The open rulesets of one plan in one thread; each is opened when it is first asked.

    Use it in a `with` block: leaving that on an error closes every ruleset, so that the next use starts afresh.
    """

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._library = library()
        self._chunks = chunks
        self._handles: list[int | None] = [None] * len(chunks)
        self._busy = False
        end = weakref.finalize(self, _close, self._library, self._handles)
        end.atexit = False

    def __enter__(self) -> Self:
        if self._busy:
            raise DurableError("an evaluation was started inside another one")
        self._busy = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._busy = False
        if kind is not None:
            self.close()

    def close(self) -> None:
        """Give the rulesets back; they open again at their next use."""
        _close(self._library, self._handles)

    def fire(self, number: int, fact: str) -> list[str]:
        """Return the names of the library rules of this chunk that hold for the fact, cut to `NAME_LENGTH`."""
        handle = self._handles[number] or self._open(number)
        code, place = self._library.assert_fact(handle, fact)
        if code == _NOTHING_MATCHED:  # and then nothing was stored
            return []
        if code != _MATCHED:
            raise DurableError(f"durable_rules answered {code} to a fact")
        names = self._firings(handle, place)
        self._library.retract_fact(handle, _GONE)
        return names

    def _firings(self, handle: int, place: int) -> list[str]:
        """Return the names of what fired; at least one rule did, or the session is stuck."""
        started = self._library.start_action_for_state(handle, place)
        if started is None:
            raise DurableError("durable_rules matched a fact but fired nothing")
        firing: str | None = started[1]
        names = []
        complete = self._library.complete_and_start_action
        while firing is not None:
            names.append(firing[_NAME])
            firing = complete(handle, place)
        return names

    def _open(self, number: int) -> int:
        handle = self._library.create_ruleset("rules", self._chunks[number].rules)
        try:
            self._warm(handle)
        except BaseException:
            # The session leaks: deleting one in which nothing ever fired frees pointers that nobody set.
            self._library.delete_ruleset(handle)
            raise
        self._handles[number] = handle
        return handle

    def _warm(self, handle: int) -> None:
        """Let one rule fire, which sets the pointers that deleting a session frees."""
        code, place = self._library.assert_fact(handle, _WARM)
        if code != _MATCHED or len(self._firings(handle, place)) != 1:
            raise DurableError("durable_rules did not fire the first rule")
        self._library.retract_fact(handle, _GONE)


def _close(library: Library, handles: list[int | None]) -> None:
    for at, handle in enumerate(handles):
        if handle is not None:
            handles[at] = None
            with suppress(Exception):  # there is nothing else to be done about a ruleset that cannot be deleted
                library.delete_state(handle, _SESSION)
                library.delete_ruleset(handle)
