"""Changing what a column may hold, on both databases.

SQLite cannot alter a constraint.  A change that no stored row minds is made in the text of the table's
definition, as its documentation advises ("Making Other Kinds Of Table Schema Changes",
https://www.sqlite.org/lang_altertable.html); copying the table would break the references to it.
"""

import re
from collections.abc import Sequence

from alembic import op
from sqlalchemy import text


def allow_null(table: str, *columns: str) -> None:
    """Let columns be null."""
    if _is_sqlite():
        for column in columns:
            _redefine(table, rf'(\n\s*"?{column}"? [A-Z]+) NOT NULL', r"\1")
        return
    for column in columns:
        op.alter_column(table, column, nullable=True)


def forbid_null(table: str, *columns: str) -> None:
    """Refuse null in columns in which no row has it."""
    if _is_sqlite():
        for column in columns:
            _redefine(table, rf'([,(]\s*"?{column}"? [A-Z]+)(?! NOT NULL)', r"\1 NOT NULL")
        return
    for column in columns:
        op.alter_column(table, column, nullable=False)


def drop_check(table: str, name: str) -> None:
    """Drop a check, such as that of an enum whose values change."""
    if _is_sqlite():
        named = f"CONSTRAINT {_check(table, name)} CHECK "
        _redefine(table, rf",?\s*{named}\((?:[^()]|\([^()]*\))*\)", "")
        return
    op.drop_constraint(_check(table, name), table)


def add_check(table: str, name: str, condition: str) -> None:
    """Add a check that every stored row passes."""
    if _is_sqlite():
        check = f", \n\tCONSTRAINT {_check(table, name)} CHECK ({condition})"
        _redefine(table, r"\s*\)(\s*STRICT\s*)$", rf"{check}\n)\1")
        return
    op.create_check_constraint(op.f(_check(table, name)), table, condition)


def set_choices(table: str, column: str, name: str, values: Sequence[str]) -> None:
    """Let a column hold the values of an enum only."""
    listed = ", ".join(f"'{value}'" for value in values)
    add_check(table, name, f"{column} IN ({listed})")


def _check(table: str, name: str) -> str:
    return f"ck_{table}_{name}"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _redefine(table: str, pattern: str, replacement: str) -> None:
    """Replace the one match of a pattern in the definition of a table."""
    connection = op.get_bind()
    stored = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    definition = connection.execute(stored, {"table": table}).scalar_one()
    changed, matches = re.subn(pattern, replacement, definition)
    if matches != 1:
        raise LookupError(f"{matches} matches of {pattern} in the definition of {table}")
    version = connection.execute(text("PRAGMA schema_version")).scalar_one()
    connection.execute(text("PRAGMA writable_schema = ON"))
    connection.execute(
        text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"),
        {"sql": changed, "table": table},
    )
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = OFF"))


def add_reference(table: str, column: str, to: str) -> None:
    """Add a nullable column of text that refers to a column of a table: `region.code`."""
    collation = "" if _is_sqlite() else ' COLLATE "C"'
    other, key = to.split(".")
    op.execute(
        f'ALTER TABLE "{table}" ADD COLUMN {column} TEXT{collation}'
        f" CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} ({key})"
    )
