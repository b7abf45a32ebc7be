"""The file of SQLite and its `-wal`: which are open, and whether they were moved, deleted or replaced."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError, OperationalError

Identity = tuple[int, int]  # device and inode


class FileConnection(sqlite3.Connection):
    """A connection that knows which files it has open, since they may have been replaced."""

    path: str
    file: Identity | None
    log: Identity | None = None  # of a writer: its `-wal`, which has what was committed last

    def is_in_place(self) -> bool:
        """Whether the path still refers to the open file, where the next process reads it."""
        has_log = self.log is None or _identity(f"{self.path}-wal") == self.log
        return has_log and self.file is not None and _identity(self.path) == self.file

    def replaced(self) -> OperationalError:
        """The error to raise if it does not."""
        message = f"{self.path} or its -wal was replaced"
        return OperationalError(None, None, sqlite3.OperationalError(message))


def _identity(path: str) -> Identity | None:
    """Device and inode; None if there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - at every read
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_log(connection: sqlite3.Connection, path: str, wait: float) -> Identity | None:
    """Begin to write ahead; which `-wal` is open.  Raises OperationalError if another was taken away.

    SQLite then makes an empty one, and writes into it without the header that the next process needs,
    while those that have the other open write there.
    """
    log, index = Path(f"{path}-wal"), f"{path}-shm"
    until = time.monotonic() + wait
    of_others, before = _identity(index), _identity(str(log))
    is_missing = before is None and of_others is not None and _identity(index) == of_others
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if not path or mode != "wal":
        return None
    frames = -1  # not known while another process checkpoints
    while frames and (is_missing or not (log.exists() and log.stat().st_size)):
        if frames > 0 or time.monotonic() > until:
            raise sqlite3.OperationalError(f"{log} was taken away or emptied")
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint").fetchone()
        if frames < 0:
            time.sleep(0.01)
    opened = _identity(str(log))
    if of_others and before and not _has_last_frame(connection, log):
        raise sqlite3.OperationalError(f"{log} lacks what was committed last")
    if before not in (None, opened):  # it may be the one before that is open
        raise sqlite3.OperationalError(f"{log} was replaced")
    return opened


def _has_last_frame(connection: sqlite3.Connection, log: Path) -> bool:
    """Whether a `-wal` has the frame that was committed last: not where it is an older copy.

    Each frame begins with the salts of the header (section 4.1 of SQLite's file format), which change
    when a log begins anew.
    """
    for _ in range(3):  # another process may have begun it anew meanwhile
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint").fetchone()
        if frames <= 0:
            return True
        with suppress(FileNotFoundError), log.open("rb") as file:
            header = file.read(32)
            file.seek(32 + (frames - 1) * (24 + int.from_bytes(header[8:12], "big")))
            if header[16:24] == file.read(24)[8:16] != b"":
                return True
    return False


def open_file(path: str) -> FileConnection:
    """Open an existing file; never create an empty one."""
    before = _identity(path)
    place = f"{Path(path).absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(
            place, uri=True, check_same_thread=False, factory=FileConnection
        )
    except sqlite3.OperationalError as error:
        if before is None:
            error.args = (f"{error}: there is no file {path}",)  # with the code that it has
        raise
    connection.path, connection.file = path, before  # if replaced meanwhile, it is not in place
    return connection


def existing_file(url: URL) -> dict[str, Any]:
    """Engine arguments to open an existing file; none for a database in memory."""
    path = url.database
    return {"creator": lambda: open_file(path)} if path and path != ":memory:" else {}


def follow_file(engine: Engine) -> None:
    """Discard connections whose file was moved, deleted or replaced."""

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, proxy: Any) -> None:
        if isinstance(connection, FileConnection) and not connection.is_in_place():
            # On this error SQLAlchemy opens a new connection.
            raise DisconnectionError(f"{connection.path} was replaced")


def store_log(engine: Engine) -> None:
    """Before a connection ends, store what is in a `-wal` that was taken away: nobody else finds it."""

    @event.listens_for(engine, "close")
    def on_close(connection: Any, record: Any) -> None:
        if isinstance(connection, FileConnection) and not connection.is_in_place():
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(FULL)")
