"""The version of all data together, asked at every request, so that no worker serves old answers.

SQLite tells by `PRAGMA data_version` that any connection has committed; only then is the row read.
On PostgreSQL the row is read; requests that come while a reading is under way share the next one,
never that one, since it may have begun before a write that they know of.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from app.db.engine import FileConnection, OnPostgreSQL, ReadingDatabase, open_file
from app.db.models import Revision

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DataVersion:
    """The number that rises with each change of any data, when it rose last (UTC), and the history.

    After a restore the number rises from where it was: only with the epoch it is never the same.
    """

    number: int
    changed_at: datetime
    epoch: str
    dated: datetime | None  # the second that tells this version from all others, in HTTP dates

    def date_at(self, now: datetime) -> datetime:
        """For `Last-Modified`, which is never later than `Date` (RFC 9110, section 8.8.2.1)."""
        return min(self.dated or self.changed_at, now)


OWN_TIME = "own_time"  # in the state of a request whose response changes apart from the data


def changes_apart(scope: Scope, at: datetime) -> None:
    """Record that a response changes without a new revision, too, and did so last at a moment.

    It is not cached, and no date tells it from what it was before.
    """
    scope.setdefault("state", {})[OWN_TIME] = at


def is_cacheable(scope: Scope) -> bool:
    """Whether the response to a request stays the same for a version of the data."""
    return OWN_TIME not in scope.get("state", ())


def version_of(scope: Scope, version: DataVersion) -> DataVersion:
    """The version of the data, with what else the response to a request depends on."""
    if is_cacheable(scope):
        return version
    changed_at = max(version.changed_at, scope["state"][OWN_TIME])
    return replace(version, changed_at=changed_at, dated=None)


VALIDATOR = "validator"  # in the state of a request whose response has the version as validator


def validate_by_version(scope: Scope, version: DataVersion) -> None:
    """Record that a response is validated by the version it was read at, not by its bytes.

    So HEAD has its headers without its rows.
    """
    scope.setdefault("state", {})[VALIDATOR] = str(version)


class Revisions(Protocol):
    """Where the version comes from; None where the database does not say."""

    async def current(self) -> DataVersion | None: ...

    async def close(self) -> None: ...


def open_revisions(database: ReadingDatabase) -> Revisions:
    """The right way to ask on this database."""
    if isinstance(database, OnPostgreSQL):
        return _OnPostgreSQL(database)
    return _OnSQLite(database)


PATIENCE = 1.8  # seconds, after which answers are made without asking
LOOK_FOR_FILE = 0.1  # seconds between looks at which file the path of SQLite leads to
READ_REVISION = select(Revision.number, Revision.changed_at, Revision.epoch, Revision.dated)


async def _read(database: ReadingDatabase) -> DataVersion | None:
    try:
        async with database.reading() as reader:
            row = (await reader.execute(READ_REVISION)).one_or_none()
    except SQLAlchemyError:
        return None
    return DataVersion(*row) if row else None


class _OnSQLite:
    """One look for all requests that are ready together.

    Looking costs system calls.  What a look finds holds for every task that waits for its turn
    already, since its request came before; whatever comes later gets its turn after `_look_again`.
    """

    def __init__(self, database: ReadingDatabase) -> None:
        self.database = database
        self.connection: FileConnection | None = None
        self.look_at = 0.0
        self.seen: int | None = None
        self.version: DataVersion | None = None
        self.told: set[asyncio.Task[Any] | None] = set()

    async def current(self) -> DataVersion | None:
        asking = asyncio.current_task()
        if not self.told or asking in self.told:  # a task that asks twice may have seen a write
            if not self.told:
                asyncio.get_running_loop().call_soon(self._look_again)
            try:
                committed = self._data_version()
            except sqlite3.Error:
                await self.close()
                self.version = None
                return None
            if committed != self.seen or self.version is None:
                self.version = await _read(self.database)
                self.seen = committed
        self.told.add(asking)
        return self.version

    def _look_again(self) -> None:
        self.told.clear()

    def _data_version(self) -> int | None:
        now = time.monotonic()
        if self.connection and now >= self.look_at and not self.connection.is_in_place():
            self.connection.close()
            self.connection = self.version = None
        if self.connection is None:
            path = self.database.url.database
            if not path:
                raise sqlite3.OperationalError("in memory, each connection has its own database")
            self.connection = open_file(path)
        if now >= self.look_at:
            self.look_at = now + LOOK_FOR_FILE
        number: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    async def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


class _OnPostgreSQL:
    """Those who ask while a reading is under way wait for the next one, together."""

    def __init__(self, database: OnPostgreSQL) -> None:
        import psycopg  # here, since it takes 9 MB, which SQLite needs not

        self.driver = psycopg
        self.pulse = database.pulse
        self.connection: psycopg.AsyncConnection[Any] | None = None
        self.waiting: list[asyncio.Future[DataVersion | None]] = []
        self.serving: asyncio.Task[None] | None = None

    async def current(self) -> DataVersion | None:
        waiter: asyncio.Future[DataVersion | None] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        if self.serving is None or self.serving.done():
            self.serving = asyncio.create_task(self._serve())
        return await waiter

    async def _serve(self) -> None:
        while self.waiting:
            waiting, self.waiting = self.waiting, []
            version = None
            try:
                version = await self._read()
            finally:
                for waiter in waiting:
                    if not waiter.done():  # whoever asked may have gone
                        waiter.set_result(version)

    async def _read(self) -> DataVersion | None:
        """By a connection of its own, since a transaction would cost two ways more."""
        if self.pulse.silent:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                if self.connection is None:
                    self.connection = await self.pulse.connect(
                        self.pulse.conninfo, autocommit=True, prepare_threshold=0
                    )
                cursor = await self.connection.execute(
                    "SELECT number, changed_at, epoch, dated FROM revision"
                )
                row = await cursor.fetchone()
        except (self.driver.Error, OSError, TimeoutError):
            await self.close()
            return None
        if row is None:
            return None
        number, changed_at, epoch, dated = row
        return DataVersion(
            number, changed_at.astimezone(UTC), epoch, dated and dated.astimezone(UTC)
        )

    async def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection:
            await connection.close()
