"""A host before PostgreSQL that can fall silent: what it gets then is lost, and nobody is told."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import make_url


class Relay:
    """Passes everything on to a Unix socket, later by so many seconds at first."""

    def __init__(self, target: str, delay: float = 0) -> None:
        self.target, self.delay, self.silent = target, delay, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                time.sleep(self.delay)
                other = socket.socket(socket.AF_UNIX)
                other.connect(self.target)
                self.lines += [line, other]
                for ends in ((line, other), (other, line)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                if not self.silent:
                    target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End all connections."""
        self.listener.shutdown(socket.SHUT_RDWR)
        for line in (self.listener, *self.lines):
            line.close()


@contextmanager
def two_hosts(url: str) -> Iterator[tuple[str, Relay]]:
    """The URL with two hosts in place of the socket, and that of them which responds sooner."""
    server = make_url(url)
    with ExitStack() as stack:
        relays = [Relay(f"{server.query['host']}/.s.PGSQL.5432", delay) for delay in (0, 0.1)]
        for relay in relays:
            stack.callback(relay.close)
        ports = ",".join(str(relay.port) for relay in relays)
        both = server.set(query={"host": "127.0.0.1,127.0.0.1", "port": ports})
        yield both.render_as_string(hide_password=False), relays[0]
