"""Connections to PostgreSQL on which every wait has a timeout.

A server that is stopped, or cut off from the network, sends nothing: neither its `statement_timeout`
nor a TCP error ends a wait for it.  So the one place where the driver waits has a timeout, and no
cancellation is confirmed by the server: the connection is closed, which is an ordinary disconnect
to everything above.

A URL may name the machines of a cluster.  All are asked at once, since one of them may be silent.

Programs (loading, migrating) have no timeout for a statement, and a bounded one for connecting.
"""

import asyncio
import os
import socket
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

import psycopg
from psycopg import waiting
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import Diagnostic
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL

SILENCE = 0.8  # seconds without a response, after which a new connection probes the server
PROBE_INTERVAL = 0.3  # seconds between probes while the server does not respond
LONGEST_READ = 6.0  # seconds; the server's own `statement_timeout` ends a statement earlier
LONGEST_WRITE = 3.5  # the same for writes
CONNECT = {"connect_timeout": 2}  # seconds; the driver's minimum
PATIENT = {
    "connect_timeout": 5,  # seconds for each host; the driver's own is 130
    # Of programs, whose statements may take long: seconds until a network that is cut ends a wait.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
    # And until the server ends the session, with its locks.
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=25000",
}
WARNING = "01000"  # PostgreSQL, appendix A
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


class PipelineWithoutFlush(psycopg.Pipeline):
    """Statements sent together, whose last message is their Sync.

    The driver's own sends a Flush after it, which ends `idle_in_transaction_session_timeout` of the
    server: a writer that was cut off then held its lock until TCP noticed, for minutes.
    """

    def _exit_gen(self) -> Generator[Any, Any, None]:
        try:
            self._enqueue_sync()
            yield from self._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=False)


class WritingConnection(psycopg.Connection[Any]):
    """A connection for a thread, whose waits have a timeout."""

    warning: str | None = None  # of the last commit

    @classmethod
    def connect(cls, conninfo: str = "", **params: Any) -> "WritingConnection":
        """A connection that registers warnings."""
        connection = super().connect(**to_one_host(conninfo_to_dict(conninfo, **params)))
        connection.add_notice_handler(connection.register)
        return connection

    def register(self, notice: Diagnostic) -> None:
        """Remember a warning."""
        if notice.sqlstate == WARNING:
            self.warning = notice.message_primary

    def pipeline(self) -> AbstractContextManager[psycopg.Pipeline]:  # type: ignore[override]
        """As the driver's, but for the Flush at its end."""
        self._pipeline = self._pipeline or PipelineWithoutFlush(self)
        return super().pipeline()

    def commit(self) -> None:
        """Raise OperationalError if a wait for the synchronous standby was canceled.

        The server only warns: the transaction is committed on one machine, which may be lost.
        """
        self.warning = None
        super().commit()
        if self.warning:
            raise psycopg.OperationalError(self.warning)

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = INTERVAL,
        timeout: float | None = None,
    ) -> Any:
        try:
            return waiting.wait(gen, self.pgconn.socket, interval, timeout or LONGEST_WRITE)
        except BaseException as error:
            # A pipeline is active until its end, also after the server has refused a statement.
            if getattr(error, "sqlstate", None) is None:
                _close_active(self)
            raise


def _close_active(connection: psycopg.AsyncConnection[Any] | psycopg.Connection[Any]) -> None:
    """Close a connection whose statement was abandoned, without a message to the server."""
    if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        connection.pgconn.finish()


def each_host(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters of a connection to each of the hosts."""
    hosts, ports = (str(params.get(name) or "").split(",") for name in ("host", "port"))
    if len(ports) == 1:
        ports *= len(hosts)
    if len(hosts) == 1 or len(hosts) != len(ports):  # the driver says what is wrong
        return [dict(params)]
    pairs = zip(hosts, ports, strict=True)
    return [{**params, "host": host, "port": port} for host, port in pairs]


def conninfo_of(url: URL, **params: Any) -> str:
    """A URL of SQLAlchemy as the driver reads it, and with it the tools of PostgreSQL.

    A URL of theirs has other rules for spaces and signs in passwords and values.
    """
    _, of_url = PGDialect_psycopg().create_connect_args(url)  # type: ignore[no-untyped-call]
    return make_conninfo(**{**of_url, **params})


def to_one_host(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a connection to the host that `connect_to_first` finds."""
    return params if len(each_host(params)) == 1 else asyncio.run(_found(params))


async def _found(params: dict[str, Any]) -> dict[str, Any]:
    connection = await connect_to_first(**params)
    found = {"host": connection.info.host, "port": connection.info.port}
    await connection.close()
    return params | found


def connect(conninfo: str = "", **params: Any) -> psycopg.Connection[Any]:
    """A connection for a program; raises OperationalError that says who did not respond."""
    given = {**PATIENT, **conninfo_to_dict(conninfo, **params)}
    try:
        return psycopg.Connection.connect(**to_one_host(given))
    except psycopg.OperationalError as error:
        hosts = ", ".join(
            f"{one.get('host') or 'the local socket'}:{one.get('port') or 5432}"
            for one in each_host(given)
        )
        raise type(error)(
            f"no connection to PostgreSQL at {hosts} (WORKPLAN_DATABASE_URL): {error}"
        ) from None


async def connect_to_first(conninfo: str = "", **params: Any) -> ReadingConnection:
    """A connection to the first host that responds and is what `target_session_attrs` asks for."""
    attempts = [
        asyncio.create_task(ReadingConnection.connect(**one))
        for one in each_host(conninfo_to_dict(conninfo, **params))
    ]
    try:
        while True:
            done, pending = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                if not attempt.exception():
                    attempts.remove(attempt)
                    return attempt.result()
            if not pending:
                return attempts[-1].result()  # raises its error
            attempts = [*pending]
    finally:
        for attempt in attempts:
            attempt.add_done_callback(_discard)
            attempt.cancel()


def _discard(attempt: "asyncio.Task[ReadingConnection]") -> None:
    """Close what is not used, such as a connection to a second host that responded as well."""
    if not attempt.cancelled() and not attempt.exception():
        attempt.result().pgconn.finish()


class Heartbeat:
    """Whether the server responds; while it does not, reads fail at once instead of waiting."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.silent = False
        # How many: what was connected before one may lead to a machine that is still silent.
        self.silences = 0
        self.waiting: set[ReadingConnection] = set()
        self.probing: asyncio.Task[None] | None = None

    async def connect(self, *args: Any, **params: Any) -> ReadingConnection:
        """A connection that is watched by this heartbeat."""
        timer = asyncio.get_running_loop().call_later(SILENCE, self.probe)
        try:
            connection = await connect_to_first(*args, **params)
        finally:
            timer.cancel()
        connection.heartbeat = self
        return connection

    def probe(self) -> None:
        """Begin to probe the server, since a wait takes long."""
        if self.probing is None or self.probing.done():
            self.probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        while await self._is_silent(self.conninfo):
            if not self.silent:
                self.silent = True
                self.silences += 1
            for connection in self.waiting:
                connection.disconnect()
            await asyncio.sleep(PROBE_INTERVAL)
        self.silent = False
        if len(each_host(conninfo_to_dict(self.conninfo))) > 1:
            await self._leave_silent_hosts()

    async def _leave_silent_hosts(self) -> None:
        """End what waits for a host that is silent, where another one responds."""
        for host, port in {(one.info.host, one.info.port) for one in self.waiting}:
            if await self._is_silent(make_conninfo(self.conninfo, host=host, port=port)):
                for connection in self.waiting:
                    if (connection.info.host, connection.info.port) == (host, port):
                        connection.disconnect()

    async def _is_silent(self, conninfo: str) -> bool:
        try:
            async with asyncio.timeout(SILENCE):
                connection = await connect_to_first(conninfo)
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


FAILURES = (psycopg.Error, OSError, TimeoutError)


class OwnConnection:
    """A connection outside the pool, for statements that need no transaction: one round trip each."""

    def __init__(self, heartbeat: Heartbeat, timeout: float) -> None:
        self.heartbeat, self.timeout = heartbeat, timeout
        self.connection: ReadingConnection | None = None
        self.silences = 0

    async def rows(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """All rows of a statement that only reads; raises one of FAILURES."""
        try:
            async with asyncio.timeout(self.timeout):
                if self.silences != self.heartbeat.silences:
                    self.silences = self.heartbeat.silences
                    await self.close()
                if self.connection:
                    with suppress(psycopg.OperationalError):  # the server may have been restarted
                        return await self._rows(statement, values)
                    await self.close()
                return await self._rows(statement, values)
        except FAILURES:
            await self.close()
            raise

    async def _rows(self, statement: str, values: Mapping[str, Any] | None) -> list[Any]:
        if self.heartbeat.silent:
            raise psycopg.OperationalError("PostgreSQL does not respond")
        if self.connection is None:
            self.connection = await self.heartbeat.connect(
                self.heartbeat.conninfo, autocommit=True, prepare_threshold=0
            )
        cursor = await self.connection.execute(statement, values)
        return await cursor.fetchall()

    async def close(self) -> None:
        """Close it; the next statement opens another."""
        connection, self.connection = self.connection, None
        if connection:
            await connection.close()
