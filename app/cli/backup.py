"""`python -m app backup DIR` and `restore DIR`: a consistent copy while others write, and back.

A backup is a folder with the database in one file, and `manifest.json`, which describes the content
of that file.  The folder gets its name when it is complete.  A restore is prepared beside the
database and put in place in one step, so an interrupted restore changes nothing.
"""

import argparse
import hashlib
import hmac
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from app import VERSION
from app.cli.backup_postgresql import dump_postgresql, restore_postgresql
from app.cli.backup_sqlite import copy_sqlite, restore_sqlite
from app.cli.backup_state import Manifest, alembic_config, to_disk
from app.cli.commands import MISUSED, OK, RefusedError
from app.settings import Settings
from app.writing.keys import key_secret

MANIFEST, FORMAT = "manifest.json", 1
FILES = {"sqlite": "workplan.db", "postgresql": "workplan.dump"}


def add_commands(commands: Any) -> None:
    """`backup` and `restore` of `python -m app`."""
    taking = commands.add_parser("backup", help="copy the database, while others write")
    taking.set_defaults(operate=backup)
    restoring = commands.add_parser("restore", help="replace the database by a backup")
    restoring.add_argument("--replace", action="store_true", help="overwrite an existing database")
    restoring.set_defaults(operate=restore)
    for one in (taking, restoring):
        one.add_argument("folder", type=Path, metavar="DIR")
        one.add_argument(
            "--pg-bin", help="folder of pg_dump and pg_restore, if they are not on PATH"
        )


def run(arguments: argparse.Namespace, settings: Settings, now: datetime) -> int:
    """Run one of these commands."""
    operate: Callable[..., None] = arguments.operate
    try:
        operate(arguments, settings, now)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return MISUSED
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        print(f"Nothing was done: {str(error).splitlines()[0]}", file=sys.stderr)
        return MISUSED
    return OK


def backup(arguments: argparse.Namespace, settings: Settings, now: datetime) -> None:
    """Write a backup to a folder, which must be new or empty."""
    folder: Path = arguments.folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(f"{folder} already exists; each backup needs a new or empty folder.")
    url = make_url(settings.database_url)
    kind = url.get_backend_name()
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{token_hex(4)}.partial")
    partial.mkdir(mode=0o700)  # the database contains secrets of webhooks
    try:
        file = partial / FILES[kind]
        state = (
            copy_sqlite(url, file)
            if kind == "sqlite"
            else dump_postgresql(url, file, arguments.pg_bin)
        )
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
            to_disk(one)
        partial.rename(folder)
        to_disk(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(
        f"{folder}: revision {state['revision']}, change {state['head']}, "
        f"audit line {state['audit']['seq']}, schema {state['schema']}."
    )
    print(f"Not included: the secret of keys, which is in {manifest['key_secret']['where']}.")


def restore(arguments: argparse.Namespace, settings: Settings, now: datetime) -> None:
    """Replace the database by the backup, verify it and start a new epoch."""
    url = make_url(settings.database_url)
    manifest = _checked_manifest(arguments.folder, url.get_backend_name())
    file = arguments.folder / FILES[manifest["kind"]]
    put_in_place = restore_sqlite if manifest["kind"] == "sqlite" else restore_postgresql
    epoch = put_in_place(arguments, url, file, manifest, now)
    print(
        f"Restored: the state of {manifest['taken_at']}, revision {manifest['revision']}, change "
        f"{manifest['head']}; documents and {manifest['audit']['seq']} lines of the audit log were "
        f"verified. The feed continues in epoch {epoch}."
    )
    here, there = _named_secret(settings), manifest["key_secret"]
    if here["fingerprint"] != there["fingerprint"]:
        print(
            f"No key of this backup is valid with the secret in {here['where']}: its keys were made "
            f"with the secret of fingerprint {there['fingerprint']}, then in {there['where']}.",
            file=sys.stderr,
        )


def _checked_manifest(folder: Path, kind: str) -> Manifest:
    """The manifest of a complete backup that this version can restore; raises RefusedError."""
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        form, backed_up, schema = manifest["format"], manifest["kind"], manifest["schema"]
        files = {name: file["sha256"] for name, file in manifest["files"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not the manifest of a backup"
        raise RefusedError(f"{folder} is not a backup: {MANIFEST}: {reason}") from None
    if form != FORMAT:
        raise RefusedError(f"The backup has format {form}; this version reads {FORMAT}.")
    if backed_up != kind:
        raise RefusedError(f"The backup is for {backed_up}, WORKPLAN_DATABASE_URL for {kind}.")
    if list(files) != [FILES[kind]]:
        raise RefusedError(f"The manifest must list exactly one file, {FILES[kind]}.")
    for name, expected in files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise RefusedError(f"{folder / name} is missing or differs from the manifest.")
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(schema)
    except CommandError:
        raise RefusedError(
            f"The backup has schema {schema}, which version {VERSION} does not have; "
            f"restore it with {manifest.get('app')} or newer."
        ) from None
    return manifest


def _named_secret(settings: Settings) -> dict[str, str | None]:
    """Where the secret of keys is, and its fingerprint; a backup never contains the secret itself."""
    secret = key_secret(settings)
    where = "WORKPLAN_KEY_SECRET" if settings.key_secret else settings.key_secret_file
    fingerprint = (
        hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()[:16] if secret else None
    )
    return {"where": where, "fingerprint": fingerprint}


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
