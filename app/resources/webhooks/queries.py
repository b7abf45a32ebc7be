"""Reading webhooks and their deliveries."""

from typing import Any

from fastapi import Request, Response
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from app.db.engine import Reader
from app.db.models import Change, Region
from app.db.models import Delivery as DeliveryRow
from app.db.models import Webhook as WebhookRow
from app.enums import DeliveryState, labelled
from app.http.problems import ForbiddenError, Message, NotFoundError
from app.kinds import PublishedKind
from app.kinds.document import jurisdiction_ref
from app.projections.subscriptions import event_of
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
from app.schemas.references import JurisdictionRef
from app.writing.keys import Caller
from app.writing.reach import reaches

FOREIGN_WEBHOOK = Message(
    "此订阅属于其他辖区或整个服务；请用该辖区或其上级的管理员密钥。",
    "This webhook belongs to another jurisdiction or to the whole service: use a key of an "
    "administrator of that jurisdiction or of one above it.",
)
NO_WEBHOOK = Message(
    "没有这个编号；全部列在 /v1/webhooks。", "There is no such id; /v1/webhooks lists all."
)
COLUMNS = [name for name in Webhook.model_fields if name not in ("format_label", "jurisdiction")]
# All but the secret, which is never read here, with the government.
WEBHOOKS = (
    select(
        *(getattr(WebhookRow, name) for name in COLUMNS),
        WebhookRow.ordinal,
        Region.code,
        Region.name,
        Region.level,
    )
    .select_from(WebhookRow)
    .outerjoin(Region, Region.code == WebhookRow.jurisdiction_code)
)


def document_of(row: Any) -> str:
    """A row of WEBHOOKS as JSON."""
    return _webhook(row).model_dump_json()


def _webhook(row: Any) -> Webhook:
    shown = {name: getattr(row, name) for name in COLUMNS}
    government = JurisdictionRef.model_validate(jurisdiction_ref(row)) if row.code else None
    return Webhook(**shown, format_label=row.format.label, jurisdiction=government)


async def get_webhook(reader: Reader, caller: Caller, id_: str) -> Response:
    """One webhook; one statement."""
    return Response(document_of(await _existing(reader, caller, id_)))


async def _existing(reader: Reader, caller: Caller, id_: str) -> Row[Any]:
    """The row with this id; raises NotFoundError, ForbiddenError."""
    found = None
    reached = reaches(caller.jurisdiction_code, WebhookRow.jurisdiction_code)
    if id_.isascii() and id_.isprintable():
        row = WEBHOOKS.where(WebhookRow.id == id_).add_columns(reached.label("is_reached"))
        found = (await reader.execute(row)).one_or_none()
    if found is None:
        raise NotFoundError(NO_WEBHOOK)
    if not found.is_reached:
        raise ForbiddenError(FOREIGN_WEBHOOK)
    return found


async def list_webhooks(
    reader: Reader, request: Request, caller: Caller, params: WebhookListQuery
) -> Response:
    """A page of the webhooks that the caller reaches; two statements."""
    filters = filters_of(request)
    reached = reaches(caller.jurisdiction_code, WebhookRow.jurisdiction_code)
    found = WEBHOOKS.where(reached).order_by(WebhookRow.ordinal).limit(params.limit + 1)
    if params.cursor:
        (after,) = read_cursor(params.cursor, filters, [int])
        found = found.where(WebhookRow.ordinal > after)
    rows = (await reader.execute(found)).all()
    counted = select(func.count()).select_from(WebhookRow).where(reached)
    total = (await reader.execute(counted)).scalar_one()
    cursor = None
    if len(rows) > params.limit:
        rows = rows[: params.limit]
        cursor = write_cursor([rows[-1].ordinal], filters)
    page = WebhookPage(
        data=[_webhook(row) for row in rows],
        page=PageInfo(limit=params.limit, total=total, next=cursor, missing=[]),
    )
    return Response(page.model_dump_json(), headers=links(request, cursor))


async def list_deliveries(
    reader: Reader, request: Request, caller: Caller, id_: str, params: DeliveryListQuery
) -> Response:
    """A page of a webhook's deliveries; three statements."""
    webhook, filters = await _existing(reader, caller, id_), filters_of(request)
    conditions: list[Any] = [DeliveryRow.webhook_id == webhook.id]
    if params.state:
        conditions.append(DeliveryRow.state.in_(params.state))
    counted = select(func.count()).select_from(DeliveryRow).where(*conditions)
    total = (await reader.execute(counted)).scalar_one()
    found = _deliveries().where(*conditions).limit(params.limit + 1)
    if params.cursor:
        (before,) = read_cursor(params.cursor, filters, [int])
        found = found.where(DeliveryRow.seq < before)
    rows = (await reader.execute(found)).all()
    cursor = None
    if len(rows) > params.limit:
        rows = rows[: params.limit]
        cursor = write_cursor([rows[-1].seq], filters)
    page = DeliveryPage(
        data=[_delivery(webhook, row) for row in rows],
        page=PageInfo(limit=params.limit, total=total, next=cursor, missing=[]),
    )
    return Response(page.model_dump_json(), headers=links(request, cursor))


def _deliveries() -> Select[Any]:
    """Deliveries, newest first, with their changes, and the earlier deliveries that they wait for."""
    earlier, first = aliased(DeliveryRow), aliased(Change)
    first_pending = (
        select(func.min(earlier.seq))
        .where(
            earlier.webhook_id == DeliveryRow.webhook_id,
            earlier.about == DeliveryRow.about,
            earlier.seq < DeliveryRow.seq,
            earlier.state == DeliveryState.PENDING,
        )
        .scalar_subquery()
    )
    return (
        select(
            *DeliveryRow.__table__.columns,
            Change.epoch,
            Change.resource,
            Change.op,
            Change.id,
            first.epoch.label("first_epoch"),
            first.seq.label("first_seq"),
        )
        .join(Change, Change.seq == DeliveryRow.seq)
        .outerjoin(first, first.seq == first_pending)
        .order_by(DeliveryRow.seq.desc())
    )


def delivery_id(webhook_id: str, epoch: str | None, seq: int) -> str:
    """The `webhook-id` of a message: one for each webhook and change.

    Receivers drop ids that they have seen, and numbers repeat after a restore, hence the epoch.
    """
    return "-".join(filter(None, (webhook_id, epoch, str(seq))))


def _delivery(webhook: Row[Any], row: Row[Any]) -> Delivery:
    waits_for = None
    if row.state is DeliveryState.PENDING and row.first_seq is not None:
        waits_for = delivery_id(webhook.id, row.first_epoch, row.first_seq)
    is_sent = webhook.enabled and webhook.gone_at is None and waits_for is None
    return Delivery.model_validate(
        {
            "id": delivery_id(webhook.id, row.epoch, row.seq),
            "event": event_of(row.resource, row.op),
            "seq": row.seq,
            **labelled("resource", PublishedKind(row.resource)),
            "resource_id": row.id,
            **labelled("state", row.state),
            "attempts": row.attempts,
            "waits_for": waits_for,
            "next_attempt_at": row.next_at if is_sent else None,
            "last_attempt_at": row.last_attempt_at,
            "last_status": row.last_status,
            "last_error": row.last_error,
            "delivered_at": row.delivered_at,
        }
    )
