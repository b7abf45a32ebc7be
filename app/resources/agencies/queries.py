"""Reading agencies."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.db.models import Agency, Assignment, Plan, Region, Task
from app.reading.listing import Given, Listing, Sorts, one_of
from app.reading.names import Filter

SORTS: Sorts = {
    "notice": [(Agency.position, int)],
    "title": [(Agency.name, str)],
    "changed_at": [(Agency.changed_at, datetime)],
}
PLAIN = {"name": Agency.id, "kind": Agency.kind, "region": Agency.region_code}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter; plan and role hold of one assignment together."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    columns = {"plan": Task.plan_id, "role": Assignment.role}
    if of_one := [one_of(column, name) for name, column in columns.items() if name in given]:
        working = select(Assignment.agency_id).join(Task, Task.id == Assignment.task_id)
        working = working.where(Task.withdrawn_at.is_(None), *of_one)
        conditions.append(Agency.id.in_(working))
    return conditions


AGENCIES = Listing(
    Agency,
    matching,
    SORTS,
    (
        Filter("name", Agency.id, may_mean_several=True),
        Filter("region", Region.code),
        Filter("plan", Plan.id),
    ),
)
