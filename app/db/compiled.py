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
    """Executes what stores rows, now or later, and reads: a transaction, or a write that shares one."""

    def execute(self, statement: Any, values: Any, /) -> None: ...

    def rows(self, read: "Read", values: Values, /) -> list[Any]: ...


class Read:
    """A SELECT for several values at a time; it is made once, and compiled for each dialect."""

    def __init__(self, statement: Any) -> None:  # a Select, whatever its columns are
        self.statement = statement
        self.compiled: dict[str, _Compiled] = {}

    def each(self, connection: Connection, values: Sequence[Values]) -> list[list[Any]]:
        """The rows for each of the values; raises DBAPIError."""
        return each_of(connection, {self: values})[0]

    def on(self, dialect: Dialect) -> "_Compiled":
        """What the driver of a dialect takes."""
        compiled = self.compiled.get(dialect.name)
        if compiled is None:
            compiled = self.compiled[dialect.name] = _Compiled(self.statement, dialect)
        return compiled


def each_of(
    connection: Connection, needed: Mapping[Read, Sequence[Values]]
) -> list[list[list[Any]]]:
    """For each read, its rows for each of the values.

    Reads for one value are one round trip to PostgreSQL, those for several one each.

    They are executed in this order, and each sees what was committed before it; raises DBAPIError.
    """
    driver: Any = connection.connection.driver_connection
    reads = [(read.on(connection.dialect), values) for read, values in needed.items()]
    is_trip = connection.dialect.name == "postgresql" and sum(map(len, needed.values())) > 1
    with raising(connection), driver.pipeline() if is_trip else nullcontext():
        sent = [send(driver, read.sql, [*map(read.bound, values)]) for read, values in reads]
        found = [[cursor.fetchall() for cursor in cursors] for cursors in sent]
    return [
        [[*map(read.rows.of, rows)] for rows in listed]
        for (read, _), listed in zip(reads, found, strict=True)
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
            None, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_lost
        ) from error


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
