"""The version of all data together, asked at every request, so that no worker serves old answers.

SQLite tells by `PRAGMA data_version` that any connection has committed; only then is the row read.
On PostgreSQL the row is read; requests that come while a reading is under way share the next one,
never that one, since it may have begun before a write that they know of.
"""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.database import ReadingDatabase
from app.tables import Revision


@dataclass(frozen=True)
class DataVersion:
    """The number that rises with each change of any data, and when it rose last (UTC)."""

    number: int
    changed_at: datetime


class Revisions(Protocol):
    """Where the version comes from; None where the database does not say."""

    async def current(self) -> DataVersion | None: ...

    def close(self) -> None: ...


def open_revisions(database: ReadingDatabase) -> Revisions:
    """The right way to ask on this database."""
    if database.url.get_backend_name() == "sqlite":
        return _OnSQLite(database)
    return _OnPostgreSQL(database)


READ_REVISION = select(Revision.number, Revision.changed_at)


async def _read(database: ReadingDatabase) -> DataVersion | None:
    try:
        async with database.reading() as reader:
            row = (await reader.execute(READ_REVISION)).one_or_none()
    except SQLAlchemyError:
        return None
    return DataVersion(row.number, row.changed_at) if row else None


class _OnSQLite:
    def __init__(self, database: ReadingDatabase) -> None:
        self.database = database
        self.connection: sqlite3.Connection | None = None
        self.seen: int | None = None
        self.version: DataVersion | None = None

    async def current(self) -> DataVersion | None:
        try:
            if self.connection is None:
                path = self.database.url.database
                if not path:
                    return None  # in memory, each connection has a database of its own
                self.connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
            committed = self.connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return None
        if committed != self.seen or self.version is None:
            self.version = await _read(self.database)
            self.seen = committed
        return self.version

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


class _OnPostgreSQL:
    def __init__(self, database: ReadingDatabase) -> None:
        self.database = database
        self.running: asyncio.Task[DataVersion | None] | None = None
        self.following: asyncio.Task[DataVersion | None] | None = None

    async def current(self) -> DataVersion | None:
        if self.running is None or self.running.done():
            self.running = asyncio.create_task(_read(self.database))
            return await asyncio.shield(self.running)
        if self.following is None or self.following.done():
            self.following = asyncio.create_task(self._read_after(self.running))
        return await asyncio.shield(self.following)

    async def _read_after(self, earlier: "asyncio.Task[DataVersion | None]") -> DataVersion | None:
        await asyncio.wait([earlier])
        self.running, self.following = self.following, None
        return await _read(self.database)

    def close(self) -> None:
        return
