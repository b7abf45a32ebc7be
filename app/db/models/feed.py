"""The data version, the change feed, webhooks and the outbox of their deliveries."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
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
    """One row: the version of all data, raised by each transaction that changes any.

    The first migration creates the row; `number` is 0 until data are loaded.
    """

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    changed_at: Mapped[datetime]  # later than for every earlier number
    epoch: Mapped[
        str
    ]  # the history that the numbers of the feed belong to; a restore starts a new one
    dated: Mapped[datetime | None]  # a whole second that no earlier number had, for HTTP dates


class Rebuild(Base):
    """One row: whether stored documents have an older shape, and the progress of rebuilding them."""

    __tablename__ = "rebuild"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    is_due: Mapped[bool]  # set by a migration; `/readyz` returns 503 until the rebuild is done
    done: Mapped[str | None]  # the last step of a rebuild in progress


class FittingRevision(Base):
    """A migration for which services were made that work on these tables; migrations add to them."""

    __tablename__ = "fitting_revision"
    __table_args__ = STRICT

    revision: Mapped[str] = mapped_column(primary_key=True)


class Change(Base):
    """The change feed: changes of published rows, numbered without gaps."""

    __tablename__ = "change"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    op: Mapped[ChangeOperation]
    resource: Mapped[str]
    id: Mapped[str]
    version: Mapped[int]
    etag: Mapped[str | None]  # of the JSON document; null if withdrawn
    changed: Mapped[list[str] | None]  # members; null for rows older than this column
    plan_id: Mapped[str | None]  # null for jurisdictions, agencies and platforms
    jurisdiction_code: Mapped[
        str | None
    ]  # of the plan, or of the agency itself; null for platforms
    is_example: Mapped[bool] = mapped_column(server_default=false())
    epoch: Mapped[str | None]  # of the number; null for rows older than this column


class ChangeAgency(Base):
    """An agency that a change concerns (see `feed_entries.py`)."""

    __tablename__ = "change_agency"
    __table_args__ = STRICT

    seq: Mapped[int] = mapped_column(
        ForeignKey("change.seq"), primary_key=True, autoincrement=False
    )
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), primary_key=True)


class Webhook(Base):
    """A webhook: an address that is notified of changes; never public."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("ordinal"), STRICT)
    recorded: ClassVar = ("id", "url", "events", "format", "enabled", "created_at", "changed_at")
    recorded_if_set: ClassVar = (
        "filters",
        "jurisdiction_code",
    )  # newer than the first lines of the audit log

    id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]  # 2 of webhook-2
    url: Mapped[str]
    events: Mapped[list[str]]  # report.created, …
    filters: Mapped[dict[str, list[Any]] | None]  # agency, plan, … → ids; null: all
    # Of the key that made it; null: of the whole service.
    jurisdiction_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    format: Mapped[WebhookFormat]
    secret: Mapped[str | None]  # the signing secret, in clear text; null for robots
    enabled: Mapped[bool]
    gone_at: Mapped[datetime | None]  # when the receiver returned 410
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Delivery(Base):
    """The outbox: a delivery of a change to a webhook, and its outcome."""

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
    about: Mapped[str]  # resource and id; deliveries for one resource are sent in order
    state: Mapped[DeliveryState]
    attempts: Mapped[int]
    next_at: Mapped[
        datetime | None
    ]  # time of the next attempt; during an attempt, the end of its lease
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]  # HTTP status; null if there was no response
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
