"""Delivery of changes to webhooks from the outbox: at least once, in order for each resource.

Any worker on any machine delivers.  A worker claims a delivery by moving its next attempt one lease
ahead, so nothing is lost when the worker dies: another one resends it under the same `webhook-id`.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from app.db.engine import ReadingDatabase
from app.db.models import Change, Delivery, Webhook
from app.enums import DeliveryState, WebhookFormat
from app.formats.permanent_names import address
from app.kinds import BY_NAME
from app.projections.change_feed import LAST_MOMENT, not_before
from app.resources.webhooks.messages import WebhookMessage, for_robot, notification_of, signed
from app.resources.webhooks.outgoing import NoResponseError, Outgoing, Reply
from app.resources.webhooks.queries import delivery_id
from app.settings import Settings
from app.writing.writer import Writer

POLL_INTERVAL = 1.0  # seconds between polls of the outbox
ERROR_INTERVAL = 5.0  # seconds until the next poll after an error
MAX_CONCURRENT = 8  # requests to one webhook, each about a different resource
LEASE = timedelta(minutes=1)  # longer than any attempt takes
SHUTDOWN_GRACE = 3.0  # seconds that requests in flight have at shutdown
# Seconds after each failed attempt, as Standard Webhooks suggests: three days in all.
BACKOFF = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_RECEIVER_BACKOFF = timedelta(minutes=1)  # for a receiver that fails every concurrent request
GONE = 410
LARGEST_ERRCODE = 10**9
# A literal: SQLite uses the partial index of pending rows only when the SQL text names the value.
PENDING: Any = literal_column("'pending'", Delivery.state.type)
SUBSCRIBERS = (
    select(Webhook.id).where(Webhook.enabled, Webhook.gone_at.is_(None)).order_by(Webhook.ordinal)
)
log = logging.getLogger("app")


@dataclass(frozen=True)
class Claim:
    """A delivery that this worker has claimed for one attempt."""

    webhook_id: str
    seq: int
    attempt: int  # its number, from 1
    url: str
    format: WebhookFormat
    message: WebhookMessage


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt."""

    claim: Claim
    status: int | None = None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.error is None


class Deliverer:
    """The background task of a worker that delivers changes."""

    def __init__(
        self, settings: Settings, database: ReadingDatabase, writer: Writer, outgoing: Outgoing
    ) -> None:
        self.settings = settings
        self.database = database
        self.writer = writer
        self.outgoing = outgoing
        self.in_flight: dict[str, asyncio.Task[None]] = {}  # webhook → its requests
        # Webhook → until when it backs off, and for how long.
        self.backing_off: dict[str, tuple[datetime, timedelta]] = {}

    def start(self) -> None:
        """Call before `run`, in the event loop that `run` will use."""
        self.is_stopping, self.wake = False, asyncio.Event()

    async def run(self) -> None:
        """Poll until `stop`; never interrupted within a transaction."""
        while not self.is_stopping:
            self.wake.clear()
            try:
                pause = POLL_INTERVAL
                await self.poll()
            except SQLAlchemyError as error:
                log.error("webhooks, polling: %s", error)
                pause = ERROR_INTERVAL
            except Exception:  # any fault: deliveries must go on
                log.exception("webhooks, polling")
                pause = ERROR_INTERVAL
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), pause)

    def stop(self) -> None:
        """Stop claiming deliveries."""
        self.is_stopping = True
        self.wake.set()

    async def finish(self) -> None:
        """Wait for the requests in flight; those that do not end in time are resent later."""
        if self.in_flight:
            _, late = await asyncio.wait(list(self.in_flight.values()), timeout=SHUTDOWN_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.outgoing.close()

    async def poll(self) -> None:
        """Claim due deliveries of each webhook that has no request in flight, and send them."""
        async with self.database.reading() as reader:
            last = (await reader.execute(LAST_MOMENT)).scalar_one_or_none()
            now = not_before(last, self.writer.clock())
            subscribers = (await reader.execute(SUBSCRIBERS)).scalars().all()
            idle = [
                one
                for one in subscribers
                if one not in self.in_flight and not self._is_backing_off(one)
            ]
            due = [
                one
                for one in idle
                if (await reader.execute(_due(one, now).with_only_columns(Delivery.seq))).first()
            ]
        if not due:
            return
        claims = await self.writer.run(lambda session, now: self._claim(session, due, now))
        for webhook_id in {claim.webhook_id for claim in claims}:
            its_claims = [claim for claim in claims if claim.webhook_id == webhook_id]
            task = asyncio.create_task(self._send_all(webhook_id, its_claims))
            self.in_flight[webhook_id] = task
            task.add_done_callback(lambda _, webhook_id=webhook_id: self._done(webhook_id))  # type: ignore[misc]

    def _done(self, webhook_id: str) -> None:
        del self.in_flight[webhook_id]
        self.wake.set()

    def _is_backing_off(self, webhook_id: str) -> bool:
        until, _ = self.backing_off.get(webhook_id, (None, None))
        return until is not None and self.writer.clock() < until

    def _claim(self, session: Session, webhooks: Collection[str], now: datetime) -> list[Claim]:
        claims = []
        rows = [row for one in webhooks for row in session.execute(_due(one, now)).all()]
        for delivery, webhook, change in rows:
            if delivery.attempts > len(BACKOFF):  # the last outcome was never recorded
                delivery.state, delivery.next_at = DeliveryState.FAILED, None
                continue
            delivery.attempts += 1
            delivery.next_at = now + LEASE
            delivery.last_attempt_at = now
            delivery.last_status = delivery.last_error = None  # not known yet
            message = self._message(session, webhook, change)
            claims.append(
                Claim(
                    webhook.id, delivery.seq, delivery.attempts,
                    webhook.url, webhook.format, message,
                )
            )  # fmt: skip
        return claims

    def _message(self, session: Session, webhook: Webhook, change: Change) -> WebhookMessage:
        kind = BY_NAME[change.resource]
        path = f"{kind.path}/{change.id}"
        if webhook.format is WebhookFormat.STANDARD:
            id_ = delivery_id(webhook.id, change.epoch, change.seq)
            signed_at = self.writer.clock()  # receivers compare it with their own clock
            return signed(change, path, id_, str(webhook.secret), signed_at)
        stored = session.scalar(select(kind.model.document).where(kind.model.id == change.id))
        document = json.loads(str(stored))
        url = address(self.settings.base, kind.html_url(document))
        notification = notification_of(change, document, url)
        return for_robot(webhook.format, notification)

    async def _send_all(self, webhook_id: str, claims: Collection[Claim]) -> None:
        """Send the claimed deliveries of one webhook concurrently; if all fail, it backs off."""
        outcomes = await asyncio.gather(*(self._send_and_record(claim) for claim in claims))
        if len(outcomes) < MAX_CONCURRENT or any(outcome.is_delivered for outcome in outcomes):
            self.backing_off.pop(webhook_id, None)
            return
        _, before = self.backing_off.get(webhook_id, (None, timedelta(seconds=BACKOFF[0] / 2)))
        backoff = min(2 * before, MAX_RECEIVER_BACKOFF)
        self.backing_off[webhook_id] = self.writer.clock() + backoff, backoff

    async def _send_and_record(self, claim: Claim) -> Outcome:
        """Record each outcome at once; a delivery without one is resent under the same id."""
        try:
            outcome = await self._send(claim)
        except Exception as error:  # nothing that a receiver does may block other deliveries
            log.exception("webhooks, sending")
            outcome = Outcome(claim, error=type(error).__name__)
        try:
            await self.writer.run(lambda session, now: _record_outcome(session, outcome, now))
        except SQLAlchemyError:
            log.exception("webhooks, recording an outcome")
        return outcome

    async def _send(self, claim: Claim) -> Outcome:
        try:
            reply = await self.outgoing.post(claim.url, claim.message.body, claim.message.headers)
        except NoResponseError as error:
            return Outcome(claim, error=str(error))
        return Outcome(claim, reply.status, _error_of(claim.format, reply))


@contextlib.asynccontextmanager
async def delivering(deliverer: Deliverer) -> AsyncIterator[None]:
    """Deliver while the service runs."""
    deliverer.start()
    task = asyncio.create_task(deliverer.run())
    try:
        yield
    finally:
        deliverer.stop()
        await task
        await deliverer.finish()


def _record_outcome(session: Session, outcome: Outcome, now: datetime) -> None:
    claim = outcome.claim
    delivery = session.get_one(Delivery, (claim.webhook_id, claim.seq))
    if delivery.state is not DeliveryState.PENDING or delivery.attempts != claim.attempt:
        return  # the lease ran out, and another worker has claimed it
    delivery.last_status, delivery.last_error = outcome.status, outcome.error
    if outcome.is_delivered:
        delivery.state, delivery.next_at = DeliveryState.DELIVERED, None
        delivery.delivered_at = now
    elif delivery.attempts > len(BACKOFF):
        delivery.state, delivery.next_at = DeliveryState.FAILED, None
    else:
        delivery.next_at = now + timedelta(seconds=BACKOFF[delivery.attempts - 1])
    if outcome.status == GONE:
        session.get_one(Webhook, claim.webhook_id).gone_at = now


def _due(webhook_id: str, now: datetime) -> Select[Delivery, Webhook, Change]:
    """The due deliveries of a webhook, at most one for each resource, so that their order is preserved."""
    earlier = aliased(Delivery)
    is_first = ~exists().where(
        earlier.webhook_id == Delivery.webhook_id,
        earlier.about == Delivery.about,
        earlier.seq < Delivery.seq,
        earlier.state == PENDING,
    )
    return (
        select(Delivery, Webhook, Change)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .join(Change, Change.seq == Delivery.seq)
        .where(
            Delivery.webhook_id == webhook_id,
            Delivery.state == PENDING,
            Delivery.next_at <= now,
            Webhook.enabled,
            Webhook.gone_at.is_(None),
            is_first,
        )
        .order_by(Delivery.next_at)
        .limit(MAX_CONCURRENT)
    )


def _error_of(format_: WebhookFormat, reply: Reply) -> str | None:
    """Why a response is an error, or None; group robots return 200 with an `errcode`."""
    if not 200 <= reply.status < 300:
        return f"HTTP {reply.status}"
    if format_ is WebhookFormat.STANDARD:
        return None
    try:
        code = json.loads(reply.body)["errcode"]
    except (ValueError, LookupError, TypeError, RecursionError):
        code = None
    if not isinstance(code, int) or abs(code) > LARGEST_ERRCODE:
        return "no errcode in the response"
    return None if code == 0 else f"errcode {code}"
