"""`python -m app backup DIR` and `restore DIR`: a consistent copy while others write, and back.

A backup is a folder with the database in one file, and `manifest.json`, which says what that file
holds.  It gets its name when it is whole.  A restore is prepared beside the database and put in
its place by one step, so that whatever interrupts it leaves what was there.
"""

import argparse
import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from app import VERSION
from app.cli.commands import MISUSED, OK, RefusedError
from app.db.engine import lock_writers, open_engine, open_file
from app.db.statistics import analyze
from app.projections.change_feed import mint_epoch
from app.settings import Settings
from app.writing import audit_log
from app.writing.audit_verification import faults
from app.writing.keys import key_secret

MANIFEST, FORMAT = "manifest.json", 1
FILES = {"sqlite": "workplan.db", "postgresql": "workplan.dump"}
NOT_COUNTED = ("search_index", "sqlite_")  # tables that each database has in its own way
CONFIG = Path(__file__).parents[2] / "pyproject.toml"
BUSY_SECONDS = 10.0
LOCK_SECONDS = 3.0  # on PostgreSQL; new reads wait behind whoever waits for all tables
IN_USE = ("55P03", "40P01")  # lock not available, deadlock: PostgreSQL, appendix A
Manifest = dict[str, Any]


def add_commands(commands: Any) -> None:
    """`backup` and `restore` of `python -m app`."""
    taking = commands.add_parser("backup", help="copy the database, while others write")
    taking.set_defaults(operate=backup)
    restoring = commands.add_parser("restore", help="put a backup in the place of the database")
    restoring.add_argument(
        "--replace", action="store_true", help="although there is a database already"
    )
    restoring.set_defaults(operate=restore)
    for one in (taking, restoring):
        one.add_argument("folder", type=Path, metavar="DIR")
        one.add_argument(
            "--pg-bin", help="folder of pg_dump and pg_restore, where PATH does not have them"
        )


def run(given: argparse.Namespace, settings: Settings, now: datetime) -> int:
    """Run one of these commands."""
    operate: Callable[..., None] = given.operate
    try:
        operate(given, settings, now)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return MISUSED
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        print(f"Nothing was done: {str(error).splitlines()[0]}", file=sys.stderr)
        return MISUSED
    return OK


def backup(given: argparse.Namespace, settings: Settings, now: datetime) -> None:
    """Make the folder, which is not there yet or empty."""
    folder: Path = given.folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(
            f"{folder} is there already; name a folder that is not, for each backup."
        )
    url = make_url(settings.database_url)
    kind = url.get_backend_name()
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{token_hex(4)}.partial")
    partial.mkdir(mode=0o700)  # it has secrets of webhooks
    try:
        file = partial / FILES[kind]
        state = _copy_file(url, file) if kind == "sqlite" else _dump(url, file, given.pg_bin)
        manifest: Manifest = {
            "format": FORMAT,
            "app": VERSION,
            "kind": kind,
            "taken_at": now.isoformat(timespec="seconds"),
            **state,
            "key_secret": _named_secret(settings),
            "files": {file.name: {"bytes": file.stat().st_size, "sha256": _sha256(file)}},
        }
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        for one in (file, partial / MANIFEST, partial):
            _to_disk(one)
        partial.rename(folder)
        _to_disk(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(
        f"{folder}: revision {state['revision']}, change {state['head']}, "
        f"audit line {state['audit']['seq']}, schema {state['schema']}."
    )
    print(f"Not in it: the secret of keys, which is in {manifest['key_secret']['where']}.")


def restore(given: argparse.Namespace, settings: Settings, now: datetime) -> None:
    """Put the backup in place, verified, in a new epoch."""
    url = make_url(settings.database_url)
    manifest = _checked_manifest(given.folder, url.get_backend_name())
    file = given.folder / FILES[manifest["kind"]]
    put = _restore_sqlite if manifest["kind"] == "sqlite" else _restore_postgresql
    epoch = put(given, url, file, manifest, now)
    print(
        f"Restored: the state of {manifest['taken_at']}, revision {manifest['revision']}, change "
        f"{manifest['head']}; documents and {manifest['audit']['seq']} lines of the audit log are "
        f"as they were. The feed goes on in epoch {epoch}."
    )
    here, there = _named_secret(settings), manifest["key_secret"]
    if here["fingerprint"] != there["fingerprint"]:
        print(
            f"No key of this backup is valid with the secret in {here['where']}: it was made with "
            f"the one of fingerprint {there['fingerprint']}, then in {there['where']}.",
            file=sys.stderr,
        )


def state_of(connection: Connection) -> Manifest:
    """What a database holds, as far as a restore is judged by; it may be of any schema."""
    inspector = inspect(connection)
    names = [n for n in sorted(inspector.get_table_names()) if not n.startswith(NOT_COUNTED)]
    if "alembic_version" not in names or "audit_line" not in names:
        raise RefusedError(
            "There are no tables of this service; `alembic upgrade head` makes them."
        )
    columns = {name: {one["name"] for one in inspector.get_columns(name)} for name in names}

    def one(statement: str) -> Any:
        return connection.execute(text(statement)).one_or_none()

    documents = hashlib.sha256()
    for name in names:
        if {"id", "version", "document"} <= columns[name]:
            rows = text(f"SELECT id, version, document FROM {name} ORDER BY id")  # noqa: S608 - of the database itself
            for row in connection.execute(rows, execution_options={"yield_per": 1000}):
                documents.update(json.dumps([name, *row], ensure_ascii=False).encode())
    epoch = "epoch" if "epoch" in columns["revision"] else "NULL"
    revision = one(f"SELECT number, {epoch} FROM revision")  # noqa: S608 - one of two words
    line = one("SELECT seq, hash FROM audit_line ORDER BY seq DESC LIMIT 1")
    return {
        "schema": one("SELECT version_num FROM alembic_version")[0],
        "revision": revision[0] if revision else 0,
        "epoch": revision[1] if revision else None,
        "head": one("SELECT coalesce(max(seq), 0) FROM change")[0],
        "audit": {"seq": line[0], "hash": line[1]} if line else {"seq": 0, "hash": None},
        "rows": {name: one(f"SELECT count(*) FROM {name}")[0] for name in names},  # noqa: S608 - the same
        "documents_sha256": documents.hexdigest(),
    }


def _copy_file(url: URL, file: Path) -> Manifest:
    """By SQLite's own online backup: one snapshot, in one file, without a -wal beside it."""
    source, target = open_file(_path(url)), sqlite3.connect(file)
    file.chmod(0o600)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        found = target.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise RefusedError(f"The database is damaged: {found}")
    finally:
        source.close()
        target.close()
    engine = create_engine(URL.create("sqlite", database=str(file)))
    try:
        with engine.connect() as connection:
            return state_of(connection)
    finally:
        engine.dispose()


def _dump(url: URL, file: Path, pg_bin: str | None) -> Manifest:
    """By pg_dump, of a snapshot that the manifest is read from, too."""
    tool = _tool("pg_dump", pg_bin)
    with _engine(url) as engine:
        isolated = engine.execution_options(isolation_level="REPEATABLE READ")
        with isolated.connect() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            shape = ("--format=custom", "--no-owner", "--no-privileges")
            _run([tool, *shape, f"--snapshot={snapshot}", f"--file={file}"], url)
            file.chmod(0o600)
            return state_of(connection)


def _restore_sqlite(
    given: argparse.Namespace, url: URL, file: Path, manifest: Manifest, now: datetime
) -> str:
    path = Path(_path(url)).absolute()
    if path.exists() and path.stat().st_size and not given.replace:
        raise RefusedError(f"{path} is a database already; --replace puts the backup in its place.")
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = path.with_name(f"{path.name}.{token_hex(4)}.restoring")
    try:
        shutil.copyfile(file, prepared)
        if path.exists():
            shutil.copymode(path, prepared)
        beside = URL.create("sqlite", database=str(prepared))
        with _engine(beside) as engine, engine.begin() as connection:
            epoch = _finish(connection, manifest, now)
        _to_disk(prepared)
        _swap(prepared, path)
    finally:
        for end in ("", "-wal", "-shm"):
            prepared.with_name(prepared.name + end).unlink(missing_ok=True)
    return epoch


def _swap(prepared: Path, path: Path) -> None:
    """By one rename, while nobody writes, and without the log of the file before.

    SQLite would play what is left in that -wal into the new file.  A service that runs notices
    the new file; its connections to the old one leave the new one's log alone.
    """
    held = None
    if path.exists() and path.stat().st_size:
        held = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        with suppress(sqlite3.DatabaseError):  # what is no database has no writers
            held.execute("BEGIN IMMEDIATE")
    try:
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        prepared.replace(path)
        _to_disk(path.parent)
    finally:
        if held:
            held.close()


def _restore_postgresql(
    given: argparse.Namespace, url: URL, file: Path, manifest: Manifest, now: datetime
) -> str:
    """All in one transaction: until its commit others have the database that was there."""
    tool = _tool("pg_restore", given.pg_bin)
    with _engine(url) as engine, engine.begin() as connection:
        with _waiting_briefly(connection):
            lock_writers(connection)
        tables = inspect(connection).get_table_names()
        if tables and not given.replace:
            raise RefusedError(
                "The database has tables already; --replace puts the backup in their place."
            )
        there = "alembic_version" in tables
        schema = there and connection.scalar(text("SELECT version_num FROM alembic_version"))
        if tables and schema != manifest["schema"]:
            raise RefusedError(
                f"The database is at schema {schema or 'unknown'}, the backup at "
                f"{manifest['schema']}; restore into an empty database, and change "
                "WORKPLAN_DATABASE_URL."
            )
        if tables:  # now, since the script would wait for them without end
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
        return _finish(connection, manifest, now)


@contextmanager
def _waiting_briefly(connection: Connection) -> Iterator[None]:
    """Take locks within `LOCK_SECONDS` each; raises RefusedError that names who has them."""
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
    r"""Run a script of pg_restore in this transaction; psql would have one of its own.

    Rows follow `COPY … FROM stdin;` up to `\.`; the other lines for psql only guard against scripts
    of others.  What the script sets for its session is reset.
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


def _finish(connection: Connection, manifest: Manifest, now: datetime) -> str:
    """Compare with the manifest, migrate what is older, verify the log, begin a new epoch."""
    found = state_of(connection)
    if found["documents_sha256"] != manifest["documents_sha256"]:
        raise RefusedError("What was restored differs from the manifest: other documents.")
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    with Session(connection) as session:
        last = manifest["audit"]
        wrong = list(faults(session, {last["seq"]: last["hash"]} if last["seq"] else {}))
        if wrong:
            raise RefusedError("\n".join(["The audit log of the backup is not whole:", *wrong]))
        epoch = mint_epoch(session, now)
        event = audit_log.Event(f"restore of revision {manifest['revision']}", "accepted")
        audit_log.append_line(session, event, now)
        session.flush()
    analyze(connection)  # a dump has none, though its indexes count the rows
    return epoch


def _checked_manifest(folder: Path, kind: str) -> Manifest:
    """The manifest of a whole backup that fits this service; raises RefusedError."""
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        form, of, schema = manifest["format"], manifest["kind"], manifest["schema"]
        files = {name: told["sha256"] for name, told in manifest["files"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise RefusedError(f"{folder} is no backup: {error!r}") from None
    if form != FORMAT:
        raise RefusedError(f"The backup has format {form}; this version reads {FORMAT}.")
    if of != kind:
        raise RefusedError(f"The backup is of {of}, WORKPLAN_DATABASE_URL of {kind}.")
    if list(files) != [FILES[kind]]:
        raise RefusedError(f"The manifest must name {FILES[kind]}, and nothing else.")
    for name, expected in files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise RefusedError(f"{folder / name} is not the file of the manifest: other bytes.")
    try:
        ScriptDirectory.from_config(_alembic()).get_revision(schema)
    except CommandError:
        raise RefusedError(
            f"The backup has schema {schema}, which {VERSION} does not know; "
            f"restore it with {manifest.get('app')} or newer."
        ) from None
    return manifest


def _named_secret(settings: Settings) -> dict[str, str | None]:
    """Where the secret of keys is, and by what it is known again; it goes into no backup."""
    secret = key_secret(settings)
    where = "WORKPLAN_KEY_SECRET" if settings.key_secret else settings.key_secret_file
    known = hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()[:16] if secret else None
    return {"where": where, "fingerprint": known}


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


def _alembic() -> Config:
    return Config(toml_file=CONFIG)


def _path(url: URL) -> str:
    if not url.database or url.database == ":memory:":
        raise RefusedError("WORKPLAN_DATABASE_URL names no file.")
    return url.database


def _tool(name: str, pg_bin: str | None) -> str:
    """The client tools are no part of the driver; raises RefusedError where they are missing."""
    found = shutil.which(name, path=pg_bin)
    if found is None:
        raise RefusedError(
            f"{name} is not there: install the client tools of PostgreSQL (Debian: "
            "postgresql-client), of the server's version or newer, or name their folder by --pg-bin."
        )
    return found


def _run(words: list[str], url: URL | None = None) -> None:
    """Run a client tool, on a database if any; its password is in no list of processes."""
    environment = dict(os.environ)
    if url is not None:
        plain = url.set(drivername="postgresql", password=None)
        words = [*words, f"--dbname={plain.render_as_string()}"]
        if url.password:
            environment["PGPASSWORD"] = url.password
    done = subprocess.run(  # noqa: S603 - a tool of PostgreSQL, by its whole path
        words, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        told = done.stderr.strip() or f"ended with {done.returncode}"
        hint = " (--pg-bin names a folder with tools of the server's version)" * ("version" in told)
        raise RefusedError(f"Nothing was done: {told}{hint}")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
