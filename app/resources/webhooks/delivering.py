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
from typing import Any

from sqlalchemy import Select, exists, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from app.db.engine import ReadingDatabase
from app.db.models import RESOURCES, Change, Delivery, Webhook
from app.enums import DeliveryState, WebhookFormat
from app.formats.permanent_names import address
from app.http.paths import list_path
from app.projections.change_feed import LAST_MOMENT, not_before
from app.resources.webhooks.messages import Message, for_robot, signed, told_of
from app.resources.webhooks.outgoing import Outgoing, Reply, UnreachedError
from app.resources.webhooks.queries import delivery_id
from app.settings import Settings
from app.writing.unit_of_work import Writer

EVERY = 1.0  # seconds between looks into the outbox
AFTER_ERROR = 5.0  # where the database does not answer
AT_ONCE = 8  # calls to one webhook, each about another thing
LONGEST_REST = timedelta(minutes=1)  # of a receiver that fails them all
TAKEN_FOR = timedelta(minutes=1)  # longer than any attempt takes
FINISHING = 3.0  # seconds that calls under way have when the service ends
# Seconds after each failed attempt, as Standard Webhooks suggests: three days in all.
BACK_OFF = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
GONE = 410
LARGEST_ERRCODE = 10**9
# As it stands in SQL, since SQLite uses an index of pending rows for nothing else.
PENDING: Any = literal_column("'pending'", Delivery.state.type)
TOLD = (
    select(Webhook.id).where(Webhook.enabled, Webhook.gone_at.is_(None)).order_by(Webhook.ordinal)
)
log = logging.getLogger("app")


@dataclass(frozen=True)
class Taken:
    """A delivery that this worker attempts."""

    webhook_id: str
    seq: int
    attempt: int  # which one this is
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
        self.resting: dict[str, tuple[datetime, timedelta]] = {}  # webhook → until when, how long

    def begin(self) -> None:
        """Before `run`, in the loop that it runs in."""
        self.is_ending, self.wake = False, asyncio.Event()

    async def run(self) -> None:
        """Deliver until `end`; never stopped within a transaction."""
        while not self.is_ending:
            self.wake.clear()
            try:
                pause = EVERY
                await self.look()
            except SQLAlchemyError as error:
                log.error("webhooks, looking: %s", error)
                pause = AFTER_ERROR
            except Exception:  # whatever it is, others are still to be told
                log.exception("webhooks, looking")
                pause = AFTER_ERROR
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), pause)

    def end(self) -> None:
        """Take no more."""
        self.is_ending = True
        self.wake.set()

    async def finish(self) -> None:
        """Wait for the calls that are under way; what does not end is sent again later."""
        if self.busy:
            _, late = await asyncio.wait(list(self.busy.values()), timeout=FINISHING)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.outgoing.close()

    async def look(self) -> None:
        """Take what is due, of each webhook that waits for no answer, and begin to send it."""
        async with self.database.reading() as reader:
            last = (await reader.execute(LAST_MOMENT)).scalar_one_or_none()
            now = not_before(last, self.writer.clock())
            told = (await reader.execute(TOLD)).scalars().all()
            idle = [one for one in told if one not in self.busy and not self._rests(one)]
            due = [
                one
                for one in idle
                if (await reader.execute(_due(one, now).with_only_columns(Delivery.seq))).first()
            ]
        if not due:
            return
        taken = await self.writer.run(lambda session, now: self._take(session, due, now))
        for webhook_id in {one.webhook_id for one in taken}:
            of_one = [one for one in taken if one.webhook_id == webhook_id]
            task = asyncio.create_task(self._send_all(webhook_id, of_one))
            self.busy[webhook_id] = task
            task.add_done_callback(lambda _, webhook_id=webhook_id: self._done(webhook_id))  # type: ignore[misc]

    def _done(self, webhook_id: str) -> None:
        del self.busy[webhook_id]
        self.wake.set()

    def _rests(self, webhook_id: str) -> bool:
        return webhook_id in self.resting and self.writer.clock() < self.resting[webhook_id][0]

    def _take(self, session: Session, webhooks: Collection[str], now: datetime) -> list[Taken]:
        taken = []
        rows = [row for one in webhooks for row in session.execute(_due(one, now)).all()]
        for delivery, webhook, change in rows:
            if delivery.attempts > len(BACK_OFF):  # what came of the last one was never stored
                delivery.state, delivery.next_at = DeliveryState.FAILED, None
                continue
            delivery.attempts += 1
            delivery.next_at = now + TAKEN_FOR
            delivery.last_attempt_at = now
            delivery.last_status = delivery.last_error = None  # not known yet
            message = self._message(session, webhook, change)
            taken.append(
                Taken(
                    webhook.id, delivery.seq, delivery.attempts,
                    webhook.url, webhook.format, message,
                )
            )  # fmt: skip
        return taken

    def _message(self, session: Session, webhook: Webhook, change: Change) -> Message:
        table = RESOURCES[change.resource]
        path = f"{list_path(table)}/{change.id}"
        if webhook.format is WebhookFormat.STANDARD:
            id_ = delivery_id(webhook.id, change)
            signed_at = self.writer.clock()  # receivers hold it against their own
            return signed(change, path, id_, str(webhook.secret), signed_at)
        document = session.scalar(select(table.document).where(table.id == change.id))
        url = address(self.settings.base, path)
        told = told_of(change, json.loads(str(document)), url)
        return for_robot(webhook.format, told)

    async def _send_all(self, webhook_id: str, taken: Collection[Taken]) -> None:
        """Send what was taken for one webhook, all at once; a receiver that fails it all rests."""
        outcomes = await asyncio.gather(*(self._send_and_settle(one) for one in taken))
        if len(outcomes) < AT_ONCE or any(outcome.is_delivered for outcome in outcomes):
            self.resting.pop(webhook_id, None)
            return
        _, before = self.resting.get(webhook_id, (None, timedelta(seconds=BACK_OFF[0] / 2)))
        rest = min(2 * before, LONGEST_REST)
        self.resting[webhook_id] = self.writer.clock() + rest, rest

    async def _send_and_settle(self, one: Taken) -> Outcome:
        """Each outcome is stored as it comes; one that cannot be is sent again, and known by its id."""
        try:
            outcome = await self._send(one)
        except Exception as error:  # nothing that a receiver does may hold up the rest
            log.exception("webhooks, sending")
            outcome = Outcome(one, error=type(error).__name__)
        try:
            await self.writer.run(lambda session, now: self._settle(session, outcome, now))
        except SQLAlchemyError:
            log.exception("webhooks, settling")
        return outcome

    async def _send(self, one: Taken) -> Outcome:
        try:
            reply = await self.outgoing.post(one.url, one.message.body, one.message.headers)
        except UnreachedError as error:
            return Outcome(one, error=str(error))
        return Outcome(one, reply.status, _refusal(one.format, reply))

    def _settle(self, session: Session, outcome: Outcome, now: datetime) -> None:
        taken = outcome.taken
        delivery = session.get_one(Delivery, (taken.webhook_id, taken.seq))
        if delivery.state is not DeliveryState.PENDING or delivery.attempts != taken.attempt:
            return  # another worker has taken it since
        delivery.last_status, delivery.last_error = outcome.status, outcome.error
        if outcome.is_delivered:
            delivery.state, delivery.next_at = DeliveryState.DELIVERED, None
            delivery.delivered_at = now
        elif delivery.attempts > len(BACK_OFF):
            delivery.state, delivery.next_at = DeliveryState.FAILED, None
        else:
            delivery.next_at = now + timedelta(seconds=BACK_OFF[delivery.attempts - 1])
        if outcome.status == GONE:
            session.get_one(Webhook, taken.webhook_id).gone_at = now


@contextlib.asynccontextmanager
async def delivering(deliverer: Deliverer) -> AsyncIterator[None]:
    """Deliver while the service runs."""
    deliverer.begin()
    task = asyncio.create_task(deliverer.run())
    try:
        yield
    finally:
        deliverer.end()
        await task
        await deliverer.finish()


def _due(webhook_id: str, now: datetime) -> Select[Delivery, Webhook, Change]:
    """What a webhook is to be told: of each thing, one event after the other."""
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
        .limit(AT_ONCE)
    )


def _refusal(format_: WebhookFormat, reply: Reply) -> str | None:
    """Why an answer is no yes; robots say no by `errcode` in a 200."""
    if not 200 <= reply.status < 300:
        return f"HTTP {reply.status}"
    if format_ is WebhookFormat.STANDARD:
        return None
    try:
        code = json.loads(reply.body)["errcode"]
    except (ValueError, LookupError, TypeError, RecursionError):
        code = None
    if not isinstance(code, int) or abs(code) > LARGEST_ERRCODE:
        return "no errcode in the answer"
    return None if code == 0 else f"errcode {code}"
