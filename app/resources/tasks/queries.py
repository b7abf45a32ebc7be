"""Reading tasks: the main job."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, literal_column, not_, select

from app.db.models import (
    LAST_WITHOUT_DATE,
    Agency,
    Assignment,
    Mention,
    Place,
    Plan,
    Platform,
    Region,
    Section,
    Target,
    Task,
)
from app.enums import DueBasis, ProgressStatus
from app.reading.listing import Given, Listing, Sorts, assigned_to, one_of, value_of
from app.reading.names import Filter

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
        conditions.append(_is_overdue("overdue_on"))
    if "in_time_on" in given:
        conditions.append(not_(_is_overdue("in_time_on")))
    if "period_ended_on" in given:
        conditions.append(_is_past_its_period("period_ended_on"))
    if "period_open_on" in given:
        conditions.append(not_(_is_past_its_period("period_open_on")))
    if "has_targets" in given:
        conditions.append(value_of("has_targets", Task.is_leaf.type) == WITH_TARGETS)
    return conditions


def _stated_before(day: str) -> ColumnElement[bool]:
    """That the notice states a day for a target of the task, and that it is past."""
    stated = select(Target.task_id).where(
        Target.task_id.is_not(None),
        Target.due_basis == DueBasis.STATED,
        Target.due_on < value_of(day, Target.due_on.type),
        Target.withdrawn_at.is_(None),
    )
    return Task.id.in_(stated)


def _is_overdue(day: str) -> ColumnElement[bool]:
    return and_(Task.status != ProgressStatus.COMPLETED, _stated_before(day))


def _is_past_its_period(day: str) -> ColumnElement[bool]:
    past = func.coalesce(Task.due_on < value_of(day, Task.due_on.type), false())
    return and_(Task.status != ProgressStatus.COMPLETED, past, not_(_stated_before(day)))


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
