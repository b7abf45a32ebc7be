"""Alembic's environment: one migration at a time, on the database of WORKPLAN_DATABASE_URL."""

from pathlib import Path

from alembic import context
from sqlalchemy import Connection, make_url, text

from app.database import lock_writers, open_engine
from app.settings import Settings
from app.tables import Base


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


def main() -> None:
    """Migrate a given connection (tests), or the database of the settings, under a lock.

    SQLite locks by BEGIN IMMEDIATE; PostgreSQL by an advisory lock, waiting for tables at most 1 s.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    database_url = Settings().database_url
    path = make_url(database_url).database
    if database_url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        lock_writers(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        migrate(connection)
    engine.dispose()


main()
