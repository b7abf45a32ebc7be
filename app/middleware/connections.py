"""The open connections of a worker: their maximum number, and time limits for idle and slow clients.

One timer checks all of them once a second, so no request needs a timer of its own.
"""

import asyncio
import sys
from enum import Enum
from typing import Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

if sys.platform != "win32":
    import fcntl
    import resource
    import termios

MAX_CONNECTIONS = 4096  # each may have 64 KB of an incomplete head in memory
RESERVED_FILES = 200  # open files for the database, exports, webhooks and logs
SHED_SHARE = 16  # a full worker closes 1/16 of its connections at once
MAX_STALL = 5  # seconds in which a client must accept `MIN_ACCEPTED` bytes of a response
MIN_ACCEPTED = 4096  # bytes


class Phase(Enum):
    """What a connection is waiting for."""

    HEAD = "the head of a request, from its first byte or the opening of the connection"
    BODY = "the rest of a request"
    WHOLE = "a response, or the next request"
    CLOSING = "the client to close the connection after its last response"


class Connection(Protocol):
    """The part of the server's protocol class used here; `seconds` count the current phase."""

    transport: asyncio.Transport
    phase: Phase
    seconds: int

    @property
    def is_busy(self) -> bool: ...

    @property
    def is_proven(self) -> bool: ...

    def on_tick(self) -> None: ...


class Connections:
    """All connections of one worker, oldest first."""

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self.loop = loop
        self.most = most
        self.open: dict[Connection, None] = {}
        self.timer: asyncio.TimerHandle | None = None

    def add(self, connection: Connection) -> bool:
        """Add a connection; false if the worker is full and none can be closed without loss."""
        if len(self.open) >= self.most and not self._shed():
            return False
        self.open[connection] = None
        if self.timer is None:
            self.timer = self.loop.call_later(1, self._each_second)
        return True

    def remove(self, connection: Connection) -> None:
        self.open.pop(connection, None)

    def tick(self) -> None:
        """Notify all connections that one second has passed."""
        for connection in list(self.open):
            connection.on_tick()

    def _each_second(self) -> None:
        self.tick()
        self.timer = self.loop.call_later(1, self._each_second) if self.open else None

    def _shed(self) -> bool:
        """Close some with an incomplete request, else some idle ones; the longest waiting first."""
        spare = [one for one in self.open if not one.is_busy]
        spare.sort(key=lambda one: (one.phase is Phase.WHOLE, one.is_proven, -one.seconds))
        for connection in spare[: max(self.most // SHED_SHARE, 1)]:
            connection.transport.abort()
            self.remove(connection)
        return bool(spare)


class Stall:
    """Detects a client that does not accept what is sent to it."""

    def __init__(self) -> None:
        self.seconds = 0
        self.pending = 0

    def is_over(self, transport: asyncio.Transport) -> bool:
        """Called once a second: whether the client has accepted next to nothing for too long."""
        if not transport.get_write_buffer_size():
            self.seconds = 0
            return False
        pending = unconfirmed(transport)
        if self.seconds and self.pending - MIN_ACCEPTED < pending <= self.pending:
            self.seconds += 1
        else:
            self.seconds, self.pending = 1, pending
        return self.seconds >= MAX_STALL


_by_server: WeakKeyDictionary[ServerState, Connections] = WeakKeyDictionary()


def connections_of(server: ServerState, loop: asyncio.AbstractEventLoop) -> Connections:
    """The connections of the server that this worker runs."""
    if server not in _by_server:
        _by_server[server] = Connections(loop, max_connections())
    return _by_server[server]


def open_connections() -> int:
    """The number of open connections of this worker."""
    return sum(len(connections.open) for connections in _by_server.values())


def max_connections() -> int:
    """The maximum number of connections under the limit of open files of the process."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(files - RESERVED_FILES, files // 4))


def unconfirmed(transport: asyncio.Transport) -> int:
    """Bytes that were sent and that the client's system has not confirmed yet."""
    return transport.get_write_buffer_size() + _in_kernel(transport)


def _in_kernel(transport: asyncio.Transport) -> int:
    """Bytes in the send buffer of the kernel (Linux only) that the client has not confirmed."""
    if sys.platform != "linux":
        return 0
    try:
        queued = fcntl.ioctl(
            transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4)
        )
    except OSError:  # already closed
        return 0
    return int.from_bytes(queued, sys.byteorder)
