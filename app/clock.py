"""The clock of the service, and the days of notices, which are days in China."""

from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))  # China Standard Time, which the dates of notices are in


def utc_now() -> datetime:
    """The clock of the service; tests have their own."""
    return datetime.now(UTC)


def day_in_china(now: datetime) -> date:
    """The date in China at a moment."""
    return now.astimezone(CHINA).date()
