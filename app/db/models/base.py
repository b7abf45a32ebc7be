"""The base of all tables: constraint names, column types, published and append-only rows."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app import enums as vocabulary
from app.db.columns import CodePointText, Figure, Instant, Json, choice


class Base(DeclarativeBase):
    """Constraint names, which migrations need; text compared by code points."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: CodePointText,
        datetime: Instant(),
        Decimal: Figure(),
        list[str]: Json,
        list[Any]: Json,
        dict[str, list[Any]]: Json,
        **{kind: choice(kind) for kind in vocabulary.closed_sets()},
    }


STRICT = {"sqlite_strict": True}
ModelT = TypeVar("ModelT", bound=Base)


def row_of(model: type[ModelT], **columns: Any) -> ModelT:
    """A row that no session may take, with all its columns; one for a session takes as long as storing it."""
    row = model.__new__(model)
    vars(row).update(columns)
    return row


def span_check() -> CheckConstraint:
    """A span is not empty and begins inside the text."""
    return CheckConstraint("span_start >= 0 AND span_start < span_end", name="span")


def orders(*sorts: list[str]) -> list[Index]:
    """An index for each sort order of a list, with the id as tie-breaker; all lists have `changed_at`."""
    return [Index(None, *columns, "id") for columns in (*sorts, ["changed_at"])]


class Published:
    """A resource of the API: its document and the columns for synchronisation."""

    id: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    document: Mapped[str]  # JSON, exactly as it is sent
    version: Mapped[int]  # rises with each change of the document
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # no longer in the notice; the id is never reused


class AppendOnly(Published):
    """An append-only record; a trigger protects its `recorded` columns from updates."""

    __tablename__: str
    recorded: ClassVar[tuple[str, ...]]

    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"), index=True)
    recorded_at: Mapped[datetime]


class Fact(AppendOnly):
    """An append-only statement that can be replaced or withdrawn.

    A correction is a new fact that names the one it replaces; a withdrawal is a separate row; `state`
    is computed from both, for queries.
    """

    state: Mapped[vocabulary.FactState]
    replaces_id: Mapped[str | None]  # each fact is replaced once, see the unique constraint
    evidence: Mapped[list[Any]]  # {url, title}
