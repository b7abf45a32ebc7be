"""What documents were before; append-only."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.enums import VersionCause


class DocumentVersion(Base):
    """A version of a document, and what it changed: `app/projections/versions.py` writes and reads it."""

    __tablename__ = "document_version"
    # Without a rowid, which would need an index of its own for the key: a third of the bytes.
    __table_args__ = {"sqlite_strict": True, "sqlite_with_rowid": False}  # noqa: RUF012

    resource: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    seq: Mapped[int]  # the last change of the feed when the version was there
    cause: Mapped[VersionCause]
    changed: Mapped[list[str]]  # members that differ from the version before
    etag: Mapped[str | None]  # of the document as it was sent; null if withdrawn
    shape: Mapped[int]  # of the document, see `Kind.upgrades`
    is_whole: Mapped[bool]  # whether `before` has all members
    before: Mapped[str | None]  # JSON: changed members as they were; null if there is none before
