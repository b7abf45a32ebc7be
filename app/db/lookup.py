"""Rows by their ids, as they are stored now: one statement, without a transaction.

For what every request with a key needs: on SQLite the ceremony of a transaction takes several times
as long as the statement; on PostgreSQL it takes three more round trips and a connection of the pool.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import ARRAY, FromClause, Text, any_, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError

from app.db.compiled import Rows
from app.db.engine import LONGEST_CHECKOUT, OnPostgreSQL, ReadingDatabase
from app.db.shared_reads import SharedReads


class Lookup(Protocol):
    """The rows of a table, with the members that its columns have."""

    async def row(self, id_: str) -> Any:
        """The row with this id, or None; raises DBAPIError if the database does not respond."""

    async def close(self) -> None: ...


def open_lookup(database: ReadingDatabase, table: FromClause) -> Lookup:
    """The implementation for this database."""
    if isinstance(database, OnPostgreSQL):
        return _OnPostgreSQL(database, table)
    return _OnSQLite(database, table)


class _OnSQLite:
    def __init__(self, database: ReadingDatabase, table: FromClause) -> None:
        self.engine = database.engine
        self.rows = Rows(list(table.columns), self.engine.dialect)
        statement = select(table).where(table.c.id == bindparam("id"))
        self.statement = str(statement.compile(self.engine))

    async def row(self, id_: str) -> Any:
        connection: Any = None
        try:
            connection = self.engine.raw_connection()
            found = connection.driver_connection.execute(self.statement, (id_,)).fetchall()
        except sqlite3.Error as error:
            if connection:
                connection.invalidate(error)  # as in `OnSQLite.reading`
            raise DBAPIError.instance(None, None, error, sqlite3.Error) from error
        finally:
            if connection:
                connection.close()
        return self.rows.of(found[0]) if found else None

    async def close(self) -> None:
        """The connections belong to the database."""


class _OnPostgreSQL:
    def __init__(self, database: OnPostgreSQL, table: FromClause) -> None:
        from app.db import postgresql  # here, since the driver takes 9 MB that SQLite does not need

        self.rows = Rows(list(table.columns), database.engine.dialect)
        ids = bindparam("ids", type_=ARRAY(Text))
        statement = select(table).where(table.c.id == any_(ids))
        self.statement = str(statement.compile(dialect=database.engine.dialect))
        self.failures = postgresql.FAILURES
        self.connection = postgresql.OwnConnection(database.heartbeat, LONGEST_CHECKOUT)
        self.reads = SharedReads(self._read)

    async def row(self, id_: str) -> Any:
        try:
            return await self.reads.get(id_)
        except self.failures as error:
            raise OperationalError(None, None, error) from error

    async def _read(self, ids: set[str]) -> Mapping[str, Any]:
        found = await self.connection.rows(self.statement, {"ids": list(ids)})
        return {row.id: row for row in map(self.rows.of, found)}

    async def close(self) -> None:
        await self.connection.close()
