"""Databases of PostgreSQL that tests use one after another: put back row by row, or not used again.

To copy a database costs the server a third of a second of work, since each has some 400 files; to put
back the rows that a test has changed costs a tenth of that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

# All that is not rows: what differs there is not mended, and the database is made anew.
SHAPE = """
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
  SELECT concat_ws(' ', 'class', oid, relname, relkind, relnatts, relacl, reltuples)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, attisdropped)
    FROM pg_attribute JOIN pg_class ON oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', 'constraint', conrelid, conname, convalidated) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', 'function', proname, proacl, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'index', indexrelid, indisvalid) FROM pg_index
  UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace
    WHERE nspname !~ '^pg_(temp|toast_temp)'
  UNION ALL SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', 'setting', setconfig::text) FROM pg_db_role_setting
    JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
  UNION ALL SELECT concat_ws(' ', 'database', datacl, datconnlimit, datallowconn) FROM pg_database
    WHERE datname = current_database()
  UNION ALL SELECT concat_ws(' ', 'counted since', stats_reset) FROM pg_stat_bgwriter
) AS parts(part)
"""
# Tables, and the columns of their primary keys.
TABLES = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
FROM pg_class
JOIN pg_index ON indrelid = pg_class.oid AND indisprimary
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = ANY (indkey)
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY relname
"""
# What was ever done to the rows of each table.  Processes count when they end, ours where it is asked to;
# TRUNCATE changes estimates, and a crash counts anew: both are in the shape.
MARKS = """
SELECT relname, pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
  + pg_stat_get_tuples_deleted(oid)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
COUNT_NOW = "SELECT pg_stat_force_next_flush()"
NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
Connection = psycopg.Connection[tuple[object, ...]]
Rows = Mapping[bytes, bytes]  # primary key → row, as COPY has them


@dataclass(frozen=True)
class Marks:
    """What tells which tables and which of their rows were written since."""

    done: Mapping[str, int]  # table → its rows that were ever written
    next: int  # the number of the next transaction

    @classmethod
    def of(cls, connection: Connection) -> "Marks":
        done = connection.execute(MARKS).fetchall()
        (transaction,) = connection.execute(NEXT).fetchall()[0]
        return cls({str(table): int(str(rows)) for table, rows in done}, int(str(transaction)))


def marks_of(url: str) -> Marks:
    """Those of a database that nobody uses."""
    with psycopg.connect(url) as connection:
        return Marks.of(connection)


@dataclass(frozen=True)
class Original:
    """What a database is put back to."""

    shape: str
    keys: Mapping[str, str]  # table → its primary key
    rows: Mapping[str, Rows]

    @classmethod
    def of(cls, url: str) -> "Original":
        with psycopg.connect(url) as connection:
            keys = {str(t): str(key) for t, key in connection.execute(TABLES).fetchall()}
            assert keys.keys() == Marks.of(connection).done.keys(), "a table has no primary key"
            rows = {}
            for table, key in keys.items():
                at = _lines(connection, f'SELECT {key} FROM "{table}" ORDER BY {key}')  # noqa: S608
                of = _lines(connection, f'SELECT * FROM "{table}" ORDER BY {key}')  # noqa: S608
                rows[table] = dict(zip(at, of, strict=True))
            return cls(_shape(connection), keys, rows)

    def put_back(self, name: str, url: str, before: Marks) -> Marks | None:
        """Restore the rows that were changed; the new marks, or None where more than rows differs."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [name],
            )
            if _shape(connection) != self.shape:
                return None
            now = Marks.of(connection)
            changed = [table for table in self.rows if now.done[table] != before.done[table]]
            if not changed:
                return before
            with connection.transaction():
                # Neither triggers, which refuse to change what was recorded, nor foreign keys.
                connection.execute("SET LOCAL session_replication_role = replica")
                for table in changed:
                    self._put_back(connection, table, before.next)
            connection.execute(COUNT_NOW)
            return Marks.of(connection)

    def _put_back(self, connection: Connection, table: str, since: int) -> None:
        """Only rows that were written since: others would lie in new pages, and the table would grow."""
        written = f'DELETE FROM "{table}" WHERE xmin::text::bigint >= {since}'  # noqa: S608
        connection.execute(written.encode())
        there = set(_lines(connection, f'SELECT {self.keys[table]} FROM "{table}"'))  # noqa: S608
        missing = [row for key, row in self.rows[table].items() if key not in there]
        if missing:
            with connection.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as rows:
                rows.write(b"".join(missing))


def _lines(connection: Connection, select: str) -> list[bytes]:
    with connection.cursor().copy(f"COPY ({select}) TO STDOUT".encode()) as out:
        return b"".join(bytes(part) for part in out).splitlines(keepends=True)


def _shape(connection: Connection) -> str:
    found = connection.execute(SHAPE).fetchone()
    assert found
    return str(found[0])
