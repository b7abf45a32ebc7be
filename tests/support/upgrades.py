"""A database as an earlier release made it, with what people had written into it."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.db.engine import open_engine
from tests.support import ROOT
from tests.support.databases import LOADED, Template

# All tables of the real notice, loaded by release 0.5.0, with made-up facts of every kind.
MADE = ROOT / "tests" / "upgrades" / "made_by_0.5.0.json.gz"
MIGRATION = "0010"
INDEX = {
    "sqlite": "INSERT INTO search_index (rowid, grams) VALUES (:rowid, :grams)",
    "postgresql": "INSERT INTO search_index"
    " VALUES (CAST(:rowid AS integer), array_to_tsvector(string_to_array(:grams, ' ')))",
}


def migrate(url: str, revision: str, run: Callable[[Config, str], None] = command.upgrade) -> None:
    """Bring the tables up to a migration, or take them back to it."""
    engine = open_engine(url)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        run(config, revision)
    engine.dispose()


def make_as_0_5_0(url: str) -> None:
    """Fill an empty database with the tables and rows of release 0.5.0."""
    migrate(url, MIGRATION)
    engine = open_engine(url)
    with engine.begin() as connection:
        for table, part in json.loads(gzip.decompress(MADE.read_bytes())).items():
            _insert(connection, table, part["columns"], part["rows"])
    engine.dispose()


def _insert(connection: Connection, table: str, columns: list[str], rows: list[list[Any]]) -> None:
    """As text, which either database takes for a value of any type."""
    values = ", ".join(f":{column}" for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({values})'  # noqa: S608 - from our file
    if table == "search_index":
        statement = INDEX[connection.dialect.name]
    given = [
        {
            name: None if value is None else str(value)
            for name, value in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    if given:
        connection.execute(text(statement), given)


def pass_first_tables(url: str) -> None:
    """Leave in a loaded database what the first migration had tables for, in today's."""
    migrate(url, "0001", command.downgrade)
    migrate(url, "head")


OF_0_5_0 = Template("of_0_5_0", make_as_0_5_0, None)
FROM_FIRST_TABLES = Template("from_first_tables", pass_first_tables, LOADED)
