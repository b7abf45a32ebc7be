"""Writing webhooks."""

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.engine import ReaderInLoop
from app.db.models import Agency, Delivery, Plan, Webhook
from app.enums import DeliveryState, WebhookFormat
from app.formats.permanent_names import address
from app.http.paths import list_path
from app.http.problems import (
    FieldError,
    ForbiddenError,
    InvalidParametersError,
    Message,
    NotFoundError,
)
from app.reading.governments import GOVERNMENT, SERIES
from app.reading.names import resolve
from app.resources.webhooks.outgoing import is_allowed
from app.resources.webhooks.queries import FOREIGN_WEBHOOK, NO_WEBHOOK, WEBHOOKS, document_of
from app.resources.webhooks.schemas import (
    LONGEST_URL,
    URL,
    WebhookChangeSubmission,
    WebhookFiltersSubmission,
    WebhookSubmission,
)
from app.writing.reach import reaches
from app.writing.unit_of_work import Write, WriteResult

LOOKUPS = {"jurisdiction": GOVERNMENT, "within": GOVERNMENT, "series": SERIES}
INVALID_URL = Message(
    f"须为 https 网址，最多 {LONGEST_URL} 个字符，非 ASCII 字符作百分号编码，不含空格、用户名、密码和 # 片段，"
    "且不指向内网；运维在 WORKPLAN_WEBHOOK_HOSTS 中列出的主机除外，也可用 http。",
    f"It must be an https URL of at most {LONGEST_URL} characters, non-ASCII characters "
    "percent-encoded, without spaces, user, password or fragment, and not on a private network. "
    "Hosts that the operator lists in WORKPLAN_WEBHOOK_HOSTS may be private and use http.",
)
NEEDS_A_SECRET = Message(
    "standard 格式须有 secret，用于签名。", "The format standard requires a secret for signing."
)
NO_SECRET = Message("群机器人不用 secret。", "secret is not allowed for robots.")
NO_PUBLIC_URL = Message(
    "卡片须链接到本服务；请运维先设 WORKPLAN_PUBLIC_URL 为完整网址，或改用 robot_markdown。",
    "A card links to this service: the operator must first set WORKPLAN_PUBLIC_URL to an absolute "
    "URL; robot_markdown does not need it.",
)


def add_webhook(write: Write, new: WebhookSubmission) -> WriteResult:
    """Add a webhook for changes from now on."""
    _check_address_and_format(write, new)
    session = write.session
    ordinal = (session.scalar(select(func.max(Webhook.ordinal))) or 0) + 1
    webhook = Webhook(
        id=f"webhook-{ordinal}",
        ordinal=ordinal,
        url=new.url,
        events=sorted(set(new.events)),
        filters=_filters(write, new.filters),
        format=new.format,
        secret=new.secret,
        jurisdiction_code=write.caller.jurisdiction_code,
        enabled=True,
        gone_at=None,
        created_at=write.now,
        changed_at=write.now,
    )
    session.add(webhook)
    session.flush()
    return _result(session, webhook, 201)


def change_webhook(write: Write, id_: str, new: WebhookChangeSubmission) -> WriteResult:
    """Enable or disable a webhook, or replace its events, filters or secret."""
    webhook = write.session.get(Webhook, id_) if _is_printed(id_) else None
    if webhook is None:
        raise NotFoundError(NO_WEBHOOK)
    own = write.caller.jurisdiction_code
    reached = reaches(own, Webhook.jurisdiction_code)
    if write.session.scalar(select(Webhook.id).where(Webhook.id == id_, reached)) is None:
        raise ForbiddenError(FOREIGN_WEBHOOK)
    write.unless_changed(_document(write.session, webhook))
    if new.secret is not None:
        _check_secret(webhook.format, new.secret)
        webhook.secret = new.secret
    if new.events is not None:
        webhook.events = sorted(set(new.events))
    if new.filters is not None:
        webhook.filters = _filters(write, new.filters)
    webhook.enabled, webhook.gone_at, webhook.changed_at = new.enabled, None, write.now
    if new.enabled:
        waiting = (
            Delivery.webhook_id == id_,
            Delivery.state == DeliveryState.PENDING,
            Delivery.last_error.is_not(None),
        )
        write.session.execute(update(Delivery).where(*waiting).values(next_at=write.now))
    write.session.flush()
    return _result(write.session, webhook, 200)


def _filters(write: Write, submitted: WebhookFiltersSubmission) -> dict[str, list[Any]] | None:
    """The filters as they are stored, names as codes; raises InvalidParametersError for unknown values."""
    session = write.session
    stored: dict[str, list[Any]] = {}
    unknown: list[FieldError] = []
    tables: dict[str, Any] = {"agency": Agency, "plan": Plan}
    for name, table in tables.items():
        ids = sorted(set(getattr(submitted, name)))
        known = set(session.scalars(select(table.id).where(table.id.in_(filter(_is_printed, ids)))))
        message = Message(
            f"没有这个编号；全部列在 {list_path(table)}。",
            f"There is no such id; {list_path(table)} lists all.",
        )
        unknown += [FieldError("body", f"filters.{name}", message)] * (not known.issuperset(ids))
        stored[name] = ids
    named = {name: values for name in LOOKUPS if (values := getattr(submitted, name))}
    reader = ReaderInLoop(session.connection(), write.settings.home_jurisdiction)
    lookups = {name: LOOKUPS[name] for name in named}
    try:
        found = asyncio.run(resolve(reader, lookups, named))
    except InvalidParametersError as invalid:
        unknown += [
            replace(one, where="body", name=f"filters.{one.name}") for one in invalid.errors
        ]
        found = {}
    if unknown:
        raise InvalidParametersError(errors=unknown)
    stored |= {name: sorted(set(ids)) for name, ids in found.items()}
    if submitted.year:
        stored["year"] = sorted(set(submitted.year))
    return stored if any(stored.values()) else None


def _is_printed(id_: str) -> bool:
    return id_.isascii() and id_.isprintable()


def _check_address_and_format(write: Write, new: WebhookSubmission) -> None:
    try:
        parts = urlsplit(new.url)
        is_valid = len(new.url) <= LONGEST_URL and bool(re.fullmatch(URL, new.url))
        is_valid = is_valid and "@" not in parts.netloc and "#" not in new.url
        is_valid = is_valid and is_allowed(new.url, write.settings.webhook_hosts)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise InvalidParametersError(errors=[FieldError("body", "url", INVALID_URL)])
    _check_secret(new.format, new.secret)
    links = address(write.settings.base, "/")
    if new.format is WebhookFormat.ROBOT_CARD and links is None:
        raise InvalidParametersError(errors=[FieldError("body", "format", NO_PUBLIC_URL)])


def _check_secret(format_: WebhookFormat, secret: str | None) -> None:
    signed = format_ is WebhookFormat.STANDARD
    if signed is (secret is None):
        message = NEEDS_A_SECRET if signed else NO_SECRET
        raise InvalidParametersError(errors=[FieldError("body", "secret", message)])


def _document(session: Session, webhook: Webhook) -> str:
    return document_of(session.execute(WEBHOOKS.where(Webhook.id == webhook.id)).one())


def _result(session: Session, webhook: Webhook, status: int) -> WriteResult:
    document = _document(session, webhook)
    return WriteResult(status, webhook, document, f"/v1/webhooks/{webhook.id}")
