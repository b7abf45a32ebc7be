"""What a backup records of a database, and the last steps of a restore on both databases."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.cli.commands import RefusedError
from app.db.engine import open_engine
from app.db.statistics import analyze
from app.projections.change_feed import mint_epoch
from app.writing import audit_log
from app.writing.audit_verification import faults

NOT_COUNTED = ("search_index", "sqlite_")  # tables that differ between databases
VERSIONS = "document_version"
CONFIG = Path(__file__).parents[2] / "pyproject.toml"
Manifest = dict[str, Any]


def state_of(connection: Connection) -> Manifest:
    """The content of a database, to compare after a restore; works with any schema version."""
    inspector = inspect(connection)
    names = [n for n in sorted(inspector.get_table_names()) if not n.startswith(NOT_COUNTED)]
    if "alembic_version" not in names or "audit_line" not in names:
        raise RefusedError(
            "The database has no tables of this service; `alembic upgrade head` creates them."
        )
    found = inspector.get_multi_columns(filter_names=names)
    columns = {name: {one["name"] for one in columns} for (_, name), columns in found.items()}

    def one(statement: str) -> Any:
        return connection.execute(text(statement)).one_or_none()

    documents = hashlib.sha256()
    for name in names:
        if {"id", "version", "document"} <= columns[name]:
            rows = text(f"SELECT id, version, document FROM {name} ORDER BY id")  # noqa: S608 - a table name from the database itself
            for row in connection.execute(rows, execution_options={"yield_per": 1000}):
                documents.update(json.dumps([name, *row], ensure_ascii=False).encode())
    if VERSIONS in names:  # not in a backup of 0.5.0
        rows = text(f"SELECT resource, id, version, etag, before FROM {VERSIONS} ORDER BY 1, 2, 3")  # noqa: S608 - a constant
        for row in connection.execute(rows, execution_options={"yield_per": 1000}):
            documents.update(json.dumps([*row], ensure_ascii=False).encode())
    epoch = "epoch" if "epoch" in columns["revision"] else "NULL"
    revision = one(f"SELECT number, {epoch} FROM revision")  # noqa: S608 - one of two constants
    line = one("SELECT seq, hash FROM audit_line ORDER BY seq DESC LIMIT 1")
    return {
        "schema": one("SELECT version_num FROM alembic_version")[0],
        "revision": revision[0] if revision else 0,
        "epoch": revision[1] if revision else None,
        "head": one("SELECT coalesce(max(seq), 0) FROM change")[0],
        "audit": {"seq": line[0], "hash": line[1]} if line else {"seq": 0, "hash": None},
        "rows": {name: one(f"SELECT count(*) FROM {name}")[0] for name in names},  # noqa: S608 - as above
        "documents_sha256": documents.hexdigest(),
    }


def finish_restore(connection: Connection, manifest: Manifest, now: datetime) -> str:
    """Compare with the manifest, migrate an older schema, verify the audit log, start a new epoch."""
    found = state_of(connection)
    if found["documents_sha256"] != manifest["documents_sha256"]:
        raise RefusedError("The restored database differs from the manifest: other documents.")
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    with Session(connection) as session:
        last = manifest["audit"]
        wrong = list(faults(session, {last["seq"]: last["hash"]} if last["seq"] else {}))
        if wrong:
            raise RefusedError("\n".join(["The audit log of the backup is invalid:", *wrong]))
        epoch = mint_epoch(session, now)
        event = audit_log.Event(f"restore of revision {manifest['revision']}", "accepted")
        audit_log.append_line(session, event, now)
        session.flush()
    analyze(connection)  # a dump has no statistics
    return epoch


def alembic_config() -> Config:
    """The configuration of migrations."""
    return Config(toml_file=CONFIG)


@contextmanager
def opened(url: URL) -> Iterator[Engine]:
    """An engine that is disposed of at the end."""
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


def to_disk(path: Path) -> None:
    """Sync a file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
