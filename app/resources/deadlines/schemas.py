"""The parameters of calendars; the responses are iCalendar, see `ics.py`."""

from app.reading.target_filters import CommitmentFilters, TargetFilters


class DeadlineQuery(TargetFilters):
    """Filters of a calendar: those of targets."""


class AgencyDeadlineQuery(CommitmentFilters):
    """Filters of the calendar of one agency."""
