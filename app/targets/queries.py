"""Reading targets."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from app.listings import Given, Listing, Sorts, assigned_to, one_of, value_of
from app.names import Filter
from app.tables import Agency, Assignment, Plan, Section, Target, Task
from app.vocabulary import AttainmentStatus

ITEM = select(Task.item_number).where(Task.id == Target.task_id).scalar_subquery()
SUB_ITEM = select(Task.sub_number).where(Task.id == Target.task_id).scalar_subquery()
SORTS: Sorts = {
    "notice": [(Target.plan_id, str), (Target.span_start, int), (Target.ordinal, int)],
    "code": [
        (func.coalesce(ITEM, 0), int),  # a section's own targets come first
        (func.coalesce(SUB_ITEM, 0), int),
        (Target.ordinal, int),
    ],
    "title": [(Target.metric, str)],
    "due_on": [(Target.due_on, date)],
    "changed_at": [(Target.changed_at, datetime)],
}
PLAIN = {
    "plan": Target.plan_id,
    "section": Target.section_id,
    "task": Target.task_id,
    "kind": Target.kind,
    "unit": Target.unit,
    "comparator": Target.comparator,
    "attainment": Target.attainment,
}


def matching(given: Given) -> list[ColumnElement[bool]]:
    """One condition a filter; those of assignments hold of one assignment together."""
    conditions = [one_of(column, name) for name, column in PLAIN.items() if name in given]
    if of_one := fitting(given):
        assigned = select(Assignment.task_id).where(*of_one)
        conditions.append(assigned_to(Target.task_id, assigned, given))
    if "due_from" in given:
        conditions.append(Target.due_on >= value_of("due_from", Target.due_on.type))
    if "due_to" in given:
        conditions.append(Target.due_on <= value_of("due_to", Target.due_on.type))
    if "overdue_on" in given:
        conditions.append(Target.due_on < value_of("overdue_on", Target.due_on.type))
        conditions.append(Target.attainment != AttainmentStatus.MET)
    if "in_time_on" in given:
        day = value_of("in_time_on", Target.due_on.type)
        conditions.append(or_(Target.due_on >= day, Target.attainment == AttainmentStatus.MET))
    return conditions


def fitting(given: Given) -> list[ColumnElement[bool]]:
    """What one assignment must fit together: agency and role."""
    columns = {"agency": Assignment.agency_id, "role": Assignment.role}
    return [one_of(column, name) for name, column in columns.items() if name in given]


TARGETS = Listing(
    Target,
    matching,
    SORTS,
    (
        Filter("plan", Plan.id),
        Filter("section", Section.id),
        Filter("task", Task.id),
        Filter("agency", Agency.id),
        Filter("unit", Target.unit),
    ),
)
