"""What has changed, for caches and for mirrors."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import STRICT, Base
from app.vocabulary import ChangeOperation


class Revision(Base):
    """One row: the version of all data together, raised by each transaction that changes any."""

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    changed_at: Mapped[datetime]


class Change(Base):
    """The change feed: what happened to published rows, numbered without gaps."""

    __tablename__ = "change"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    op: Mapped[ChangeOperation]
    resource: Mapped[str]
    id: Mapped[str]
    version: Mapped[int]
    etag: Mapped[str | None]  # of the JSON of the row; null for what was withdrawn
