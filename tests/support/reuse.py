"""Databases of PostgreSQL that tests use one after another: put back row by row, or not used again.

To copy a database costs the server a third of a second of work, since each has some 400 files; to put
back the tables that a test has changed costs a tenth of that.
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
) AS parts(part)
"""
TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
Marks = Mapping[str, tuple[int, int]]  # of each table: its rows, and the sum of who wrote them


@dataclass(frozen=True)
class Original:
    """What a database is put back to."""

    shape: str
    rows: Mapping[str, bytes]  # table → its rows, as COPY has them

    @classmethod
    def of(cls, url: str) -> "Original":
        with psycopg.connect(url) as connection:
            rows = {}
            for (table,) in connection.execute(TABLES).fetchall():
                copy = connection.cursor().copy(
                    f'COPY "{table}" TO STDOUT (FORMAT binary)'.encode()
                )
                with copy as out:
                    rows[table] = b"".join(bytes(part) for part in out)
            return cls(_shape(connection), rows)

    def marks(self, url: str) -> Marks:
        """What tells whether a table was changed since."""
        with psycopg.connect(url) as connection:
            return self._marks(connection)

    def put_back(self, name: str, url: str, marks: Marks) -> Marks | None:
        """Restore the tables that were changed; the new marks, or None where more than rows differs."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [name],
            )
            if _shape(connection) != self.shape:
                return None
            now = self._marks(connection)
            changed = [table for table in self.rows if now[table] != marks[table]]
            if not changed:
                return marks
            with connection.transaction():
                # Neither triggers, which refuse to change what was recorded, nor foreign keys.
                connection.execute("SET LOCAL session_replication_role = replica")
                for table in changed:
                    connection.execute(f'DELETE FROM "{table}"'.encode())  # noqa: S608 - our own table
                    statement = f'COPY "{table}" FROM STDIN (FORMAT binary)'.encode()
                    with connection.cursor().copy(statement) as rows:
                        rows.write(self.rows[table])
            return self._marks(connection)

    def _marks(self, connection: psycopg.Connection[tuple[object, ...]]) -> Marks:
        parts = (
            f"SELECT '{table}', count(*), coalesce(sum(xmin::text::bigint), 0)::bigint"  # noqa: S608
            f' FROM "{table}"'
            for table in self.rows
        )
        found = connection.execute(" UNION ALL ".join(parts).encode()).fetchall()
        return {str(table): (int(str(rows)), int(str(sum_))) for table, rows, sum_ in found}


def _shape(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    found = connection.execute(SHAPE).fetchone()
    assert found
    return str(found[0])
