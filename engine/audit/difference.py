"""Where two JSON documents differ: the paths, and what stands there in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


class _Absent:
    """The mark of what is not there at all, which is not the same as null."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place: its path, such as `trace[3].clauses[0].value`, what was there and what is now.

    Both may be values of a patient.
    """

    path: str
    was: Any
    now: Any

    def kinds(self) -> str:
        """Return what differs without quoting a value."""
        was, now = _kind(self.was), _kind(self.now)
        return f"{was}, now another" if was == now else f"{was}, now {now}"


def differences(was: Any, now: Any, path: str = "") -> Iterator[Difference]:
    """Yield where two documents differ, in the order of the first; 1 and 1.0 differ, and so do 0 and false.

    >>> [one.path for one in differences({"a": [1, 2], "b": 0}, {"a": [1, 3], "c": 0})]
    ['a[1]', 'b', 'c']
    """
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*was, *now)):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(was.get(key, ABSENT), now.get(key, ABSENT), inner)
    elif _is_list(was) and _is_list(now):
        for at in range(max(len(was), len(now))):
            yield from differences(_item(was, at), _item(now, at), f"{path}[{at}]")
    elif type(was) is not type(now) or was != now:
        yield Difference(path, was, now)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _item(values: Sequence[Any], at: int) -> Any:
    return values[at] if at < len(values) else ABSENT


def _kind(value: Any) -> str:
    match value:
        case _Absent():
            return "nothing"
        case None:
            return "null"
        case bool():
            return "a truth"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case Mapping():
            return "an object"
    return "a list"
