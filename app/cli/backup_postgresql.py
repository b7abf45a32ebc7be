"""Backups of PostgreSQL by its client tools: a dump, and a restore in one transaction."""

import argparse
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from app.cli.backup_state import Manifest, finish_restore, opened, state_of
from app.cli.commands import RefusedError
from app.db.engine import lock_writers
from app.db.postgresql import PATIENT, conninfo_of

LOCK_SECONDS = 3.0  # new reads wait behind a restore that waits for all tables
IN_USE = ("55P03", "40P01")  # lock not available, deadlock: PostgreSQL, appendix A


def dump_postgresql(url: URL, file: Path, pg_bin: str | None) -> Manifest:
    """Dump a snapshot by pg_dump; the manifest is read from the same snapshot."""
    tool = _tool("pg_dump", pg_bin)
    with opened(url) as engine:
        isolated = engine.execution_options(isolation_level="REPEATABLE READ")
        with isolated.connect() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            shape = ("--format=custom", "--no-owner", "--no-privileges")
            _run([tool, *shape, f"--snapshot={snapshot}", f"--file={file}"], url)
            file.chmod(0o600)
            return state_of(connection)


def restore_postgresql(
    arguments: argparse.Namespace, url: URL, file: Path, manifest: Manifest, now: datetime
) -> str:
    """Restore in one transaction: until its commit, other sessions see the old database."""
    tool = _tool("pg_restore", arguments.pg_bin)
    with opened(url) as engine, engine.begin() as connection:
        with _waiting_briefly(connection):
            lock_writers(connection)
        tables = inspect(connection).get_table_names()
        if tables and not arguments.replace:
            raise RefusedError(
                "The database already has tables; use --replace to replace them by the backup."
            )
        has_schema = "alembic_version" in tables
        schema = has_schema and connection.scalar(text("SELECT version_num FROM alembic_version"))
        if tables and schema != manifest["schema"]:
            raise RefusedError(
                f"The database is at schema {schema or 'unknown'}, the backup at "
                f"{manifest['schema']}; restore into an empty database, and change "
                "WORKPLAN_DATABASE_URL."
            )
        if tables:  # the script itself would wait for these locks without a timeout
            names = ", ".join(map(connection.dialect.identifier_preparer.quote, tables))
            with _waiting_briefly(connection):
                connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        with TemporaryDirectory(prefix="workplan-restore-") as folder:
            script = Path(folder, "script.sql")
            clean = ("--clean", "--if-exists") if tables else ()
            shape = ("--no-owner", "--no-privileges", *clean)
            _run([tool, *shape, f"--file={script}", str(file)])
            try:
                _play(connection, script)
            except connection.dialect.loaded_dbapi.Error as error:
                raise RefusedError(f"Nothing was done: {error}") from None
        return finish_restore(connection, manifest, now)


@contextmanager
def _waiting_briefly(connection: Connection) -> Iterator[None]:
    """Wait at most `LOCK_SECONDS` for each lock; raises RefusedError that names the process holding it."""
    try:
        with connection.begin_nested():
            connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000:.0f}"))
            yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in IN_USE:
            raise
        oldest = connection.scalar(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL ORDER BY xact_start"
            )
        )
        raise RefusedError(
            f"The database is in use by process {oldest or 'unknown'} of PostgreSQL; "
            "stop the service or try again. Nothing was done."
        ) from None


def _play(connection: Connection, script: Path) -> None:
    r"""Run a script of pg_restore in this transaction; psql would open its own.

    Rows follow `COPY … FROM stdin;` up to `\.`; other psql commands only protect against untrusted
    scripts and are skipped.  Session settings that the script changes are reset.
    """
    cursor: Any = connection.connection.cursor()
    statements: list[str] = []
    with script.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.startswith("COPY ") and line.endswith(" FROM stdin;\n"):
                cursor.execute("".join(statements))
                statements.clear()
                with cursor.copy(line) as rows:
                    for row in takewhile(lambda row: row != "\\.\n", lines):
                        rows.write(row)
            elif not line.startswith("\\"):
                statements.append(line)
    cursor.execute("".join([*statements, "RESET ALL;"]))
    cursor.close()


def _tool(name: str, pg_bin: str | None) -> str:
    """The path of a client tool, which the driver does not include; raises RefusedError if missing."""
    found = shutil.which(name, path=pg_bin)
    if found is None:
        raise RefusedError(
            f"{name} was not found: install the PostgreSQL client tools (Debian: postgresql-client) of "
            "the server's version or newer, or pass their folder with --pg-bin."
        )
    return found


def _run(command: list[str], url: URL | None = None) -> None:
    """Run a client tool, on a database if there is a URL; process lists do not show the password."""
    environment = dict(os.environ)
    if url is not None:
        given = {name: value for name, value in PATIENT.items() if name not in url.query}
        command = [*command, f"--dbname={conninfo_of(url.set(password=None), **given)}"]
        if url.password:
            environment["PGPASSWORD"] = url.password
    done = subprocess.run(  # noqa: S603 - a tool of PostgreSQL, by its absolute path
        command, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        error = done.stderr.strip() or f"exit status {done.returncode}"
        hint = " (use --pg-bin for a folder with tools of the server's version)" * (
            "version" in error
        )
        raise RefusedError(f"Nothing was done: {error}{hint}")
