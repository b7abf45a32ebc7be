"""Statements that are compiled once, and executed by the driver.

SQLAlchemy takes several times as long around a statement as SQLite takes for it; on PostgreSQL, one
read for many values is one round trip.  Several reads of a kind are one statement, and so are the
rows that are added to a table.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Protocol

from sqlalchemy import JSON, Column, ColumnElement, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]
Call = tuple[str, Sequence[Any]]  # a statement, and the values of each execution
MOST_IN_ONE = 64  # rows or reads in a statement of SQLite


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
        self.compiled: dict[tuple[str, bool], _Compiled] = {}

    def each(self, connection: Connection, values: Sequence[Values]) -> list[list[Any]]:
        """The rows for each of the values; raises DBAPIError."""
        return each_of(connection, {self: values})[0]

    def on(self, dialect: Dialect, number: int = 1) -> "_Compiled":
        """What the driver of a dialect takes for so many values."""
        key = dialect.name, number > 1
        compiled = self.compiled.get(key)
        if compiled is None:
            several = _Lateral if dialect.name == "postgresql" else _Union
            of = several if number > 1 else _Compiled
            compiled = self.compiled[key] = of(self.statement, dialect)
        return compiled


def each_of(
    connection: Connection, needed: Mapping[Read, Sequence[Values]]
) -> list[list[list[Any]]]:
    """For each read, its rows for each of the values; on PostgreSQL one round trip for all.

    They are executed in this order, and each sees what was committed before it; raises DBAPIError.
    """
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    reads = [(read.on(dialect, len(values)), values) for read, values in needed.items()]
    is_trip = dialect.name == "postgresql" and len(reads) > 1
    with raising(connection):
        with driver.pipeline() if is_trip else nullcontext():
            sent = [[send(driver, *call) for call in read.calls(values)] for read, values in reads]
        # After the Sync: a server that waits for it ends no transaction of a client that is silent.
        found = [[one.fetchall() for one in chain.from_iterable(calls)] for calls in sent]
    return [
        read.found(listed, len(values)) for (read, values), listed in zip(reads, found, strict=True)
    ]


def send(driver: Any, statement: str, values: Sequence[Any]) -> Sequence[Any]:
    """A cursor for each of the values in turn, from the driver of either database.

    On PostgreSQL several values are for statements that return no rows: it does not wait for them.
    """
    if len(values) == 1 or not hasattr(driver, "pipeline"):
        return [driver.execute(statement, one) for one in values]
    driver.cursor().executemany(statement, values)  # since the driver takes long for each call
    return []


def store(connection: Connection, statement: Any, rows: Sequence[Values]) -> None:
    """Execute an INSERT or UPDATE for rows that have the same members; raises DBAPIError."""
    made = _storing(statement, tuple(rows[0]), connection.dialect)
    with raising(connection):
        for call in made.calls(rows):
            send(connection.connection.driver_connection, *call)


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


def _sizes(number: int) -> Iterator[int]:
    """Powers of two with this sum, so that few different statements are prepared."""
    while number:
        size = min(1 << number.bit_length() - 1, MOST_IN_ONE)
        yield size
        number -= size


class _Bound:
    """A statement for one dialect, with what makes values of the driver."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        self.sql = str(compiled)
        processors: dict[str, Callable[[Any], Any] | None] = {}
        self.constants: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            processors[name] = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required:
                self.constants[name] = bind.effective_value
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

    def calls(self, rows: Sequence[Values]) -> Iterator[Call]:
        """What is executed for several rows."""
        yield self.sql, [*map(self.bound, rows)]


class _Compiled(_Bound):
    """A SELECT for one dialect, and what makes its rows."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        super().__init__(statement.compile(dialect=dialect), dialect)
        self.rows = Rows(list(statement.selected_columns), dialect)

    def found(self, listed: Sequence[Sequence[Any]], number: int) -> list[list[Any]]:
        """The rows for each of the values, of which there are so many."""
        return [[*map(self.rows.of, rows)] for rows in listed]


class _Numbered(_Compiled):
    """A SELECT for several values at once: each row begins with the number of its values."""

    def found(self, listed: Sequence[Sequence[Any]], number: int) -> list[list[Any]]:
        of_each: list[list[Any]] = [[] for _ in range(number)]
        for rows in listed:
            for at, *row in rows:
                of_each[at].append(self.rows.of(row))
        return of_each


class _Union(_Numbered):
    """On SQLite, where each call lets the event loop take the lock of the interpreter."""

    def calls(self, rows: Sequence[Values]) -> Iterator[Call]:
        numbered = enumerate(rows)
        for size in _sizes(len(rows)):
            parts = [(at, *self.bound(values)) for at, values in islice(numbered, size)]
            statement = " UNION ALL ".join([f"SELECT ?, * FROM ({self.sql})"] * size)  # noqa: S608 - our names
            yield statement, [[*chain.from_iterable(parts)]]


class _Lateral(_Numbered):
    """On PostgreSQL, where server and driver take long for each statement."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        names = {name: f"%({name})s" for name in self.constants}
        binds = statement.compile(dialect=dialect).binds
        types = {name: bind.type for name, bind in binds.items() if name not in names}
        one = self.sql % (names | {name: f"v.{name}" for name in types})
        columns = "".join(f", {name} {kind.compile(dialect)}" for name, kind in types.items())
        source = f"json_to_recordset(%(values_)s::json) AS v(at_ integer{columns})"
        # OFFSET 0: each is looked up by itself, as when it is read alone.
        lateral = f"CROSS JOIN LATERAL ({one} OFFSET 0) AS one"
        self.sql = f"SELECT v.at_, one.* FROM {source} {lateral}"  # noqa: S608 - our names
        self.members = [(name, process) for name, process in self.members if name in names]

    def calls(self, rows: Sequence[Values]) -> Iterator[Call]:
        numbered = [{"at_": at, **values} for at, values in enumerate(rows)]
        listed = json.dumps(numbered, ensure_ascii=False, default=str)
        yield self.sql, [{**self.bound({}), "values_": listed}]


class _Insert(_Bound):
    """An INSERT on SQLite, of several rows at a time."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        super().__init__(compiled, dialect)
        self.into, self.one = self.sql.split(" VALUES ", 1)

    def calls(self, rows: Sequence[Values]) -> Iterator[Call]:
        bound = map(self.bound, rows)
        for size in _sizes(len(rows)):
            statement = f"{self.into} VALUES {', '.join([self.one] * size)}"
            yield statement, [[*chain.from_iterable(islice(bound, size))]]


class _InsertJson(_Bound):
    """An INSERT on PostgreSQL, whose rows come in one value."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        super().__init__(compiled, dialect)
        types = {name: bind.type for name, bind in compiled.binds.items()}
        self.json = [name for name, kind in types.items() if isinstance(kind, JSON)]
        # JSON as text, which the statement casts: a null of JSON is none of SQL.
        columns = ", ".join(
            f"{name} {'text' if name in self.json else kind.compile(dialect)}"
            for name, kind in types.items()
        )
        into, values = self.sql.split(" VALUES ", 1)
        listed = values[1:-1] % {name: f"v.{name}" for name in types}
        source = f"json_to_recordset(%s::json) AS v({columns})"
        self.sql = f"{into} SELECT {listed} FROM {source}"  # noqa: S608 - our names

    def calls(self, rows: Sequence[Values]) -> Iterator[Call]:
        texts = [{**row, **{name: json.dumps(row[name]) for name in self.json}} for row in rows]
        yield self.sql, [[json.dumps(texts, ensure_ascii=False, default=str)]]


@lru_cache(maxsize=256)
def _storing(statement: Any, names: Sequence[str], dialect: Dialect) -> _Bound:
    compiled: Any = statement.compile(dialect=dialect, column_keys=names)
    of = (_InsertJson if dialect.name == "postgresql" else _Insert) if compiled.isinsert else _Bound
    return of(compiled, dialect)
