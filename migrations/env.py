"""Alembic's environment: one migration at a time, on the database of WORKPLAN_DATABASE_URL."""

from datetime import UTC, datetime
from pathlib import Path

from alembic import context
from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db.engine import STARTING_SECONDS, lock_writers, open_engine
from app.db.models import Base
from app.db.statistics import analyze
from app.projections.change_feed import raise_revision
from app.projections.known_names import store_known_names
from app.projections.rebuilding import is_due
from app.projections.search_index import rebuild_entries
from app.settings import Settings, mistakes

BATCH = 1000  # entries made again at once


def _is_of_the_data_model(name: str | None, type_: str, parents: object) -> bool:
    """All but the text index, which each database has in its own way."""
    return type_ != "table" or not (name or "").startswith("search_index")


def migrate(connection: Connection) -> None:
    """Run inside the caller's transaction; a failed migration leaves nothing behind."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_name=_is_of_the_data_model,
    )
    with context.begin_transaction():
        context.run_migrations()
        if context.get_context().get_current_revision() == context.get_head_revision():
            _fold_again(connection)


def _fold_again(connection: Connection) -> None:
    """Make again what search and names know, where texts folded otherwise when it was made.

    Where documents are to be made again, that makes it, too, from the documents then.
    """
    with Session(connection) as session:
        if not is_due(session) and rebuild_entries(session, BATCH):
            while rebuild_entries(session, BATCH):
                pass
            store_known_names(session)
            raise_revision(session, datetime.now(UTC))
            session.flush()
            analyze(connection)


def main() -> None:
    """Migrate a given connection (tests), or the database of the settings, under a lock.

    Of instances that start at once, one migrates and the others wait for it.  SQLite locks by BEGIN
    IMMEDIATE; PostgreSQL by an advisory lock, waiting for tables at most 1 s.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    try:
        database_url = Settings().database_url
    except ValidationError as error:
        raise CommandError("; ".join(mistakes(error))) from None
    path = make_url(database_url).database
    if database_url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(database_url, wait=STARTING_SECONDS)
    try:
        opened = engine.connect()
    except OperationalError as error:
        raise CommandError(f"The database failed: {error.orig}") from None
    with opened as connection, connection.begin():
        lock_writers(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        migrate(connection)
    engine.dispose()


main()
