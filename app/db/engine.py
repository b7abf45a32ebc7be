"""Connections to SQLite (embedded) or PostgreSQL through one interface.

`open_engine` is for programs (loading, migrating), `open_reading` and `open_writing` for the service,
whose errors do not show the values of statements, since they are logged.
"""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Executable, Result, create_engine, event, make_url, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.db.failures import OF_OPERATION, took_too_long
from app.db.sqlite_file import FileConnection, existing_file, follow_file, open_log, store_log

BUSY_SECONDS = 5.0  # how long a writer waits for another process's transaction
STARTING_SECONDS = 900.0  # how long migrating and loading wait for another instance that does so
LOAD_LOCK = 0x776F726B  # the advisory lock of PostgreSQL that loading and migrating take
LONGEST_STATEMENT = 5.0  # seconds; a longer query asks for too much at once
LONGEST_CHECKOUT = 2.5  # seconds to get a responding connection from the pool
PROGRESS_STEPS = 200_000  # steps of SQLite's virtual machine between checks, some milliseconds
# PostgreSQL ends a session whose client is out of reach after 5 s. By default it waits for two hours,
# with the locks and the connection of the session; the timeouts below end nothing in mid-message.
CUT_OFF = (
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=5000"
)
# One snapshot for count and page, no writes, and no statement that outlives its request.
READ_ONLY = (
    "-c default_transaction_read_only=on"
    " -c default_transaction_isolation=repeatable\\ read"
    f" -c statement_timeout={LONGEST_STATEMENT * 1000:.0f}"
    " -c jit=off"  # compiling takes 0.4 s, longer than any query here
    f" {CUT_OFF}"
)
# Milliseconds. A writer that is silent, though within reach, must not hold its lock either.
WRITING = (
    "-c statement_timeout=3000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=3000"
    f" {CUT_OFF}"
)

_READ_ONLY: WeakSet[Engine] = WeakSet()  # that could only read when they last wrote


class Reader(Protocol):
    """A read-only transaction; its results are already fetched."""

    @property
    def home(self) -> str | None:
        """The code of the government whose names come first."""

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Result[*tuple[Any, ...]]: ...


class ReadingDatabase(Protocol):
    """The database for reads of a worker: one transaction for each request."""

    url: URL

    @property
    def engine(self) -> Engine | AsyncEngine: ...

    def reading(self) -> AbstractAsyncContextManager[Reader]: ...

    async def close(self) -> None: ...


class ReaderInLoop:
    """SQLite in the event loop: a read takes less time than handing it over to a thread."""

    def __init__(self, connection: Connection, home: str | None = None) -> None:
        self.connection, self.home = connection, home

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Result[*tuple[Any, ...]]:
        return self.connection.execute(statement, values)


@dataclass(frozen=True)
class ReaderInPool:
    """PostgreSQL, through the pool."""

    connection: AsyncConnection
    home: str | None

    async def execute(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Result[*tuple[Any, ...]]:
        return await self.connection.execute(statement, values)


class OnSQLite:
    """Reads in the event loop."""

    def __init__(self, url: URL, pool_size: int, home: str | None) -> None:
        self.url, self.home = url, home
        self.engine = create_engine(
            url,
            **existing_file(url),
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=-1,  # waiting for a connection would block the event loop
            pool_reset_on_return=None,  # each transaction is ended explicitly
        )
        follow_file(self.engine)
        _set_up_sqlite(self.engine, begin="BEGIN", query_only=True)
        _limit_statements(self.engine)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        with self.engine.begin() as connection:
            try:
                yield ReaderInLoop(connection, self.home)
            except DBAPIError as error:
                if not took_too_long(error):
                    connection.invalidate(error)  # reopen: the file may have been repaired
                raise

    async def close(self) -> None:
        self.engine.dispose()


class OnPostgreSQL:
    """Reads through a pool, with timeouts shorter than a client would wait."""

    def __init__(self, url: URL, pool_size: int, home: str | None) -> None:
        from app.db import postgresql  # here, since the driver takes 9 MB that SQLite does not need

        if url.query.get("target_session_attrs") == "read-write":
            # The driver would refuse every connection, since all are read-only.
            url = url.update_query_dict({"target_session_attrs": "primary"})
        self.url, self.home = url, home
        self.heartbeat = postgresql.Heartbeat(postgresql.conninfo_of(url, options=CUT_OFF))
        self.engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args={
                "options": READ_ONLY,
                "async_creator_fn": self.heartbeat.connect,
                **postgresql.CONNECT,
            },
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
        )
        self.engine.dialect.dbapi_exception_translation_map = OF_OPERATION
        self.silences = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        if self.heartbeat.silent:
            raise PoolTimeoutError("PostgreSQL does not respond")
        if self.silences != self.heartbeat.silences:
            self.silences = self.heartbeat.silences
            await self.engine.dispose()
        try:
            async with asyncio.timeout(LONGEST_CHECKOUT) as checkout:
                async with self.engine.begin() as connection:
                    checkout.reschedule(None)  # from here on, each statement has its own timeout
                    yield ReaderInPool(connection, self.home)
        except TimeoutError:
            if not checkout.expired():
                raise
            raise PoolTimeoutError("no connection in time") from None

    async def close(self) -> None:
        await self.heartbeat.close()
        await self.engine.dispose()


def open_engine(database_url: str, *, existing: bool = False, wait: float = BUSY_SECONDS) -> Engine:
    """An engine whose transactions may write; on SQLite they begin IMMEDIATE.

    With `existing`, the file is never created.  SQLite waits so many seconds for another writer.
    """
    url = _with_driver(database_url)
    is_file = existing and url.get_backend_name() == "sqlite"
    engine = create_engine(url, pool_pre_ping=True, **(existing_file(url) if is_file else {}))
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, begin="BEGIN IMMEDIATE", wait=wait)
    else:
        from app.db import postgresql

        _connect_by(engine, postgresql.connect)
    return engine


def open_writing(database_url: str) -> Engine:
    """The service's engine for writes; its timeouts are shorter than a client would wait."""
    url = _with_driver(database_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, **existing_file(url))
        follow_file(engine)
        store_log(engine)
        _set_up_sqlite(engine, begin="BEGIN IMMEDIATE")
        _savepoints_as_text(engine)
        return engine
    from app.db import postgresql

    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"options": WRITING, **postgresql.CONNECT},
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
    )

    _connect_by(engine, postgresql.WritingConnection.connect)
    _savepoints_as_text(engine)
    return engine


def _connect_by(engine: Engine, connect: Callable[..., Any]) -> None:
    """Connect by this in place of the driver's own function."""
    engine.dialect.dbapi_exception_translation_map = OF_OPERATION

    @event.listens_for(engine, "do_connect")
    def on_connect(dialect: Any, record: Any, args: Any, params: Any) -> Any:
        return connect(*args, **params)


def _savepoints_as_text(engine: Engine) -> None:
    """SQLAlchemy compiles these statements each time, which takes longer than executing them."""
    words = {"savepoint": "SAVEPOINT", "release_savepoint": "RELEASE SAVEPOINT"}
    words["rollback_to_savepoint"] = "ROLLBACK TO SAVEPOINT"

    def execute(word: str) -> Callable[[Connection, str], object]:
        return lambda connection, name: connection.exec_driver_sql(f"{word} {name}")

    for name, word in words.items():
        setattr(engine.dialect, f"do_{name}", execute(word))


def open_reading(database_url: str, *, pool_size: int, home: str | None = None) -> ReadingDatabase:
    """The service's database for reads, shared by all requests of a worker."""
    url = _with_driver(database_url)
    kind = OnSQLite if url.get_backend_name() == "sqlite" else OnPostgreSQL
    return kind(url, pool_size, home)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A transaction of the service; raises OperationalError if its file or `-wal` was replaced.

    After a failure, connections are reopened, since the cause may have been repaired.
    """
    if engine in _READ_ONLY:
        _drop_descriptor(engine)
    try:
        with Session(engine) as session, session.begin():
            driver = session.connection().connection.driver_connection
            yield session
    except DBAPIError as error:
        engine.dispose()
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
            _READ_ONLY.add(engine)
        raise
    if isinstance(driver, FileConnection) and not driver.is_in_place():
        raise driver.replaced()


def _drop_descriptor(engine: Engine) -> None:
    """A file that was only to be read may be writable now.

    While other connections of a process have it open, SQLite keeps the descriptor of one that could
    only read, and gives it to the next once more, whatever the file allows by then (seen with 3.40).
    """
    _READ_ONLY.discard(engine)
    try:
        with engine.begin():
            pass
    except DBAPIError:
        engine.dispose()


def lock_writers(connection: Connection) -> None:
    """Wait for every other writer until the end of the transaction: loading, migrating, reporting.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})


def _with_driver(database_url: str) -> URL:
    """The URL with its driver: psycopg for PostgreSQL, the standard library's for SQLite."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite")
    return url.set(drivername="postgresql+psycopg")


def _limit_statements(engine: Engine) -> None:
    """A statement timeout for SQLite, where a statement blocks all requests of the event loop."""
    until = math.inf

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.set_progress_handler(lambda: time.monotonic() > until, PROGRESS_STEPS)

    @event.listens_for(engine, "before_cursor_execute")
    def on_statement(*_: Any) -> None:
        nonlocal until
        until = time.monotonic() + LONGEST_STATEMENT

    @event.listens_for(engine, "rollback")
    @event.listens_for(engine, "commit")
    def on_end(connection: Connection) -> None:
        """COMMIT and ROLLBACK have no timeout, as it would leave the transaction open."""
        nonlocal until
        until = math.inf


class WithHints(SQLiteCompiler):
    """`INDEXED BY` as a hint of a table; SQLAlchemy renders none for SQLite."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def _set_up_sqlite(
    engine: Engine, *, begin: str, query_only: bool = False, wait: float = BUSY_SECONDS
) -> None:
    """Durable commits, foreign keys, readers beside one writer, and explicit transactions."""
    path = engine.url.database or ""

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions itself
        connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        if not query_only:
            log = open_log(connection, path, wait)
            if isinstance(connection, FileConnection):
                connection.log = log
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")

    def do_begin(connection: Any) -> None:
        connection.cursor().execute(begin)

    engine.dialect.statement_compiler = WithHints
    # No listener of the engine: with one, each statement looks for more of them several times.
    engine.dialect.do_begin = do_begin  # type: ignore[assignment,method-assign]
