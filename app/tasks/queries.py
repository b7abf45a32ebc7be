"""Reading tasks: the main job."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, literal_column, or_, select

from app.listings import Given, Listing, Sorts, assigned_to, one_of, value_of
from app.names import Filter
from app.tables import (
    LAST_WITHOUT_DATE,
    Agency,
    Assignment,
    Mention,
    Place,
    Plan,
    Platform,
    Region,
    Section,
    Task,
)
from app.vocabulary import ProgressStatus

WITH_TARGETS = Task.due_on.is_not(None)
SORTS: Sorts = {
    "notice": [(Task.plan_id, str), (Task.span_start, int)],
    "code": [(Task.item_number, int), (Task.sub_number, int)],
    "title": [(Task.title, str)],
    "due_on": [(literal_column(LAST_WITHOUT_DATE, Task.due_on.type), date)],
    "changed_at": [(Task.changed_at, datetime)],
}
PLAIN = {
    "plan": Task.plan_id,
    "section": Task.section_id,
    "parent": Task.parent_id,
    "level": Task.level,
    "status": Task.status,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter; those of assignments hold of one assignment together."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if "leaf" in given:
        conditions.append(Task.is_leaf == value_of("leaf", Task.is_leaf.type))
    if of_one := fitting(given):
        assigned = select(Assignment.task_id).where(*of_one)
        if "agency_kind" in given:
            assigned = assigned.join(Agency, Agency.id == Assignment.agency_id)
        conditions.append(assigned_to(Task.id, assigned, given))
    if "platform" in given:
        named = select(Mention.task_id).where(one_of(Mention.platform_id, "platform"))
        conditions.append(Task.id.in_(named))
    if "place" in given:
        named = select(Place.task_id).where(one_of(Place.region_code, "place"))
        conditions.append(Task.id.in_(named))
    if "overdue_on" in given:
        conditions.append(Task.due_on < value_of("overdue_on", Task.due_on.type))
        conditions.append(Task.status != ProgressStatus.COMPLETED)
    if "in_time_on" in given:
        day = value_of("in_time_on", Task.due_on.type)
        done = Task.status == ProgressStatus.COMPLETED
        conditions.append(or_(Task.due_on.is_(None), Task.due_on >= day, done))
    if "has_targets" in given:
        conditions.append(value_of("has_targets", Task.is_leaf.type) == WITH_TARGETS)
    return conditions


def fitting(given: Given) -> list[ColumnElement[bool]]:
    """What one assignment must fit together: agency, role and kind."""
    columns = {
        "agency": Assignment.agency_id,
        "role": Assignment.role,
        "agency_kind": Agency.kind,
    }
    return [one_of(column, name) for name, column in columns.items() if name in given]


TASKS = Listing(
    Task,
    matching,
    SORTS,
    (
        Filter("plan", Plan.id),
        Filter("section", Section.id),
        Filter("parent", Task.id),
        Filter("agency", Agency.id),
        Filter("platform", Platform.id),
        Filter("place", Region.code),
    ),
)
