"""Bringing a database up: tables, then documents; first a backup where there is no way back."""

import argparse
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.projections.rebuilding import is_due, rebuild
from app.settings import Settings
from seed.refusals import NoticeRefusedError

FIRST_OF_0_6_0 = "0020"  # the first migration after 0.5.0, in their order
ROOT = Path(__file__).parents[2]


def migrate(engine: Engine, settings: Settings) -> None:
    """Bring the tables up; from 0.5.0, after a backup. Raises NoticeRefusedError if that fails."""
    # Alembic takes a second to import, which reading has no use for.
    from alembic import command
    from alembic.config import Config

    if _is_of_0_5_0(engine):
        _back_up(settings)
    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")


def _back_up(settings: Settings) -> None:
    """Make a backup; on PostgreSQL, whose tools may not be here, say so if there is none."""
    # A load that makes no backup needs neither.
    from app.cli.backup import backup
    from app.cli.commands import RefusedError

    folder = _backup_folder(settings, utc_now())
    try:
        backup(argparse.Namespace(folder=folder, pg_bin=None), settings, utc_now())
    except (RefusedError, OSError, sqlite3.Error, SQLAlchemyError) as error:
        if make_url(settings.database_url).get_backend_name() == "sqlite":
            raise NoticeRefusedError(
                None, f"no backup before the upgrade: {error}", "a folder that can be written"
            ) from error
        print(f"No backup was made before the upgrade, which is one way: {error}", file=sys.stderr)
    else:
        print(f"{folder} is a backup; docs/upgrading.md says how to go back to 0.5.0 with it")


def rebuild_where_due(engine: Engine) -> None:
    """Bring the documents up, as migrating does with the tables."""
    with Session(engine) as session:
        due = is_due(session)
    if due:
        print(f"{rebuild(engine, utc_now)} documents made again, as their shape has changed")


def _is_of_0_5_0(engine: Engine) -> bool:
    """Whether there is data, in the tables of 0.5.0 or earlier."""
    if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
        return False  # nor is its folder, before migrating makes both
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        is_old = found is not None and found < FIRST_OF_0_6_0
        return is_old and connection.scalar(text("SELECT 1 FROM plan LIMIT 1")) is not None


def _backup_folder(settings: Settings, now: datetime) -> Path:
    """Beside the file of SQLite; else beside the secret, where the service keeps its files."""
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database
    beside = Path(str(url.database)) if is_file else Path(settings.key_secret_file)
    return beside.parent / f"backup-before-0.6.0-{now:%Y%m%dT%H%M%S.%fZ}"
