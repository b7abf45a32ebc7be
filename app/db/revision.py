"""The version of all data, read at every request, so that no worker serves a stale response.

On SQLite, `PRAGMA data_version` shows that some connection has committed; only then is the row read.
On PostgreSQL the row is read each time; requests that arrive during a read share the next one, never
the current one, which may have begun before a write that the client knows of.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import select
from starlette.types import Scope

from app.db.compiled import Rows
from app.db.engine import OnPostgreSQL, ReadingDatabase
from app.db.models import Revision
from app.db.shared_reads import SharedReads
from app.db.sqlite_file import FileConnection, open_file

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DataVersion:
    """A number that rises with each change of any data, the time of the last rise, and the epoch.

    After a restore, numbers come again: only number and epoch together are unique.
    """

    number: int
    changed_at: datetime
    epoch: str
    dated: datetime | None  # an HTTP date (whole seconds) that no other version has, if any

    def date_at(self, now: datetime) -> datetime:
        """For `Last-Modified`, which is never later than `Date` (RFC 9110, section 8.8.2.1)."""
        return min(self.dated or self.changed_at, now)


OWN_TIME = "own_time"  # in the state of a request whose response does not depend on the data alone


@dataclass(frozen=True)
class OwnTime:
    """When a response last changed without a new revision, and until when it does not, if known."""

    since: datetime
    until: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether a response of this time may still be sent."""
        return self.until is not None and self.since <= now < self.until

    def includes(self, changed_at: datetime) -> bool:
        """Whether the data changed last, so that the date of their version is of this response alone."""
        return self.since <= changed_at and (self.until is None or changed_at < self.until)


def changes_apart(scope: Scope, since: datetime, until: datetime | None = None) -> None:
    """Mark a response that also changes without a new revision.

    It is cached only if it is known until when; its date is a validator only if the data changed last.
    """
    scope.setdefault("state", {})[OWN_TIME] = OwnTime(since, until)


def own_time(scope: Scope) -> OwnTime | None:
    """None for a response that depends on the request and the data version alone."""
    found: OwnTime | None = scope.get("state", {}).get(OWN_TIME)
    return found


def version_of(scope: Scope, version: DataVersion) -> DataVersion:
    """The data version, with the time of changes apart from the data if they are later."""
    own = own_time(scope)
    if own is None or own.includes(version.changed_at):
        return version
    return replace(version, changed_at=max(version.changed_at, own.since), dated=None)


VALIDATOR = "validator"  # in the state of a request whose response has the version as validator


def validate_by_version(scope: Scope, version: DataVersion) -> None:
    """Mark a response whose ETag is made of its data version in place of its bytes.

    So HEAD returns the headers without reading the rows.
    """
    scope.setdefault("state", {})[VALIDATOR] = str(version)


class Revisions(Protocol):
    """The source of the data version; None if the database does not respond."""

    async def current(self) -> DataVersion | None: ...

    async def close(self) -> None: ...


def open_revisions(database: ReadingDatabase) -> Revisions:
    """The implementation for this database."""
    if isinstance(database, OnPostgreSQL):
        return _OnPostgreSQL(database)
    return _OnSQLite(database)


TIMEOUT = 1.8  # seconds, after which responses are made without the cache
FILE_CHECK_INTERVAL = 0.1  # seconds between checks whether SQLite's file was replaced
READ_REVISION = select(Revision.number, Revision.changed_at, Revision.epoch, Revision.dated)


class _OnSQLite:
    """Coalesces version reads of requests that are ready in the same turn of the event loop.

    A read costs system calls.  Its result is valid for each task that is ready already, since its
    request arrived earlier; a task that becomes ready later runs after `_end_turn`.
    """

    def __init__(self, database: ReadingDatabase) -> None:
        self.database = database
        dialect = database.engine.dialect
        self.rows = Rows(list(READ_REVISION.selected_columns), dialect)
        self.statement = str(READ_REVISION.compile(dialect=dialect))
        self.connection: FileConnection | None = None
        self.next_file_check = 0.0
        self.data_version: int | None = None
        self.version: DataVersion | None = None
        self.served: set[asyncio.Task[Any] | None] = set()  # in this turn

    async def current(self) -> DataVersion | None:
        task = asyncio.current_task()
        if not self.served or task in self.served:  # a second read may follow the task's own write
            if not self.served:
                asyncio.get_running_loop().call_soon(self._end_turn)
            try:
                committed = self._data_version()
                if committed != self.data_version or self.version is None:
                    self.version = self._read()
                    self.data_version = committed
            except sqlite3.Error:
                await self.close()
                self.version = None
                return None
        self.served.add(task)
        return self.version

    def _end_turn(self) -> None:
        self.served.clear()

    def _read(self) -> DataVersion | None:
        """By the same connection, without a transaction: those of a pool take as long as a small read."""
        assert self.connection is not None  # noqa: S101 - `_data_version` has opened it
        row = self.connection.execute(self.statement).fetchone()
        return DataVersion(*self.rows.of(row)) if row else None

    def _data_version(self) -> int | None:
        now = time.monotonic()
        checks_file = now >= self.next_file_check
        if self.connection and checks_file and not self.connection.is_in_place():
            self.connection.close()
            self.connection = self.version = None
        if self.connection is None:
            path = self.database.url.database
            if not path:
                raise sqlite3.OperationalError("in memory, each connection has its own database")
            self.connection = open_file(path)
        if checks_file:
            self.next_file_check = now + FILE_CHECK_INTERVAL
        number: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    async def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


class _OnPostgreSQL:
    """Coalesces concurrent version reads, on a connection of their own."""

    def __init__(self, database: OnPostgreSQL) -> None:
        from app.db import postgresql  # here, since the driver takes 9 MB that SQLite does not need

        self.failures = postgresql.FAILURES
        self.connection = postgresql.OwnConnection(database.heartbeat, TIMEOUT)
        self.reads = SharedReads(self._read)

    async def current(self) -> DataVersion | None:
        return await self.reads.get(None)

    async def _read(self, _: set[None]) -> Mapping[None, DataVersion]:
        try:
            rows = await self.connection.rows(
                "SELECT number, changed_at, epoch, dated FROM revision"
            )
        except self.failures:
            return {}
        found: dict[None, DataVersion] = {}
        for number, changed_at, epoch, dated in rows:
            dated = dated and dated.astimezone(UTC)
            found[None] = DataVersion(number, changed_at.astimezone(UTC), epoch, dated)
        return found

    async def close(self) -> None:
        await self.connection.close()
