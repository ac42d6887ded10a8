"""A proxy before PostgreSQL that cuts connections around a COMMIT, as a network does."""

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Literal, Self

Cut = Literal["before", "at once", "after"]


class Proxy:
    """Passes bytes on; when armed, the next COMMIT ends its connection: before it is sent, at once, or unanswered."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut: Cut | None = None
        self.down = False
        self.cuts = 0
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self.down:
                    client.close()
                else:
                    self._open.add(client)
                    self._start(self._pass, client)

    def _pass(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self._server) as server:
            self._open.add(server)
            muted = False
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for one in ready:
                    data = one.recv(1 << 16)
                    if not data or (muted and one is server):
                        return  # what the server says to the COMMIT is for nobody
                    if one is server:
                        client.sendall(data)
                        continue
                    cut = self._cuts(data)
                    if cut == "before":
                        return
                    server.sendall(data)
                    if cut == "at once":
                        return
                    muted = cut == "after"

    def _cuts(self, data: bytes) -> Cut | None:
        """Return how the connection ends if these bytes hold the COMMIT that was waited for."""
        if self.cut is None or b"COMMIT" not in data:
            return None
        cut, self.cut = self.cut, None
        self.cuts += 1
        return cut

    def fail(self) -> None:
        """Be a database that is down: end every connection, take none."""
        self.down = True
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.fail()
        for thread in self._threads:
            thread.join()
