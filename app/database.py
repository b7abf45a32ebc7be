"""Connections: SQLite embedded or PostgreSQL, one way to open either.

`open_engine` is for programs (loading, migrating), `open_async_engine` for the service.
"""

import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool

BUSY_SECONDS = 5.0  # how long a writer waits for another process's transaction
LOAD_LOCK = 0x776F726B  # the advisory lock of PostgreSQL that loading and migrating take
# One snapshot for count and page, no writes, and no statement that outlives its request.
READ_ONLY = (
    "-c default_transaction_read_only=on"
    " -c default_transaction_isolation=repeatable\\ read"
    " -c statement_timeout=3000"
)


class _Cursor(sqlite3.Cursor):
    """A cursor that an AsyncSession may hold; there is nothing to wait for."""

    async def _async_soft_close(self) -> None:
        return


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)


class SQLiteInLoop(SQLiteDialect_pysqlite):
    """SQLite for an AsyncEngine without a thread: a read takes less time than a hand-over does."""

    driver = "inloop"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """A queue: connections are used in one thread, that of the event loop."""
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        """The arguments of the standard driver, for our connection."""
        arguments, options = super().create_connect_args(url)
        return arguments, {**options, "factory": _Connection}


registry.register("sqlite.inloop", __name__, "SQLiteInLoop")


def open_engine(database_url: str) -> Engine:
    """An engine whose transactions may write; on SQLite they begin IMMEDIATE."""
    engine = create_engine(_with_driver(database_url, "sqlite"), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, begin="BEGIN IMMEDIATE")
    return engine


def open_async_engine(database_url: str, *, pool_size: int) -> AsyncEngine:
    """An engine for reading, shared by all requests of a worker."""
    url = _with_driver(database_url, "sqlite+inloop")
    on_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(
        url,
        connect_args={} if on_sqlite else {"options": READ_ONLY, "connect_timeout": 3},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=not on_sqlite,
    )
    if on_sqlite:
        _set_up_sqlite(engine.sync_engine, begin="BEGIN", query_only=True)
    return engine


def _with_driver(database_url: str, sqlite: str) -> URL:
    """The URL with our drivers: psycopg for PostgreSQL, the standard library's for SQLite."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername=sqlite)
    if url.get_backend_name() != "postgresql":
        raise ValueError(
            f"WORKPLAN_DATABASE_URL begins with {url.drivername}; "
            "it must be sqlite:///path or postgresql://user@host/database"
        )
    return url.set(drivername="postgresql+psycopg")


def _set_up_sqlite(engine: Engine, *, begin: str, query_only: bool = False) -> None:
    """Durable, with foreign keys, readers beside one writer, and transactions that we begin."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        if not query_only:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)
