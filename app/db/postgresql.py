"""Connections to PostgreSQL on which every wait has an end.

A server that is stopped, or cut off from the network, says nothing at all: no `statement_timeout`
of its own and no TCP error ends a wait for it.  So the one place where the driver waits has a
deadline, and nobody waits for a server to confirm that a statement was cancelled: the connection
is closed, which is an ordinary disconnect for everything above.
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

SILENCE = 0.8  # seconds without a word, after which a new connection asks whether anybody is there
ASK_AGAIN = 0.3  # seconds between these questions, while nobody answers
LONGEST_READ = 6.0  # seconds; the server's own `statement_timeout` ends a statement before
LONGEST_WRITE = 3.5  # the same, for those who write
CONNECT = {"connect_timeout": 2}  # seconds; the driver takes no fewer
INTERVAL = 0.1  # the driver's own: how often a wait looks for signals


class ReadingConnection(psycopg.AsyncConnection[Any]):
    """A connection whose waits the pulse knows of."""

    pulse: "Pulse"

    async def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = INTERVAL,
        timeout: float | None = None,
    ) -> Any:
        timer = asyncio.get_running_loop().call_later(SILENCE, self.pulse.ask)
        self.pulse.waiting.add(self)
        try:
            return await waiting.wait_async(
                gen, self.pgconn.socket, interval, timeout or LONGEST_READ
            )
        except BaseException:
            _close_unanswered(self)
            raise
        finally:
            self.pulse.waiting.discard(self)
            timer.cancel()

    def cut_off(self) -> None:
        """End a wait of another task; the driver finds the connection lost."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


class WritingConnection(psycopg.Connection[Any]):
    """The same in a thread."""

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = INTERVAL,
        timeout: float | None = None,
    ) -> Any:
        try:
            return waiting.wait(gen, self.pgconn.socket, interval, timeout or LONGEST_WRITE)
        except BaseException:
            _close_unanswered(self)
            raise


def _close_unanswered(connection: psycopg.AsyncConnection[Any] | psycopg.Connection[Any]) -> None:
    """Close a connection that somebody stopped waiting on, without asking the server."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        connection.pgconn.finish()


class Pulse:
    """Whether the server says anything: while it does not, nobody begins to wait for it."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.silent = False
        self.waiting: set[ReadingConnection] = set()
        self.asking: asyncio.Task[None] | None = None

    async def connect(self, *args: Any, **params: Any) -> ReadingConnection:
        """A connection under this pulse."""
        timer = asyncio.get_running_loop().call_later(SILENCE, self.ask)
        try:
            connection = await ReadingConnection.connect(*args, **params)
        finally:
            timer.cancel()
        connection.pulse = self
        return connection

    def ask(self) -> None:
        """Find out whether anybody is there, since a wait is long."""
        if self.asking is None or self.asking.done():
            self.asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        while await self._is_silent():
            self.silent = True
            for connection in self.waiting:
                connection.cut_off()
            await asyncio.sleep(ASK_AGAIN)
        self.silent = False

    async def _is_silent(self) -> bool:
        try:
            async with asyncio.timeout(SILENCE):
                connection = await psycopg.AsyncConnection.connect(self.conninfo)
                await connection.close()
        except TimeoutError:
            return True
        except (psycopg.Error, OSError):
            return False  # a refusal is an answer, too
        return False

    async def close(self) -> None:
        """Ask no more."""
        if self.asking:
            self.asking.cancel()
            await asyncio.wait([self.asking])
