"""Statements that are compiled once, and executed by the driver.

SQLAlchemy takes several times as long around a statement as SQLite takes for it; on PostgreSQL, one
read for many values is one round trip, and the rows of a table are stored by one statement.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import JSON, Column, ColumnElement, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]
NO_TABLE_OR_COLUMN = ("42P01", "42703")  # PostgreSQL, appendix A


class Rows:
    """Makes rows of what the driver returns."""

    def __init__(
        self, columns: Sequence[Column[Any] | ColumnElement[Any]], dialect: Dialect
    ) -> None:
        names = [str(column.key) for column in columns]
        self.row: Any = namedtuple("Row", names)  # type: ignore[misc]
        types = [column.type.dialect_impl(dialect) for column in columns]
        found = [(at, kind.result_processor(dialect, None)) for at, kind in enumerate(types)]
        self.processors = [(at, process) for at, process in found if process]

    def of(self, values: Sequence[Any]) -> Any:
        made = list(values)
        for at, process in self.processors:
            made[at] = process(made[at])
        return self.row._make(made)


class Storing(Protocol):
    """Executes what stores rows, now or later."""

    def execute(self, statement: Any, values: Any, /) -> None: ...


class Transaction(Storing, Protocol):
    """And reads: of one writer, or of several that share it."""

    def rows(self, read: "Read", values: Values, /) -> list[Any]: ...

    def rows_of_each(self, read: "Read", values: Sequence[Values], /) -> list[list[Any]]: ...


class Read:
    """A SELECT for several values at a time; it is made once, and compiled for each dialect."""

    def __init__(self, statement: Any) -> None:  # a Select, whatever its columns are
        self.statement = statement
        self.compiled: dict[str, _Compiled] = {}
        self.several: _ForSeveral | None = None

    def each(self, connection: Connection, values: Sequence[Values]) -> list[list[Any]]:
        """The rows for each of the values; raises DBAPIError."""
        return each_of(connection, {self: values})[0]

    def on(self, dialect: Dialect) -> "_Compiled":
        """What the driver of a dialect takes."""
        compiled = self.compiled.get(dialect.name)
        if compiled is None:
            compiled = self.compiled[dialect.name] = _Compiled(self.statement, dialect)
        return compiled

    def for_several(self, dialect: Dialect) -> "_ForSeveral":
        """The same for several values at once, on PostgreSQL."""
        if self.several is None:
            self.several = _ForSeveral(self.statement, dialect)
        return self.several


def each_of(
    connection: Connection, needed: Mapping[Read, Sequence[Values]]
) -> list[list[list[Any]]]:
    """For each read, its rows for each of the values; on PostgreSQL one round trip for all.

    They are executed in this order, and each sees what was committed before it; raises DBAPIError.
    """
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    is_postgresql = dialect.name == "postgresql"
    reads = [
        (
            read.for_several(dialect) if is_postgresql and len(values) > 1 else read.on(dialect),
            values,
        )
        for read, values in needed.items()
    ]
    with raising(connection), driver.pipeline() if is_postgresql else nullcontext():
        sent = [send(driver, read.sql, read.of(values)) for read, values in reads]
        found = [[cursor.fetchall() for cursor in cursors] for cursors in sent]
    return [
        read.found(listed, len(values)) for (read, values), listed in zip(reads, found, strict=True)
    ]


def send(driver: Any, statement: str, values: Sequence[Any]) -> Iterable[Any]:
    """A cursor for each of the values in turn, from the driver of either database."""
    if len(values) == 1 or not hasattr(driver, "pipeline"):
        return [driver.execute(statement, one) for one in values]
    cursor = driver.cursor()  # one for all, since the driver takes long for each call
    cursor.executemany(statement, values, returning=True)
    found: Iterable[Any] = cursor.results()
    return found


def store(connection: Connection, statement: Any, rows: Sequence[Values]) -> None:
    """Execute an INSERT or UPDATE for rows that have the same members; raises DBAPIError."""
    made = _storing(statement, tuple(rows[0]), connection.dialect)
    with raising(connection):
        send(connection.connection.driver_connection, made.sql, made.of(rows))


class AtOnce:
    """Executes and reads everything at once, in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def execute(self, statement: Any, values: Any, /) -> None:
        self.connection.execute(statement, values)

    def rows(self, read: Read, values: Values, /) -> list[Any]:
        return read.each(self.connection, [values])[0]

    def rows_of_each(self, read: Read, values: Sequence[Values], /) -> list[list[Any]]:
        return read.each(self.connection, values) if values else []


@contextmanager
def raising(connection: Connection) -> Iterator[None]:
    """Raise errors of the driver as SQLAlchemy does; a lost connection is not used again."""
    dialect: Any = connection.dialect
    driver = connection.connection.driver_connection
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None,
            None,
            error,
            dialect.loaded_dbapi.Error,
            connection_invalidated=is_lost,
            dialect=dialect,
        ) from error


def failure_of(error: DBAPIError) -> str:
    """What the database says of a command that failed, and what helps where tables are too old."""
    is_old = getattr(error.orig, "sqlstate", None) in NO_TABLE_OR_COLUMN or str(
        error.orig
    ).startswith(("no such table", "no such column"))
    return f"The database failed: {error.orig}" + "\nRun `alembic upgrade head` first." * is_old


@contextmanager
def in_one_trip(connection: Connection) -> Iterator[None]:
    """Send statements that return no rows to PostgreSQL without waiting for each.

    The error of one may come at a later one, or at the end.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    with raising(connection), connection.connection.driver_connection.pipeline():  # type: ignore[union-attr]
        yield


class _Bound:
    """A statement for one dialect, with what makes values of the driver."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        self.sql = str(compiled)
        processors: dict[str, Callable[[Any], Any] | None] = {}
        constants: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            processors[name] = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required:
                constants[name] = bind.effective_value
        self.constants = constants
        self.positions = getattr(compiled, "positiontup", None)
        self.members = [(name, processors[name]) for name in self.positions or processors]

    def bound(self, values: Values) -> Any:
        """The values as the driver takes them."""
        given = {**self.constants, **values} if self.constants else values
        if self.positions:
            return [
                process(given[name]) if process else given[name] for name, process in self.members
            ]
        return {
            name: process(given[name]) if process else given[name] for name, process in self.members
        }

    def of(self, rows: Sequence[Values]) -> Sequence[Any]:
        """Those of several rows, for each of which the statement is executed."""
        return [*map(self.bound, rows)]


class _Compiled(_Bound):
    """A SELECT for one dialect, and what makes its rows."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        super().__init__(statement.compile(dialect=dialect), dialect)
        self.rows = Rows(list(statement.selected_columns), dialect)

    def found(self, listed: Sequence[Sequence[Any]], number: int) -> list[list[Any]]:
        """The rows for each of the values, of which there are so many."""
        return [[*map(self.rows.of, rows)] for rows in listed]


class _ForSeveral(_Compiled):
    """A SELECT on PostgreSQL whose values come in one: driver and server take long for each."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        binds = statement.compile(dialect=dialect).binds
        named = {name: f"%({name})s" for name in self.constants}
        required = {
            name: bind.type.compile(dialect) for name, bind in binds.items() if bind.required
        }
        columns = ", ".join(f"{name} {kind}" for name, kind in required.items())
        one = self.sql % (named | {name: f"v.{name}" for name in required})
        # OFFSET 0: each is looked up by itself, as when it is read alone.
        self.sql = (
            f"SELECT one.*, v.at_ FROM json_to_recordset(%(values_)s::json) AS v(at_ integer, {columns})"  # noqa: S608 - our names
            f" CROSS JOIN LATERAL ({one} OFFSET 0) AS one"
        )
        self.fixed = {
            name: process(value) if (process := dict(self.members)[name]) else value
            for name, value in self.constants.items()
        }

    def of(self, rows: Sequence[Values]) -> Sequence[Any]:
        """One value with all."""
        numbered = [{"at_": at, **values} for at, values in enumerate(rows)]
        listed = json.dumps(numbered, ensure_ascii=False, default=str)
        return [{**self.fixed, "values_": listed}]

    def found(self, listed: Sequence[Sequence[Any]], number: int) -> list[list[Any]]:
        """As above, by their numbers."""
        of_each: list[list[Any]] = [[] for _ in range(number)]
        for *row, at in listed[0]:
            of_each[at].append(self.rows.of(row))
        return of_each


class _FromJson:
    """An INSERT on PostgreSQL whose rows come in one value: driver and server take long for each."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        types = {name: bind.type for name, bind in compiled.binds.items()}
        self.json = [name for name, kind in types.items() if isinstance(kind, JSON)]
        # JSON as text, which the statement casts: a null of JSON is none of SQL.
        columns = ", ".join(
            f"{name} {'text' if name in self.json else kind.compile(dialect)}"
            for name, kind in types.items()
        )
        into, values = str(compiled).split(" VALUES ", 1)
        listed = values[1:-1] % {name: f"v.{name}" for name in types}
        source = f"json_to_recordset(%s::json) AS v({columns})"
        self.sql = f"{into} SELECT {listed} FROM {source}"  # noqa: S608 - our names

    def of(self, rows: Sequence[Values]) -> Sequence[Any]:
        """One value with all rows."""
        texts = [{**row, **{name: json.dumps(row[name]) for name in self.json}} for row in rows]
        return [[json.dumps(texts, ensure_ascii=False, default=str)]]


@lru_cache(maxsize=256)
def _storing(statement: Any, names: Sequence[str], dialect: Dialect) -> _Bound | _FromJson:
    compiled: Any = statement.compile(dialect=dialect, column_keys=names)
    if dialect.name == "postgresql" and compiled.isinsert:
        return _FromJson(compiled, dialect)
    return _Bound(compiled, dialect)
