"""API keys, delegations, stored responses and the audit log."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base
from app.enums import KeyRole


class ApiKey(Base):
    """An API key for writing; only an HMAC of its secret is stored."""

    __tablename__ = "api_key"
    __table_args__ = STRICT

    id: Mapped[str] = mapped_column(primary_key=True)  # the public part of the key
    digest: Mapped[str]
    role: Mapped[KeyRole]
    agency_id: Mapped[str | None] = mapped_column(ForeignKey("agency.id"))
    # Null for reporters, for administrators of the whole service, and for keys of the home that are
    # older than this column.
    jurisdiction_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    holder: Mapped[str]  # contact for the key; a rotated key has the same
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Delegation(Base):
    """A delegation: an agency may act for a collective. Recorded by an operator, not by a notice."""

    __tablename__ = "delegation"
    __table_args__ = STRICT

    collective_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    granted_at: Mapped[datetime]


class StoredResponse(Base):
    """The response to a write, to replay when the same request is repeated."""

    __tablename__ = "idempotent_answer"
    __table_args__ = STRICT

    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]  # of method, path and body
    status: Mapped[int]
    headers: Mapped[list[str]]  # names and values alternate
    body: Mapped[str]
    stored_at: Mapped[datetime | None] = mapped_column(
        index=True
    )  # null: stored by an older version


class AuditLine(Base):
    """A line of the audit log: JSON with the hash of the previous line, and its own hash."""

    __tablename__ = "audit_line"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str]
    hash: Mapped[str]
