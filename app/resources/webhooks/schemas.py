"""JSON shapes of webhooks and of what they are sent."""

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
from app.http.parameters import CursorText, PageLimit, Query, many
from app.kinds import PublishedKind, ResourceKind
from app.projections.change_feed import event_of
from app.reading.list_params import PageInfo
from app.schemas.notice import Label

# What is of a notice can be withdrawn from it; what was said of it stays, as updated.
EVENTS = [
    event_of(kind, operation)
    for kind in PublishedKind
    for operation in ChangeOperation
    if operation is not ChangeOperation.WITHDRAWN or kind.value in set(ResourceKind)
]
EVENT = rf"^((?:{'|'.join(PublishedKind)})\.(?:created|updated)|(?:{'|'.join(ResourceKind)})\.withdrawn)$"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret of Standard Webhooks begins with
SECRET_BYTES = range(24, 65)  # as Standard Webhooks has it
LONGEST_URL = 2000
MOST_FILTERED = 100  # agencies, or plans
URL = r"^https?://[!-?A-~]+$"


class _Pattern:
    """Says in the schema, as a pattern, what a validator refuses in words of its own."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "pattern": self.pattern}


def _known_event(name: str) -> str:
    if name not in EVENTS:
        raise PydanticCustomError("event_name", "no event")
    return name


def _signing_secret(secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in SECRET_BYTES:
        raise PydanticCustomError("signing_secret", "no secret of Standard Webhooks")
    return secret


EventName = Annotated[str, AfterValidator(_known_event), _Pattern(EVENT)]
SigningSecret = Annotated[
    str,
    Field(json_schema_extra={"minLength": 38, "maxLength": 94}),
    AfterValidator(_signing_secret),
    _Pattern(rf"^{SECRET_PREFIX}[A-Za-z0-9+/]+={{0,2}}$"),
]  # fmt: skip
NamedId = Annotated[str, Field(max_length=200)]
Events = Annotated[list[EventName], Field(min_length=1, max_length=len(EVENTS))]


class WebhookFiltersSubmission(Body):
    """What a change must be about: of each list one, where it has any."""

    agency: list[NamedId] = Field(
        default=[],
        max_length=MOST_FILTERED,
        description="ids of agencies that the change concerns, as `agency` of `/v1/changes` has it; "
        "[]: all",
        examples=[["gd-government-data"]],
    )
    plan: list[NamedId] = Field(
        default=[], max_length=MOST_FILTERED, description="ids of plans that it is of; []: all"
    )


class WebhookSubmission(Body):
    """An address, and what it is to be told."""

    url: str = Field(
        description="https; http only for hosts that the operator has named. For a robot, the whole "
        "address with its key, wherever the platform is hosted",
        examples=["https://receiver.example.gov.cn/workplan"],
        json_schema_extra={
            "minLength": 1,
            "maxLength": LONGEST_URL,
            "pattern": URL,
            "format": "uri",
        },
    )
    events: Events = Field(
        description="`resource.operation`, as the change feed has both",
        examples=[["report.created", "milestone.updated"]],
    )
    filters: WebhookFiltersSubmission = Field(
        default=WebhookFiltersSubmission(), description="which changes; all where it is left out"
    )
    format: WebhookFormat = Field(
        default=WebhookFormat.STANDARD,
        strict=False,
        description="signed JSON, or a message of a group robot",
    )
    secret: SigningSecret | None = Field(
        default=None,
        description="needed for `standard`, which is signed with it: `whsec_` and the base64 of 24 to "
        "64 random bytes; never shown again",
    )


class WebhookChangeSubmission(Body):
    """What is to be different; events, filters and secret that are left out stay."""

    enabled: bool = Field(
        description="true: events are queued and sent, also after a 410, and what waits to be tried "
        "again is tried at once; false: nothing is sent, and what happens meanwhile is not queued: "
        "`/v1/changes` has it"
    )
    events: Events | None = Field(default=None, description="in place of those that it had")
    filters: WebhookFiltersSubmission | None = Field(
        default=None, description="in place of those that it had, for what is queued from then on"
    )
    secret: SigningSecret | None = Field(default=None, description="in place of the one it had")


class WebhookFilters(BaseModel):
    """What a change must be about: of each list one, where it has any."""

    agency: list[str] = Field(description="ids of agencies; []: all")
    plan: list[str] = Field(description="ids of plans; []: all")


class Webhook(BaseModel):
    """An address that is told of changes; its secret is never shown."""

    id: str = Field(examples=["webhook-1"])
    url: str
    events: list[str] = Field(examples=[["report.created"]])
    filters: Annotated[WebhookFilters, BeforeValidator(lambda f: f or {"agency": [], "plan": []})]
    format: WebhookFormat
    format_label: Label = Field(examples=["Standard Webhooks，签名的 JSON"])
    enabled: bool
    gone_at: datetime | None = Field(
        description="when the receiver answered 410 Gone; nothing is sent since"
    )
    created_at: datetime
    changed_at: datetime = Field(
        description="by an administrator, in whatever, the secret included"
    )


class WebhookPage(BaseModel):
    """A page of webhooks, oldest first."""

    data: list[Webhook]
    page: PageInfo


class Delivery(BaseModel):
    """That a webhook is to be told of a change, and what came of it."""

    id: str = Field(
        description="the `webhook-id` that is sent, the same at each attempt",
        examples=["webhook-1-5f3a9c1e0b7d2486-197"],
    )
    event: str = Field(examples=["report.created"])
    seq: int = Field(description="of the change, in `/v1/changes`", examples=[197])
    resource: PublishedKind
    resource_label: Label = Field(examples=["进展报告"])
    resource_id: str = Field(examples=["gd-dg-2022-t17.2-r2"])
    state: DeliveryState
    state_label: Label = Field(examples=["待送达"])
    attempts: int = Field(description="made, the one under way included")
    waits_for: str | None = Field(
        description="id of the delivery about the same thing that must get there first"
    )
    next_attempt_at: datetime | None = Field(
        description="not before; null: there is none, or nothing is sent now"
    )
    last_attempt_at: datetime | None
    last_status: int | None = Field(description="of HTTP; null: there was no answer")
    last_error: str | None = Field(description="why the last attempt was none")
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

    state: list[DeliveryState] = many("whether it got there")
