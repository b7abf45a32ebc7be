"""The open connections of a worker: how many there are, and how long each may keep it waiting.

One timer looks at all of them once a second, so that a request costs nothing for it.
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

MAX_CONNECTIONS = 4096  # each may have a head of 64 KB under way
RESERVED_FILES = 200  # of the process's open files: database, exports, webhooks, logs
SHED_SHARE = 16  # a full worker closes this part of its connections at once
MAX_STALL = 5  # seconds for a client to take `MIN_TAKEN` of what is sent to it
MIN_TAKEN = 4096  # bytes


class Phase(Enum):
    """What a connection waits for."""

    HEAD = "the head of a request, from its first byte or the opening of the connection"
    BODY = "the rest of a request"
    WHOLE = "a response, or the next request"
    CLOSING = "the client, which has its last response, to close"


class Connection(Protocol):
    """What is needed of a protocol of the server; `seconds` are those of its phase."""

    transport: asyncio.Transport
    phase: Phase
    seconds: int

    @property
    def is_busy(self) -> bool: ...

    @property
    def is_proven(self) -> bool: ...

    def on_tick(self) -> None: ...


class Connections:
    """All of one worker, the oldest first."""

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self.loop = loop
        self.most = most
        self.open: dict[Connection, None] = {}
        self.timer: asyncio.TimerHandle | None = None

    def add(self, connection: Connection) -> bool:
        """Whether there is room; where there is none, those make it that nothing is lost with."""
        if len(self.open) >= self.most and not self._shed():
            return False
        self.open[connection] = None
        if self.timer is None:
            self.timer = self.loop.call_later(1, self._each_second)
        return True

    def remove(self, connection: Connection) -> None:
        self.open.pop(connection, None)

    def tick(self) -> None:
        """Tell all that a second has gone by."""
        for connection in list(self.open):
            connection.on_tick()

    def _each_second(self) -> None:
        self.tick()
        self.timer = self.loop.call_later(1, self._each_second) if self.open else None

    def _shed(self) -> bool:
        """Close some that owe a request, else some idle ones; those that wait longest first."""
        spare = [one for one in self.open if not one.is_busy]
        spare.sort(key=lambda one: (one.phase is Phase.WHOLE, one.is_proven, -one.seconds))
        for connection in spare[: max(self.most // SHED_SHARE, 1)]:
            connection.transport.abort()
            self.remove(connection)
        return bool(spare)


class Stall:
    """Whether a client takes what is sent to it."""

    def __init__(self) -> None:
        self.seconds = 0
        self.untaken = 0

    def is_over(self, transport: asyncio.Transport) -> bool:
        """Asked once a second: whether the client has taken next to nothing for too long."""
        if not transport.get_write_buffer_size():
            self.seconds = 0
            return False
        untaken = unconfirmed(transport)
        if self.seconds and self.untaken - MIN_TAKEN < untaken <= self.untaken:
            self.seconds += 1
        else:
            self.seconds, self.untaken = 1, untaken
        return self.seconds >= MAX_STALL


_of_servers: WeakKeyDictionary[ServerState, Connections] = WeakKeyDictionary()


def connections_of(server: ServerState, loop: asyncio.AbstractEventLoop) -> Connections:
    """Those of the server that this worker runs."""
    if server not in _of_servers:
        _of_servers[server] = Connections(loop, max_connections())
    return _of_servers[server]


def max_connections() -> int:
    """How many connections leave enough of the open files that the process may have."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(files - RESERVED_FILES, files // 4))


def unconfirmed(transport: asyncio.Transport) -> int:
    """Bytes that were sent and that the client's system has yet to confirm."""
    return transport.get_write_buffer_size() + _in_kernel(transport)


def _in_kernel(transport: asyncio.Transport) -> int:
    """Bytes that the system has and the client's has not confirmed, where the system tells."""
    if sys.platform != "linux":
        return 0
    try:
        queued = fcntl.ioctl(
            transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4)
        )
    except OSError:  # closed meanwhile
        return 0
    return int.from_bytes(queued, sys.byteorder)
