"""A database of PostgreSQL that a test has written to is as it was for the next one."""

from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Any

import psycopg

from tests.support.databases import Databases

Connection = psycopg.Connection[Any]
WRITES = (
    "UPDATE task SET title = 'x'",
    "UPDATE task SET id = 'x' WHERE id = 'gd-dg-2022-t17.2'",
    "DELETE FROM correction",
    "INSERT INTO search_gram (gram, entries) VALUES ('x', 1)",
    "DELETE FROM search_gram; INSERT INTO search_gram (gram, entries) VALUES ('x', 1)",
    "SELECT 1",
)
INSERTED = "SELECT pg_stat_get_tuples_inserted('task'::regclass)"


def contents(connection: Connection) -> dict[str, list[str]]:
    """Table → its rows as text."""
    names = connection.execute("SELECT relname FROM pg_stat_user_tables").fetchall()
    return {
        name: [row for (row,) in connection.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')]  # noqa: S608
        for (name,) in names
    }


def found_and_changed(
    database: AbstractContextManager[str], change: str
) -> tuple[str, dict[str, list[str]]]:
    """The URL of a database and what it held; it is changed afterwards, past all rules."""
    with database as url, psycopg.connect(url) as connection:
        found = contents(connection)
        connection.execute("SET session_replication_role = replica")
        connection.execute(change.encode())
        connection.commit()
        assert (contents(connection) == found) is (change == "SELECT 1")
        return url, found


def test_what_was_changed_deleted_or_added_is_as_it_was(on_postgresql: Databases) -> None:
    found = [found_and_changed(on_postgresql.loaded(), write) for write in (*WRITES, *WRITES)]
    assert all(one == found[0] for one in found)


def test_a_database_with_a_truncated_table_is_not_used_again(on_postgresql: Databases) -> None:
    emptied, found = found_and_changed(on_postgresql.with_tables(), "TRUNCATE revision")
    other, as_ever = found_and_changed(on_postgresql.with_tables(), "SELECT 1")
    assert other != emptied
    assert as_ever == found


def test_only_rows_that_were_changed_are_written_again(on_postgresql: Databases) -> None:
    """Others would lie in new pages each time: a table grew by all of its rows with each test."""
    inserted: list[int] = []
    for _ in range(3):
        with on_postgresql.loaded() as url, psycopg.connect(url) as connection:
            inserted += connection.execute(INSERTED).fetchall()[0]
            connection.execute("UPDATE task SET ordinal = -1 WHERE id LIKE '%t17.2'")
    assert [later - before for before, later in pairwise(inserted)] == [1, 1]
