"""Which errors are failures of the database, and what they say."""

from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

QUERY_CANCELED = "57014"  # PostgreSQL, appendix A
NO_TABLE_OR_COLUMN = ("42P01", "42703")  # PostgreSQL, appendix A
# Errors of PostgreSQL that operators cause and mend: as on SQLite, no fault of a statement.
# It lacks a privilege, too, where it may not write its own files: on a disk that became read-only.
OF_OPERATION = dict.fromkeys(
    ("InsufficientPrivilege", "UndefinedTable", "UndefinedColumn"), "OperationalError"
)


def took_too_long(error: Exception) -> bool:
    """Whether a statement was cancelled because of its timeout."""
    cause = getattr(error, "orig", None)
    return str(cause) == "interrupted" or getattr(cause, "sqlstate", None) == QUERY_CANCELED


def is_of_database(error: Exception) -> bool:
    """Whether a database failed or is damaged, whatever the request was."""
    if type(error) is DatabaseError:  # of SQLite, such as "file is not a database"
        return True
    return isinstance(error, (OperationalError, InternalError, InterfaceError, PoolTimeoutError))


def failure_of(error: DBAPIError) -> str:
    """What the database says of a command that failed, and what helps where tables are too old."""
    is_old = getattr(error.orig, "sqlstate", None) in NO_TABLE_OR_COLUMN or str(
        error.orig
    ).startswith(("no such table", "no such column"))
    return f"The database failed: {error.orig}" + "\nRun `alembic upgrade head` first." * is_old
