"""Telling webhooks what has changed: from the outbox, in order for each thing, until it gets there.

Any worker on any machine delivers.  A delivery is taken by setting its next attempt a minute ahead,
so a worker that dies loses nothing: another one sends it again, under the same `webhook-id`.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from app.database import ReadingDatabase
from app.outgoing import Outgoing, Reply, UnreachedError
from app.permanent_names import address
from app.reading import list_path
from app.settings import Settings
from app.tables import RESOURCES, Change, Delivery, Webhook
from app.vocabulary import DeliveryState, WebhookFormat
from app.webhooks.messages import Message, for_robot, signed, told_of
from app.webhooks.queries import delivery_id
from app.writing import Writer

EVERY = 1.0  # seconds between looks into the outbox
AFTER_ERROR = 5.0  # where the database does not answer
AT_ONCE = 8  # calls to one webhook
MOST_TAKEN = 64  # deliveries at a look
TAKEN_FOR = timedelta(minutes=1)  # longer than any attempt takes
FINISHING = 6.0  # seconds that calls under way have when the service ends
# Seconds after each failed attempt, as Standard Webhooks suggests: three days in all.
BACK_OFF = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
GONE = 410
log = logging.getLogger("app")


@dataclass(frozen=True)
class Taken:
    """A delivery that this worker attempts."""

    webhook_id: str
    seq: int
    url: str
    format: WebhookFormat
    message: Message


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt."""

    taken: Taken
    status: int | None = None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.error is None


class Deliverer:
    """What a worker does beside answering requests."""

    def __init__(
        self, settings: Settings, database: ReadingDatabase, writer: Writer, outgoing: Outgoing
    ) -> None:
        self.settings = settings
        self.database = database
        self.writer = writer
        self.outgoing = outgoing
        self.busy: dict[str, asyncio.Task[None]] = {}  # webhook → calls to it that are under way

    async def run(self, ending: asyncio.Event) -> None:
        """Deliver until the service ends; never stopped within a transaction."""
        while not ending.is_set():
            try:
                pause = 0.0 if await self.look() else EVERY
            except Exception:  # whatever it is, others are still to be told
                log.exception("webhooks, looking")
                pause = AFTER_ERROR
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), pause)

    async def look(self) -> int:
        """Take what is due and begin to send it; how much that is."""
        due = _due(self.writer.clock(), self.busy).with_only_columns(Delivery.seq).limit(1)
        async with self.database.reading() as reader:
            if (await reader.execute(due)).first() is None:
                return 0
        taken = await self.writer.run(self._take)
        for webhook_id in {one.webhook_id for one in taken}:
            of_one = [one for one in taken if one.webhook_id == webhook_id]
            task = asyncio.create_task(self._send_all(of_one))
            self.busy[webhook_id] = task
            task.add_done_callback(lambda _, webhook_id=webhook_id: self.busy.pop(webhook_id))  # type: ignore[misc]
        return len(taken)

    async def finish(self) -> None:
        """Wait for the calls that are under way; what does not end is sent again later."""
        if self.busy:
            await asyncio.wait(list(self.busy.values()), timeout=FINISHING)
        await self.outgoing.close()

    def _take(self, session: Session) -> list[Taken]:
        now = self.writer.clock()
        taken = []
        for delivery, webhook, change in session.execute(_due(now, self.busy).limit(MOST_TAKEN)):
            delivery.attempts += 1
            delivery.next_at = now + TAKEN_FOR
            delivery.last_attempt_at = now
            delivery.last_status = delivery.last_error = None  # not known yet
            message = self._message(session, webhook, change, now)
            taken.append(Taken(webhook.id, delivery.seq, webhook.url, webhook.format, message))
        return taken

    def _message(
        self, session: Session, webhook: Webhook, change: Change, now: datetime
    ) -> Message:
        table = RESOURCES[change.resource]
        path = f"{list_path(table)}/{change.id}"
        if webhook.format is WebhookFormat.STANDARD:
            id_ = delivery_id(webhook.id, change.seq)
            return signed(change, path, id_, str(webhook.secret), now)
        document = session.scalar(select(table.document).where(table.id == change.id))
        url = address(self.settings.public_url, path)
        told = told_of(change, json.loads(str(document)), url)
        return for_robot(webhook.format, told)

    async def _send_all(self, taken: list[Taken]) -> None:
        """Send what was taken for one webhook, and store what came of it."""
        free = asyncio.Semaphore(AT_ONCE)

        async def send(one: Taken) -> Outcome:
            async with free:
                return await self._send(one)

        outcomes = await asyncio.gather(*(send(one) for one in taken))
        try:
            await self.writer.run(lambda session: self._settle(session, outcomes))
        except SQLAlchemyError as error:  # they are sent again, and known by their ids
            log.error("webhooks, settling: %s", error)

    async def _send(self, one: Taken) -> Outcome:
        try:
            reply = await self.outgoing.post(one.url, one.message.body, one.message.headers)
        except UnreachedError as error:
            return Outcome(one, error=str(error))
        return Outcome(one, reply.status, _refusal(one.format, reply))

    def _settle(self, session: Session, outcomes: Collection[Outcome]) -> None:
        now = self.writer.clock()
        for outcome in outcomes:
            delivery = session.get_one(Delivery, (outcome.taken.webhook_id, outcome.taken.seq))
            delivery.last_status, delivery.last_error = outcome.status, outcome.error
            if outcome.is_delivered:
                delivery.state, delivery.next_at = DeliveryState.DELIVERED, None
                delivery.delivered_at = now
            elif delivery.attempts > len(BACK_OFF):
                delivery.state, delivery.next_at = DeliveryState.FAILED, None
            else:
                delivery.next_at = now + timedelta(seconds=BACK_OFF[delivery.attempts - 1])
            if outcome.status == GONE:
                session.get_one(Webhook, outcome.taken.webhook_id).gone_at = now


@contextlib.asynccontextmanager
async def delivering(deliverer: Deliverer) -> AsyncIterator[None]:
    """Deliver while the service runs."""
    ending = asyncio.Event()
    task = asyncio.create_task(deliverer.run(ending))
    try:
        yield
    finally:
        ending.set()
        await task
        await deliverer.finish()


def _due(now: datetime, busy: Collection[str]) -> Select[Delivery, Webhook, Change]:
    """What is to be sent: of each thing, a webhook is told one event after the other."""
    earlier = aliased(Delivery)
    is_first = ~exists().where(
        earlier.webhook_id == Delivery.webhook_id,
        earlier.about == Delivery.about,
        earlier.seq < Delivery.seq,
        earlier.state == DeliveryState.PENDING,
    )
    return (
        select(Delivery, Webhook, Change)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .join(Change, Change.seq == Delivery.seq)
        .where(
            Delivery.state == DeliveryState.PENDING,
            Delivery.next_at <= now,
            Webhook.enabled,
            Webhook.gone_at.is_(None),
            Webhook.id.not_in(busy),
            is_first,
        )
        .order_by(Delivery.seq)
    )


def _refusal(format_: WebhookFormat, reply: Reply) -> str | None:
    """Why an answer is no yes; robots say no by `errcode` in a 200."""
    if not 200 <= reply.status < 300:
        return f"HTTP {reply.status}"
    if format_ is WebhookFormat.STANDARD:
        return None
    try:
        code = json.loads(reply.body)["errcode"]
    except (ValueError, LookupError, TypeError):
        return "no errcode in the answer"
    return None if code == 0 else f"errcode {str(code)[:20]}"
