"""Reading milestones."""

from datetime import date, datetime

from sqlalchemy import ColumnElement

from app.db.models import Agency, Milestone, Plan, Task
from app.reading.listing import Given, Listing, Sorts, one_of, value_of
from app.reading.names import Filter

SORTS: Sorts = {
    "recorded_at": [(Milestone.recorded_at, datetime)],
    "due_on": [(Milestone.due_on, date)],
    "changed_at": [(Milestone.changed_at, datetime)],
}
PLAIN = {
    "plan": Milestone.plan_id,
    "task": Milestone.task_id,
    "agency": Milestone.agency_id,
    "status": Milestone.status,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if "due_from" in given:
        conditions.append(Milestone.due_on >= value_of("due_from", Milestone.due_on.type))
    if "due_to" in given:
        conditions.append(Milestone.due_on <= value_of("due_to", Milestone.due_on.type))
    return conditions


MILESTONES = Listing(
    Milestone,
    matching,
    SORTS,
    (Filter("plan", Plan.id), Filter("task", Task.id), Filter("agency", Agency.id)),
)
