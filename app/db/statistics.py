"""What the database knows of its tables when it chooses how to run a query.

SQLite never counts by itself, PostgreSQL some time after a load: until then plans are luck.
"""

from sqlalchemy import Connection, Engine, func, select, text

from app.db.models import SearchEntry

# How many entries of search the statistics know of: one for each row that is published.
KNOWN = {
    "sqlite": "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'search_entry'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE oid = 'search_entry'::regclass",
}
ANY = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'",
    "postgresql": "SELECT 1",
}


def keep_statistics(engine: Engine) -> None:
    """Count again where a tenth has come or gone since the last time; after a load."""
    with engine.begin() as connection:
        if _are_old(connection):
            analyze(connection)


def analyze(connection: Connection) -> None:
    """Count all tables; others read and, on PostgreSQL, write meanwhile."""
    connection.execute(text("ANALYZE"))


def _are_old(connection: Connection) -> bool:
    dialect = connection.dialect.name
    known = None
    if connection.execute(text(ANY[dialect])).scalar():
        known = connection.execute(text(KNOWN[dialect])).scalar()
    entries = connection.execute(select(func.count()).select_from(SearchEntry)).scalar_one()
    return known is None or abs(entries - known) * 10 > known
