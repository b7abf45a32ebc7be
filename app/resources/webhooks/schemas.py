"""JSON shapes of webhooks and their deliveries."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from app.enums import (
    ChangeOperation,
    DeliveryState,
    WebhookFormat,
)
from app.http.bodies import Body
from app.http.parameters import CursorText, PageLimit, Query, ShortText, many
from app.kinds import PublishedKind, ResourceKind
from app.projections.subscriptions import event_of
from app.reading.list_params import PageInfo
from app.schemas.references import JurisdictionRef, Label

# Only resources of notices can have `withdrawn` events; a withdrawn fact is `updated`.
EVENTS = [
    event_of(kind, operation)
    for kind in PublishedKind
    for operation in ChangeOperation
    if operation is not ChangeOperation.WITHDRAWN or kind.value in set(ResourceKind)
]
EVENT = rf"^((?:{'|'.join(PublishedKind)})\.(?:created|updated)|(?:{'|'.join(ResourceKind)})\.withdrawn)$"
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of every Standard Webhooks secret
SECRET_BYTES = range(24, 65)  # by Standard Webhooks
LONGEST_URL = 2000
MOST_FILTERED = 100  # agencies, or plans
URL = r"^https?://[!-?A-~]+$"


class _Pattern:
    """Adds a pattern to the schema for a check that a validator makes with its own message."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "pattern": self.pattern}


def _known_event(name: str) -> str:
    if name not in EVENTS:
        raise PydanticCustomError("event_name", "not an event name")
    return name


def _signing_secret(secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in SECRET_BYTES:
        raise PydanticCustomError("signing_secret", "not a Standard Webhooks secret")
    return secret


EventName = Annotated[str, AfterValidator(_known_event), _Pattern(EVENT)]
SigningSecret = Annotated[
    str,
    Field(json_schema_extra={"minLength": 38, "maxLength": 94}),
    AfterValidator(_signing_secret),
    _Pattern(rf"^{SECRET_PREFIX}[A-Za-z0-9+/]+={{0,2}}$"),
]  # fmt: skip
BodyYear = Annotated[int, Field(ge=1900, le=2999)]
NamedId = Annotated[str, Field(max_length=200)]
Events = Annotated[list[EventName], Field(min_length=1, max_length=len(EVENTS))]


class WebhookFiltersSubmission(Body):
    """Filters of a webhook: a change must match one id of each non-empty list."""

    agency: list[NamedId] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="Ids of agencies that the change concerns, as with `agency` of `/v1/changes`; [] "
        "means all.",
        examples=[["gd-government-data"]],
    )
    plan: list[NamedId] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="Ids of plans that the change belongs to; [] means all.",
    )
    jurisdiction: list[ShortText] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="GB/T 2260 codes or names of governments that the change belongs to, as with "
        "`jurisdiction` of lists; [] means all.",
    )
    within: list[ShortText] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="GB/T 2260 codes or names of governments: of these and of all below them; [] means "
        "all.",
    )
    year: list[BodyYear] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="Calendar years that the period of the plan covers or overlaps; [] means all.",
    )
    series: list[ShortText] = Field(
        default=[], max_length=MOST_FILTERED, description="Series of plans; [] means all."
    )


class WebhookSubmission(Body):
    """A new webhook."""

    url: str = Field(
        description="https URL; http only for hosts that the operator has allowed. For a robot, the "
        "complete address including its key, on any host.",
        examples=["https://receiver.example.gov.cn/workplan"],
        json_schema_extra={
            "minLength": 1,
            "maxLength": LONGEST_URL,
            "pattern": URL,
            "format": "uri",
        },
    )
    events: Events = Field(
        description="Event names, `resource.operation`, with the values of the change feed.",
        examples=[["report.created", "milestone.updated"]],
    )
    filters: WebhookFiltersSubmission = Field(
        default=WebhookFiltersSubmission(), description="limits the changes; all if omitted"
    )
    format: WebhookFormat = Field(
        default=WebhookFormat.STANDARD,
        strict=False,
        description="signed JSON, or a message of a group robot",
    )
    secret: SigningSecret | None = Field(
        default=None,
        description="Signing secret, required for `standard`: `whsec_` and the base64 of 24 to 64 "
        "random bytes; never returned.",
    )


class WebhookChangeSubmission(Body):
    """A change of a webhook; omitted events, filters and secret stay the same."""

    enabled: bool = Field(
        description="true: events are queued and sent, also after a 410, and waiting deliveries are "
        "retried at once. false: nothing is sent or queued; read missed changes from "
        "`/v1/changes`."
    )
    events: Events | None = Field(default=None, description="Replaces the events.")
    filters: WebhookFiltersSubmission | None = Field(
        default=None, description="Replaces the filters, for events queued from now on."
    )
    secret: SigningSecret | None = Field(default=None, description="Replaces the secret.")


class WebhookFilters(BaseModel):
    """Filters of a webhook: a change must match one id of each non-empty list."""

    agency: list[str] = Field(description="Ids of agencies; [] means all.")
    plan: list[str] = Field(description="Ids of plans; [] means all.")
    jurisdiction: list[str] = Field(description="Codes of governments; [] means all.")
    within: list[str] = Field(
        description="Codes of governments, each with all below it; [] means all."
    )
    year: list[int] = Field(description="Calendar years; [] means all.")
    series: list[str] = Field(description="Series of plans; [] means all.")


def _complete(filters: dict[str, list[Any]] | None) -> dict[str, list[Any]]:
    """Stored filters with those that are not set."""
    return {name: [] for name in WebhookFilters.model_fields} | (filters or {})


class Webhook(BaseModel):
    """A webhook: an address that is notified of changes. Its secret is never returned."""

    id: str = Field(examples=["webhook-1"])
    url: str
    events: list[str] = Field(examples=[["report.created"]])
    filters: Annotated[WebhookFilters, BeforeValidator(_complete)]
    jurisdiction: JurisdictionRef | None = Field(
        description="Government of the key that registered it: only changes of that one and of those "
        "below it are sent; null for the whole service."
    )
    format: WebhookFormat
    format_label: Label = Field(examples=["Standard Webhooks，签名的 JSON"])
    enabled: bool
    gone_at: datetime | None = Field(
        description="When the receiver returned 410 Gone and delivery stopped; null otherwise."
    )
    created_at: datetime
    changed_at: datetime = Field(
        description="Time of the last change by an administrator, including changes of the secret."
    )


class WebhookPage(BaseModel):
    """A page of webhooks, oldest first."""

    data: list[Webhook]
    page: PageInfo


class Delivery(BaseModel):
    """A webhook delivery, with its outcome."""

    id: str = Field(
        description="The `webhook-id`; the same at each attempt.",
        examples=["webhook-1-5f3a9c1e0b7d2486-310"],
    )
    event: str = Field(examples=["report.created"])
    seq: int = Field(description="Number of the change in `/v1/changes`.", examples=[310])
    resource: PublishedKind
    resource_label: Label = Field(examples=["进展报告"])
    resource_id: str = Field(examples=["gd-dg-2022-t17.2-r2"])
    state: DeliveryState
    state_label: Label = Field(examples=["待送达"])
    attempts: int = Field(description="Number of attempts, including one in progress.")
    waits_for: str | None = Field(
        description="Id of the earlier delivery for the same resource that must be delivered first."
    )
    next_attempt_at: datetime | None = Field(
        description="Earliest time of the next attempt; null if there is none or the webhook is "
        "disabled."
    )
    last_attempt_at: datetime | None
    last_status: int | None = Field(
        description="HTTP status of the last response; null if there was none."
    )
    last_error: str | None = Field(description="Error of the last attempt.")
    delivered_at: datetime | None


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    data: list[Delivery]
    page: PageInfo


class WebhookListQuery(Query):
    """The parameters of the list of webhooks."""

    limit: PageLimit = Field(default=100, description="Maximum number of rows per page.")
    cursor: CursorText | None = Field(
        default=None, description="`page.next` of the previous page, unchanged."
    )


class DeliveryListQuery(WebhookListQuery):
    """The parameters of the list of a webhook's deliveries."""

    state: list[DeliveryState] = many("Delivery state.")
