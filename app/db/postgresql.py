"""Connections to PostgreSQL on which every wait has a timeout.

A server that is stopped, or cut off from the network, sends nothing: neither its `statement_timeout`
nor a TCP error ends a wait for it.  So the one place where the driver waits has a timeout, and no
cancellation is confirmed by the server: the connection is closed, which is an ordinary disconnect
to everything above.
"""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import waiting
from psycopg.pq import TransactionStatus

SILENCE = 0.8  # seconds without a response, after which a new connection probes the server
PROBE_INTERVAL = 0.3  # seconds between probes while the server does not respond
LONGEST_READ = 6.0  # seconds; the server's own `statement_timeout` ends a statement earlier
LONGEST_WRITE = 3.5  # the same for writes
CONNECT = {"connect_timeout": 2}  # seconds; the driver's minimum
INTERVAL = 0.1  # the driver's own: seconds between checks for signals


class ReadingConnection(psycopg.AsyncConnection[Any]):
    """A connection whose waits are registered with the heartbeat."""

    heartbeat: "Heartbeat"

    async def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = INTERVAL,
        timeout: float | None = None,
    ) -> Any:
        timer = asyncio.get_running_loop().call_later(SILENCE, self.heartbeat.probe)
        self.heartbeat.waiting.add(self)
        try:
            return await waiting.wait_async(
                gen, self.pgconn.socket, interval, timeout or LONGEST_READ
            )
        except BaseException:
            _close_active(self)
            raise
        finally:
            self.heartbeat.waiting.discard(self)
            timer.cancel()

    def disconnect(self) -> None:
        """End the wait of another task, in which the driver then raises a connection error."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


class WritingConnection(psycopg.Connection[Any]):
    """A connection for a thread, whose waits have a timeout."""

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = INTERVAL,
        timeout: float | None = None,
    ) -> Any:
        try:
            return waiting.wait(gen, self.pgconn.socket, interval, timeout or LONGEST_WRITE)
        except BaseException:
            _close_active(self)
            raise


def _close_active(connection: psycopg.AsyncConnection[Any] | psycopg.Connection[Any]) -> None:
    """Close a connection whose statement was abandoned, without a message to the server."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        connection.pgconn.finish()


class Heartbeat:
    """Whether the server responds; while it does not, reads fail at once instead of waiting."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.silent = False
        self.waiting: set[ReadingConnection] = set()
        self.probing: asyncio.Task[None] | None = None

    async def connect(self, *args: Any, **params: Any) -> ReadingConnection:
        """A connection that is watched by this heartbeat."""
        timer = asyncio.get_running_loop().call_later(SILENCE, self.probe)
        try:
            connection = await ReadingConnection.connect(*args, **params)
        finally:
            timer.cancel()
        connection.heartbeat = self
        return connection

    def probe(self) -> None:
        """Begin to probe the server, since a wait takes long."""
        if self.probing is None or self.probing.done():
            self.probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        while await self._is_silent():
            self.silent = True
            for connection in self.waiting:
                connection.disconnect()
            await asyncio.sleep(PROBE_INTERVAL)
        self.silent = False

    async def _is_silent(self) -> bool:
        try:
            async with asyncio.timeout(SILENCE):
                connection = await psycopg.AsyncConnection.connect(self.conninfo)
                await connection.close()
        except TimeoutError:
            return True
        except (psycopg.Error, OSError):
            return False  # a refused connection is a response, too
        return False

    async def close(self) -> None:
        """Stop probing."""
        if self.probing:
            self.probing.cancel()
            await asyncio.wait([self.probing])
