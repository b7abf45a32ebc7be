"""The change feed: numbered, and queued for webhooks, in the transaction of what it tells of.

Numbers have no gaps and become visible in their order: whoever appends holds a lock until the end
of the transaction, so a mirror that has read up to a number has missed nothing before it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from app.db.models import Change, ChangeAgency, Delivery, Revision, Webhook
from app.db.revision import Clock
from app.enums import DeliveryState, WebhookFormat

RESOLUTION = timedelta(microseconds=1)  # of a stored moment
ONE_SECOND = timedelta(seconds=1)  # the resolution of an HTTP date
FEED_LOCK = 0x66656564  # the advisory lock of PostgreSQL; SQLite has one writer anyway
LAST_SEQ = select(func.coalesce(func.max(Change.seq), 0))  # 0 where nothing has happened yet
# Where the feed stands: in which history, and its last number.
FEED_HEAD = select(Revision.epoch, LAST_SEQ.scalar_subquery().label("head"))
EPOCH_BYTES = 8
LAST_MOMENT = select(Revision.changed_at).where(Revision.number > 0)  # none before there is data


def append_changes(
    session: Session,
    changes: Sequence[dict[str, Any]],
    *,
    is_effect: bool = False,
    notify: bool = True,
) -> None:
    """Number the changes and store them: rows of `Change` without `seq`, and their `agencies`.

    An effect is what a fact of the same transaction causes: a task that it says the progress of.
    """
    if not changes:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": FEED_LOCK})
    epoch, last = session.execute(FEED_HEAD).one()
    numbered = [
        {**change, "seq": seq, "epoch": epoch} for seq, change in enumerate(changes, last + 1)
    ]
    names = Change.__table__.columns.keys()
    session.execute(insert(Change), [{name: one[name] for name in names} for one in numbered])
    concerned = [
        {"seq": one["seq"], "agency_id": agency} for one in numbered for agency in one["agencies"]
    ]
    if concerned:
        session.execute(insert(ChangeAgency), concerned)
    if notify:
        _queue_deliveries(session, numbered, is_effect=is_effect)


def event_of(resource: str, operation: str) -> str:
    """What a change is called where it is told: `report.created`."""
    return f"{resource}.{operation}"


def _queue_deliveries(
    session: Session, changes: Sequence[dict[str, Any]], *, is_effect: bool
) -> None:
    """The outbox: whom to notify, in the transaction of what there is to notify of.

    A robot gets one message for a fact, which is about the fact: none for its effects.
    """
    subscribed = select(Webhook).where(Webhook.enabled, Webhook.gone_at.is_(None))
    if is_effect:
        subscribed = subscribed.where(Webhook.format == WebhookFormat.STANDARD)
    rows = [
        {
            "webhook_id": webhook.id,
            "seq": change["seq"],
            "about": f"{change['resource']}/{change['id']}",
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "next_at": change["at"],
        }
        for webhook in session.scalars(subscribed)
        for change in changes
        if _subscribes(webhook, change)
    ]
    if rows:
        session.execute(insert(Delivery), rows)


def _subscribes(webhook: Webhook, change: dict[str, Any]) -> bool:
    """Whether a change has one of the events of a webhook, and fits all of its filters."""
    if event_of(change["resource"], change["op"]) not in webhook.events:
        return False
    filters = webhook.filters or {}
    agencies, plans = filters.get("agency"), filters.get("plan")
    concerned = not agencies or not set(agencies).isdisjoint(change["agencies"])
    return concerned and (not plans or change["plan_id"] in plans)


def moment_of_writing(session: Session, clock: Clock) -> datetime:
    """Now, for a writer that holds the lock: later than all that was written before it.

    Clocks are stepped back, and those of two machines differ; what readers compare must not.
    """
    last = session.scalar(LAST_MOMENT)
    return not_before(last and last + RESOLUTION, clock())


def not_before(last: datetime | None, now: datetime) -> datetime:
    """What the clock says, unless it is behind what is stored."""
    return max(now, last) if last else now


def raise_revision(session: Session, now: datetime) -> None:
    """Record that data has changed, so that no worker sends what it has cached."""
    revision = session.get_one(Revision, 1)
    last = revision.changed_at if revision.number else None  # 0: nothing was written yet
    dated = now.replace(microsecond=0)
    if revision.dated:
        dated = max(dated, revision.dated + ONE_SECOND)
    revision.number, revision.changed_at = revision.number + 1, not_before(last, now)
    revision.dated = dated


def mint_epoch(
    session: Session, now: datetime, random: Callable[[int], bytes] = token_bytes
) -> str:
    """Begin another history of the feed, as a restore does, so that mirrors begin again.

    Whatever a worker has cached belongs to the history before, and is not served any more.
    """
    epoch = random(EPOCH_BYTES).hex()
    session.get_one(Revision, 1).epoch = epoch
    raise_revision(session, now)
    return epoch
