"""Reading webhooks and their deliveries."""

from typing import Any

from fastapi import Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.db.models import Change
from app.db.models import Delivery as DeliveryRow
from app.db.models import Webhook as WebhookRow
from app.enums import DeliveryState, PublishedKind, labelled
from app.http.problems import NotFoundError, Words
from app.projections.change_feed import event_of
from app.reading.cursors import filters_of, read_cursor, write_cursor
from app.reading.list_params import PageInfo
from app.reading.paging import links
from app.resources.webhooks.schemas import (
    Delivery,
    DeliveryListQuery,
    DeliveryPage,
    Webhook,
    WebhookListQuery,
    WebhookPage,
)
from app.writing.unit_of_work import Shown


def existing_webhook(session: Session, id_: str) -> WebhookRow:
    """The webhook with this id; raises NotFoundError."""
    row = session.get(WebhookRow, id_) if id_.isascii() and id_.isprintable() else None
    if row is None:
        raise NotFoundError(
            Words(
                "没有这个编号；全部列在 /v1/webhooks。",
                "There is no such id; /v1/webhooks lists all.",
            )
        )
    return row


def document_of(row: WebhookRow) -> str:
    """A webhook as JSON, without its secret."""
    return _webhook(row).model_dump_json()


def _webhook(row: WebhookRow) -> Webhook:
    shown = {name: getattr(row, name) for name in Webhook.model_fields if name != "format_label"}
    return Webhook(**shown, format_label=row.format.label)


def list_webhooks(session: Session, request: Request, wanted: WebhookListQuery) -> Shown:
    """A page of webhooks; two statements."""
    filters = filters_of(request)
    found = select(WebhookRow).order_by(WebhookRow.ordinal).limit(wanted.limit + 1)
    if wanted.cursor:
        (after,) = read_cursor(wanted.cursor, filters, [int])
        found = found.where(WebhookRow.ordinal > after)
    rows = session.scalars(found).all()
    total = session.scalar(select(func.count()).select_from(WebhookRow)) or 0
    cursor = None
    if len(rows) > wanted.limit:
        rows = rows[: wanted.limit]
        cursor = write_cursor([rows[-1].ordinal], filters)
    page = WebhookPage(
        data=[_webhook(row) for row in rows],
        page=PageInfo(limit=wanted.limit, total=total, next=cursor, missing=[]),
    )
    return Shown(page.model_dump_json(), links(request, cursor))


def list_deliveries(
    session: Session, request: Request, id_: str, wanted: DeliveryListQuery
) -> Shown:
    """A page of a webhook's deliveries; three statements."""
    webhook, filters = existing_webhook(session, id_), filters_of(request)
    conditions: list[Any] = [DeliveryRow.webhook_id == webhook.id]
    if wanted.state:
        conditions.append(DeliveryRow.state.in_(wanted.state))
    total = session.scalar(select(func.count()).select_from(DeliveryRow).where(*conditions)) or 0
    earlier = aliased(DeliveryRow)
    first = (
        select(func.min(earlier.seq))
        .where(
            earlier.webhook_id == DeliveryRow.webhook_id,
            earlier.about == DeliveryRow.about,
            earlier.seq < DeliveryRow.seq,
            earlier.state == DeliveryState.PENDING,
        )
        .scalar_subquery()
    )
    waits_for = aliased(Change)
    found = (
        select(DeliveryRow, Change, waits_for)
        .join(Change, Change.seq == DeliveryRow.seq)
        .outerjoin(waits_for, waits_for.seq == first)
        .where(*conditions)
        .order_by(DeliveryRow.seq.desc())
        .limit(wanted.limit + 1)
    )
    if wanted.cursor:
        (before,) = read_cursor(wanted.cursor, filters, [int])
        found = found.where(DeliveryRow.seq < before)
    rows = session.execute(found).all()
    cursor = None
    if len(rows) > wanted.limit:
        rows = rows[: wanted.limit]
        cursor = write_cursor([rows[-1][0].seq], filters)
    page = DeliveryPage(
        data=[_delivery(webhook, *row) for row in rows],
        page=PageInfo(limit=wanted.limit, total=total, next=cursor, missing=[]),
    )
    return Shown(page.model_dump_json(), links(request, cursor))


def delivery_id(webhook_id: str, change: Change) -> str:
    """The `webhook-id` of a message: one for each webhook and change.

    Receivers drop ids that they have seen, and after a restore numbers come again, hence the epoch.
    """
    return "-".join(filter(None, (webhook_id, change.epoch, str(change.seq))))


def _delivery(
    webhook: WebhookRow, row: DeliveryRow, change: Change, waits_for: Change | None
) -> Delivery:
    pending = row.state is DeliveryState.PENDING
    first = waits_for if pending else None
    is_sent = webhook.enabled and webhook.gone_at is None and first is None
    return Delivery.model_validate(
        {
            "id": delivery_id(webhook.id, change),
            "event": event_of(change.resource, change.op),
            "seq": row.seq,
            **labelled("resource", PublishedKind(change.resource)),
            "resource_id": change.id,
            **labelled("state", row.state),
            "attempts": row.attempts,
            "waits_for": delivery_id(webhook.id, first) if first else None,
            "next_attempt_at": row.next_at if is_sent else None,
            "last_attempt_at": row.last_attempt_at,
            "last_status": row.last_status,
            "last_error": row.last_error,
            "delivered_at": row.delivered_at,
        }
    )
