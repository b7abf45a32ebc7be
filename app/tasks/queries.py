"""Reading tasks: the main job."""

from datetime import date, datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.names import Filter, resolve
from app.paging import Sorts, list_page
from app.tables import (
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
from app.tasks.schemas import TaskFilters, TaskListQuery

WITH_TARGETS = Task.due_on.is_not(None)
NO_DATE = date(9999, 12, 31)  # tasks without a due date come last
SORTS: Sorts = {
    "notice": [(Task.plan_id, str), (Task.span_start, int)],
    "code": [(Task.item_number, int), (Task.sub_number, int)],
    "title": [(Task.title, str)],
    "due_on": [(func.coalesce(Task.due_on, NO_DATE, type_=Task.due_on.type), date)],
    "changed_at": [(Task.changed_at, datetime)],
}


def matching(wanted: TaskFilters, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
    """One `if` a filter; each adds one condition."""
    conditions: list[ColumnElement[bool]] = []
    if "plan" in ids:
        conditions.append(Task.plan_id.in_(ids["plan"]))
    if "section" in ids:
        conditions.append(Task.section_id.in_(ids["section"]))
    if "parent" in ids:
        conditions.append(Task.parent_id.in_(ids["parent"]))
    if wanted.level:
        conditions.append(Task.level.in_(wanted.level))
    if wanted.leaf is not None:
        conditions.append(Task.is_leaf.is_(wanted.leaf))
    if "agency" in ids or wanted.role or wanted.agency_kind:
        assigned = select(Assignment.task_id).join(Agency, Agency.id == Assignment.agency_id)
        conditions.append(Task.id.in_(assigned.where(*fitting(wanted, ids))))
    if "platform" in ids:
        named = Mention.platform_id.in_(ids["platform"])
        conditions.append(Task.id.in_(select(Mention.task_id).where(named)))
    if "place" in ids:
        named = Place.region_code.in_(ids["place"])
        conditions.append(Task.id.in_(select(Place.task_id).where(named)))
    if wanted.status:
        conditions.append(Task.status.in_(wanted.status))
    if wanted.has_targets is not None:
        conditions.append(WITH_TARGETS if wanted.has_targets else ~WITH_TARGETS)
    return conditions


def fitting(wanted: TaskFilters, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
    """What one assignment must fit together: agency, role and kind."""
    conditions: list[ColumnElement[bool]] = []
    if "agency" in ids:
        conditions.append(Assignment.agency_id.in_(ids["agency"]))
    if wanted.role:
        conditions.append(Assignment.role.in_(wanted.role))
    if wanted.agency_kind:
        conditions.append(Agency.kind.in_(wanted.agency_kind))
    return conditions


async def ids_of(session: AsyncSession, wanted: TaskFilters) -> dict[str, list[str]]:
    """What the values of the filters mean; one statement."""
    return await resolve(
        session,
        [
            Filter("plan", Plan.id, wanted.plan),
            Filter("section", Section.id, wanted.section),
            Filter("parent", Task.id, wanted.parent),
            Filter("agency", Agency.id, wanted.agency),
            Filter("platform", Platform.id, wanted.platform),
            Filter("place", Region.code, wanted.place),
        ],
    )


async def list_tasks(request: Request, session: AsyncSession, wanted: TaskListQuery) -> Response:
    """A page of tasks; four statements at the most."""
    ids = await ids_of(session, wanted)
    return await list_page(
        request, session, Task, wanted, matching(wanted, ids), wanted.sort, SORTS
    )
