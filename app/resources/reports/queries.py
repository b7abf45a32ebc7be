"""Reading reports."""

from datetime import date, datetime

from sqlalchemy import ColumnElement

from app.db.models import Agency, Plan, Report, Task
from app.reading.listing import Given, Listing, Sorts, one_of, value_of
from app.reading.names import Filter

SORTS: Sorts = {
    "recorded_at": [(Report.recorded_at, datetime)],
    "as_of": [(Report.as_of, date)],
    "changed_at": [(Report.changed_at, datetime)],
}
PLAIN = {
    "plan": Report.plan_id,
    "task": Report.task_id,
    "agency": Report.agency_id,
    "status": Report.status,
    "state": Report.state,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if "as_of_from" in given:
        conditions.append(Report.as_of >= value_of("as_of_from", Report.as_of.type))
    if "as_of_to" in given:
        conditions.append(Report.as_of <= value_of("as_of_to", Report.as_of.type))
    return conditions


REPORTS = Listing(
    Report,
    matching,
    SORTS,
    (Filter("plan", Plan.id), Filter("task", Task.id), Filter("agency", Agency.id)),
)
