"""Column types that are the same on both databases: instants, decimals, text by code points."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Dialect, Enum, Numeric, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.compiler import compiles


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; ISO 8601 text on SQLite, which has no such type."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Figure(TypeDecorator[Decimal]):
    """An exact decimal; text on SQLite, whose numbers are binary."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Numeric() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else f"{value:f}"

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


# STRICT tables of SQLite have five types only.
@compiles(Boolean, "sqlite")
def _boolean_on_sqlite(type_: Boolean, compiler: Any, **kw: Any) -> str:
    return "INTEGER"


@compiles(Date, "sqlite")
@compiles(JSON, "sqlite")
@compiles(Enum, "sqlite")
def _text_on_sqlite(type_: Any, compiler: Any, **kw: Any) -> str:
    return "TEXT"


# Order by code points on both databases, whatever the server's locale.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")
Json = JSON().with_variant(JSONB(), "postgresql")


def choice(kind: type[StrEnum]) -> Enum:
    """A column for the values of an enum, with a CHECK constraint."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=kind.__name__.lower(),
        values_callable=lambda values: [value.value for value in values],
    )
