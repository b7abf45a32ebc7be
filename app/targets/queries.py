"""Reading targets."""

from datetime import date, datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.names import Filter, resolve
from app.paging import Sorts, list_page
from app.tables import Agency, Assignment, Plan, Section, Target, Task
from app.targets.schemas import TargetFilters, TargetListQuery

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


def matching(wanted: TargetFilters, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
    """One `if` a filter; each adds one condition."""
    conditions: list[ColumnElement[bool]] = []
    if "plan" in ids:
        conditions.append(Target.plan_id.in_(ids["plan"]))
    if "section" in ids:
        conditions.append(Target.section_id.in_(ids["section"]))
    if "task" in ids:
        conditions.append(Target.task_id.in_(ids["task"]))
    if "agency" in ids or wanted.role:
        assigned = select(Assignment.task_id).where(*fitting(wanted, ids))
        conditions.append(Target.task_id.in_(assigned))
    if wanted.kind:
        conditions.append(Target.kind.in_(wanted.kind))
    if wanted.unit:
        conditions.append(Target.unit.in_(wanted.unit))
    if wanted.comparator:
        conditions.append(Target.comparator.in_(wanted.comparator))
    if wanted.attainment:
        conditions.append(Target.attainment.in_(wanted.attainment))
    if wanted.due_from:
        conditions.append(Target.due_on >= wanted.due_from)
    if wanted.due_to:
        conditions.append(Target.due_on <= wanted.due_to)
    return conditions


def fitting(wanted: TargetFilters, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
    """What one assignment must fit together: agency and role."""
    conditions: list[ColumnElement[bool]] = []
    if "agency" in ids:
        conditions.append(Assignment.agency_id.in_(ids["agency"]))
    if wanted.role:
        conditions.append(Assignment.role.in_(wanted.role))
    return conditions


async def ids_of(session: AsyncSession, wanted: TargetFilters) -> dict[str, list[str]]:
    """What the values of the filters mean; one statement."""
    return await resolve(
        session,
        [
            Filter("plan", Plan.id, wanted.plan),
            Filter("section", Section.id, wanted.section),
            Filter("task", Task.id, wanted.task),
            Filter("agency", Agency.id, wanted.agency),
            Filter("unit", Target.unit, wanted.unit),
        ],
    )


async def list_targets(
    request: Request, session: AsyncSession, wanted: TargetListQuery
) -> Response:
    """A page of targets; four statements at the most."""
    ids = await ids_of(session, wanted)
    return await list_page(
        request, session, Target, wanted, matching(wanted, ids), wanted.sort, SORTS
    )
