"""Backups of a SQLite file: copying it while others write, and replacing it by one rename."""

import argparse
import shutil
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from app.cli.backup_state import Manifest, finish_restore, opened, state_of, to_disk
from app.cli.commands import RefusedError
from app.db.sqlite_file import open_file

BUSY_SECONDS = 10.0


def copy_sqlite(url: URL, file: Path) -> Manifest:
    """Copy one snapshot by SQLite's online backup into a single file, without a -wal beside it."""
    source, target = open_file(_path(url)), sqlite3.connect(file)
    file.chmod(0o600)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        result = target.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok":
            raise RefusedError(f"The database is damaged: {result}")
    finally:
        source.close()
        target.close()
    engine = create_engine(URL.create("sqlite", database=str(file)))
    try:
        with engine.connect() as connection:
            return state_of(connection)
    finally:
        engine.dispose()


def restore_sqlite(
    arguments: argparse.Namespace, url: URL, file: Path, manifest: Manifest, now: datetime
) -> str:
    """Prepare the new file beside the old one, then replace it; returns the new epoch."""
    path = Path(_path(url)).absolute()
    if path.exists() and path.stat().st_size and not arguments.replace:
        raise RefusedError(
            f"{path} already is a database; use --replace to replace it by the backup."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = path.with_name(f"{path.name}.{token_hex(4)}.restoring")
    try:
        shutil.copyfile(file, prepared)
        if path.exists():
            shutil.copymode(path, prepared)
        beside = URL.create("sqlite", database=str(prepared))
        with opened(beside) as engine, engine.begin() as connection:
            epoch = finish_restore(connection, manifest, now)
        to_disk(prepared)
        _swap(prepared, path)
    finally:
        for end in ("", "-wal", "-shm"):
            prepared.with_name(prepared.name + end).unlink(missing_ok=True)
    return epoch


def _swap(prepared: Path, path: Path) -> None:
    """Replace the file by one rename, while no process writes, and delete the old file's -wal.

    SQLite would otherwise apply that -wal to the new file.  A running service notices the new file;
    its connections to the old one do not touch the new -wal.
    """
    lock = None
    if path.exists() and path.stat().st_size:
        lock = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        with suppress(sqlite3.DatabaseError):  # a file that is not a database has no writers
            lock.execute("BEGIN IMMEDIATE")
    try:
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        prepared.replace(path)
        to_disk(path.parent)
    finally:
        if lock:
            lock.close()


def _path(url: URL) -> str:
    if not url.database or url.database == ":memory:":
        raise RefusedError("WORKPLAN_DATABASE_URL does not name a file.")
    return url.database
