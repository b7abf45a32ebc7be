"""The clock, and today as a day in China, for responses that differ tomorrow, though nothing was written."""

from datetime import UTC, date, datetime, timedelta, timezone

from fastapi import Request

from app.db.revision import changes_apart

CHINA = timezone(timedelta(hours=8))  # China Standard Time, by which a day is a day in the notices


def utc_now() -> datetime:
    """The clock of the service; tests have their own."""
    return datetime.now(UTC)


def day_in_china(now: datetime) -> date:
    """The day that it is in China."""
    return now.astimezone(CHINA).date()


def today(request: Request) -> date:
    """The day that it is, for an answer that depends on it."""
    now: datetime = request.app.state.writer.clock().astimezone(CHINA)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    changes_apart(request.scope, midnight.astimezone(UTC))
    return now.date()
