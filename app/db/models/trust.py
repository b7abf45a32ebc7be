"""Who may write, the responses to repeat, and the log of writes."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base
from app.enums import KeyRole


class ApiKey(Base):
    """A key that may write; of its secret, only an HMAC is here."""

    __tablename__ = "api_key"
    __table_args__ = STRICT

    id: Mapped[str] = mapped_column(primary_key=True)  # the public part of the key
    digest: Mapped[str]
    role: Mapped[KeyRole]
    agency_id: Mapped[str | None] = mapped_column(ForeignKey("agency.id"))
    holder: Mapped[str]  # whom to ask about it; a key in its place has the same
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Delegation(Base):
    """That an agency speaks for a collective, as an admin has said; no notice says it."""

    __tablename__ = "delegation"
    __table_args__ = STRICT

    collective_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    granted_at: Mapped[datetime]


class StoredResponse(Base):
    """The response to a write, for when the same request comes again."""

    __tablename__ = "idempotent_answer"
    __table_args__ = STRICT

    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]  # of method, path and body
    status: Mapped[int]
    headers: Mapped[list[str]]  # names and values in turn
    body: Mapped[str]
    stored_at: Mapped[datetime | None] = mapped_column(index=True)  # null: by a version before


class AuditLine(Base):
    """A line of the audit log: JSON that holds the hash of the line before, and its own hash."""

    __tablename__ = "audit_line"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str]
    hash: Mapped[str]
