"""Statistics for the query planner.

SQLite never updates them by itself, PostgreSQL only some time after a load.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Select, inspect, text

# The number of search entries (one for each published row) by the statistics.
KNOWN = {
    "sqlite": "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'search_entry'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE oid = 'search_entry'::regclass",
}
EXIST = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'",
    "postgresql": "SELECT 1",
}


def keep_statistics(engine: Engine, entries: Select[Any]) -> None:
    """Update the statistics if the number of search entries has changed by a tenth; call it after a load."""
    with engine.begin() as connection:
        if _are_outdated(connection, entries):
            analyze(connection)


def analyze(connection: Connection) -> None:
    """Update the statistics of all tables; readers, and on PostgreSQL writers, are not blocked.

    PostgreSQL would read its own catalogs, too, which are larger than the data of a few plans.
    """
    tables = ""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        tables = ", ".join(map(quote, sorted(inspect(connection).get_table_names())))
    connection.execute(text(f"ANALYZE {tables}"))


def _are_outdated(connection: Connection, counted: Select[Any]) -> bool:
    dialect = connection.dialect.name
    known = None
    if connection.execute(text(EXIST[dialect])).scalar():
        known = connection.execute(text(KNOWN[dialect])).scalar()
    entries = connection.execute(counted).scalar_one()
    return known is None or abs(entries - known) * 10 > known
