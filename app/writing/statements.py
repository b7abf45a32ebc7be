"""The statements of writes that share a transaction.

A write is all or nothing, whatever becomes of the others.  One whose reads are known before it is
performed needs no savepoint: nothing is executed for it until nothing can refuse it any more, and then
together with what others store.  Any other has a savepoint from its first own statement on.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

from app.db.compiled import Read, Values, each_of, in_one_trip, store
from app.db.failures import is_of_database

Needed = tuple[Read, Values]
CommandT = TypeVar("CommandT", bound=Callable[..., Any])


@dataclass(frozen=True)
class Ahead:
    """The reads of a write that are known before it is performed.

    Writes with the same subject are not made ahead together: the second reads what the first stored.
    """

    reads: Sequence[Needed] = ()
    subject: Hashable = None


def reading_ahead(of: Callable[..., Ahead]) -> Callable[[CommandT], CommandT]:
    """Declare the reads of a command, by the caller and the arguments of the command."""

    def mark(command: CommandT) -> CommandT:
        command.ahead = of  # type: ignore[attr-defined]
        return command

    return mark


def ahead_of(command: Any, *args: Any) -> Ahead:
    """The declared reads of a command; none if it declares none."""
    of: Callable[..., Ahead] | None = getattr(command, "ahead", None)
    return of(*args) if of else Ahead()


def is_failure(error: Exception) -> bool:
    """Whether the database or the connection to it failed, not one request (or it only reads)."""
    return isinstance(error, PendingRollbackError) or is_of_database(error)


class NotStoredError(Exception):
    """The database refused what an earlier write stores; the cause is in one of them."""


class Shared:
    """What was read ahead for the writes of a transaction, and what is still to be stored."""

    def __init__(self, session: Session) -> None:
        self.session, self.connection = session, session.connection()
        self.ahead: dict[Hashable, list[Any]] = {}
        self.pending: dict[Hashable, tuple[Any, list[Values]]] = {}

    def read_ahead(self, needed: Iterable[Needed]) -> None:
        """Make each kind of read once for all values, after what is pending."""
        self.store_pending()
        self.read_together(needed)

    def read_together(self, needed: Iterable[Needed]) -> None:
        """The same for reads that nothing which is pending concerns."""
        of_each: dict[Read, dict[Hashable, Values]] = defaultdict(dict)
        for read, values in needed:
            of_each[read][frozenset(values.items())] = values
        if of_each:
            listed = {read: [*different.values()] for read, different in of_each.items()}
            found = each_of(self.connection, listed)
            for (read, different), rows in zip(of_each.items(), found, strict=True):
                self.ahead |= zip(((read, one) for one in different), rows, strict=True)

    def taken(self, read: Read, values: Values) -> list[Any] | None:
        """Rows that were read ahead, once; None if they were not."""
        return self.ahead.pop((read, frozenset(values.items())), None)

    def rows(self, read: Read, values: Values, /) -> list[Any]:
        """Rows that no write of the transaction concerns before its end, read ahead or now."""
        found = self.taken(read, values)
        return read.each(self.connection, [values])[0] if found is None else found

    def rows_of_each(self, read: Read, values: Sequence[Values], /) -> list[list[Any]]:
        """The same for several values."""
        return [self.rows(read, one) for one in values]

    def execute(self, statement: Any, values: Values | Sequence[Values], /) -> None:
        """Store rows later; a statement is executed once for all of them, in the order of the first."""
        for one in [values] if isinstance(values, Mapping) else values:
            self.pending.setdefault((statement, *one), (statement, []))[1].append(one)

    def store_pending(self) -> None:
        """Execute what is pending."""
        if self.pending:
            with in_one_trip(self.connection):
                for statement, listed in self.pending.values():
                    store(self.connection, statement, listed)
            self.pending.clear()

    @contextmanager
    def one_write(self) -> Iterator["Statements"]:
        """The statements of one write, which leaves nothing behind if it raises an error."""
        with ExitStack() as savepoint:
            statements = Statements(self, savepoint)
            yield statements
            for statement, values in statements.own:
                self.execute(statement, values)


class Statements:
    """The statements of one write."""

    def __init__(self, shared: Shared, savepoint: ExitStack) -> None:
        self.shared, self.savepoint = shared, savepoint
        self.own: list[tuple[Any, Values]] = []
        self.is_alone = False

    @property
    def session(self) -> Session:
        """For statements that are executed at once, in a savepoint, after all that is pending."""
        shared = self.shared
        if not self.is_alone:
            try:
                shared.store_pending()
            except Exception as error:
                if is_failure(error):
                    raise
                raise NotStoredError from error
            shared.ahead.clear()  # this write may change what was read
            self.savepoint.callback(shared.session.expunge_all)  # the next one reads rows again
            self.savepoint.enter_context(shared.session.begin_nested())
            self.is_alone = True
            for statement, values in self.own:
                store(shared.connection, statement, [values])
            self.own.clear()
        return shared.session

    def rows(self, read: Read, values: Values, /) -> list[Any]:
        """The rows of a read, made ahead, before this write stored anything, or now."""
        found = self.shared.taken(read, values)
        return read.each(self.session.connection(), [values])[0] if found is None else found

    def execute(self, statement: Any, values: Values, /) -> None:
        """Store a row: now, or with those of other writes."""
        if self.is_alone:
            store(self.shared.connection, statement, [values])
        else:
            self.own.append((statement, values))
