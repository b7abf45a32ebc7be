"""What has changed, for caches and for mirrors, and who is told of it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import STRICT, Base
from app.enums import ChangeOperation, DeliveryState, WebhookFormat

PENDING_ONLY: Any = {
    f"{dialect}_where": text("state = 'pending'") for dialect in ("sqlite", "postgresql")
}

ALL_BUT_PENDING: Any = {
    f"{dialect}_where": text("state <> 'pending'") for dialect in ("sqlite", "postgresql")
}


class Revision(Base):
    """One row: the version of all data together, raised by each transaction that changes any.

    The row is there from the first migration on; `number` is 0 until something is loaded.
    """

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    changed_at: Mapped[datetime]  # later than that of every number before
    epoch: Mapped[str]  # in which history the numbers of the feed count; a restore mints another
    dated: Mapped[datetime | None]  # a second that no number before has had, for HTTP dates


class Rebuild(Base):
    """One row: whether stored documents are of an older shape, and how far making them again is."""

    __tablename__ = "rebuild"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    is_due: Mapped[bool]  # by a migration; `/readyz` is 503 until it is done
    done: Mapped[str | None]  # the last step of one that is under way


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
    changed: Mapped[list[str] | None]  # members; null: from before they were noted
    plan_id: Mapped[str | None]  # null for agencies and platforms
    epoch: Mapped[str | None]  # that it was numbered in; null: from before it was noted


class ChangeAgency(Base):
    """An agency that a change concerns (see `feed_entries.py`)."""

    __tablename__ = "change_agency"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(
        ForeignKey("change.seq"), primary_key=True, autoincrement=False
    )
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)


class Webhook(Base):
    """An address that is told of changes, as an administrator has said; never public."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("ordinal"), STRICT)
    recorded: ClassVar = ("id", "url", "events", "format", "enabled", "created_at", "changed_at")
    said_if_any: ClassVar = ("filters",)  # came later: lines of the audit log are without it

    id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]  # 2 of webhook-2
    url: Mapped[str]
    events: Mapped[list[str]]  # report.created, …
    filters: Mapped[dict[str, list[str]] | None]  # agency, plan → ids; null: all
    format: Mapped[WebhookFormat]
    secret: Mapped[str | None]  # to sign with, so it is here as it is; null for robots
    enabled: Mapped[bool]
    gone_at: Mapped[datetime | None]  # when the receiver answered 410
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Delivery(Base):
    """The outbox: that a webhook is to be told of a change, and what came of it."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "webhook_id", "next_at", **PENDING_ONLY),
        Index("ix_delivery_order", "webhook_id", "about", "seq", **PENDING_ONLY),
        Index("ix_delivery_over", "last_attempt_at", **ALL_BUT_PENDING),
        STRICT,
    )

    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhook.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(
        ForeignKey("change.seq"), primary_key=True, autoincrement=False
    )
    about: Mapped[str]  # resource and id: what is told of one thing is told in order
    state: Mapped[DeliveryState]
    attempts: Mapped[int]
    next_at: Mapped[
        datetime | None
    ]  # of the next attempt; while one is under way, of one in its place
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]  # of HTTP, where there was an answer
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
