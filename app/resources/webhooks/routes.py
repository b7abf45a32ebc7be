"""`/v1/webhooks`: subscribers to changes; for administrators only."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.problems import (
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    documented,
)
from app.reading.one import ResourceId
from app.reading.transaction import ReaderDep
from app.resources.webhooks import commands, queries
from app.resources.webhooks.schemas import (
    DeliveryListQuery,
    DeliveryPage,
    Webhook,
    WebhookChangeSubmission,
    WebhookListQuery,
    WebhookPage,
    WebhookSubmission,
)
from app.routing import CallerDep, PrivateOperation, WriteDep, WriteOperation
from app.writing.unit_of_work import WriteResponse

router = APIRouter(prefix="/v1", tags=["webhooks"])
reading = APIRouter(route_class=PrivateOperation)
writing = APIRouter(route_class=WriteOperation)


@reading.get("/webhooks", response_model=WebhookPage, responses=documented(InvalidCursorError))
async def list_webhooks(
    request: Request,
    reader: ReaderDep,
    caller: CallerDep,
    params: Annotated[WebhookListQuery, Query()],
) -> Response:
    """订阅列表。Lists the webhooks that the key reaches, oldest first, without their secrets."""
    return await queries.list_webhooks(reader, request, caller, params)


@reading.get("/webhooks/{webhook_id}", response_model=Webhook, responses=documented(NotFoundError))
async def get_webhook(reader: ReaderDep, caller: CallerDep, webhook_id: ResourceId) -> Response:
    """一个订阅。One webhook. To update it, send its `ETag` in `If-Match`."""
    return await queries.get_webhook(reader, caller, webhook_id)


@reading.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=DeliveryPage,
    responses=documented(NotFoundError, InvalidCursorError),
)
async def list_webhook_deliveries(
    request: Request,
    reader: ReaderDep,
    caller: CallerDep,
    webhook_id: ResourceId,
    params: Annotated[DeliveryListQuery, Query()],
) -> Response:
    """送达情况。Lists the deliveries of a webhook, newest first."""
    return await queries.list_deliveries(reader, request, caller, webhook_id, params)


@writing.post(
    "/webhooks",
    status_code=201,
    response_model=Webhook,
    responses=documented(IdempotencyKeyReusedError),
)
async def create_webhook(write: WriteDep, body: WebhookSubmission) -> WriteResponse:
    """订阅变更通知。Registers a webhook for changes from now on.

    Each event is a POST request, signed according to Standard Webhooks, or a message of a
    group robot. Delivery is retried for three days until it gets a 2xx; events of one resource
    are delivered in order. An event may arrive twice, with the same `webhook-id`.
    A webhook belongs to the jurisdiction of the key: it is notified of changes of that jurisdiction
    and of those below it.
    """
    return await write.perform(commands.add_webhook, body)


@writing.patch(
    "/webhooks/{webhook_id}",
    response_model=Webhook,
    responses=documented(NotFoundError, PreconditionFailedError, PreconditionRequiredError),
)
async def change_webhook(
    write: WriteDep, webhook_id: ResourceId, body: WebhookChangeSubmission
) -> WriteResponse:
    """修改订阅。Enables or disables a webhook, or replaces its events, filters or secret."""
    return await write.perform(commands.change_webhook, webhook_id, body)


router.include_router(reading)
router.include_router(writing)
