"""Reading tasks: the main job."""

from datetime import date, datetime

from fastapi import Request, Response
from sqlalchemy import ColumnElement, Select, and_, func, select
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
from app.tasks.schemas import TaskListQuery

NO_DATE = date(9999, 12, 31)  # tasks without a due date come last
SORTS: Sorts = {
    "notice": [(Task.plan_id, str), (Task.span_start, int)],
    "code": [(Task.item_number, int), (Task.sub_number, int)],
    "title": [(Task.title, str)],
    "due_on": [(func.coalesce(Task.due_on, NO_DATE, type_=Task.due_on.type), date)],
    "changed_at": [(Task.changed_at, datetime)],
}


def matching(wanted: TaskListQuery, ids: dict[str, list[str]]) -> list[ColumnElement[bool]]:
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
        conditions.append(Task.id.in_(_assigned(wanted, ids)))
    if "platform" in ids:
        named = Mention.platform_id.in_(ids["platform"])
        conditions.append(Task.id.in_(select(Mention.task_id).where(named)))
    if "place" in ids:
        named = Place.region_code.in_(ids["place"])
        conditions.append(Task.id.in_(select(Place.task_id).where(named)))
    if wanted.status:
        conditions.append(Task.status.in_(wanted.status))
    if wanted.has_targets is not None:
        with_targets = Task.due_on.is_not(None)
        conditions.append(with_targets if wanted.has_targets else ~with_targets)
    return conditions


def _assigned(wanted: TaskListQuery, ids: dict[str, list[str]]) -> Select[str]:
    """Tasks with one assignment that fits agency, role and kind together."""
    part = []
    if "agency" in ids:
        part.append(Assignment.agency_id.in_(ids["agency"]))
    if wanted.role:
        part.append(Assignment.role.in_(wanted.role))
    tasks = select(Assignment.task_id)
    if wanted.agency_kind:
        tasks = tasks.join(Agency, Agency.id == Assignment.agency_id)
        part.append(Agency.kind.in_(wanted.agency_kind))
    return tasks.where(and_(*part))


async def list_tasks(request: Request, session: AsyncSession, wanted: TaskListQuery) -> Response:
    """A page of tasks; four statements at the most."""
    ids = await resolve(
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
    return await list_page(
        request, session, Task, wanted, matching(wanted, ids), wanted.sort, SORTS
    )
