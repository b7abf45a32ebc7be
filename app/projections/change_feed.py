"""The change feed: changes are numbered, and queued for webhooks, in their own transaction.

Numbers have no gaps and become visible in order: the writer holds a lock until the end of the
transaction, so a mirror that has read up to a number has missed nothing before it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.compiled import AtOnce, Read, Transaction, Values
from app.db.models import Change, ChangeAgency, Delivery, Revision, Webhook
from app.db.revision import Clock
from app.enums import DeliveryState, WebhookFormat
from app.projections.subscriptions import subscribed

RESOLUTION = timedelta(microseconds=1)  # of a stored moment
ONE_SECOND = timedelta(seconds=1)  # the resolution of an HTTP date
FEED_LOCK = 0x66656564  # the advisory lock of PostgreSQL; SQLite has one writer anyway
LAST_SEQ = select(func.coalesce(func.max(Change.seq), 0))  # 0 if there is no change yet
# The position of the feed: its epoch and last number.
FEED_HEAD = select(Revision.epoch, LAST_SEQ.scalar_subquery().label("head"))
EPOCH_BYTES = 8
LAST_MOMENT = select(Revision.changed_at).where(
    Revision.number > 0
)  # no row before data are loaded
# Made once: the session takes several times as long.
LOCK = Read(select(func.pg_advisory_xact_lock(bindparam("key")).label("locked")))
HEAD = Read(FEED_HEAD)
ADD_CHANGES, ADD_AGENCIES = insert(Change), insert(ChangeAgency)
ADD_DELIVERIES = insert(Delivery)
COLUMNS = Change.__table__.columns.keys()
ENABLED = Read(select(*Webhook.__table__.columns).where(Webhook.enabled, Webhook.gone_at.is_(None)))
VERSION = Read(select(Revision.number, Revision.changed_at, Revision.dated))
RAISE = update(Revision)  # sets what is passed


def needed_to_publish(dialect: str) -> list[tuple[Read, Values]]:
    """What `append_changes` and `raise_revision` read, in this order."""
    lock: list[tuple[Read, Values]] = (
        [(LOCK, {"key": FEED_LOCK})] if dialect == "postgresql" else []
    )
    return [*lock, (HEAD, {}), (ENABLED, {}), (VERSION, {})]


def append_changes(
    session: Session,
    changes: Sequence[dict[str, Any]],
    *,
    notify: bool = True,
    to: Transaction | None = None,
) -> list[dict[str, Any]]:
    """Number the changes and store them: rows of `Change` without `seq`, and their `agencies`.

    Returns them with their numbers.  `to` may execute later what stores them.
    """
    if not changes:
        return []
    connection = session.connection()
    to = to or AtOnce(connection)
    if connection.dialect.name == "postgresql":
        to.rows(LOCK, {"key": FEED_LOCK})
    ((epoch, last),) = to.rows(HEAD, {})
    numbered = [
        {**change, "seq": seq, "epoch": epoch} for seq, change in enumerate(changes, last + 1)
    ]
    to.execute(ADD_CHANGES, [{name: one[name] for name in COLUMNS} for one in numbered])
    concerned = [
        {"seq": one["seq"], "agency_id": agency} for one in numbered for agency in one["agencies"]
    ]
    if concerned:
        to.execute(ADD_AGENCIES, concerned)
    if notify:
        _queue_deliveries(session, numbered, to)
    return numbered


def _queue_deliveries(session: Session, changes: Sequence[dict[str, Any]], to: Transaction) -> None:
    """Add deliveries to the outbox, in the transaction of their changes.

    A robot gets one message for a fact and none for its effects.
    """
    webhooks = to.rows(ENABLED, {})
    rows = [
        {
            "webhook_id": webhook.id,
            "seq": change["seq"],
            "about": f"{change['resource']}/{change['id']}",
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "next_at": change["at"],
        }
        for webhook, change in subscribed(session, webhooks, changes)
        if webhook.format is WebhookFormat.STANDARD or not change.get("is_effect")
    ]
    if rows:
        to.execute(ADD_DELIVERIES, rows)


def moment_of_writing(session: Session, clock: Clock) -> datetime:
    """The current time for a writer that holds the lock: later than every earlier write.

    Clocks are set back, and those of two machines differ; stored times must still increase.
    """
    last = session.connection().scalar(LAST_MOMENT)
    return not_before(last and last + RESOLUTION, clock())


def not_before(last: datetime | None, now: datetime) -> datetime:
    """The clock's time, or a stored time if that is later."""
    return max(now, last) if last else now


def raise_revision(session: Session, now: datetime, to: Transaction | None = None) -> None:
    """Record that data has changed, so that no worker serves stale responses."""
    to = to or AtOnce(session.connection())
    (revision,) = to.rows(VERSION, {})
    last = revision.changed_at if revision.number else None  # 0: nothing written yet
    dated = now.replace(microsecond=0)
    if revision.dated:
        dated = max(dated, revision.dated + ONE_SECOND)
    raised = {"number": revision.number + 1, "changed_at": not_before(last, now), "dated": dated}
    to.execute(RAISE, raised)


def mint_epoch(
    session: Session, now: datetime, random: Callable[[int], bytes] = token_bytes
) -> str:
    """Start a new epoch of the feed, as after a restore, so that mirrors start again.

    Responses that workers cached in the earlier epoch are no longer served.
    """
    epoch = random(EPOCH_BYTES).hex()
    session.get_one(Revision, 1).epoch = epoch
    raise_revision(session, now)
    return epoch
