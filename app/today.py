"""Today, as a day in China; and answers that are other ones tomorrow, though nothing was written.

Whoever asks for today marks the request: what is answered is not kept, and was changed at midnight
at the earliest.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from fastapi import Request
from starlette.types import Scope

from app.revisions import DataVersion

CHINA = timezone(timedelta(hours=8))  # China Standard Time, by which a day is a day in the notices
MIDNIGHT = "midnight_in_china"  # in the state of a request that asked for today


def day_in_china(now: datetime) -> date:
    """The day that it is in China."""
    return now.astimezone(CHINA).date()


def today(request: Request) -> date:
    """The day that it is, for an answer that depends on it."""
    now: datetime = request.app.state.writer.clock().astimezone(CHINA)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    request.scope.setdefault("state", {})[MIDNIGHT] = midnight.astimezone(UTC)
    return now.date()


def depends_on_today(scope: Scope) -> bool:
    """Whether the answer to a request is for today only."""
    return MIDNIGHT in scope.get("state", ())


def version_today(version: DataVersion, scope: Scope) -> DataVersion:
    """The version of the data for a request, which midnight changes where it depends on the day."""
    midnight = scope.get("state", {}).get(MIDNIGHT)
    return replace(version, changed_at=max(version.changed_at, midnight)) if midnight else version
