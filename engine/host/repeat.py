"""A thread that does one thing every so often until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread, current_thread


class Repeat:
    """A background thread; it ends with the process, and `do` must not raise."""

    def __init__(self, do: Callable[[], object], every_seconds: float, name: str) -> None:
        if not every_seconds > 0:
            raise ValueError("every_seconds must be above 0")
        self._do = do
        self._every = every_seconds
        self._over = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            self._do()

    def stop(self) -> None:
        """End the thread and wait for what it is doing; called from that thread itself, do not wait."""
        self._over.set()
        if self._thread is not current_thread():
            self._thread.join()
